// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// osc_in: a path of OSC as a signal.
//
// Numbers come with the span, at its first frame.  A smoothed one is reached in
// 5 ms, by the curve that smoothed inputs have: a function of the frame, so
// that spans may be cut anywhere.

#include "osc_path.h"
#include "ports.h"
#include "types.h"

#include <string.h>

#define RAMP_SECONDS 0.005

enum { PATH, SMOOTH };

static const struct lat_port outputs[] = {
    LAT_PORT_OUT("out", "", -1.0F, 1.0F,
                 "The last number that came; 0 before the first."),
};

static const char *const answers[] = {"yes", "no", NULL};

static const struct lat_setting settings[] = {
    {
        .name = "path",
        .doc = "OSC address that it listens at, one that is free: "
               "/mix/level. Several may have the same; without one it is "
               "silent.",
        .unit = "",
        .kind = LAT_SETTING_TEXT,
        .initial_text = "",
        .keeps_state = true,
        .check = lat_osc_path_check_free,
    },
    {
        .name = "smooth",
        .doc = "Whether a number is reached within 5 ms, as a fader's is, or "
               "at once, as a gate's or a pitch's should be.",
        .unit = "",
        .kind = LAT_SETTING_WORD,
        .initial_text = "yes",
        .words = answers,
        .keeps_state = true,
    },
};

struct osc_in {
    float from, to;
    uint64_t start;  ///< frame of the last number
    uint64_t length; ///< frames until it is reached
};

static size_t
osc_in_bytes(const struct lat_config *config)
{
    (void)config;
    return sizeof(struct osc_in);
}

LAT_RT static float
value_at(const struct osc_in *s, uint64_t frame)
{
    const uint64_t since = frame - s->start;
    if (since >= s->length) {
        return s->to;
    }
    const float t = (float)since / (float)s->length;
    const float share = t * t * (3.0F - 2.0F * t);
    return s->from + (s->to - s->from) * share;
}

LAT_RT static uint64_t
osc_in_process(const struct lat_context *context, const struct lat_io *io)
{
    struct osc_in *s = io->state;
    for (uint32_t i = 0; i < context->n_numbers; ++i) {
        if (context->numbers[i].state == s) {
            const bool is_smooth =
                !strcmp(io->config->settings[SMOOTH].text, "yes");
            s->from = value_at(s, context->frame);
            s->to = context->numbers[i].value;
            s->start = context->frame;
            s->length =
                is_smooth ? (uint64_t)(RAMP_SECONDS * context->rate) : 0;
        }
    }
    if (context->frame - s->start >= s->length) {
        io->out[0][0] = s->to;
        return 1;
    }
    for (uint32_t f = 0; f < context->n_frames; ++f) {
        io->out[0][f] = value_at(s, context->frame + f);
    }
    return 0;
}

const struct lat_node_type lat_type_osc_in = {
    .name = "osc_in",
    .doc = "A free OSC address as a signal: the first number of every message "
           "that comes there. In a bundle with a time tag it comes at that "
           "frame.",
    LAT_OUTPUTS(outputs),
    LAT_SETTINGS(settings),
    .flags = LAT_TYPE_NUMBERS | LAT_TYPE_ENGINE,
    .cost_ns = 0.1F,
    .state_bytes = osc_in_bytes,
    .process = osc_in_process,
};
