// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "node/kernels.h"
#include "ports.h"
#include "types.h"

#include <string.h>

static const struct lat_port out[] = {
    LAT_PORT_OUT("out", "", -1.0F, 1.0F, "The result."),
};

LAT_RT static uint64_t
constant_process(const struct lat_context *context, const struct lat_io *io)
{
    if (!io->step[0]) {
        io->out[0][0] = io->in[0][0];
        return 1;
    }
    memcpy(io->out[0], io->in[0], context->n_frames * sizeof(float));
    return 0;
}

static const struct lat_port constant_inputs[] = {
    {
        .name = "value",
        .doc = "The number that comes out.",
        .unit = "",
        .kind = LAT_PORT_KNOB,
        .curve = LAT_CURVE_LIN,
        .min = -LAT_SIGNAL_MAX,
        .max = LAT_SIGNAL_MAX,
        .high = 1.0F,
    },
};

const struct lat_node_type lat_type_constant = {
    .name = "constant",
    .doc = "A number, as a signal: it steps at once, without a ramp.",
    LAT_INPUTS(constant_inputs),
    LAT_OUTPUTS(out),
    .cost_ns = 0.02F,
    .process = constant_process,
};

static const struct lat_port add_inputs[] = {
    LAT_PORT_ANY("a", 0.0F, "First term."),
    LAT_PORT_ANY("b", 0.0F, "Second term."),
};

const struct lat_node_type lat_type_add = {
    .name = "add",
    .doc = "a + b, sample by sample.",
    LAT_INPUTS(add_inputs),
    LAT_OUTPUTS(out),
    .kernel = LAT_KERNEL_ADD,
    .cost_ns = 0.1F,
};

static const struct lat_port subtract_inputs[] = {
    LAT_PORT_ANY("a", 0.0F, "What to subtract from."),
    LAT_PORT_ANY("b", 0.0F, "What to subtract."),
};

const struct lat_node_type lat_type_subtract = {
    .name = "subtract",
    .doc = "a - b, sample by sample.",
    LAT_INPUTS(subtract_inputs),
    LAT_OUTPUTS(out),
    .kernel = LAT_KERNEL_SUBTRACT,
    .cost_ns = 0.1F,
};

static const struct lat_port multiply_inputs[] = {
    LAT_PORT_ANY("a", 0.0F, "First factor."),
    LAT_PORT_ANY("b", 1.0F, "Second factor."),
};

const struct lat_node_type lat_type_multiply = {
    .name = "multiply",
    .doc = "a * b, sample by sample: ring modulation, or scaling.",
    LAT_INPUTS(multiply_inputs),
    LAT_OUTPUTS(out),
    .kernel = LAT_KERNEL_MULTIPLY,
    .cost_ns = 0.1F,
};

static const struct lat_port divide_inputs[] = {
    LAT_PORT_ANY("a", 0.0F, "What to divide."),
    LAT_PORT_ANY("b", 1.0F, "What to divide by; where it is 0, out is 0."),
};

const struct lat_node_type lat_type_divide = {
    .name = "divide",
    .doc = "a / b, sample by sample; 0 where b is 0.",
    LAT_INPUTS(divide_inputs),
    LAT_OUTPUTS(out),
    .kernel = LAT_KERNEL_DIVIDE,
    .cost_ns = 0.2F,
};

static const struct lat_port pair_inputs[] = {
    LAT_PORT_ANY("a", 0.0F, "First signal."),
    LAT_PORT_ANY("b", 0.0F, "Second signal."),
};

const struct lat_node_type lat_type_min = {
    .name = "min",
    .doc = "The smaller of a and b, sample by sample.",
    LAT_INPUTS(pair_inputs),
    LAT_OUTPUTS(out),
    .kernel = LAT_KERNEL_MIN,
    .cost_ns = 0.1F,
};

const struct lat_node_type lat_type_max = {
    .name = "max",
    .doc = "The larger of a and b, sample by sample.",
    LAT_INPUTS(pair_inputs),
    LAT_OUTPUTS(out),
    .kernel = LAT_KERNEL_MAX,
    .cost_ns = 0.1F,
};
