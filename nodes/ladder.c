// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// ladder: the loop of dsp/ladder.h behind the curve of dsp/shaper.h, both at 4
// times the rate.

#include "dsp/ladder.h"
#include "dsp/loops.h"
#include "ports.h"
#include "types.h"

static const struct lat_port inputs[] = {
    LAT_PORT_AUDIO("in", 0.0F, "The signal."),
    LAT_PORT_CUTOFF("Corner, and the pitch at which it oscillates; kept within "
                    "0.01 Hz and 0.8 of the rate.  Cables take it no lower "
                    "than 5 Hz, or its value if that is lower."),
    LAT_PORT_PITCH("Transposes: the cutoff is multiplied by 2^(pitch/12)."),
    LAT_PORT_KNOB_LIN("resonance", "", 0.0F, 1.0F, 0.0F, true,
                      "More rings longer; from 0.95 on it oscillates by "
                      "itself.  Lows keep their level."),
    LAT_PORT_KNOB_LIN("drive", "dB", 0.0F, 40.0F, 0.0F, true,
                      "Gain in front of a curve that bends what comes near 2."),
};

static const struct lat_port out[] = {
    LAT_PORT_OUT("out", "", -1.0F, 1.0F, "The filtered signal."),
};

static size_t
ladder_bytes(const struct lat_config *config)
{
    (void)config;
    return sizeof(struct lat_driven_ladder);
}

static enum lat_status
ladder_init(void *state, const struct lat_config *config)
{
    (void)config;
    struct lat_driven_ladder *s = state;
    lat_shaper_init(&s->shaper);
    return LAT_OK;
}

LAT_RT static void
ladder_reset(void *state, const struct lat_config *config)
{
    (void)config;
    struct lat_driven_ladder *s = state;
    lat_shaper_reset(&s->shaper);
    s->ladder = (struct lat_ladder){0};
}

static uint32_t
ladder_latency(const struct lat_config *config)
{
    (void)config;
    return LAT_SHAPER_LATE;
}

const struct lat_node_type lat_type_ladder = {
    .name = "ladder",
    .doc =
        "A low-pass of four poles in a loop that saturates, 24 dB an octave; "
        "it can be driven, and oscillates.",
    LAT_INPUTS(inputs),
    LAT_OUTPUTS(out),
    .cost_ns = 120.0F,
    .state_bytes = ladder_bytes,
    .init = ladder_init,
    .reset = ladder_reset,
    LAT_LOOP(ladder, LADDER),
    .latency = ladder_latency,
};
