// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Three ways: what neither has touched is as it was, what one of them has
// touched is as it left it, and what both have touched does not fit.  Units and
// leads are known again by their keys (side.h).  Lists (units; the leads into
// an input) keep their order in all three, so two of them are woven in one
// walk.

#include "merge.h"
#include "side.h"

#include <string.h>

/// One of a list that is woven: where it is, or LAT_NOWHERE.
struct pick {
    uint32_t then, after;
};

struct merge {
    struct lat_side then, before, after;
    struct lat_flat *out;
    struct lat_arena work;
    bool fits;
    struct pick *units;           ///< of `out`
    uint32_t *of_then, *of_after; ///< numbers in `out`, by number of a unit
    struct pick *picks[3];        ///< scratch: two lists, and what they come to
};

// Who says what comes of one that is there.

enum fate {
    FATE_STAYS,
    FATE_CHANGES, ///< to what it is after
    FATE_GOES,
};

typedef uint32_t (*compare_fn)(const struct lat_side *x, uint32_t i,
                               const struct lat_side *y, uint32_t k);

/// @param before, after  where it is there, or LAT_NOWHERE.
static enum fate
fate_of(struct merge *m, compare_fn compare, uint32_t then, uint32_t before,
        uint32_t after)
{
    const uint32_t changed =
        before == LAT_NOWHERE  ? 0U
        : after == LAT_NOWHERE ? LAT_PART_ALL
                               : compare(&m->before, before, &m->after, after);
    if (!changed) {
        return FATE_STAYS;
    }
    // Where it is made what it is already, both agree.
    const uint32_t differs = after == LAT_NOWHERE
                                 ? LAT_PART_ALL
                                 : compare(&m->then, then, &m->after, after);
    const uint32_t later = compare(&m->then, then, &m->before, before);
    m->fits = m->fits && !(changed & differs & later);
    return after == LAT_NOWHERE ? FATE_GOES : FATE_CHANGES;
}

static enum fate
fate_of_lead(struct merge *m, uint32_t then)
{
    const uint64_t key = m->then.flat->leads[then].key;
    return fate_of(m, lat_side_compare_leads, then,
                   lat_side_lead(&m->before, key),
                   lat_side_lead(&m->after, key));
}

static enum fate
fate_of_unit(struct merge *m, uint32_t then)
{
    const uint64_t key = m->then.flat->units[then].key;
    return fate_of(m, lat_side_compare_units, then,
                   lat_side_unit(&m->before, key),
                   lat_side_unit(&m->after, key));
}

/// What was changed, or has gone, has to be there.
static void
check_there(struct merge *m)
{
    for (uint32_t i = 0; i < m->before.flat->n_units; ++i) {
        const uint64_t key = m->before.flat->units[i].key;
        const uint32_t after = lat_side_unit(&m->after, key);
        if (lat_side_unit(&m->then, key) == LAT_NOWHERE &&
            (after == LAT_NOWHERE ||
             lat_side_compare_units(&m->before, i, &m->after, after))) {
            m->fits = false;
        }
    }
    for (uint32_t i = 0; i < m->before.flat->n_leads; ++i) {
        const uint64_t key = m->before.flat->leads[i].key;
        const uint32_t after = lat_side_lead(&m->after, key);
        if (lat_side_lead(&m->then, key) == LAT_NOWHERE &&
            (after == LAT_NOWHERE ||
             lat_side_compare_leads(&m->before, i, &m->after, after))) {
            m->fits = false;
        }
    }
}

static bool
dies_now(struct merge *m, uint64_t key)
{
    const uint32_t then = lat_side_unit(&m->then, key);
    const uint32_t after = lat_side_unit(&m->after, key);
    return fate_of_unit(m, then) != FATE_STAYS &&
           (after == LAT_NOWHERE || m->after.flat->units[after].is_dying);
}

