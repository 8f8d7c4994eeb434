// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The plan compiler's working state: nodes and cables in plan.c, groups in
/// plan_groups.c, tasks, chunks and buffers in plan_schedule.c.
/// All functions are [control].
#ifndef LAT_PLAN_COMPILER_H
#define LAT_PLAN_COMPILER_H

#include "base/arena.h"
#include "dependency.h"
#include "lanes.h"
#include "plan.h"

/// A node, as flat as the passes over all of them need it.
struct lat_flat_node {
    struct lat_node *node;
    const struct lat_node_type *type;
    struct lat_instance *inst;
    uint32_t first_patch; ///< its patched inputs, up to those of the next node
    uint32_t first_output;
};

/// An input with cables.
struct lat_flat_patch {
    uint32_t port;
    uint32_t first; ///< of its cables: the live ones, then the dying
    uint32_t n_live, n_dying;
    bool is_event;
    struct lat_plan_patch *made;
};

struct lat_flat_cable {
    uint32_t source;      ///< node index
    uint32_t output : 31; ///< number among all outputs
    uint32_t is_feedback : 1;
    struct lat_cable_run *run;
};

struct lat_compiler {
    struct lat_graph *g;
    const struct lat_plan_options *options;
    struct lat_arena work;  ///< gone when the plan is made
    struct lat_arena step;  ///< gone when a step of that is done
    struct lat_arena *keep; ///< the plan's own
    struct lat_plan *plan;
    uint32_t span; ///< frames of a buffer

    uint32_t n_nodes, n_inputs, n_outputs, n_cables, n_patches;
    struct lat_flat_node *nodes; ///< by index; one more, the end
    struct lat_flat_patch *patches;
    struct lat_flat_cable *cables;
    struct lat_dependency *order;
    uint32_t *place; ///< by index: place in plan->nodes
    uint32_t *reads; ///< by output: forward cables that read it

    // Groups: by node index, its group and lane.
    struct lat_plan_lanes **group;
    uint8_t *lane;
    struct lat_plan_lanes **groups; ///< by number
    uint32_t n_groups;
    bool has_chains;

    // Tasks.
    uint32_t n_tasks;
    struct lat_task *tasks;
    float *cost;       ///< by task, ns per frame
    uint32_t *task_of; ///< by node index
};

/// The plan's node of a graph's.
static inline struct lat_plan_node *
lat_compiler_node(const struct lat_compiler *k, uint32_t index)
{
    return &k->plan->nodes[k->place[index]];
}

/// The index of a plan's node.
static inline uint32_t
lat_compiler_index(const struct lat_compiler *k, const struct lat_plan_node *pn)
{
    return lat_dependency_order(k->order)[pn - k->plan->nodes];
}

/// The patched inputs of node @p index: from the first up to the end.
static inline struct lat_flat_patch *
lat_compiler_patches(const struct lat_compiler *k, uint32_t index,
                     const struct lat_flat_patch **end)
{
    *end = &k->patches[k->nodes[index + 1].first_patch];
    return &k->patches[k->nodes[index].first_patch];
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

#endif // LAT_PLAN_COMPILER_H
