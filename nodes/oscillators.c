// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "node/kernels.h"
#include "ports.h"
#include "types.h"

// sine, saw, square and triangle have the first four.
static const struct lat_port inputs[] = {
    LAT_PORT_FREQ(261.6256F, 20.0F, 20000.0F,
                  "Frequency; below 0 the wave runs backwards."),
    LAT_PORT_PITCH("Transposes: the frequency is multiplied by 2^(pitch/12)."),
    LAT_PORT_PHASE,
    LAT_PORT_SYNC,
    LAT_PORT_KNOB_LIN("width", "", 0.0F, 1.0F, 0.5F, true,
                      "Part of the cycle that is high; kept within 0.01 and "
                      "0.99."),
};

static const struct lat_port out[] = {
    LAT_PORT_OUT("out", "", -1.0F, 1.0F, "The wave, at full level."),
};

enum { N_INPUTS = LAT_COUNT(inputs) };

const struct lat_node_type lat_type_sine = {
    .name = "sine",
    .doc = "A sine wave; it starts at 0 and rises.",
    .inputs = inputs,
    .n_inputs = N_INPUTS - 1,
    LAT_OUTPUTS(out),
    .kernel = LAT_KERNEL_SINE,
    .state_words = 30,
    .is_bounded = true,
    .adds_up = true,
    .cost_ns = 0.4F,
};

const struct lat_node_type lat_type_saw = {
    .name = "saw",
    .doc = "A rising sawtooth, band-limited; it starts at 0 and drops in the "
           "middle of the cycle.  It fades out below half the rate.",
    .inputs = inputs,
    .n_inputs = N_INPUTS - 1,
    LAT_OUTPUTS(out),
    .kernel = LAT_KERNEL_SAW,
    .state_words = 44,
    .is_bounded = true,
    .cost_ns = 1.0F,
};

const struct lat_node_type lat_type_square = {
    .name = "square",
    .doc = "A square wave, band-limited: high for the first half of the cycle; "
           "it starts high.  It fades out below half the rate.",
    .inputs = inputs,
    .n_inputs = N_INPUTS - 1,
    LAT_OUTPUTS(out),
    .kernel = LAT_KERNEL_SQUARE,
    .state_words = 44,
    .is_bounded = true,
    .cost_ns = 1.0F,
};

const struct lat_node_type lat_type_triangle = {
    .name = "triangle",
    .doc = "A triangle wave, band-limited; it starts at 0 and rises.  It fades "
           "out below half the rate.",
    .inputs = inputs,
    .n_inputs = N_INPUTS - 1,
    LAT_OUTPUTS(out),
    .kernel = LAT_KERNEL_TRIANGLE,
    .state_words = 44,
    .is_bounded = true,
    .cost_ns = 1.0F,
};

const struct lat_node_type lat_type_pulse = {
    .name = "pulse",
    .doc = "A pulse wave of variable width, band-limited; it starts high.  It "
           "fades out below half the rate.",
    LAT_INPUTS(inputs),
    LAT_OUTPUTS(out),
    .kernel = LAT_KERNEL_PULSE,
    .state_words = 44,
    .is_bounded = true,
    .cost_ns = 1.4F,
};

static const struct lat_port impulse_inputs[] = {
    LAT_PORT_FREQ(1.0F, 0.1F, 1000.0F,
                  "Impulses per second; its sign does not matter.  0: the one "
                  "at the start only."),
};

static const struct lat_port impulse_outputs[] = {
    LAT_PORT_OUT("out", "", 0.0F, 1.0F, "1 for one frame, else 0."),
};

const struct lat_node_type lat_type_impulse = {
    .name = "impulse",
    .doc = "Single samples of height 1, one as the node starts and then freq "
           "of them a second.",
    LAT_INPUTS(impulse_inputs),
    LAT_OUTPUTS(impulse_outputs),
    .kernel = LAT_KERNEL_IMPULSE,
    .state_words = 3,
    .is_bounded = true,
    .cost_ns = 0.6F,
};