/// What goes later is heard until then, and so has to be what it leads from
/// and where to.
static void
check_ends(struct merge *m)
{
    for (uint32_t i = 0; i < m->then.flat->n_leads; ++i) {
        const struct lat_wire w = lat_side_wire(&m->then, i);
        const uint32_t before =
            lat_side_lead(&m->before, m->then.flat->leads[i].key);
        const bool goes_later =
            !w.is_dying && (before == LAT_NOWHERE ||
                            lat_side_wire(&m->before, before).is_dying);
        m->fits = m->fits &&
                  !(goes_later && (dies_now(m, w.src) || dies_now(m, w.dst)));
    }
}

/// Weave what stays of a list (`picks[0]`) with what is there after
/// (`picks[1]`): those that are in both, and those that come.
/// @return how many there are in `picks[2]`.
static uint32_t
weave(struct merge *m, uint32_t n_then, uint32_t n_after)
{
    const struct pick *then = m->picks[0];
    const struct pick *after = m->picks[1];
    struct pick *out = m->picks[2];
    uint32_t n = 0;
    uint32_t at = 0;
    for (uint32_t i = 0; i < n_after; ++i) {
        if (after[i].then == LAT_NOWHERE) {
            out[n++] = after[i];
            continue;
        }
        while (at < n_then && then[at].then != after[i].then) {
            out[n++] = then[at++];
        }
        if (at < n_then) {
            out[n++] = then[at++];
        }
    }
    while (at < n_then) {
        out[n++] = then[at++];
    }
    return n;
}

// Units.

/// Of the live, or of the dying, those that are so in the end.
static uint32_t
weave_units(struct merge *m, bool is_dying)
{
    const struct lat_flat *then = m->then.flat;
    const struct lat_flat *after = m->after.flat;
    uint32_t n_then = 0;
    uint32_t n_after = 0;
    for (uint32_t i = 0; i < then->n_units; ++i) {
        const enum fate fate = fate_of_unit(m, i);
        const uint32_t a = lat_side_unit(&m->after, then->units[i].key);
        if (fate != FATE_GOES && then->units[i].is_dying == is_dying &&
            (fate == FATE_STAYS || after->units[a].is_dying == is_dying)) {
            m->picks[0][n_then++] = (struct pick){i, a};
        }
    }
    for (uint32_t i = 0; i < after->n_units; ++i) {
        const uint64_t key = after->units[i].key;
        const uint32_t t = lat_side_unit(&m->then, key);
        const bool was_there = lat_side_unit(&m->before, key) != LAT_NOWHERE;
        if (t == LAT_NOWHERE && !was_there &&
            after->units[i].is_dying == is_dying) {
            m->picks[1][n_after++] = (struct pick){LAT_NOWHERE, i};
        } else if (t != LAT_NOWHERE) {
            const bool changes = fate_of_unit(m, t) == FATE_CHANGES;
            const bool is =
                changes ? after->units[i].is_dying : then->units[t].is_dying;
            if (is == is_dying) {
                m->picks[1][n_after++] = (struct pick){
                    then->units[t].is_dying == is ? t : LAT_NOWHERE, i};
            }
        }
    }
    return weave(m, n_then, n_after);
}

/// A unit that is there before, and changed now; of which other parts are
/// changed later.
static struct lat_flat_unit
changed_unit(const struct merge *m, uint32_t then, uint32_t after)
{
    struct lat_flat_unit unit = m->after.flat->units[after];
    const struct lat_flat_unit *old = &m->then.flat->units[then];
    const uint32_t later = lat_side_compare_units(
        &m->then, then, &m->before, lat_side_unit(&m->before, unit.key));
    unit.config = later & LAT_PART_CONFIG ? old->config : unit.config;
    unit.bypass = later & LAT_PART_BYPASS ? old->bypass : unit.bypass;
    unit.may_sleep = later & LAT_PART_SLEEP ? old->may_sleep : unit.may_sleep;
    return unit;
}

