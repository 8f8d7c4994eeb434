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

#include "compiler.h"

#include <string.h>

#define NONE UINT32_MAX

/// What keeps a unit awake, by number.
struct keeper {
    uint32_t decider; ///< or NONE
    const struct lat_ramp *fade;
};

struct keepers {
    uint32_t n;
    struct keeper *all;
};

/// A cable, from its source.
struct reader {
    uint32_t unit;
    bool is_ring;
    const struct lat_ramp *fade; ///< of one that goes
};

struct sleepers {
    struct lat_compiler *k;
    uint32_t n_deciders;
    uint8_t *decides; ///< by unit
    uint8_t *stays;   ///< by unit: it follows nobody
    uint8_t *carries; ///< by unit: what is awake comes through it
    uint32_t *first;  ///< by unit: its readers
    struct reader *readers;
    struct keepers *of;   ///< by unit
    struct keeper *found; ///< while they are collected
    uint32_t n_found;
    uint32_t *mark;  ///< by decider: the last that has found it
    uint32_t *order; ///< units, sources first
    struct lat_dependency *links;
};

static bool
is_amplitude_input(const struct lat_node_type *type, uint32_t port)
{
    return type->amplitude == LAT_AMPLITUDE_GAIN       ? port == 1 || port == 2
           : type->amplitude == LAT_AMPLITUDE_ENVELOPE ? port == 0
                                                       : false;
}

static uint32_t
n_cables(const struct lat_flat_patch *p)
{
    return p->n_live + p->n_dying;
}

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

static bool
is_follower(const struct sleepers *s, uint32_t index)
{
    return !s->decides[index] && s->of[index].n;
}

