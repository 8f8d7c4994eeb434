// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Sums of groups that nothing else reads, of types whose kernels can add up.
// Where all of them run in the sum's chunk, in the order of its cables, each
// adds itself to the partial sums as it runs: a row of lanes is a row of
// partial sums already.  What some have to write nevertheless, to be added
// right behind, is needed no longer: they share one buffer.

#include "compiler.h"

/// Where a sum runs.
struct join {
    struct lat_plan_patch *patch;
    uint32_t lead; ///< its first cable
    uint32_t from; ///< the chunk's first task
};

struct lat_plan_across *
lat_joins_across(struct lat_compiler *k, struct lat_plan_patch *patch)
{
    const uint32_t n_rows = (patch->n_live + LAT_LANES - 1) / LAT_LANES;
    struct lat_plan_across *across =
        lat_arena_take(k->keep, 1, sizeof(*across));
    if (across) {
        across->patch = patch;
        across->amounts =
            lat_arena_take(k->keep, (size_t)n_rows * LAT_LANES, sizeof(float));
    }
    patch->across = across && across->amounts ? across : NULL;
    return patch->across;
}

// The group whose lanes, and no other's, cables @p c to @p c + n are, if
// nothing else reads them.
static struct lat_plan_lanes *
only_source(const struct lat_compiler *k, const struct lat_flat_lead *c,
            uint32_t n)
{
    struct lat_plan_lanes *g = c->is_ring ? NULL : k->group[c->source];
    bool is_it =
        g && !g->is_chain && g->type->adds_up && g->n == n && !g->sleeps;
    for (uint32_t l = 0; is_it && l < n; ++l) {
        is_it = !c[l].is_ring && k->group[c[l].source] == g &&
                k->lane[c[l].source] == l && k->reads[c[l].output] == 1;
    }
    return is_it ? g : NULL;
}

static struct lat_plan_lanes *
row_source(const struct lat_compiler *k, const struct join *j, uint32_t row)
{
    const uint32_t first = row * LAT_LANES;
    const uint32_t left = j->patch->n_live - first;
    return only_source(k, &k->leads[j->lead + first],
                       left < LAT_LANES ? left : LAT_LANES);
}

static enum lat_status
try_join(struct lat_compiler *k, const struct join *j)
{
    const uint32_t n_rows = (j->patch->n_live + LAT_LANES - 1) / LAT_LANES;
    uint32_t from = j->from;
    for (uint32_t r = 0; r < n_rows; ++r) {
        const struct lat_plan_lanes *g = row_source(k, j, r);
        if (!g || g->task < from) {
            return LAT_OK;
        }
        from = g->task + 1;
    }
    struct lat_plan_across *across = lat_joins_across(k, j->patch);
    if (!across) {
        return LAT_ENOMEM;
    }
    for (uint32_t r = 0; r < n_rows; ++r) {
        struct lat_plan_lanes *g = row_source(k, j, r);
        g->sum = across;
        g->row = r;
    }
    return LAT_OK;
}

// The sums of the node that is task @p t, but for those in parts.
static enum lat_status
join_inputs(struct lat_compiler *k, const struct lat_task *t, uint32_t from)
{
    enum lat_status status = LAT_OK;
    const uint32_t index = lat_compiler_index(k, t->node);
    const struct lat_flat_patch *end = NULL;
    for (const struct lat_flat_patch *p = lat_compiler_patches(k, index, &end);
         !status && p < end; ++p) {
        const struct join j = {lat_compiler_made(k, p), p->first, from};
        if (!p->is_event && !j.patch->parts && p->n_live >= LAT_LANES) {
            status = try_join(k, &j);
        }
    }
    return status;
}

enum lat_status
lat_joins_find(struct lat_compiler *k)
{
    const struct lat_plan *p = k->plan;
    enum lat_status status = LAT_OK;
    for (uint32_t c = 0; c < p->n_chunks; ++c) {
        const uint32_t from = p->chunks[c].first;
        for (uint32_t i = from; !status && i < from + p->chunks[c].n; ++i) {
            const struct lat_task *t = &p->tasks[i];
            if (t->kind == LAT_TASK_LANES) {
                t->lanes->task = i;
            } else if (t->kind == LAT_TASK_NODE && !t->node->sleep) {
                status = join_inputs(k, t, from);
            } else if (t->kind == LAT_TASK_SUM &&
                       t->sum->in.n_live >= LAT_LANES) {
                const struct join j = {&t->sum->in, t->sum->first, from};
                status = try_join(k, &j);
            }
        }
    }
    return status;
}