static void
add_units(struct merge *m, bool is_dying)
{
    struct lat_flat *out = m->out;
    const uint32_t n = weave_units(m, is_dying);
    for (uint32_t i = 0; i < n; ++i) {
        struct pick pick = m->picks[2][i];
        if (pick.then == LAT_NOWHERE) { // it may be one that dies now
            pick.then =
                lat_side_unit(&m->then, m->after.flat->units[pick.after].key);
        }
        struct lat_flat_unit *unit = &out->units[out->n_units];
        *unit = pick.then == LAT_NOWHERE ? m->after.flat->units[pick.after]
                : fate_of_unit(m, pick.then) == FATE_STAYS
                    ? m->then.flat->units[pick.then]
                    : changed_unit(m, pick.then, pick.after);
        unit->first_output = out->n_outputs;
        out->n_outputs += unit->inst->n_out;
        out->n_inputs += unit->inst->n_in;
        if (pick.then != LAT_NOWHERE) {
            m->of_then[pick.then] = out->n_units;
        }
        if (pick.after != LAT_NOWHERE) {
            m->of_after[pick.after] = out->n_units;
        }
        m->units[out->n_units++] = pick;
    }
    out->n_live = is_dying ? out->n_live : n;
    out->units[out->n_units].first_output = out->n_outputs;
}

// Leads.

/// The same instance in @p then as in @p before?  Else what is sent to the one
/// is not heard in the other.
static bool
is_settled(const struct merge *m, uint64_t key)
{
    const uint32_t then = lat_side_unit(&m->then, key);
    const uint32_t before = lat_side_unit(&m->before, key);
    return then == LAT_NOWHERE || before == LAT_NOWHERE ||
           m->then.flat->units[then].inst == m->before.flat->units[before].inst;
}

static void
add_lead(struct merge *m, struct pick pick)
{
    const bool is_then =
        pick.then != LAT_NOWHERE && fate_of_lead(m, pick.then) == FATE_STAYS;
    const struct lat_side *side = is_then ? &m->then : &m->after;
    const uint32_t *number = is_then ? m->of_then : m->of_after;
    const uint32_t i = is_then ? pick.then : pick.after;
    struct lat_flat_lead lead = side->flat->leads[i];
    const struct lat_flat_unit *old = &side->flat->units[lead.source];
    const uint32_t source = number[lead.source];
    if (source == LAT_NOWHERE ||
        m->out->units[source].inst->layout != old->inst->layout) {
        m->fits = false;
        return;
    }
    lead.output =
        (lead.output - old->first_output + m->out->units[source].first_output) &
        (UINT32_MAX >> 1U);
    lead.source = source;
    m->out->leads[m->out->n_leads++] = lead;
}

/// An input in the three, or NULL.
struct input {
    const struct lat_flat_patch *then, *before, *after;
    bool is_signal;
    bool is_new; ///< it may have other ports than it had
};

static bool
is_lead_dying(struct merge *m, uint32_t then)
{
    const uint32_t after =
        lat_side_lead(&m->after, m->then.flat->leads[then].key);
    return fate_of_lead(m, then) == FATE_CHANGES
               ? lat_side_wire(&m->after, after).is_dying
               : lat_side_wire(&m->then, then).is_dying;
}

static uint32_t
pick_then(struct merge *m, const struct lat_flat_patch *p, bool is_dying)
{
    uint32_t n = 0;
    const uint32_t first = p ? p->first + (is_dying ? p->n_live : 0) : 0;
    const uint32_t end = p ? first + (is_dying ? p->n_dying : p->n_live) : 0;
    for (uint32_t i = first; i < end; ++i) {
        if (fate_of_lead(m, i) != FATE_GOES &&
            is_lead_dying(m, i) == is_dying) {
            m->picks[0][n++] = (struct pick){
                i, lat_side_lead(&m->after, m->then.flat->leads[i].key)};
        }
    }
    return n;
}

