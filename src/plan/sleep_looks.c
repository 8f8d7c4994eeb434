// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What deciders see while they sleep, and the looks at them as tasks of a plan.

#include "sleepers.h"

#include <string.h>

// What deciders see.

/// Is it 0 for decider @p index while that sleeps?
static bool
is_unseen(const struct lat_compiler *k, uint32_t index,
          const struct lat_flat_lead *c)
{
    const struct lat_plan_sleep *s = k->sleep[c->source];
    return !c->is_ring && s && !s->decides && s->n_keepers == 1 &&
           s->keepers[0].decider == k->sleep[index];
}

static const struct lat_signal *
nothing(void)
{
    static float zero;
    static const uint32_t constant;
    static const struct lat_signal signal = {&zero, &constant};
    return &signal;
}

// A patch like @p from, but for what is not seen.
static enum lat_status
see_patch(struct lat_compiler *k, uint32_t index,
          const struct lat_flat_patch *flat, struct lat_plan_patch **patch)
{
    const struct lat_plan_patch *from = *patch;
    const uint32_t n = n_cables(flat);
    struct lat_plan_patch *to = lat_arena_take(k->keep, 1, sizeof(*to));
    struct lat_plan_cable *cables = lat_arena_take(k->keep, n, sizeof(*cables));
    struct lat_term *terms =
        lat_arena_take(k->keep, flat->n_live, sizeof(*terms));
    if (!to || !cables || !terms) {
        return LAT_ENOMEM;
    }
    for (uint32_t i = 0; i < n; ++i) {
        cables[i] = from->cables[i];
        if (is_unseen(k, index, &k->leads[flat->first + i])) {
            cables[i].signal = nothing();
        }
    }
    *to = (struct lat_plan_patch){
        .n_live = from->n_live,
        .n_dying = from->n_dying,
        .cables = cables,
        .terms = terms,
    };
    *patch = to;
    return LAT_OK;
}

static enum lat_status
see_inputs(struct lat_compiler *k, uint32_t index)
{
    struct lat_plan_sleep *s = k->sleep[index];
    const uint32_t n_in = s->node->inst->n_in;
    s->seen = lat_arena_take(k->keep, n_in, sizeof(*s->seen));
    if (!s->seen) {
        return LAT_ENOMEM;
    }
    memcpy(s->seen, s->node->in, n_in * sizeof(*s->seen));
    enum lat_status status = LAT_OK;
    const struct lat_flat_patch *end = NULL;
    for (const struct lat_flat_patch *p = lat_compiler_patches(k, index, &end);
         !status && p < end; ++p) {
        bool any = false;
        for (uint32_t i = 0; i < n_cables(p); ++i) {
            any = any || is_unseen(k, index, &k->leads[p->first + i]);
        }
        if (any && is_amplitude_input(k->units[index].type, p->port)) {
            status = see_patch(k, index, p, &s->seen[p->port].patch);
        }
    }
    return status;
}

enum lat_status
lat_sleep_fill(struct lat_compiler *k)
{
    uint32_t n_before = 0;
    for (uint32_t n = 0; n < k->n_units; ++n) {
        n_before += k->units[n].inst->sleep_role != LAT_SLEEP_NEVER;
    }
    k->plan->roused =
        lat_arena_take(k->keep, n_before, sizeof(struct lat_instance *));
    enum lat_status status = k->plan->roused ? LAT_OK : LAT_ENOMEM;
    for (uint32_t n = 0; k->sleep && !status && n < k->n_units; ++n) {
        if (k->sleep[n]) {
            struct lat_plan_node *pn = lat_compiler_node(k, n);
            pn->sleep = k->sleep[n];
            pn->sleep->node = pn;
            status = pn->sleep->decides ? see_inputs(k, n) : LAT_OK;
        }
    }
    return status;
}

// Looks.

/// For the number of looks: they are not counted.
#define NO_LOOKS UINT8_MAX

static bool
sees_all(const struct lat_plan_sleep *s)
{
    bool all = true;
    for (uint32_t i = 0; i < s->node->inst->n_in; ++i) {
        all = all && s->seen[i].patch == s->node->in[i].patch;
    }
    return all;
}

static enum lat_status
add_look(struct lat_compiler *k, struct lat_plan_lanes *g,
         struct lat_plan_node *const *nodes, uint32_t n,
         uint32_t (*add)(struct lat_compiler *k, struct lat_plan_look *look))
{
    struct lat_plan_look *look = lat_arena_take(k->keep, 1, sizeof(*look));
    struct lat_plan_sleep **sleeps =
        lat_arena_take(k->keep, n, sizeof(struct lat_plan_sleep *));
    if (!look || !sleeps) {
        return LAT_ENOMEM;
    }
    *look = (struct lat_plan_look){
        .n = n, .sleeps = sleeps, .lanes = g, .sees_all = true};
    const uint32_t task = add(k, look);
    for (uint32_t i = 0; i < n; ++i) {
        const uint32_t index = lat_compiler_index(k, nodes[i]);
        sleeps[i] = nodes[i]->sleep;
        sleeps[i]->look = look;
        look->follows = look->follows || sleeps[i]->n_keepers;
        look->sees_all = look->sees_all && sees_all(nodes[i]->sleep);
        k->look_task[index] = task;
    }
    return LAT_OK;
}

