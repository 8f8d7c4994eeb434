// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// A graph compiled for the audio thread: ordered, batched, buffers assigned.
///
/// The control thread makes a plan and frees it; in between it belongs to the
/// audio thread.  Everything but the per-span words (signal steps, settled
/// terms) is immutable.
#ifndef LAT_PLAN_H
#define LAT_PLAN_H

#include "buffer_pool.h"
#include "instance.h"
#include "kernels.h"

#include <stdio.h>

/// Cables of one input that are summed at once; more are summed in blocks of
/// this many, and the blocks' sums by the same rule.  Part of the association,
/// hence of the sound's last bit: never to change.
#define LAT_SUM_BLOCK 128U

/// Most cables into one input.
#define LAT_MAX_CABLES_IN (LAT_SUM_BLOCK * LAT_SUM_BLOCK)

/// One output of a node in this span.
struct lat_signal {
    float *data;
    uint32_t step; ///< 1, or 0: constant, only data[0] is valid
};

struct lat_plan_cable {
    const struct lat_signal *signal; ///< NULL for feedback
    const float *feedback;           ///< ring of 2 * block frames
    struct lat_cable_run *run;
};

struct lat_plan_input {
    struct lat_input_run *run;
    enum lat_port_kind kind;
    uint32_t n_live;  ///< live cables, first in `cables`
    uint32_t n_dying; ///< fading ones, behind them; summed after all others
    struct lat_plan_cable *cables;
    struct lat_term *terms; ///< one per live cable
    /// The engine's amount epoch for which the terms' amounts are right.
    uint64_t settled_epoch;
};

struct lat_plan_node {
    struct lat_instance *inst;
    const struct lat_config *config;
    lat_process_fn process;
    struct lat_plan_input *in;
    struct lat_signal *out;
    uint32_t batch;
    bool is_dying;
};

struct lat_plan {
    uint64_t serial;
    uint32_t block;
    uint32_t n_nodes, n_cables, n_batches;
    uint32_t n_live; ///< nodes that are not dying
    struct lat_plan_node *nodes;  ///< in order of (batch, file)
    uint32_t *batch_starts;       ///< n_batches + 1
    struct lat_buffer_pool *pool;
    struct lat_buffer_counters counters;
    float *scratch; ///< mixed inputs and device outputs of one node
    struct lat_ramp fade; ///< of all that goes to the device
    uint32_t compile_us;
    struct lat_plan *next; ///< on its way back to the control thread
};

struct lat_plan_options {
    uint32_t block;
    const struct lat_kernels *kernels;
};

/// Compile the live and the dying; every node must have an instance.  The
/// graph's nodes get their place in `index`.  [control]
/// @return LAT_OK or LAT_ENOMEM; @p out is untouched on failure.
enum lat_status
lat_plan_compile(struct lat_graph *g, const struct lat_plan_options *options,
                 struct lat_plan **out);

/// Free @p plan, or do nothing if it is NULL.  [control]
void
lat_plan_free(struct lat_plan *plan);

/// Print order, batches and buffers.  [control]
void
lat_plan_print_text(const struct lat_plan *plan, const struct lat_graph *g,
                    FILE *out);
void
lat_plan_print_dot(const struct lat_plan *plan, const struct lat_graph *g,
                   FILE *out);
void
lat_plan_print_json(const struct lat_plan *plan, const struct lat_graph *g,
                    FILE *out);

#endif // LAT_PLAN_H