/// @param[out] comes  is any of them new?
static uint32_t
pick_after(struct merge *m, const struct input *in, bool is_dying, bool *comes)
{
    uint32_t n = 0;
    const struct lat_flat_patch *p = in->after;
    for (uint32_t k = 0; p && k < p->n_live + p->n_dying; ++k) {
        const uint32_t i = p->first + k;
        const uint64_t key = m->after.flat->leads[i].key;
        const uint32_t t = lat_side_lead(&m->then, key);
        if (t == LAT_NOWHERE) {
            const struct lat_wire w = lat_side_wire(&m->after, i);
            if (lat_side_lead(&m->before, key) == LAT_NOWHERE &&
                w.is_dying == is_dying) {
                *comes = true;
                m->fits = m->fits && is_settled(m, w.src);
                m->picks[1][n++] = (struct pick){LAT_NOWHERE, i};
            }
        } else if (is_lead_dying(m, t) == is_dying) {
            const bool was = lat_side_wire(&m->then, t).is_dying;
            *comes = *comes || was != is_dying;
            // In its own list it is found by what it was.
            m->picks[1][n++] = (struct pick){
                was == is_dying && !in->is_new ? t : LAT_NOWHERE, i};
        }
    }
    return n;
}

/// A cable that is there until later would be there twice.
static void
check_doubles(struct merge *m, uint32_t n)
{
    for (uint32_t i = 0; i < n; ++i) {
        if (m->picks[2][i].then != LAT_NOWHERE) {
            continue;
        }
        const struct lat_wire x =
            lat_side_wire(&m->after, m->picks[2][i].after);
        for (uint32_t k = 0; k < n; ++k) {
            if (m->picks[2][k].then != LAT_NOWHERE) {
                const struct lat_wire y =
                    lat_side_wire(&m->then, m->picks[2][k].then);
                m->fits = m->fits && !(x.src == y.src && x.output == y.output);
            }
        }
    }
}

static void
add_leads(struct merge *m, const struct input *in, uint32_t port, uint64_t key)
{
    struct lat_flat *out = m->out;
    struct lat_flat_patch *patch = &out->patches[out->n_patches];
    const struct lat_flat_patch *there = in->after ? in->after : in->then;
    bool comes = false;
    *patch = (struct lat_flat_patch){
        .port = port, .first = out->n_leads, .is_event = there->is_event};
    for (int is_dying = 0; is_dying < 2; ++is_dying) {
        const uint32_t n_then =
            pick_then(m, in->is_new ? NULL : in->then, is_dying);
        const uint32_t n =
            weave(m, n_then, pick_after(m, in, is_dying, &comes));
        if (comes && !is_dying) {
            check_doubles(m, n);
        }
        for (uint32_t i = 0; i < n; ++i) {
            struct pick pick = m->picks[2][i];
            if (pick.then == LAT_NOWHERE) {
                pick.then = lat_side_lead(&m->then,
                                          m->after.flat->leads[pick.after].key);
            }
            add_lead(m, pick);
        }
        *(is_dying ? &patch->n_dying : &patch->n_live) = n;
    }
    const uint32_t n_then = in->then ? in->then->n_live : 0;
    const uint32_t n_before = in->before ? in->before->n_live : 0;
    const uint32_t n_after = in->after ? in->after->n_live : 0;
    comes = comes || n_before != n_after || in->is_new;
    // What its own value comes to is told once, for now and for later.
    if (comes && in->is_signal &&
        ((patch->n_live > 0) != (n_after > 0) ||
         (!in->is_new && (n_then > 0) != (n_before > 0)))) {
        m->fits = false;
    }
    m->fits = m->fits && (!comes || in->is_new || is_settled(m, key));
    out->n_patches += patch->n_live || patch->n_dying;
}

static void
check_known(struct merge *m, const struct lat_side *s,
            const struct lat_flat_patch *p)
{
    for (uint32_t k = 0; k < p->n_live + p->n_dying; ++k) {
        const uint64_t key = s->flat->leads[p->first + k].key;
        m->fits = m->fits && lat_side_lead(&m->before, key) != LAT_NOWHERE;
    }
}

/// Leads into one that has got other ports: what only waits to go knows none.
static void
check_ports(struct merge *m, uint32_t then)
{
    const struct lat_flat_patch *end = NULL;
    for (const struct lat_flat_patch *p =
             lat_side_patches(&m->then, then, &end);
         p < end; ++p) {
        check_known(m, &m->then, p);
    }
}

