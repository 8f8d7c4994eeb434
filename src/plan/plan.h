// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// A graph compiled for the audio thread: ordered, batched, buffers assigned.
///
/// The control thread makes a plan and frees it; in between it belongs to the
/// audio thread.  Everything but the per-span words (signal steps, settled
/// terms) is immutable.
#ifndef LAT_PLAN_PLAN_H
#define LAT_PLAN_PLAN_H

#include "buffer_pool.h"
#include "node/kernels.h"
#include "units/instance.h"

/// Cables of one input that are summed at once; more are summed in blocks of
/// this many, and the blocks' sums by the same rule.  Part of the association,
/// hence of the sound's last bit: never to change.
#define LAT_SUM_BLOCK 128U

/// Most cables into one input: a block of blocks of them.
#define LAT_MAX_CABLES_IN (LAT_SUM_BLOCK * LAT_SUM_BLOCK * LAT_SUM_BLOCK)

/// Longest span that is run at once.  A quantum of more frames is cut: what a
/// span touches stays in the nearest cache.
#define LAT_SPAN_MAX 64U

/// One output of a node in this span: row f is data[f * *pitch].
struct lat_signal {
    float *data;
    /// 1 alone, LAT_LANES in lanes, 0 while constant (only row 0 is valid).
    const uint32_t *pitch;
};

struct lat_plan_cable {
    const struct lat_signal *signal; ///< NULL for feedback
    const float *feedback;           ///< ring of 2 * block frames
    const struct lat_ramp *amount;
};

/// Sixteen consecutive cables of a sum whose sources are the lanes of a group.
struct lat_plan_rows {
    const float *data; ///< lane 0; NULL: they are not
    const uint32_t *pitch;
};

/// What a sum of rows has besides.
struct lat_plan_across {
    float *amounts; ///< one per cable, whole rows
    /// Where groups that are read by nothing else add themselves up as they
    /// run, partial sum by lane; NULL: the sum reads what they wrote.
    float *partials;
    uint32_t step;   ///< of the partial sums: LAT_LANES, or 0 while constant
    bool is_still;   ///< no amount moves in this span
    uint32_t buffer; ///< of the partial sums, for the compiler
    struct lat_plan_patch *patch;
};

struct lat_plan_sum;

/// The cables into an input, or into a part of a large sum.
struct lat_plan_patch {
    uint32_t n_live;  ///< live cables, first in `cables`
    uint32_t n_dying; ///< fading ones, behind them; summed after all others
    struct lat_plan_cable *cables;
    struct lat_term *terms; ///< one per live cable, or per part
    /// The engine's amount epoch for which the amounts are right; 0: never.
    uint64_t settled_epoch;
    struct lat_plan_sum *parts; ///< blocks of LAT_SUM_BLOCK cables, or NULL
    uint32_t n_parts;
    struct lat_plan_rows *rows;     ///< one per 16 cables, or NULL
    struct lat_plan_across *across; ///< with rows
};

/// An input.  Most have no cables, so it is small.
struct lat_plan_input {
    struct lat_plan_patch *patch; ///< NULL: nothing is patched in
    uint32_t ramp;                ///< among those of the instance
    uint32_t kind;                ///< enum lat_port_kind
    float floor;                  ///< as struct lat_port has it
};

/// A block of the cables of an input that has more than LAT_SUM_BLOCK.
struct lat_plan_sum {
    struct lat_plan_patch in;
    float *out;
    uint32_t pitch; ///< 1, or 0: constant
    // For the compiler:
    uint32_t first; ///< of its cables
    uint32_t chunk, number;
};

struct lat_plan_sleep;

struct lat_plan_node {
    struct lat_instance *inst;
    const struct lat_config *config;
    lat_process_fn process;
    struct lat_plan_input *in;
    struct lat_signal *out;
    uint32_t *out_pitch; ///< one per output; shared by a group in lanes
    float **feedback;    ///< rings, one per output; NULL where there are none
    struct lat_bypass *bypass; ///< that is heard, or NULL
    float *device;             ///< of a device output: a span for each channel
    struct lat_plan_sleep *sleep; ///< of one that may be asleep, or NULL
};

/// The ramp of an input's value; that of a signal input's share is next to it.
/// [audio, worker]
LAT_RT static inline const struct lat_ramp *
lat_plan_ramp(const struct lat_plan_node *pn, uint32_t i)
{
    return &pn->inst->ramps[pn->in[i].ramp];
}

