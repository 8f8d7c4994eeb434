// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The plan compiler's working state: nodes and cables in plan.c, groups in
/// plan_groups.c, tasks, chunks and buffers in plan_schedule.c.
#ifndef LAT_PLAN_PRIVATE_H
#define LAT_PLAN_PRIVATE_H

#include "arena.h"
#include "dependency.h"
#include "lanes.h"
#include "plan.h"

struct lat_compiler {
    struct lat_graph *g;
    const struct lat_plan_options *options;
    struct lat_arena work;  ///< gone when the plan is made
    struct lat_arena *keep; ///< the plan's own
    struct lat_plan *plan;
    uint32_t span; ///< frames of a buffer

    uint32_t n_nodes, n_inputs, n_outputs, n_cables;
    bool without_dying;      ///< they would close a cycle: cut them now
    struct lat_node **nodes; ///< by index
    struct lat_dependency *order;
    uint32_t *place;        ///< by index: place in plan->nodes
    uint32_t *first_output; ///< by index: number of its first output
    uint32_t *reads;        ///< by output: forward cables that read it

    // Where the next node's arrays begin.
    struct lat_plan_input *next_input;
    struct lat_signal *next_output;
    uint32_t *next_pitch;
    struct lat_plan_cable *next_cable;
    struct lat_term *next_term;

    // Groups: by node index, its group and lane.
    struct lat_plan_lanes **group;
    uint8_t *lane;

    // Tasks.
    uint32_t n_tasks;
    struct lat_task *tasks;
    float *cost;       ///< by task, ns per frame
    uint32_t *task_of; ///< by node index
};

/// The first, or next, cable of an input: live ones, then the dying.
struct lat_cable *
lat_compiler_cable(const struct lat_compiler *k, const struct lat_input *in,
                   const struct lat_cable *c);

/// The plan's node of a graph's.
static inline struct lat_plan_node *
lat_compiler_node(const struct lat_compiler *k, const struct lat_node *node)
{
    return &k->plan->nodes[k->place[node->index]];
}

// plan_groups.c

/// Form groups and chains; every node in one gets its group and lane.
enum lat_status
lat_groups_form(struct lat_compiler *k);

/// Say where the groups' inputs come from, now that buffers are known, and
/// where large sums can be taken row by row.
enum lat_status
lat_groups_feed(struct lat_compiler *k);

/// Give the groups blocks of state and list what has to move.
enum lat_status
lat_groups_settle(struct lat_compiler *k);

// plan_schedule.c

/// Make tasks, put them in chunks and levels, in the order they will run.
enum lat_status
lat_schedule_form(struct lat_compiler *k);

/// Assign buffers along that order.
enum lat_status
lat_schedule_buffers(struct lat_compiler *k);

#endif // LAT_PLAN_PRIVATE_H