static void
add_patches(struct merge *m, uint32_t number)
{
    const struct pick pick = m->units[number];
    struct lat_flat_unit *unit = &m->out->units[number];
    const uint32_t before = lat_side_unit(&m->before, unit->key);
    const bool is_new =
        pick.after != LAT_NOWHERE &&
        (before == LAT_NOWHERE || m->before.flat->units[before].inst !=
                                      m->after.flat->units[pick.after].inst);
    const struct lat_flat_patch *then_end = NULL;
    const struct lat_flat_patch *after_end = NULL;
    const struct lat_flat_patch *t =
        lat_side_patches(&m->then, pick.then, &then_end);
    const struct lat_flat_patch *a =
        lat_side_patches(&m->after, pick.after, &after_end);
    unit->first_patch = m->out->n_patches;
    if (is_new && pick.then != LAT_NOWHERE) {
        check_ports(m, pick.then);
        t = then_end;
    }
    while (t < then_end || a < after_end) {
        const uint32_t port = t == then_end                         ? a->port
                              : a == after_end || t->port < a->port ? t->port
                                                                    : a->port;
        if (port >= unit->inst->n_in) { // it has such ports only later
            check_known(m, &m->after, a++);
            continue;
        }
        const struct input in = {
            .then = t < then_end && t->port == port ? t : NULL,
            .before = lat_side_patch(&m->before, before, port),
            .after = a < after_end && a->port == port ? a : NULL,
            .is_signal =
                unit->inst->layout->in[port].port->kind == LAT_PORT_SIGNAL,
            .is_new = is_new,
        };
        add_leads(m, &in, port, unit->key);
        t += in.then != NULL;
        a += in.after != NULL;
    }
}

static uint32_t *
no_numbers(struct lat_arena *work, uint32_t n)
{
    uint32_t *numbers = lat_arena_take(work, n, sizeof(*numbers));
    if (numbers) {
        memset(numbers, 0xFF, n * sizeof(*numbers));
    }
    return numbers;
}

static enum lat_status
make_room(struct merge *m)
{
    const struct lat_flat *then = m->then.flat;
    const struct lat_flat *after = m->after.flat;
    struct lat_flat *out = m->out;
    const uint32_t n_units = then->n_units + after->n_units;
    const uint32_t n_leads = then->n_leads + after->n_leads;
    const uint32_t n = n_units > n_leads ? n_units : n_leads;
    out->units =
        lat_arena_take(&out->arena, n_units + (size_t)1, sizeof(*out->units));
    out->patches =
        lat_arena_take(&out->arena, then->n_patches + after->n_patches + 1,
                       sizeof(*out->patches));
    out->leads = lat_arena_take(&out->arena, n_leads, sizeof(*out->leads));
    m->units = lat_arena_take(&m->work, n_units, sizeof(*m->units));
    m->of_then = no_numbers(&m->work, then->n_units);
    m->of_after = no_numbers(&m->work, after->n_units);
    for (int i = 0; i < 3; ++i) {
        m->picks[i] = lat_arena_take(&m->work, n, sizeof(struct pick));
    }
    return out->units && out->patches && out->leads && m->units && m->of_then &&
                   m->of_after && m->picks[0] && m->picks[1] && m->picks[2]
               ? LAT_OK
               : LAT_ENOMEM;
}

enum lat_status
lat_flat_merge(const struct lat_flat *then, const struct lat_flat *before,
               const struct lat_flat *after, struct lat_flat *out, bool *fits)
{
    struct merge m = {.out = out, .fits = true};
    *out = (struct lat_flat){0};
    enum lat_status status = lat_side_read(&m.work, then, &m.then);
    status = status ? status : lat_side_read(&m.work, before, &m.before);
    status = status ? status : lat_side_read(&m.work, after, &m.after);
    status = status ? status : make_room(&m);
    if (!status) {
        check_there(&m);
        check_ends(&m);
    }
    if (!status && m.fits) {
        add_units(&m, false);
        add_units(&m, true);
    }
    for (uint32_t i = 0; !status && m.fits && i < out->n_units; ++i) {
        add_patches(&m, i);
    }
    if (!status && m.fits) {
        out->units[out->n_units].first_patch = out->n_patches;
    }
    lat_arena_free(&m.work);
    *fits = m.fits;
    return status;
}
