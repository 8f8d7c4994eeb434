// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Who sleeps with whom is a function of the graph alone.
//
// From readers to sources every unit that may follow gets its keepers; one
// reader that is always awake, and it has none.  Three kinds of units could
// keep a decider from ever waking, or from being looked at in time, if they
// slept with it, and so they stay awake:
//
//   - what feeds a gate or a cv that is fed by nothing else, for asleep it
//     gives 0;
//   - what passes on to the `gain` of a gain, if nothing else feeds that,
//     something that is awake itself, such as an envelope;
//   - what runs behind a look, and before another that the first one has to
//     wait for: a circle of looks and sources.
//
// What stays awake keeps its sources awake, so all is done again until nothing
// changes.

#include "sleepers.h"

#include <string.h>

// A large sum is made by tasks of its own, which a look cannot ask for.
static bool
can_decide(const struct lat_compiler *k, uint32_t index)
{
    const struct lat_flat_unit *unit = &k->units[index];
    bool can = unit->may_sleep && unit->type->amplitude && !unit->bypass;
    const struct lat_flat_patch *end = NULL;
    for (const struct lat_flat_patch *p = lat_compiler_patches(k, index, &end);
         p < end; ++p) {
        can = can && !(is_amplitude_input(unit->type, p->port) &&
                       n_cables(p) > LAT_SUM_BLOCK);
    }
    return can;
}

// An envelope does not follow: its gate may open a frame before what it feeds
// wakes.
static bool
can_follow(const struct sleepers *s, uint32_t index)
{
    const struct lat_flat_unit *unit = &s->k->units[index];
    return (unit->may_sleep || unit->is_dying) && !unit->bypass &&
           !s->stays[index] && unit->type->amplitude != LAT_AMPLITUDE_ENVELOPE;
}

// Readers, by source.

static enum lat_status
list_readers(struct sleepers *s)
{
    struct lat_compiler *k = s->k;
    s->first =
        lat_arena_take(&k->step, k->n_units + (size_t)2, sizeof(*s->first));
    s->readers = lat_arena_take(&k->step, k->n_leads, sizeof(*s->readers));
    if (!s->first || !s->readers) {
        return LAT_ENOMEM;
    }
    for (uint32_t n = 0; n < k->n_units; ++n) {
        const struct lat_flat_patch *end = NULL;
        for (const struct lat_flat_patch *p = lat_compiler_patches(k, n, &end);
             p < end; ++p) {
            for (uint32_t c = p->first; c < p->first + n_cables(p); ++c) {
                ++s->first[k->leads[c].source + 2];
            }
        }
    }
    for (uint32_t n = 2; n < k->n_units + 2; ++n) {
        s->first[n] += s->first[n - 1];
    }
    // Entry n + 1 is where unit n's are filled in, and in the end where those
    // of the next begin.
    for (uint32_t n = 0; n < k->n_units; ++n) {
        const struct lat_flat_patch *end = NULL;
        for (const struct lat_flat_patch *p = lat_compiler_patches(k, n, &end);
             p < end; ++p) {
            for (uint32_t i = 0; i < n_cables(p); ++i) {
                const struct lat_flat_lead *c = &k->leads[p->first + i];
                // What leads to something that goes does not fade by itself.
                const bool fades = i >= p->n_live && !k->units[n].is_dying;
                s->readers[s->first[c->source + 1]++] =
                    (struct reader){n, c->is_ring, fades ? c->amount : NULL};
            }
        }
    }
    return LAT_OK;
}

// Keepers.

static void
find_keeper(struct sleepers *s, uint32_t unit, struct keeper keeper)
{
    if (keeper.decider != NONE && !keeper.fade) {
        if (s->mark[keeper.decider] == unit + 1) {
            return;
        }
        s->mark[keeper.decider] = unit + 1;
    }
    s->found[s->n_found++] = keeper;
}

/// @return false where this reader is always awake.
static bool
find_keepers_by(struct sleepers *s, uint32_t unit, const struct reader *r)
{
    const struct lat_flat_unit *reader = &s->k->units[r->unit];
    const struct keepers *its = &s->of[r->unit];
    if (r->is_ring) {
        return false;
    }
    if (s->decides[r->unit]) {
        find_keeper(s, unit, (struct keeper){r->unit, r->fade});
        return true;
    }
    for (uint32_t i = 0; i < its->n; ++i) {
        const struct lat_ramp *fade = its->all[i].fade;
        find_keeper(
            s, unit,
            (struct keeper){its->all[i].decider, fade ? fade : r->fade});
    }
    if (!its->n) {
        const struct lat_ramp *fade = r->fade            ? r->fade
                                      : reader->is_dying ? reader->inst->fade
                                                         : NULL;
        if (!fade) {
            return false;
        }
        find_keeper(s, unit, (struct keeper){NONE, fade});
    }
    return true;
}

