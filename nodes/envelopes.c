// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "node/kernels.h"
#include "ports.h"
#include "types.h"

static const struct lat_port inputs[] = {
    LAT_PORT_EVENT("gate", LAT_PORT_GATE,
                   "Opens the envelope as it rises above 0 and releases it as "
                   "it falls."),
    LAT_PORT_TIME("attack", 100.0F, 0.001F, 10.0F, 0.01F, false,
                  "Time to 1, on a straight line, from wherever it is."),
    LAT_PORT_TIME("decay", 100.0F, 0.001F, 10.0F, 0.1F, false,
                  "Time from 1 to the sustain level."),
    LAT_PORT_KNOB_LIN("sustain", "", 0.0F, 1.0F, 0.8F, true,
                      "Level while the gate stays open."),
    LAT_PORT_TIME("release", 100.0F, 0.001F, 10.0F, 0.3F, false,
                  "Time to 0 after the gate has closed, from wherever it is."),
};

static const struct lat_setting settings[] = {
    {
        .name = "curve",
        .doc = "Of decay and release: 0 is straight, less falls sooner, more "
               "later.",
        .unit = "",
        .kind = LAT_SETTING_NUMBER,
        .min = -10,
        .max = 10,
        .initial = -4,
        .keeps_state = true,
    },
};

static const struct lat_port out[] = {
    LAT_PORT_OUT("out", "", 0.0F, 1.0F, "The level; exactly 0 when idle."),
};

const struct lat_node_type lat_type_adsr = {
    .name = "adsr",
    .doc =
        "An envelope: attack, decay, sustain, release.  Each takes its whole "
        "time, of its first frame, from the level at which it begins; a new "
        "gate starts from the present level.",
    LAT_INPUTS(inputs),
    LAT_OUTPUTS(out),
    LAT_SETTINGS(settings),
    .kernel = LAT_KERNEL_ADSR,
    .state_words = 12,
    .is_bounded = true,
    .amplitude = LAT_AMPLITUDE_ENVELOPE,
    .cost_ns = 0.8F,
};