/// Write what readers on other processors look at, and seldom changes: only a
/// change costs them their copy.  [audio, worker]
LAT_RT static inline void
lat_plan_set_pitch(uint32_t *pitch, uint32_t value)
{
    if (*pitch != value) {
        *pitch = value;
    }
}

struct lat_plan_lanes;
struct lat_plan_look;
struct lat_plan_nap;

enum lat_task_kind {
    LAT_TASK_NODE,
    LAT_TASK_LANES, ///< up to LAT_LANES equal nodes of a batch
    LAT_TASK_CHAIN, ///< equal filters, one feeding the next
    LAT_TASK_SUM,   ///< a part of a large sum
    LAT_TASK_LOOK,  ///< whether sleepers wake
};

/// What a thread runs at once.
struct lat_task {
    enum lat_task_kind kind;
    union {
        struct lat_plan_node *node;
        struct lat_plan_lanes *lanes;
        struct lat_plan_sum *sum;
        struct lat_plan_look *look;
    };
};

/// Tasks that one thread runs in a row, and the frame time they are thought to
/// take.
struct lat_chunk {
    uint32_t first, n;
    float cost_ns;        ///< per frame
    uint32_t nap, n_naps; ///< the first, and how many
};

/// Chunks that may run at the same time.
struct lat_level {
    uint32_t first, n;
    float cost_ns, largest_ns; ///< of all its chunks, and of one; per frame
};

/// An instance's state moves when a plan is taken.
struct lat_move {
    struct lat_instance *inst;
    uint32_t *home; ///< in lanes, or its own state
};

struct lat_plan {
    uint64_t serial;
    uint32_t block;
    uint32_t n_nodes, n_cables, n_batches;
    uint32_t n_live;             ///< nodes that are not dying
    struct lat_plan_node *nodes; ///< in order of (batch, file)
    uint32_t *batch_starts;      ///< n_batches + 1

    uint32_t n_tasks, n_chunks, n_levels;
    struct lat_task *tasks;
    struct lat_chunk *chunks;
    struct lat_plan_nap *naps; ///< tasks that rest together (naps.h)
    uint32_t n_naps;
    _Atomic uint64_t *claimed_in; ///< by chunk: the scheduler's last run
    struct lat_level *levels;
    float cost_ns; ///< of all chunks, per frame

    /// By instance id: the group to tell that a value moves, or NULL.
    struct lat_plan_lanes **group_of;
    uint32_t n_ids;
    struct lat_move *moves;
    uint32_t n_moves;
    uint32_t n_sleeps; ///< nodes that may be asleep; spans end with cells then
    struct lat_instance **roused; ///< that may be so no longer
    uint32_t n_roused;
    struct lat_lane_block **blocks; ///< each holds a reference
    uint32_t n_blocks;

    struct lat_buffer_pool *pool;
    struct lat_buffer_pool *lane_pool;
    struct lat_buffer_counters counters; ///< of both
    struct lat_plan_node **outputs;      ///< device outputs, in order
    uint32_t n_outputs;
    struct lat_plan_node **midi_outs; ///< the same, of MIDI
    uint32_t n_midi_outs;
    size_t scratch_floats; ///< that a thread needs while it runs a task
    float *scratch;        ///< that much for every thread
    struct lat_ramp fade;  ///< of all that goes to the device
    uint32_t compile_us;   ///< for lat_engine_status(); set by who compiled
    uint64_t last_run;     ///< of the scheduler when audio let it go
    struct lat_plan *next; ///< on its way back to the control thread
};

struct lat_flat;

struct lat_plan_options {
    uint32_t block;
    const struct lat_kernels *kernels;
    uint32_t n_threads;
    float grain_ns;     ///< frame time of a chunk, about; 0: the default
    bool without_lanes; ///< every node alone, for tests
};

/// Compile the live and the dying; where dying leads close a cycle, all of them
/// are taken out of @p flat.  [control]
/// @return LAT_OK or LAT_ENOMEM; @p out is untouched on failure.
enum lat_status
lat_plan_compile(struct lat_flat *flat, const struct lat_plan_options *options,
                 struct lat_plan **out);

/// Which of the plans that were compiled of these units will be taken is not
/// known: the next one goes by none of them.  [control]
void
lat_plan_displace(const struct lat_flat *flat);

/// Free @p plan, or do nothing if it is NULL.  [control]
void
lat_plan_free(struct lat_plan *plan);

#endif // LAT_PLAN_PLAN_H
