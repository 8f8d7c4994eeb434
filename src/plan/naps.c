// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Which tasks make naps follows from their order.  What is worked out here is
// what such a nap has to ask of others, and to tell them.

#include "naps.h"
#include "compiler.h"
#include "sleepers.h"

#include <string.h>

/// Fewest tasks of a nap.
#define LEAST_TASKS 2U

struct naps {
    struct lat_compiler *k;
    struct lat_plan_nap **of; ///< by unit, or NULL
    uint32_t *mark;           ///< by output: of the nap that has noted it
};

/// The next lead of those into a unit that is not like another one: all of them
/// are visited, patch by patch.
typedef void (*visit_fn)(struct naps *s, uint32_t unit,
                         const struct lat_flat_patch *p, uint32_t lead);

static void
visit_leads(struct naps *s, uint32_t unit, visit_fn visit)
{
    const struct lat_flat_patch *end = NULL;
    for (const struct lat_flat_patch *p =
             lat_compiler_patches(s->k, unit, &end);
         p < end; ++p) {
        for (uint32_t i = 0; i < n_cables(p); ++i) {
            visit(s, unit, p, i);
        }
    }
}

// Runs of tasks.

/// Does a look read only what is made in this span?
static bool
can_rest(const struct lat_compiler *k, const struct lat_plan_look *look)
{
    bool can = look->lanes && look->sees_all;
    for (uint32_t i = 0; can && i < look->n; ++i) {
        const uint32_t unit = lat_compiler_index(k, look->sleeps[i]->node);
        const struct lat_flat_patch *end = NULL;
        for (const struct lat_flat_patch *p =
                 lat_compiler_patches(k, unit, &end);
             p < end; ++p) {
            for (uint32_t c = p->first; c < p->first + n_cables(p); ++c) {
                can =
                    can && !(k->leads[c].is_ring &&
                             is_amplitude_input(k->units[unit].type, p->port));
            }
        }
    }
    return can;
}

/// What is fed back is written in every span.
static bool
can_nap(const struct lat_compiler *k, const struct lat_task *task)
{
    switch (task->kind) {
    case LAT_TASK_LOOK:
        return can_rest(k, task->look);
    case LAT_TASK_LANES:
        return task->lanes->sleeps && task->lanes->n_looks &&
               !task->lanes->has_feedback;
    default:
        return false;
    }
}

/// @return how many tasks from number @p first on, before @p end, make a nap.
static uint32_t
count_tasks(const struct lat_compiler *k, uint32_t first, uint32_t end)
{
    uint32_t n = 0;
    while (first + n < end && can_nap(k, &k->plan->tasks[first + n])) {
        ++n;
    }
    return n;
}

static void
begin_nap(struct naps *s, struct lat_plan_nap *nap, uint32_t first, uint32_t n)
{
    nap->first = first;
    nap->n = n;
    for (uint32_t i = first; i < first + n; ++i) {
        const struct lat_task *task = &s->k->plan->tasks[i];
        if (task->kind == LAT_TASK_LOOK) {
            task->look->nap = nap;
            continue;
        }
        task->lanes->nap = nap;
        for (uint32_t l = 0; l < task->lanes->n; ++l) {
            s->of[lat_compiler_index(s->k, task->lanes->members[l])] = nap;
        }
    }
}

/// Naps of all chunks, in order; with NULL they are counted.
static uint32_t
find_naps(struct naps *s, struct lat_plan_nap *all)
{
    const struct lat_plan *p = s->k->plan;
    uint32_t n_naps = 0;
    for (uint32_t c = 0; c < p->n_chunks; ++c) {
        struct lat_chunk *chunk = &p->chunks[c];
        const uint32_t end = chunk->first + chunk->n;
        chunk->nap = n_naps;
        for (uint32_t i = chunk->first; i < end;) {
            const uint32_t n = count_tasks(s->k, i, end);
            if (n >= LEAST_TASKS) {
                if (all) {
                    begin_nap(s, &all[n_naps], i, n);
                }
                ++n_naps;
            }
            i += n ? n : 1;
        }
        chunk->n_naps = n_naps - chunk->nap;
    }
    return n_naps;
}

// What a nap and others have to do with each other.

/// The output that stands for all lanes of a group.
static uint32_t
row_of(const struct naps *s, const struct lat_flat_lead *c)
{
    const struct lat_compiler *k = s->k;
    const uint32_t lane =
        lat_compiler_index(k, k->group[c->source]->members[0]);
    return k->units[lane].first_output + c->output -
           k->units[c->source].first_output;
}

// What others read of a nap.
static void
visit_read(struct naps *s, uint32_t unit, const struct lat_flat_patch *p,
           uint32_t i)
{
    const struct lat_compiler *k = s->k;
    const struct lat_flat_lead *c = &k->leads[p->first + i];
    struct lat_plan_nap *nap = s->of[c->source];
    if (!nap || nap == s->of[unit] || s->mark[row_of(s, c)] == UINT32_MAX) {
        return;
    }
    s->mark[row_of(s, c)] = UINT32_MAX;
    const struct lat_plan_lanes *g = k->group[c->source];
    if (nap->rows) {
        nap->rows[nap->n_rows] =
            g->out[c->output - k->units[c->source].first_output];
    }
    ++nap->n_rows;
}

