// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The plan compiler's working state: units and leads in plan.c, groups in
/// groups.c, tasks, chunks and buffers in chunks.c, sums of groups in joins.c,
/// who sleeps with whom in sleep.c.
/// All functions are [control].
#ifndef LAT_PLAN_COMPILER_H
#define LAT_PLAN_COMPILER_H

#include "base/arena.h"
#include "dependency.h"
#include "lanes.h"
#include "plan.h"
#include "sleep.h"
#include "units/flat.h"

struct lat_compiler {
    const struct lat_plan_options *options;
    struct lat_arena work;  ///< gone when the plan is made
    struct lat_arena step;  ///< gone when a step of that is done
    struct lat_arena *keep; ///< the plan's own
    struct lat_plan *plan;
    uint32_t span; ///< frames of a buffer

    // What is compiled, as struct lat_flat has it.
    uint32_t n_units, n_patches, n_leads, n_inputs;
    const struct lat_flat_unit *units; ///< by index; one more, the end
    struct lat_flat_patch *patches;
    const struct lat_flat_lead *leads;
    struct lat_dependency *order; ///< of units, then of the deciders' looks
    uint32_t *sequence;           ///< units by (batch, index)
    uint32_t *place;              ///< by index: place in plan->nodes
    uint32_t *reads;              ///< by output: forward leads that read it
    struct lat_plan_patch **made; ///< by patch

    // Sleep: by index, or NULL where nobody sleeps.
    struct lat_plan_sleep **sleep;
    uint32_t *look;      ///< of a decider: its number in `order`
    uint32_t *look_task; ///< and the task that does it

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

/// The plan's node of a unit.
static inline struct lat_plan_node *
lat_compiler_node(const struct lat_compiler *k, uint32_t index)
{
    return &k->plan->nodes[k->place[index]];
}

/// The index of a plan's node.
static inline uint32_t
lat_compiler_index(const struct lat_compiler *k, const struct lat_plan_node *pn)
{
    return k->sequence[pn - k->plan->nodes];
}

/// The patched inputs of node @p index: from the first up to the end.
static inline struct lat_flat_patch *
lat_compiler_patches(const struct lat_compiler *k, uint32_t index,
                     const struct lat_flat_patch **end)
{
    *end = &k->patches[k->units[index + 1].first_patch];
    return &k->patches[k->units[index].first_patch];
}

/// What the plan has for a patch.
static inline struct lat_plan_patch *
lat_compiler_made(const struct lat_compiler *k, const struct lat_flat_patch *p)
{
    return k->made[p - k->patches];
}

/// What says when a unit sleeps, or NULL.
static inline struct lat_plan_sleep *
lat_compiler_sleep(const struct lat_compiler *k, uint32_t index)
{
    return k->sleep ? k->sleep[index] : NULL;
}

/// The group that a group's task runs first: the first of its chain, or
/// itself; NULL for none.
static inline struct lat_plan_lanes *
lat_compiler_head(struct lat_plan_lanes *g)
{
    return g && g->is_chain ? g->head : g;
}

// groups.c

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

// sleep.c

/// Find out who may sleep, and with whom; brings the looks into the order.
enum lat_status
lat_sleep_find(struct lat_compiler *k);

/// Tell the nodes, and what deciders look at.
enum lat_status
lat_sleep_fill(struct lat_compiler *k);

/// A task for each group of deciders, and for each that is alone.
/// @param add  @return the number of the task that it made.
enum lat_status
lat_sleep_add_looks(struct lat_compiler *k,
                    uint32_t (*add)(struct lat_compiler *k,
                                    struct lat_plan_look *look));

/// What looks come behind, and what comes behind them.
enum lat_status
lat_sleep_link(const struct lat_compiler *k, struct lat_dependency *links);

/// Note who slept by the plan before, and does not by this one: the last step,
/// which cannot fail.
enum lat_status
lat_sleep_settle(struct lat_compiler *k);

// naps.c

/// Find tasks that rest together, now that they are in order and buffers are
/// known.
enum lat_status
lat_naps_find(struct lat_compiler *k);

// joins.c

/// What a sum of rows has besides, or NULL.
struct lat_plan_across *
lat_joins_across(struct lat_compiler *k, struct lat_plan_patch *patch);

/// Find the sums whose groups add themselves up as they run, now that tasks are
/// in order.
enum lat_status
lat_joins_find(struct lat_compiler *k);

// chunks.c

/// Make tasks, put them in chunks and levels, in the order they will run.
enum lat_status
lat_schedule_form(struct lat_compiler *k);

/// Assign buffers along that order.
enum lat_status
lat_schedule_buffers(struct lat_compiler *k);

#endif // LAT_PLAN_COMPILER_H
