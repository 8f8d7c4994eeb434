// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// delay: an echo with feedback.
//
// The line is read between frames by a cubic through four of them (Hermite, as
// Catmull and Rom have it).  The nearest point that can be read is one frame
// old; below two frames the cubic's newest point is that one twice.  A reset is
// instant: the line keeps count of the frames written since, and what is older
// reads as 0.

#include "numbers.h"
#include "ports.h"
#include "types.h"

enum { SETTING_MAX_TIME };
enum { IN, TIME, FEEDBACK, MIX };

/// Frames of the line beyond the longest delay, for the cubic.
#define EXTRA_FRAMES 4U

static const struct lat_port inputs[] = {
    LAT_PORT_AUDIO("in", 0.0F, "The signal."),
    LAT_PORT_TIME("time", 60.0F, 0.001F, 2.0F, 0.3F, true,
                  "Delay; kept within one frame and max_time."),
    LAT_PORT_KNOB_LIN("feedback", "", -1.0F, 1.0F, 0.3F, true,
                      "Part of the echo that goes round again; kept within -1 "
                      "and 1."),
    LAT_PORT_KNOB_LIN("mix", "", 0.0F, 1.0F, 0.5F, true,
                      "0: the signal alone, 1: the echoes alone."),
};

static const struct lat_port out[] = {
    LAT_PORT_OUT("out", "", -1.0F, 1.0F, "Signal and echoes."),
};

static const struct lat_setting settings[] = {
    {
        .name = "max_time",
        .doc = "The longest time; memory is taken for it.",
        .unit = "s",
        .kind = LAT_SETTING_NUMBER,
        .min = 0.001,
        .max = 60,
        .initial = 2,
    },
};

struct delay {
    uint32_t next;    // place of the frame to write
    uint32_t n_valid; // frames written since the reset, at most the line's size
    _Alignas(LAT_ALIGNMENT) float line[];
};

static uint32_t
line_frames(const struct lat_config *config)
{
    const double seconds = config->settings[SETTING_MAX_TIME].number;
    return (uint32_t)(seconds * config->rate + 0.5) + EXTRA_FRAMES;
}

static size_t
delay_bytes(const struct lat_config *config)
{
    return sizeof(struct delay) + line_frames(config) * sizeof(float);
}

static void
delay_reset(void *state, const struct lat_config *config)
{
    (void)config;
    struct delay *s = state;
    s->next = 0;
    s->n_valid = 0;
}

/// The frame written @p age frames ago, 1 being the newest.
static inline float
line_at(const struct delay *s, uint32_t size, uint32_t age)
{
    const uint32_t i = s->next >= age ? s->next - age : s->next + size - age;
    return age <= s->n_valid ? s->line[i] : 0.0F;
}

static inline float
line_read(const struct delay *s, uint32_t size, float frames)
{
    const uint32_t whole = (uint32_t)frames;
    const float t = frames - (float)whole;
    const float b = line_at(s, size, whole);
    const float a = whole > 1 ? line_at(s, size, whole - 1) : b;
    const float c = line_at(s, size, whole + 1);
    const float d = line_at(s, size, whole + 2);
    const float slope = 0.5F * (c - a);
    const float k2 = (a - 2.5F * b) + (2.0F * c - 0.5F * d);
    const float k3 = 1.5F * (b - c) + 0.5F * (d - a);
    return b + t * (slope + t * (k2 + t * k3));
}

static inline float
clamp(float x, float low, float high)
{
    x = x > low ? x : low;
    return x < high ? x : high;
}

static uint64_t
delay_process(const struct lat_context *context, const struct lat_io *io)
{
    struct delay *s = io->state;
    const uint32_t size = line_frames(io->config);
    const float longest = (float)(size - EXTRA_FRAMES);
    for (uint32_t f = 0; f < context->n_frames; f++) {
        const float x = lat_io_at(io, IN, f);
        const float frames =
            clamp(lat_io_at(io, TIME, f) * context->rate_f, 1.0F, longest);
        const float feedback = clamp(lat_io_at(io, FEEDBACK, f), -1.0F, 1.0F);
        const float mix = clamp(lat_io_at(io, MIX, f), 0.0F, 1.0F);
        const float echo = line_read(s, size, frames);
        s->line[s->next] = x + feedback * echo;
        s->next = s->next + 1 < size ? s->next + 1 : 0;
        s->n_valid = s->n_valid < size ? s->n_valid + 1 : size;
        io->out[0][f] = x * (1.0F - mix) + echo * mix;
    }
    return 0;
}

const struct lat_node_type lat_type_delay = {
    .name = "delay",
    .doc = "Echoes: a delay with feedback.  A moving time bends the pitch.",
    LAT_INPUTS(inputs),
    LAT_OUTPUTS(out),
    LAT_SETTINGS(settings),
    .cost_ns = 4.0F,
    .state_bytes = delay_bytes,
    .reset = delay_reset,
    .process = delay_process,
};