// What the looks of a nap see of others.
static void
visit_seen(struct naps *s, uint32_t unit, const struct lat_flat_patch *p,
           uint32_t i)
{
    const struct lat_compiler *k = s->k;
    const struct lat_flat_lead *c = &k->leads[p->first + i];
    struct lat_plan_nap *nap = lat_compiler_sleep(k, unit)->look->nap;
    const uint32_t number = (uint32_t)(nap - k->plan->naps) + 1;
    if (!is_amplitude_input(k->units[unit].type, p->port) ||
        s->of[c->source] == nap || s->mark[c->output] == number) {
        return;
    }
    s->mark[c->output] = number;
    if (nap->seen) {
        nap->seen[nap->n_seen].signal =
            lat_compiler_made(k, p)->cables[i].signal;
    }
    ++nap->n_seen;
}

static void
note_looks(struct lat_plan_nap *nap, const struct lat_plan_lanes *g)
{
    for (uint32_t i = 0; i < g->n_looks; ++i) {
        uint32_t n = 0;
        while (nap->looks && n < nap->n_looks && nap->looks[n] != g->looks[i]) {
            ++n;
        }
        if (g->looks[i]->nap == nap || (nap->looks && n < nap->n_looks)) {
            continue;
        }
        if (nap->looks) {
            nap->looks[nap->n_looks] = g->looks[i];
        }
        ++nap->n_looks;
    }
}

static void
note_followers(const struct naps *s, uint32_t unit)
{
    const struct lat_plan_sleep *sleep = lat_compiler_sleep(s->k, unit);
    for (uint32_t i = 0; sleep && i < sleep->n_keepers; ++i) {
        const struct lat_plan_sleep *by = sleep->keepers[i].decider;
        struct lat_plan_nap *nap = by ? by->look->nap : NULL;
        if (nap && nap != s->of[unit]) {
            nap->is_watched = true;
        }
    }
}

/// Once to count, and once to fill in.
static void
note_all(struct naps *s)
{
    struct lat_compiler *k = s->k;
    for (uint32_t i = 0; i < k->plan->n_naps; ++i) {
        struct lat_plan_nap *nap = &k->plan->naps[i];
        nap->n_rows = nap->n_seen = nap->n_looks = 0;
    }
    memset(s->mark, 0, k->units[k->n_units].first_output * sizeof(*s->mark));
    for (uint32_t n = 0; n < k->n_units; ++n) {
        visit_leads(s, n, visit_read);
    }
    memset(s->mark, 0, k->units[k->n_units].first_output * sizeof(*s->mark));
    for (uint32_t i = 0; i < k->plan->n_naps; ++i) {
        struct lat_plan_nap *nap = &k->plan->naps[i];
        for (uint32_t t = nap->first; t < nap->first + nap->n; ++t) {
            const struct lat_task *task = &k->plan->tasks[t];
            if (task->kind == LAT_TASK_LANES) {
                note_looks(nap, task->lanes);
                continue;
            }
            for (uint32_t l = 0; l < task->look->n; ++l) {
                visit_leads(s,
                            lat_compiler_index(k, task->look->sleeps[l]->node),
                            visit_seen);
            }
        }
    }
}

enum lat_status
lat_naps_find(struct lat_compiler *k)
{
    struct lat_plan *p = k->plan;
    struct naps s = {.k = k};
    p->n_naps = k->sleep ? find_naps(&s, NULL) : 0;
    if (!p->n_naps) {
        return LAT_OK;
    }
    s.of = lat_arena_take(&k->step, k->n_units, sizeof(struct lat_plan_nap *));
    s.mark = lat_arena_take(&k->step, k->units[k->n_units].first_output,
                            sizeof(*s.mark));
    p->naps = lat_arena_take(k->keep, p->n_naps, sizeof(*p->naps));
    if (!s.of || !s.mark || !p->naps) {
        return LAT_ENOMEM;
    }
    find_naps(&s, p->naps);
    note_all(&s);
    for (uint32_t i = 0; i < p->n_naps; ++i) {
        struct lat_plan_nap *nap = &p->naps[i];
        nap->rows = lat_arena_take(k->keep, nap->n_rows, sizeof(float *));
        nap->seen = lat_arena_take(k->keep, nap->n_seen, sizeof(*nap->seen));
        nap->looks = lat_arena_take(k->keep, nap->n_looks,
                                    sizeof(const struct lat_plan_look *));
        if (!nap->rows || !nap->seen || !nap->looks) {
            return LAT_ENOMEM;
        }
    }
    note_all(&s);
    for (uint32_t n = 0; n < k->n_units; ++n) {
        note_followers(&s, n);
    }
    return LAT_OK;
}
