// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// noise: white, pink, brown.
//
// White is a hash of the frame's number (SplitMix64), so it depends on the seed
// and on the frame alone.  Pink is Paul Kellet's sum of one-poles, within 0.1
// dB of -3 dB an octave from 20 Hz to 20 kHz at 44.1 to 96 kHz (0.6 dB at 192
// kHz). Brown is white through a one-pole at 10 Hz: -6 dB an octave above. Pink
// and brown have half the RMS of white, 0.289, so their peaks stay around 1.

#include "numbers.h"
#include "ports.h"
#include "types.h"

enum { SETTING_COLOR, SETTING_SEED };

static const char *const colors[] = {"white", "pink", "brown", NULL};

static const struct lat_setting settings[] = {
    {
        .name = "color",
        .doc = "white: all frequencies alike; pink: -3 dB an octave; brown: "
               "-6 dB.",
        .unit = "",
        .kind = LAT_SETTING_WORD,
        .initial_text = "white",
        .words = colors,
        .keeps_state = true,
    },
    {
        .name = "seed",
        .doc = "Which of the noises: equal seeds give equal noise.  0: one of "
               "its own for each node name.",
        .unit = "",
        .kind = LAT_SETTING_INTEGER,
        .min = 0,
        .max = 2147483647,
    },
};

static const struct lat_port out[] = {
    LAT_PORT_OUT("out", "", -1.0F, 1.0F, "The noise."),
};

struct noise {
    uint64_t frame; // since the reset
    float pink[7];
    float brown;
};

static size_t
noise_bytes(const struct lat_config *config)
{
    (void)config;
    return sizeof(struct noise);
}

/// Uniform in [-1, 1).
static inline float
white_at(uint64_t key, uint64_t frame)
{
    uint64_t z = key + (frame + 1) * UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30U)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27U)) * UINT64_C(0x94d049bb133111eb);
    z ^= z >> 31U;
    return (float)((int32_t)(z >> 32U) >> 8) * 0x1p-23F;
}

static uint64_t
key_of(const struct lat_config *config)
{
    const double seed = config->settings[SETTING_SEED].number;
    // Seeds are spread, or neighbours would be one noise, a frame apart.
    uint64_t z = seed >= 1 ? (uint64_t)seed : config->seed;
    z = (z ^ (z >> 33U)) * UINT64_C(0xff51afd7ed558ccd);
    z = (z ^ (z >> 33U)) * UINT64_C(0xc4ceb9fe1a85ec53);
    return z ^ (z >> 33U);
}

static void
pink_process(struct noise *s, uint64_t key, float *restrict y, uint32_t n)
{
    float b[7];
    memcpy(b, s->pink, sizeof(b));
    for (uint32_t f = 0; f < n; f++) {
        const float x = white_at(key, s->frame + f);
        b[0] = 0.99886F * b[0] + x * 0.0555179F;
        b[1] = 0.99332F * b[1] + x * 0.0750759F;
        b[2] = 0.96900F * b[2] + x * 0.1538520F;
        b[3] = 0.86650F * b[3] + x * 0.3104856F;
        b[4] = 0.55000F * b[4] + x * 0.5329522F;
        b[5] = -0.7616F * b[5] - x * 0.0168980F;
        const float slow = (b[0] + b[1]) + (b[2] + b[3]);
        const float fast = (b[4] + b[5]) + (b[6] + x * 0.5362F);
        b[6] = x * 0.115926F;
        y[f] = (slow + fast) * 0.16380F;
    }
    memcpy(s->pink, b, sizeof(b));
}

static void
brown_process(struct noise *s, uint64_t key, double rate, float *restrict y,
              uint32_t n)
{
    // The RMS of the one-pole's output is gain / sqrt(1 - a^2) times white's.
    const double a = lat_exp(-62.831853071795864769 / rate);
    const float keep = (float)a;
    const float gain = (float)(0.5 * __builtin_sqrt(1 - a * a));
    float level = s->brown;
    for (uint32_t f = 0; f < n; f++) {
        level = keep * level + white_at(key, s->frame + f) * gain;
        y[f] = level;
    }
    s->brown = level;
}

LAT_RT static uint64_t
noise_process(const struct lat_context *context, const struct lat_io *io)
{
    struct noise *s = io->state;
    const uint32_t n = context->n_frames;
    const uint64_t key = key_of(io->config);
    const char *color = io->config->settings[SETTING_COLOR].text;
    float *restrict y = io->out[0];
    switch (color ? color[0] : 'w') {
    case 'p':
        pink_process(s, key, y, n);
        break;
    case 'b':
        brown_process(s, key, context->rate, y, n);
        break;
    default:
        for (uint32_t f = 0; f < n; f++) {
            y[f] = white_at(key, s->frame + f);
        }
        break;
    }
    s->frame += n;
    return 0;
}

const struct lat_node_type lat_type_noise = {
    .name = "noise",
    .doc = "White, pink or brown noise, the same at every run.",
    LAT_OUTPUTS(out),
    LAT_SETTINGS(settings),
    .cost_ns = 1.5F,
    .state_bytes = noise_bytes,
    .process = noise_process,
};
