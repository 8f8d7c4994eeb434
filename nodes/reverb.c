// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// reverb: the network of dsp/reverb.c, and what is heard of it.

#include "dsp/reverb.h"
#include "dsp/loops.h"
#include "ports.h"
#include "types.h"

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
    LAT_LOOP(reverb, REVERB),
};
