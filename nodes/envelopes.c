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
                  "Time to rise from 0 to 1, on a straight line."),
    LAT_PORT_TIME("decay", 100.0F, 0.001F, 10.0F, 0.1F, false,
                  "Time to fall from 1 to 0; to a sustain above 0 it takes "
                  "less."),
    LAT_PORT_KNOB_LIN("sustain", "", 0.0F, 1.0F, 0.8F, true,
                      "Level while the gate stays open."),
    LAT_PORT_TIME("release", 100.0F, 0.001F, 10.0F, 0.3F, false,
                  "Time to fall from 1 to 0 after the gate has closed."),
};

static const struct lat_port out[] = {
    LAT_PORT_OUT("out", "", 0.0F, 1.0F, "The level; exactly 0 when idle."),
};

const struct lat_node_type lat_type_adsr = {
    .name = "adsr",
    .doc = "An envelope: attack, decay, sustain, release.  A new gate starts "
           "from the present level.",
    LAT_INPUTS(inputs),
    LAT_OUTPUTS(out),
    .kernel = LAT_KERNEL_ADSR,
    .state_words = 7,
    .is_bounded = true,
    .amplitude = LAT_AMPLITUDE_ENVELOPE,
    .cost_ns = 0.8F,
};
