// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// limiter: dsp/limiter.h on a pair.

#include "dsp/limiter.h"

#include "dsp/plain.h"
#include "ports.h"
#include "types.h"

#include <string.h>

enum { LEFT, RIGHT, CEILING, RELEASE };
enum { OUT_REDUCTION = 2 };

static const char *const choices[] = {"no", "yes", NULL};

static const struct lat_port inputs[] = {
    LAT_PORT_AUDIO("left", 0.0F, "The left side."),
    LAT_PORT_AUDIO("right", 0.0F, "The right side."),
    LAT_PORT_KNOB_LIN("ceiling", "dB", -60.0F, 24.0F, -1.0F, true,
                      "No sample that comes out is above it; a change comes "
                      "out 1.5 ms late, as the sound does."),
    LAT_PORT_TIME("release", 10.0F, 0.005F, 1.0F, 0.1F, false,
                  "Time in which the reduction, in dB, falls by 63 % after a "
                  "peak; it is held for 12.5 ms first."),
};

static const struct lat_port outputs[] = {
    LAT_PORT_OUT("left", "", -1.0F, 1.0F, "The left side, 1.5 ms late."),
    LAT_PORT_OUT("right", "", -1.0F, 1.0F, "The right side, 1.5 ms late."),
    LAT_PORT_MEASURE("reduction", "dB", 0.0F, 24.0F,
                     "By how much both sides are turned down."),
};

static const struct lat_setting settings[] = {
    {
        .name = "true_peak",
        .doc = "yes: peaks between the samples, as converters make them, are "
               "held at the ceiling too.",
        .unit = "",
        .kind = LAT_SETTING_WORD,
        .initial_text = "no",
        .words = choices,
        .keeps_state = true,
    },
};

static size_t
limiter_bytes(const struct lat_config *config)
{
    return lat_limiter_bytes(config->rate);
}

static enum lat_status
limiter_init(void *state, const struct lat_config *config)
{
    lat_limiter_init(state, config->rate);
    return LAT_OK;
}

LAT_RT static void
limiter_reset(void *state, const struct lat_config *config)
{
    (void)config;
    lat_limiter_reset(state);
}

static uint32_t
limiter_latency(const struct lat_config *config)
{
    return lat_limiter_frames(config->rate);
}

static inline float
ceiling_at(const struct lat_io *io, uint32_t f)
{
    return plain_from_db(
        plain_clamp(lat_io_at(io, CEILING, f), -120.0F, 60.0F));
}

static inline four
reduction_db(four gain)
{
    const four db =
        four_log2(four_max(gain, four_splat(1e-12F))) * -6.02059991F;
    return four_select(gain < 1.0F, db, four_splat(0.0F));
}

/// Frames @p first to first + n; their gains go to the reduction.
static void
limit(const struct lat_context *context, const struct lat_io *io,
      struct lat_limiting by, uint32_t first, uint32_t n)
{
    for (uint32_t f = first; f < first + n; f++) {
        if (io->step[CEILING]) {
            by.ceiling = ceiling_at(io, f);
        }
        by.release = lat_io_at(io, RELEASE, f);
        const float in[2] = {lat_io_at(io, LEFT, f), lat_io_at(io, RIGHT, f)};
        float out[2];
        io->out[OUT_REDUCTION][f] =
            lat_limiter_next(io->state, context->rate, &by, in, out);
        io->out[LEFT][f] = out[0];
        io->out[RIGHT][f] = out[1];
    }
}

/// Most frames that are passed at once.
#define RUN 64U

/// The same where there is nothing to limit.
static bool
pass(const struct lat_io *io, const struct lat_limiting *by, uint32_t first,
     uint32_t n)
{
    float room[2][RUN];
    const float *const in[2] = {lat_io_row(io, LEFT, first, n, room[0]),
                                lat_io_row(io, RIGHT, first, n, room[1])};
    float *const out[2] = {io->out[LEFT] + first, io->out[RIGHT] + first};
    if (by->is_true || io->step[CEILING] ||
        !lat_limiter_pass(io->state, by->ceiling, in, out, n)) {
        return false;
    }
    memset(io->out[OUT_REDUCTION] + first, 0, n * sizeof(float));
    return true;
}

LAT_RT static uint64_t
limiter_process(const struct lat_context *context, const struct lat_io *io)
{
    const char *word = io->config->settings[0].text;
    const struct lat_limiting by = {
        .ceiling = ceiling_at(io, 0),
        .is_true = word && word[0] == 'y',
    };
    uint32_t n = 0;
    for (uint32_t first = 0; first < context->n_frames; first += n) {
        float *const reduction = io->out[OUT_REDUCTION] + first;
        n = context->n_frames - first;
        n = n < RUN ? n : RUN;
        if (pass(io, &by, first, n)) {
            continue;
        }
        limit(context, io, by, first, n);
        uint32_t f = 0;
        for (; f + 4 <= n; f += 4) {
            four_store(reduction + f, reduction_db(four_load(reduction + f)));
        }
        for (; f < n; f++) {
            reduction[f] = reduction_db(four_splat(reduction[f]))[0];
        }
    }
    return 0;
}

const struct lat_node_type lat_type_limiter = {
    .name = "limiter",
    .doc = "Holds a pair under a ceiling: one gain for both sides, down before "
           "the peak comes.",
    LAT_INPUTS(inputs),
    LAT_OUTPUTS(outputs),
    LAT_SETTINGS(settings),
    .cost_ns = 30.0F,
    .state_bytes = limiter_bytes,
    .init = limiter_init,
    .reset = limiter_reset,
    .process = limiter_process,
    .latency = limiter_latency,
};