// What a group waits for, where that is not too much, and nothing fades.
static void
note_looks(struct lat_plan_lanes *g, const struct lat_plan_sleep *s)
{
    const struct lat_plan_keeper own = {s, NULL};
    const struct lat_plan_keeper *all = s->decides ? &own : s->keepers;
    for (uint32_t i = 0; i < (s->decides ? 1 : s->n_keepers); ++i) {
        const struct lat_plan_look *look =
            all[i].fade ? NULL : all[i].decider->look;
        uint32_t n = 0;
        while (n < g->n_looks && g->looks[n] != look) {
            ++n;
        }
        if (!look || n == LAT_LANES_LOOKS) {
            g->n_looks = NO_LOOKS;
            return;
        }
        if (n == g->n_looks) {
            g->looks[g->n_looks++] = look;
        }
    }
}

static void
note_all_looks(struct lat_compiler *k)
{
    for (uint32_t i = 0; i < k->n_groups; ++i) {
        struct lat_plan_lanes *g = k->groups[i];
        for (uint32_t l = 0; g->sleeps && l < g->n && g->n_looks != NO_LOOKS;
             ++l) {
            note_looks(g, g->members[l]->sleep);
        }
        g->n_looks = g->n_looks == NO_LOOKS ? 0 : g->n_looks;
    }
}

enum lat_status
lat_sleep_add_looks(struct lat_compiler *k,
                    uint32_t (*add)(struct lat_compiler *k,
                                    struct lat_plan_look *look))
{
    enum lat_status status = LAT_OK;
    for (uint32_t at = 0; k->sleep && !status && at < k->n_units; ++at) {
        struct lat_plan_node *pn = &k->plan->nodes[at];
        const uint32_t index = k->sequence[at];
        struct lat_plan_lanes *g = k->group[index];
        if (!pn->sleep || !pn->sleep->decides) {
            continue;
        }
        if (!g) {
            status = add_look(k, NULL, &pn, 1, add);
        } else if (!k->lane[index]) {
            status = add_look(k, g, g->members, g->n, add);
        }
    }
    if (k->sleep && !status) {
        note_all_looks(k);
    }
    return status;
}

static enum lat_status
link_seen(const struct lat_compiler *k, struct lat_dependency *links,
          uint32_t index)
{
    enum lat_status status = LAT_OK;
    const struct lat_flat_patch *end = NULL;
    for (const struct lat_flat_patch *p = lat_compiler_patches(k, index, &end);
         p < end; ++p) {
        if (!is_amplitude_input(k->units[index].type, p->port)) {
            continue;
        }
        for (uint32_t i = 0; !status && i < n_cables(p); ++i) {
            const struct lat_flat_lead *c = &k->leads[p->first + i];
            if (!c->is_ring && !is_unseen(k, index, c)) {
                status = lat_dependency_link(links, k->task_of[c->source],
                                             k->look_task[index]);
            }
        }
    }
    return status ? status
                  : lat_dependency_link(links, k->look_task[index],
                                        k->task_of[index]);
}

enum lat_status
lat_sleep_link(const struct lat_compiler *k, struct lat_dependency *links)
{
    enum lat_status status = LAT_OK;
    for (uint32_t n = 0; k->sleep && !status && n < k->n_units; ++n) {
        const struct lat_plan_sleep *s = k->sleep[n];
        if (s && s->decides) {
            status = link_seen(k, links, n);
        }
        for (uint32_t i = 0; s && !status && i < s->n_keepers; ++i) {
            const struct lat_plan_sleep *by = s->keepers[i].decider;
            if (by) {
                const uint32_t index = lat_compiler_index(k, by->node);
                status = lat_dependency_link(links, k->look_task[index],
                                             s->decides ? k->look_task[n]
                                                        : k->task_of[n]);
            }
        }
    }
    return status;
}

static enum lat_sleep_role
role_of(const struct lat_compiler *k, uint32_t index)
{
    const struct lat_plan_sleep *s = lat_compiler_sleep(k, index);
    return !s           ? LAT_SLEEP_NEVER
           : s->decides ? LAT_SLEEP_DECIDES
                        : LAT_SLEEP_FOLLOWS;
}

enum lat_status
lat_sleep_settle(struct lat_compiler *k)
{
    struct lat_plan *p = k->plan;
    for (uint32_t n = 0; n < k->n_units; ++n) {
        struct lat_instance *inst = k->units[n].inst;
        const enum lat_sleep_role role = role_of(k, n);
        if (inst->sleep_role > role) {
            p->roused[p->n_roused++] = inst;
        }
        inst->sleep_role = (uint8_t)role;
    }
    return LAT_OK;
}