// What is heard by nobody, or only as long as it fades, is awake; but not what
// goes: that is never heard again.
static bool
is_kept_by_any(const struct sleepers *s, uint32_t unit)
{
    bool any = s->n_found && s->k->units[unit].is_dying;
    for (uint32_t i = 0; i < s->n_found; ++i) {
        any = any || s->found[i].decider != NONE;
    }
    return any;
}

static enum lat_status
find_keepers(struct sleepers *s, uint32_t unit)
{
    struct keepers *to = &s->of[unit];
    const struct reader *r = &s->readers[s->first[unit]];
    const struct reader *end = &s->readers[s->first[unit + 1]];
    *to = (struct keepers){0};
    bool follows = r < end && can_follow(s, unit);
    if (follows && end - r == 1 && !r->is_ring && !r->fade &&
        is_follower(s, r->unit)) {
        *to = s->of[r->unit];
        return LAT_OK;
    }
    s->n_found = 0;
    for (; follows && r < end; ++r) {
        follows = find_keepers_by(s, unit, r);
    }
    if (!follows || !is_kept_by_any(s, unit)) {
        return LAT_OK;
    }
    to->all = lat_arena_take(&s->k->step, s->n_found, sizeof(*to->all));
    if (!to->all) {
        return LAT_ENOMEM;
    }
    memcpy(to->all, s->found, s->n_found * sizeof(*to->all));
    to->n = s->n_found;
    return LAT_OK;
}

static enum lat_status
find_all_keepers(struct sleepers *s)
{
    memset(s->mark, 0, s->k->n_units * sizeof(*s->mark));
    enum lat_status status = LAT_OK;
    for (uint32_t i = s->k->n_units; !status && i-- > 0;) {
        status = find_keepers(s, s->order[i]);
    }
    return status;
}

// Who must stay awake.

// Does it give something of its inputs, and not only a sound of its own?
static bool
passes_on(const struct lat_node_type *type)
{
    bool passes = type->kernel ? !type->state_words : type->state_bytes == NULL;
    for (uint32_t i = 0; i < type->n_inputs; ++i) {
        passes = passes || type->inputs[i].kind == LAT_PORT_SIGNAL;
    }
    return passes;
}

static void
find_carriers(struct sleepers *s)
{
    const struct lat_compiler *k = s->k;
    for (uint32_t i = 0; i < k->n_units; ++i) {
        const uint32_t n = s->order[i];
        const bool passes = is_follower(s, n) && passes_on(k->units[n].type);
        s->carries[n] = 0;
        const struct lat_flat_patch *end = NULL;
        for (const struct lat_flat_patch *p = lat_compiler_patches(k, n, &end);
             passes && p < end; ++p) {
            for (uint32_t c = p->first; c < p->first + n_cables(p); ++c) {
                const uint32_t from = k->leads[c].source;
                if (k->leads[c].is_ring || !is_follower(s, from) ||
                    s->carries[from]) {
                    s->carries[n] = 1;
                }
            }
        }
    }
}

// An amplitude input that nothing feeds but what sleeps with the decider.
static bool
is_own(const struct sleepers *s, uint32_t decider,
       const struct lat_flat_patch *p)
{
    const struct lat_flat_lead *c = &s->k->leads[p->first];
    bool is = is_amplitude_input(s->k->units[decider].type, p->port);
    for (uint32_t i = 0; is && i < n_cables(p); ++i) {
        is = !c[i].is_ring && is_alone_with(s, c[i].source, decider);
    }
    return is;
}

/// @return whether there is anything new.
static bool
wake_feeders(struct sleepers *s)
{
    const struct lat_compiler *k = s->k;
    bool any = false;
    find_carriers(s);
    for (uint32_t n = 0; n < k->n_units; ++n) {
        const struct lat_flat_patch *end = NULL;
        const struct lat_flat_patch *p = lat_compiler_patches(k, n, &end);
        for (; s->decides[n] && p < end; ++p) {
            const struct lat_port_info *in =
                &k->units[n].inst->layout->in[p->port];
            const bool has_value = in->port->kind == LAT_PORT_KNOB;
            const bool own = is_own(s, n, p);
            for (uint32_t c = p->first; own && c < p->first + n_cables(p);
                 ++c) {
                const uint32_t from = k->leads[c].source;
                if (!has_value || s->carries[from]) {
                    s->stays[from] = 1;
                    any = true;
                }
            }
        }
    }
    return any;
}