/// Does it sleep with this decider, and nobody else?
static bool
is_alone_with(const struct sleepers *s, uint32_t index, uint32_t decider)
{
    return is_follower(s, index) && s->of[index].n == 1 &&
           s->of[index].all[0].decider == decider;
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

// Order.

/// The links of a graph from which what is on no way between two circles is
/// taken away step by step.
struct circles {
    uint32_t n, n_links;
    const uint32_t *from, *to;
    uint32_t *first, *next; ///< links by `from`
    uint32_t *pending;      ///< by vertex: links that lead to it
    uint32_t *ready;
    uint8_t *is_gone;
};

static void
trim(struct circles *c, const uint32_t *from, const uint32_t *to)
{
    memset(c->first, 0xff, c->n * sizeof(*c->first));
    memset(c->pending, 0, c->n * sizeof(*c->pending));
    for (uint32_t l = 0; l < c->n_links; ++l) {
        if (!c->is_gone[from[l]] && !c->is_gone[to[l]]) {
            c->next[l] = c->first[from[l]];
            c->first[from[l]] = l;
            ++c->pending[to[l]];
        }
    }
    uint32_t n = 0;
    for (uint32_t v = 0; v < c->n; ++v) {
        if (!c->is_gone[v] && !c->pending[v]) {
            c->ready[n++] = v;
        }
    }
    for (uint32_t i = 0; i < n; ++i) {
        c->is_gone[c->ready[i]] = 1;
        for (uint32_t l = c->first[c->ready[i]]; l != NONE; l = c->next[l]) {
            if (!--c->pending[to[l]]) {
                c->ready[n++] = to[l];
            }
        }
    }
}

struct links {
    uint32_t n, capacity;
    uint32_t *from, *to;
};

static void
add_link(struct links *l, uint32_t from, uint32_t to)
{
    if (l->from) {
        l->from[l->n] = from;
        l->to[l->n] = to;
    }
    ++l->n;
}

static void
link_inputs(const struct sleepers *s, struct links *l, uint32_t n)
{
    const struct lat_compiler *k = s->k;
    const struct lat_flat_patch *end = NULL;
    for (const struct lat_flat_patch *p = lat_compiler_patches(k, n, &end);
         p < end; ++p) {
        const bool is_seen =
            s->decides[n] && is_amplitude_input(k->units[n].type, p->port);
        for (uint32_t c = p->first; c < p->first + n_cables(p); ++c) {
            if (k->leads[c].is_ring) {
                continue;
            }
            add_link(l, k->leads[c].source, n);
            if (is_seen && !is_alone_with(s, k->leads[c].source, n)) {
                add_link(l, k->leads[c].source, k->look[n]);
            }
        }
    }
}

// Called twice: to count them, and to write them.
static void
link_all(const struct sleepers *s, struct links *l)
{
    const struct lat_compiler *k = s->k;
    l->n = 0;
    for (uint32_t n = 0; n < k->n_units; ++n) {
        link_inputs(s, l, n);
        const uint32_t at = s->decides[n] ? k->look[n] : n;
        for (uint32_t i = 0; i < s->of[n].n; ++i) {
            if (s->of[n].all[i].decider != NONE) {
                add_link(l, k->look[s->of[n].all[i].decider], at);
            }
        }
        if (s->decides[n]) {
            add_link(l, k->look[n], n);
        }
    }
}

static enum lat_status
list_links(struct sleepers *s, struct links *l)
{
    *l = (struct links){0};
    link_all(s, l);
    l->from = lat_arena_take(&s->k->step, l->n, sizeof(*l->from));
    l->to = lat_arena_take(&s->k->step, l->n, sizeof(*l->to));
    if (!l->from || !l->to) {
        return LAT_ENOMEM;
    }
    link_all(s, l);
    return LAT_OK;
}

static enum lat_status
sort(struct sleepers *s, const struct links *l)
{
    const uint32_t n = s->k->n_units + s->n_deciders;
    lat_dependency_free(s->links);
    s->links = NULL;
    enum lat_status status = lat_dependency_new(n, l->n, &s->links);
    for (uint32_t i = 0; !status && i < l->n; ++i) {
        status = lat_dependency_link(s->links, l->from[i], l->to[i]);
    }
    return status ? status : lat_dependency_sort(s->links);
}

// No circle is without a follower: sources alone make none.
static enum lat_status
wake_circles(struct sleepers *s, const struct links *l)
{
    const size_t n = (size_t)s->k->n_units + s->n_deciders;
    struct lat_arena *work = &s->k->step;
    struct circles c = {
        .n = (uint32_t)n,
        .n_links = l->n,
        .first = lat_arena_take(work, n, sizeof(uint32_t)),
        .next = lat_arena_take(work, l->n, sizeof(uint32_t)),
        .pending = lat_arena_take(work, n, sizeof(uint32_t)),
        .ready = lat_arena_take(work, n, sizeof(uint32_t)),
        .is_gone = lat_arena_take(work, n, 1),
    };
    if (!c.first || !c.next || !c.pending || !c.ready || !c.is_gone) {
        return LAT_ENOMEM;
    }
    trim(&c, l->from, l->to);
    trim(&c, l->to, l->from);
    for (uint32_t u = 0; u < s->k->n_units; ++u) {
        const uint32_t at = s->decides[u] ? s->k->look[u] : u;
        if (!c.is_gone[at] && s->of[u].n) {
            s->stays[u] = 1;
        }
    }
    return LAT_OK;
}

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
        struct links l;
        status = status ? status : list_links(s, &l);
        status = status ? status : sort(s, &l);
        if (status == LAT_ECYCLE && wake_circles(s, &l)) {
            return LAT_ENOMEM;
        }
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

static enum lat_status
add_look(struct lat_compiler *k, struct lat_plan_node *const *nodes, uint32_t n,
         uint32_t (*add)(struct lat_compiler *k,
                         const struct lat_plan_look *look))
{
    struct lat_plan_look *look = lat_arena_take(k->keep, 1, sizeof(*look));
    struct lat_plan_sleep **sleeps =
        lat_arena_take(k->keep, n, sizeof(struct lat_plan_sleep *));
    if (!look || !sleeps) {
        return LAT_ENOMEM;
    }
    *look = (struct lat_plan_look){n, sleeps};
    const uint32_t task = add(k, look);
    for (uint32_t i = 0; i < n; ++i) {
        sleeps[i] = nodes[i]->sleep;
        k->look_task[lat_compiler_index(k, nodes[i])] = task;
    }
    return LAT_OK;
}

enum lat_status
lat_sleep_add_looks(struct lat_compiler *k,
                    uint32_t (*add)(struct lat_compiler *k,
                                    const struct lat_plan_look *look))
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
            status = add_look(k, &pn, 1, add);
        } else if (!k->lane[index]) {
            status = add_look(k, g->members, g->n, add);
        }
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
        inst->sleep_role = role;
    }
    return LAT_OK;
}
