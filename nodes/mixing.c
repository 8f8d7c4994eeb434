// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "node/kernels.h"
#include "ports.h"
#include "types.h"

#include <string.h>

static const struct lat_port out[] = {
    LAT_PORT_OUT("out", "", -1.0F, 1.0F, "The result."),
};

// --- mix: in_1 ... in_N, then level_1 ... level_N ----------------------------

static const struct lat_port mix_inputs[] = {
    LAT_PORT_AUDIO_N("in", 0.0F, "inputs", "A signal to mix in."),
    LAT_PORT_LEVEL("level", 16.0F, "inputs", "Gain of the input, linear."),
};

static const struct lat_setting mix_settings[] = {
    {
        .name = "inputs",
        .doc = "How many inputs, each with its level.",
        .unit = "",
        .kind = LAT_SETTING_INTEGER,
        .min = 1,
        .max = 64,
        .initial = 4,
    },
};

/// out = x * level, or out += x * level.
static void
mix_one(float *restrict out_, const float *restrict x, size_t dx,
        const float *restrict level, size_t dlevel, uint32_t n_frames,
        bool is_first)
{
    if (dx && !dlevel) { // the usual case, in a form that vectorises
        const float gain = level[0];
        if (is_first) {
            for (uint32_t f = 0; f < n_frames; f++) {
                out_[f] = x[f] * gain;
            }
        } else {
            for (uint32_t f = 0; f < n_frames; f++) {
                out_[f] += x[f] * gain;
            }
        }
        return;
    }
    for (uint32_t f = 0; f < n_frames; f++) {
        const float product = x[f * dx] * level[f * dlevel];
        out_[f] = is_first ? product : out_[f] + product;
    }
}

LAT_RT static uint64_t
mix_process(const struct lat_context *context, const struct lat_io *io)
{
    const uint32_t n = io->n_in / 2;
    uint32_t moves = 0;
    for (uint32_t i = 0; i < io->n_in; i++) {
        moves |= io->step[i];
    }
    const uint32_t n_frames = moves ? context->n_frames : 1;
    for (uint32_t i = 0; i < n; i++) {
        mix_one(io->out[0], io->in[i], io->step[i], io->in[n + i],
                io->step[n + i], n_frames, i == 0);
    }
    return !moves;
}

const struct lat_node_type lat_type_mix = {
    .name = "mix",
    .doc = "Sums several signals, each with a level of its own.",
    LAT_INPUTS(mix_inputs),
    LAT_OUTPUTS(out),
    LAT_SETTINGS(mix_settings),
    .cost_ns = 0.4F,
    .process = mix_process,
};

// --- bus ---------------------------------------------------------------------

static const struct lat_port bus_inputs[] = {
    LAT_PORT_AUDIO("in", 0.0F, "What several cables bring here, summed."),
};

LAT_RT static uint64_t
bus_process(const struct lat_context *context, const struct lat_io *io)
{
    if (!io->step[0]) {
        io->out[0][0] = io->in[0][0];
        return 1;
    }
    memcpy(io->out[0], io->in[0], context->n_frames * sizeof(float));
    return 0;
}

const struct lat_node_type lat_type_bus = {
    .name = "bus",
    .doc = "A named point that several cables write to and read from.",
    LAT_INPUTS(bus_inputs),
    LAT_OUTPUTS(out),
    .cost_ns = 0.05F,
    .process = bus_process,
};

// --- gain --------------------------------------------------------------------

static const struct lat_port gain_inputs[] = {
    LAT_PORT_AUDIO("in", 0.0F, "The signal."),
    LAT_PORT_LEVEL("gain", 1000.0F, NULL, "Gain, linear: 1 leaves it."),
    LAT_PORT_AUDIO("cv", 1.0F, "A second gain, for an envelope or an LFO."),
};

const struct lat_node_type lat_type_gain = {
    .name = "gain",
    .doc = "in * gain * cv: an amplifier, and the place for an envelope.",
    LAT_INPUTS(gain_inputs),
    LAT_OUTPUTS(out),
    .kernel = LAT_KERNEL_GAIN,
    .amplitude = LAT_AMPLITUDE_GAIN,
    .cost_ns = 0.1F,
};

// --- pan ---------------------------------------------------------------------

static const struct lat_port pan_inputs[] = {
    LAT_PORT_AUDIO("in", 0.0F, "The signal."),
    LAT_PORT_KNOB_LIN("pan", "", -1.0F, 1.0F, 0.0F, true,
                      "Place: -1 left, 0 centre, 1 right; clamped there."),
};

static const struct lat_port pan_outputs[] = {
    LAT_PORT_OUT("left", "", -1.0F, 1.0F, "The left side."),
    LAT_PORT_OUT("right", "", -1.0F, 1.0F, "The right side."),
};

const struct lat_node_type lat_type_pan = {
    .name = "pan",
    .doc = "Places a signal between left and right at equal power: -3 dB each "
           "in the centre.",
    LAT_INPUTS(pan_inputs),
    LAT_OUTPUTS(pan_outputs),
    .kernel = LAT_KERNEL_PAN,
    .cost_ns = 0.4F,
};
