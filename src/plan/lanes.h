// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Groups of equal nodes that run together, one per SIMD lane.
///
/// Groups are a function of the graph alone.  A group keeps its outputs
/// interleaved ([frame][lane]); where the groups of source and reader line up,
/// the reader takes the source's buffer as it is, where they do not, rows are
/// permuted.  An input whose value or amounts move in a span is gathered lane
/// by lane exactly as for a node alone, so the bits are the same in any case.
#ifndef LAT_PLAN_LANES_H
#define LAT_PLAN_LANES_H

#include "plan.h"

/// Fewest nodes that are put in lanes.
#define LAT_LANES_MIN 4U

/// Most cables of an input in lanes that are taken row by row.
#define LAT_LANE_SLOTS 4U

/// Most looks that a group which sleeps waits for.
#define LAT_LANES_LOOKS 4U

/// Most groups that one slot's sources may be spread over.
#define LAT_FEED_SOURCES 4U

enum lat_feed_kind {
    LAT_FEED_ALIGNED,  ///< lane k reads lane k of one group
    LAT_FEED_PERMUTED, ///< lanes of up to LAT_FEED_SOURCES groups
    LAT_FEED_SHARED,   ///< all lanes read the same output
    LAT_FEED_SCATTERED,
};

/// Where the lanes of one slot (the j-th cable of each) come from.
struct lat_lane_feed {
    // What a span asks for is near.
    enum lat_feed_kind kind;
    uint32_t n_sources;
    bool is_plain; ///< all amounts are 1
    const struct lat_signal *shared;
    const float *rows[LAT_FEED_SOURCES]; ///< lane 0 of each group's buffer
    const uint32_t *pitch[LAT_FEED_SOURCES];
    uint32_t mask[LAT_FEED_SOURCES]; ///< bit k: lane k comes from this one
    struct lat_half halves[LAT_LANES / LAT_HALF];     ///< where permuted
    _Alignas(LAT_ALIGNMENT) int32_t index[LAT_LANES]; ///< and from which lane
    _Alignas(LAT_ALIGNMENT) float amounts[LAT_LANES];
};

struct lat_lane_input {
    float *values;   ///< LAT_LANES of them, aligned
    float *floors;   ///< the same, where `floor` is above 0
    float floor;     ///< as struct lat_port has it
    bool is_quiet;   ///< nothing moves: values and amounts are right
    bool has_value;  ///< not all values are neutral
    bool is_regular; ///< every lane has n_slots cables, none dying
    enum lat_port_kind kind;
    uint32_t n_slots;
    struct lat_lane_feed *feeds; ///< n_slots
};

struct lat_plan_nap;

struct lat_plan_lanes {
    // What every span asks for comes first.
    const struct lat_node_type *type;
    uint32_t n; ///< lanes in use
    uint32_t n_in, n_out;
    union {
        uint32_t task; ///< scratch of the plan compiler
        uint32_t row;  ///< of the sum that it adds itself to
    };
    bool is_chain;
    bool joins;        ///< the cable from the group before does not move
    bool is_dirty;     ///< a message came for one of the nodes
    bool has_muted;    ///< one of the nodes had a fault
    bool has_taps;     ///< a reader listens to one of the nodes
    bool has_feedback; ///< an output of one of the nodes is fed back
    bool sleeps;       ///< all of its nodes may be asleep
    bool rests;        ///< all of them were when it was last run
    bool runs;         ///< all of them were awake then
    bool has_zero;     ///< an amplitude was 0 in all of the cell so far
    uint8_t n_looks;   ///< 0: ask the nodes one by one
    bool is_sum_late, is_line_late; ///< see struct lat_io
    union {
        struct lat_plan_lanes *head; ///< in a chain: its first group
        /// Else: the sum that it adds itself to as it runs, or NULL.
        struct lat_plan_across *sum;
    };
    struct lat_lane_input *in;
    /// Of the inputs, as struct lat_io has them.  While nothing moves, only
    /// `steps` of those in place change, and what has to be gathered.
    const float **rows;
    const uint32_t **pitches; ///< of those in place: the sources'
    uint32_t *steps;
    uint32_t in_place, gathered; ///< bit i: input i is such
    const float *settings;       ///< as struct lat_io has them
    struct lat_lane_block *block;
    uint32_t out_pitch[LAT_LANE_OUTPUTS];
    /// Interleaved; in a chain: the last node's, plain.
    float *out[LAT_LANE_OUTPUTS];
    struct lat_plan_lanes *next; ///< the one behind in a chain
    /// Of all that keeps its nodes awake.
    const struct lat_plan_look *looks[LAT_LANES_LOOKS];
    struct lat_plan_node *members[LAT_LANES];
    struct lat_plan_nap *nap; ///< that it is in, or NULL
    uint32_t number;          ///< among the groups of the plan
};

#endif // LAT_PLAN_LANES_H
