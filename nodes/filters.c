// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "node/kernels.h"
#include "ports.h"
#include "types.h"

static const struct lat_port inputs[] = {
    LAT_PORT_AUDIO("in", 0.0F, "The signal."),
    LAT_PORT_CUTOFF("Corner or centre; kept within 0.01 Hz and 0.49 of the "
                    "rate.  Cables take it no lower than 5 Hz, or its value if "
                    "that is lower."),
    LAT_PORT_PITCH("Transposes: the cutoff is multiplied by 2^(pitch/12)."),
    {
        .name = "q",
        .doc = "Resonance: 0.7071 is flat, more rings; kept above 0.05.",
        .unit = "",
        .kind = LAT_PORT_KNOB,
        .curve = LAT_CURVE_EXP,
        .min = 0.05F,
        .max = 1000.0F,
        .low = 0.5F,
        .high = 20.0F,
        .initial = 0.7071F,
        .smooth = true,
    },
};

static const struct lat_port out[] = {
    LAT_PORT_OUT("out", "", -1.0F, 1.0F, "The filtered signal."),
};

const struct lat_node_type lat_type_lowpass = {
    .name = "lowpass",
    .doc = "Lets through what is below the cutoff, 12 dB an octave.",
    LAT_INPUTS(inputs),
    LAT_OUTPUTS(out),
    .kernel = LAT_KERNEL_LOWPASS,
    .state_words = 4,
    .cost_ns = 2.0F,
};

const struct lat_node_type lat_type_highpass = {
    .name = "highpass",
    .doc = "Lets through what is above the cutoff, 12 dB an octave.",
    LAT_INPUTS(inputs),
    LAT_OUTPUTS(out),
    .kernel = LAT_KERNEL_HIGHPASS,
    .state_words = 4,
    .cost_ns = 2.0F,
};

const struct lat_node_type lat_type_bandpass = {
    .name = "bandpass",
    .doc = "Lets through what is near the cutoff, narrower with more q; the "
           "centre keeps its level.",
    LAT_INPUTS(inputs),
    LAT_OUTPUTS(out),
    .kernel = LAT_KERNEL_BANDPASS,
    .state_words = 4,
    .cost_ns = 2.0F,
};

const struct lat_node_type lat_type_notch = {
    .name = "notch",
    .doc = "Takes out what is near the cutoff, narrower with more q.",
    LAT_INPUTS(inputs),
    LAT_OUTPUTS(out),
    .kernel = LAT_KERNEL_NOTCH,
    .state_words = 4,
    .cost_ns = 2.0F,
};

static const struct lat_port onepole_inputs[] = {
    LAT_PORT_AUDIO("in", 0.0F, "The signal."),
    LAT_PORT_CUTOFF("Corner; 0 holds the output.  Cables take it no lower than "
                    "5 Hz, or its value if that is lower."),
};

const struct lat_node_type lat_type_onepole = {
    .name = "onepole",
    .doc = "A gentle lowpass, 6 dB an octave: y += (1 - exp(-2 pi cutoff / "
           "rate)) (x - y).",
    LAT_INPUTS(onepole_inputs),
    LAT_OUTPUTS(out),
    .kernel = LAT_KERNEL_ONEPOLE,
    .state_words = 3,
    .cost_ns = 1.0F,
};
