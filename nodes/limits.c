// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Kernels at the limits of lanes (node/kernels.h) and one beyond each: for
// tests, in test builds only.

#include "node/kernels.h"
#include "ports.h"
#include "types.h"

#define IN_(name_)  LAT_PORT_ANY(name_, 0.0F, "A number.")
#define OUT_(name_) LAT_PORT_OUT(name_, "", -1.0F, 1.0F, "A sum.")

static const struct lat_port inputs[] = {
    IN_("a"), IN_("b"), IN_("c"), IN_("d"), IN_("e"), IN_("f"),
    IN_("g"), IN_("h"), IN_("i"), IN_("j"), IN_("k"), IN_("l"),
    IN_("m"), IN_("n"), IN_("o"), IN_("p"), IN_("q"),
};

static const struct lat_port outputs[] = {
    OUT_("v"), OUT_("w"), OUT_("x"), OUT_("y"), OUT_("z"),
};

_Static_assert(LAT_COUNT(inputs) == LAT_LANE_INPUTS + 1, "one beyond");
_Static_assert(LAT_COUNT(outputs) == LAT_LANE_OUTPUTS + 1, "one beyond");

#define LIMITS(name_, NAME_, n_in_, n_out_, n_words_)                          \
 const struct lat_node_type lat_type_##name_ = {                               \
     .name = #name_,                                                           \
     .doc = "A kernel at the limits of lanes; in test builds only.",           \
     .inputs = inputs,                                                         \
     .n_inputs = (n_in_),                                                      \
     .outputs = outputs,                                                       \
     .n_outputs = (n_out_),                                                    \
     .kernel = LAT_KERNEL_##NAME_,                                             \
     .state_words = (n_words_),                                                \
     .cost_ns = 100.0F,                                                        \
 }

LIMITS(widest, WIDEST, LAT_LANE_INPUTS, LAT_LANE_OUTPUTS, LAT_LANE_WORDS);
LIMITS(inputs_17, INPUTS_17, LAT_LANE_INPUTS + 1, 1, LAT_LANE_WORDS);
LIMITS(outputs_5, OUTPUTS_5, 1, LAT_LANE_OUTPUTS + 1, LAT_LANE_WORDS);
LIMITS(words_65, WORDS_65, 2, 1, LAT_LANE_WORDS + 1);

static const struct lat_port count_inputs[] = {
    LAT_PORT_EVENT("bad", LAT_PORT_TRIGGER, "Make a NaN."),
};

static const struct lat_port count_outputs[] = {
    OUT_("count"),
};

static size_t
count_bytes(const struct lat_config *config)
{
    (void)config;
    return sizeof(uint32_t);
}

LAT_RT static uint64_t
count_process(const struct lat_context *context, const struct lat_io *io)
{
    uint32_t *count = io->state;
    uint32_t next = 0;
    for (uint32_t f = 0; f < context->n_frames; f++) {
        while (next < context->n_midi && context->midi[next].frame == f) {
            ++next;
            ++*count;
        }
        const bool is_bad = lat_io_at(io, 0, f) > 0.0F;
        io->out[0][f] = is_bad ? __builtin_nanf("") : (float)*count;
    }
    return 0;
}

const struct lat_node_type lat_type_midi_count = {
    .name = "midi_count",
    .doc = "How many MIDI events came; in test builds only.",
    LAT_INPUTS(count_inputs),
    LAT_OUTPUTS(count_outputs),
    .flags = LAT_TYPE_MIDI,
    .cost_ns = 1.0F,
    .state_bytes = count_bytes,
    .process = count_process,
};
