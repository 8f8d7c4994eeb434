// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// reverb: the network of dsp/reverb.c, and what is heard of it.

#include "dsp/reverb.h"
#include "dsp/plain.h"
#include "ports.h"
#include "types.h"

enum { LEFT, RIGHT, SIZE, DECAY, DAMPING, MIX };

static const struct lat_port inputs[] = {
    LAT_PORT_AUDIO("left", 0.0F, "The left side."),
    LAT_PORT_AUDIO("right", 0.0F, "The right side."),
    LAT_PORT_KNOB_LIN("size", "", 0.0F, 1.0F, 0.5F, true,
                      "Size of the room: how long the ways between its walls "
                      "are.  A change fades over 20 ms."),
    {
        .name = "decay",
        .doc = "Time in which the tail falls by 60 dB.",
        .unit = "s",
        .kind = LAT_PORT_KNOB,
        .curve = LAT_CURVE_EXP,
        .min = 0.1F,
        .max = 60.0F,
        .low = 0.1F,
        .high = 20.0F,
        .initial = 2.0F,
        .smooth = true,
    },
    LAT_PORT_KNOB_LIN("damping", "", 0.0F, 1.0F, 0.1F, true,
                      "How much sooner the treble falls: at 8 kHz in 1 / (1 + "
                      "a / 2) of the time, with a = d / (1 - 0.95 d).  0: all "
                      "falls alike."),
    LAT_PORT_KNOB_LIN("mix", "", 0.0F, 1.0F, 0.3F, true,
                      "0: the sound alone, 1: the reverb alone."),
};

static const struct lat_port outputs[] = {
    LAT_PORT_OUT("left", "", -1.0F, 1.0F, "The left side."),
    LAT_PORT_OUT("right", "", -1.0F, 1.0F, "The right side."),
};

static size_t
reverb_bytes(const struct lat_config *config)
{
    return lat_reverb_bytes(config->rate);
}

static enum lat_status
reverb_init(void *state, const struct lat_config *config)
{
    lat_reverb_init(state, config->rate);
    return LAT_OK;
}

LAT_RT static void
reverb_reset(void *state, const struct lat_config *config)
{
    (void)config;
    lat_reverb_reset(state);
}

LAT_RT static uint64_t
reverb_process(const struct lat_context *context, const struct lat_io *io)
{
    struct lat_reverb *r = io->state;
    float in[2][LAT_REVERB_CELL + 4];
    float wet[2][LAT_REVERB_CELL + 4];
    float *const ins[2] = {in[0], in[1]};
    float *const wets[2] = {wet[0], wet[1]};
    uint32_t n = 0;
    for (uint32_t first = 0; first < context->n_frames; first += n) {
        if (lat_reverb_asks(r)) {
            const struct lat_reverb_wish wish = {
                .size = plain_clamp(lat_io_at(io, SIZE, first), 0.0F, 1.0F),
                .decay = plain_clamp(lat_io_at(io, DECAY, first), 0.1F, 60.0F),
                .damping =
                    plain_clamp(lat_io_at(io, DAMPING, first), 0.0F, 1.0F),
            };
            lat_reverb_wish(r, &wish);
        }
        n = lat_reverb_left(r);
        n = n < context->n_frames - first ? n : context->n_frames - first;
        for (uint32_t f = 0; f < n; f++) {
            in[0][f] = lat_io_at(io, LEFT, first + f);
            in[1][f] = lat_io_at(io, RIGHT, first + f);
        }
        lat_reverb_run(r, ins, wets, n);
        for (uint32_t f = 0; f < n; f++) {
            const float mix =
                plain_clamp(lat_io_at(io, MIX, first + f), 0.0F, 1.0F);
            for (int side = 0; side < 2; side++) {
                const float dry = in[side][f] * (1.0F - mix);
                io->out[side][first + f] = dry + wet[side][f] * mix;
            }
        }
    }
    return 0;
}

const struct lat_node_type lat_type_reverb = {
    .name = "reverb",
    .doc = "A room around the sound: dense, stereo, falling at the same rate "
           "at all frequencies that damping leaves alone.",
    LAT_INPUTS(inputs),
    LAT_OUTPUTS(outputs),
    .cost_ns = 25.0F,
    .state_bytes = reverb_bytes,
    .init = reverb_init,
    .reset = reverb_reset,
    .process = reverb_process,
};