// Until nobody new stays awake.
static enum lat_status
settle_followers(struct sleepers *s)
{
    enum lat_status status = LAT_OK;
    do {
        status = find_all_keepers(s);
        if (!status && wake_feeders(s)) {
            status = LAT_ECYCLE; // as good as one
            continue;
        }
        status = status ? status : lat_sleepers_sort(s);
    } while (status == LAT_ECYCLE);
    return status;
}

// What the plan has of them.

static enum lat_status
keep_keepers(const struct sleepers *s, uint32_t index)
{
    struct lat_compiler *k = s->k;
    struct lat_plan_sleep *to = k->sleep[index];
    const struct keepers *from = &s->of[index];
    struct lat_plan_keeper *all =
        lat_arena_take(k->keep, from->n, sizeof(*all));
    if (!all) {
        return LAT_ENOMEM;
    }
    for (uint32_t i = 0; i < from->n; ++i) {
        all[i] = (struct lat_plan_keeper){
            from->all[i].decider == NONE ? NULL
                                         : k->sleep[from->all[i].decider],
            from->all[i].fade,
        };
    }
    to->keepers = all;
    to->n_keepers = from->n;
    return LAT_OK;
}

static enum lat_status
keep_sleepers(const struct sleepers *s)
{
    struct lat_compiler *k = s->k;
    k->sleep = lat_arena_take(&k->work, k->n_units, sizeof(*k->sleep));
    bool has_memory = k->sleep;
    for (uint32_t n = 0; n < k->n_units && has_memory; ++n) {
        if (s->decides[n] || s->of[n].n) {
            k->sleep[n] = lat_arena_take(k->keep, 1, sizeof(**k->sleep));
            has_memory = k->sleep[n];
            ++k->plan->n_sleeps;
        }
    }
    for (uint32_t n = 0; n < k->n_units && has_memory; ++n) {
        if (k->sleep[n]) {
            k->sleep[n]->decides = s->decides[n];
            has_memory = !keep_keepers(s, n);
        }
    }
    return has_memory ? LAT_OK : LAT_ENOMEM;
}

static enum lat_status
allocate(struct sleepers *s)
{
    struct lat_compiler *k = s->k;
    const size_t n = k->n_units;
    s->decides = lat_arena_take(&k->step, n, 1);
    s->stays = lat_arena_take(&k->step, n, 1);
    s->carries = lat_arena_take(&k->step, n, 1);
    s->of = lat_arena_take(&k->step, n, sizeof(*s->of));
    s->mark = lat_arena_take(&k->step, n, sizeof(*s->mark));
    s->order = lat_arena_take(&k->step, n, sizeof(*s->order));
    k->look = lat_arena_take(&k->work, n, sizeof(*k->look));
    k->look_task = lat_arena_take(&k->work, n, sizeof(*k->look_task));
    return s->decides && s->stays && s->carries && s->of && s->mark &&
                   s->order && k->look && k->look_task
               ? LAT_OK
               : LAT_ENOMEM;
}

static enum lat_status
find_deciders(struct sleepers *s)
{
    struct lat_compiler *k = s->k;
    for (uint32_t n = 0; n < k->n_units; ++n) {
        if (can_decide(k, n)) {
            s->decides[n] = 1;
            k->look[n] = k->n_units + s->n_deciders++;
        }
    }
    // Each fade of a cable may be found once for every decider.
    size_t most = s->n_deciders;
    for (uint32_t r = 0; r < k->n_leads; ++r) {
        most += s->readers[r].fade ? s->n_deciders + (size_t)1 : 0;
        most += 1;
    }
    s->found = lat_arena_take(&k->step, most, sizeof(*s->found));
    return s->found ? LAT_OK : LAT_ENOMEM;
}

enum lat_status
lat_sleep_find(struct lat_compiler *k)
{
    bool any = false;
    for (uint32_t n = 0; n < k->n_units && !any; ++n) {
        any = can_decide(k, n);
    }
    if (!any) {
        return LAT_OK;
    }
    struct sleepers s = {.k = k};
    enum lat_status status = allocate(&s);
    if (!status) {
        memcpy(s.order, lat_dependency_order(k->order),
               k->n_units * sizeof(*s.order));
        status = list_readers(&s);
    }
    status = status ? status : find_deciders(&s);
    status = status ? status : settle_followers(&s);
    status = status ? status : keep_sleepers(&s);
    if (status) {
        lat_dependency_free(s.links);
        return status;
    }
    lat_dependency_free(k->order);
    k->order = s.links;
    return LAT_OK;
}
