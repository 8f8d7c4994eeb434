// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Kinds that ask one kid for each event of another.

#include "asking.h"

#include <string.h>

/// What takers here remember: whose events they take, and for whom.
struct joint {
    struct lat_taker taker;
    const struct lat_pattern *p;
    const struct lat_pattern_node *n;
    const struct lat_stretch *s;
};

static struct joint
joint_of(const struct lat_pattern *p, const struct lat_pattern_node *n,
         const struct lat_stretch *s,
         LAT_RT void (*take)(struct lat_asking *a, const struct lat_taker *self,
                             struct lat_pattern_event *event))
{
    return (struct joint){{take}, p, n, s};
}

/// Ask kid @p i in the node's own time, for the joint itself.
static void
ask_for(struct lat_asking *a, const struct joint *j, uint32_t i,
        struct lat_ratio begin, struct lat_ratio end)
{
    const struct lat_stretch s =
        lat_stretch_to(&j->taker, begin, end, j->s->key);
    lat_visit(a, j->p, lat_pattern_kid(j->p, j->n, i), &s);
}

// --- Speed, and how late -----------------------------------------------------

LAT_RT static void
take_factor(struct lat_asking *a, const struct lat_taker *self,
            struct lat_pattern_event *e)
{
    const struct joint *const j = (const void *)self;
    const struct lat_stretch *const s = j->s;
    bool is_over = false;
    struct lat_ratio by = e->values[0].number;
    if (!e->values[0].is_number || by.n == 0) {
        return; // as a rest
    }
    by = j->n->kind == LAT_PATTERN_SLOW
             ? lat_ratio_div(j->n->number, by, &is_over)
             : lat_ratio_mul(j->n->number, by, &is_over);
    struct lat_stretch inner = *s;
    inner.begin = lat_ratio_mul(e->part_begin, by, &is_over);
    inner.end = lat_ratio_mul(e->part_end, by, &is_over);
    inner.scale = lat_ratio_div(s->scale, by, &is_over);
    if (!lat_is_lost(a, is_over)) {
        lat_visit(a, j->p, lat_pattern_kid(j->p, j->n, 0), &inner);
    }
}

static void
ask_shifted(struct lat_asking *a, const struct joint *j, struct lat_ratio by,
            struct lat_ratio begin, struct lat_ratio end)
{
    bool is_over = false;
    struct lat_stretch inner = *j->s;
    by = lat_ratio_mul(j->n->number, by, &is_over);
    inner.begin = lat_ratio_sub(begin, by, &is_over);
    inner.end = lat_ratio_sub(end, by, &is_over);
    inner.offset = lat_ratio_add(
        inner.offset, lat_ratio_mul(inner.scale, by, &is_over), &is_over);
    if (!lat_is_lost(a, is_over)) {
        lat_visit(a, j->p, lat_pattern_kid(j->p, j->n, 0), &inner);
    }
}

LAT_RT static void
take_shift(struct lat_asking *a, const struct lat_taker *self,
           struct lat_pattern_event *e)
{
    const struct joint *const j = (const void *)self;
    if (e->values[0].is_number) {
        ask_shifted(a, j, e->values[0].number, e->part_begin, e->part_end);
    }
}

LAT_RT void
lat_ask_speed(struct lat_asking *a, const struct lat_pattern *p,
              const struct lat_pattern_node *n, const struct lat_stretch *s)
{
    const struct joint j = joint_of(
        p, n, s, n->kind == LAT_PATTERN_LATE ? take_shift : take_factor);
    if (n->n == 1) { // late by a number alone
        ask_shifted(a, &j, lat_ratio_of(1), s->begin, s->end);
    } else {
        ask_for(a, &j, 1, s->begin, s->end);
    }
}

// --- Rhythms -----------------------------------------------------------------

/// A slot in which what kid 0 has is to sound.
struct slot {
    struct joint joint;
    struct lat_ratio begin, end, part_begin, part_end;
};

LAT_RT static void
take_in_slot(struct lat_asking *a, const struct lat_taker *self,
             struct lat_pattern_event *e)
{
    const struct slot *const slot = (const void *)self;
    if (lat_event_cut(e, slot->part_begin, slot->part_end)) {
        e->begin = slot->begin;
        e->end = slot->end;
        lat_tell(a, slot->joint.s, e);
    }
}

static void
ask_slot(struct lat_asking *a, struct slot *slot)
{
    slot->joint.taker.take = take_in_slot;
    ask_for(a, &slot->joint, 0, slot->part_begin, slot->part_end);
}

/// Reads the arguments of a Euclidean rhythm, one after the other.
struct euclid {
    struct joint joint;
    uint32_t stage;
    int64_t arguments[3]; ///< hits, slots, turn
};

static int64_t
modulo(int64_t a, int64_t n)
{
    const int64_t rest = a % n;
    return rest < 0 ? rest + n : rest;
}

static void
ask_slots_of_cycle(struct lat_asking *a, const struct euclid *u, int64_t cycle,
                   struct lat_ratio begin, struct lat_ratio end)
{
    const int64_t n = u->arguments[1];
    bool is_over = false;
    const struct lat_ratio now = lat_ratio_of(cycle);
    const struct lat_ratio from = lat_ratio_mul(
        lat_ratio_sub(begin, now, &is_over), lat_ratio_of(n), &is_over);
    const struct lat_ratio to = lat_ratio_mul(lat_ratio_sub(end, now, &is_over),
                                              lat_ratio_of(n), &is_over);
    const int64_t last = lat_ratio_ceil(to);
    for (int64_t i = lat_ratio_floor(from); !is_over && i < last; ++i) {
        struct slot slot = {.joint = u->joint};
        const lat_i128 base = (lat_i128)cycle * n;
        slot.begin = lat_ratio_make(base + i, n, &is_over);
        slot.end = lat_ratio_make(base + i + 1, n, &is_over);
        slot.part_begin = lat_ratio_max(slot.begin, begin);
        slot.part_end = lat_ratio_min(slot.end, end);
        if (!is_over && lat_euclid_hits(u->arguments[0], n,
                                        modulo(i - u->arguments[2], n))) {
            ask_slot(a, &slot);
        }
    }
    lat_is_lost(a, is_over);
}

static void
ask_slots(struct lat_asking *a, const struct euclid *u, struct lat_ratio begin,
          struct lat_ratio end)
{
    if (u->arguments[0] == 0 || u->arguments[1] <= 0) {
        return;
    }
    for (int64_t c = lat_ratio_floor(begin);
         lat_ratio_is_below(lat_ratio_of(c), end) && a->patience > 0; ++c) {
        ask_slots_of_cycle(a, u, c, lat_ratio_max(begin, lat_ratio_of(c)),
                           lat_ratio_min(end, lat_ratio_of(c + 1)));
    }
}

LAT_RT static void
take_argument(struct lat_asking *a, const struct lat_taker *self,
              struct lat_pattern_event *e)
{
    struct euclid u = *(const struct euclid *)(const void *)self;
    if (!e->values[0].is_number) {
        return;
    }
    u.arguments[u.stage++] = lat_ratio_floor(e->values[0].number);
    if (u.stage + 1 < u.joint.n->n) {
        ask_for(a, &u.joint, u.stage + 1, e->part_begin, e->part_end);
    } else {
        ask_slots(a, &u, e->part_begin, e->part_end);
    }
}

LAT_RT void
lat_ask_euclid(struct lat_asking *a, const struct lat_pattern *p,
               const struct lat_pattern_node *n, const struct lat_stretch *s)
{
    const struct euclid u = {.joint = joint_of(p, n, s, take_argument)};
    ask_for(a, &u.joint, 1, s->begin, s->end);
}

LAT_RT bool
lat_value_is_true(const struct lat_pattern *p,
                  const struct lat_pattern_value *value)
{
    if (value->is_number) {
        return value->number.n != 0;
    }
    uint32_t length = 0;
    const char *const word = lat_pattern_word(p, value, &length);
    return !word || length != 1 || *word != 'f';
}

LAT_RT static void
take_beat(struct lat_asking *a, const struct lat_taker *self,
          struct lat_pattern_event *e)
{
    const struct joint *const j = (const void *)self;
    if (lat_value_is_true(j->p, &e->values[0])) {
        struct slot slot = {*j, e->begin, e->end, e->part_begin, e->part_end};
        ask_slot(a, &slot);
    }
}

LAT_RT void
lat_ask_struct(struct lat_asking *a, const struct lat_pattern *p,
               const struct lat_pattern_node *n, const struct lat_stretch *s)
{
    const struct joint j = joint_of(p, n, s, take_beat);
    ask_for(a, &j, 1, s->begin, s->end);
}

// --- Values ------------------------------------------------------------------

/// An event of kid 0 that waits for what kid 1 says.
struct waiting {
    struct joint joint;
    const struct lat_pattern_event *event;
};

static void
add_value(struct lat_pattern_event *e, const struct lat_pattern_value *value,
          bool *is_over)
{
    struct lat_pattern_value *const old = &e->values[0];
    if ((old->is_number || old->is_note) && value->is_number) {
        old->number = lat_ratio_add(old->number, value->number, is_over);
        old->word = LAT_PATTERN_NO_WORD;
        old->is_number = true;
    }
}

LAT_RT static void
take_second(struct lat_asking *a, const struct lat_taker *self,
            struct lat_pattern_event *second)
{
    const struct waiting *const w = (const void *)self;
    struct lat_pattern_event e = *w->event;
    bool is_over = false;
    if (!lat_event_cut(&e, second->part_begin, second->part_end)) {
        return;
    }
    const uint32_t kind = w->joint.n->kind;
    if (kind == LAT_PATTERN_ADD) {
        add_value(&e, &second->values[0], &is_over);
    } else if (kind == LAT_PATTERN_MASK) {
        if (!lat_value_is_true(w->joint.p, &second->values[0])) {
            return;
        }
    } else if (e.n_values < LAT_PATTERN_VALUES) {
        e.values[e.n_values++] = second->values[0];
    }
    if (!lat_is_lost(a, is_over)) {
        lat_tell(a, w->joint.s, &e);
    }
}

LAT_RT static void
take_first(struct lat_asking *a, const struct lat_taker *self,
           struct lat_pattern_event *e)
{
    const struct joint *const j = (const void *)self;
    const struct waiting w = {joint_of(j->p, j->n, j->s, take_second), e};
    ask_for(a, &w.joint, 1, e->part_begin, e->part_end);
}

LAT_RT void
lat_ask_pair(struct lat_asking *a, const struct lat_pattern *p,
             const struct lat_pattern_node *n, const struct lat_stretch *s)
{
    const struct joint j = joint_of(p, n, s, take_first);
    ask_for(a, &j, 0, s->begin, s->end);
}

LAT_RT void
lat_ask_mask(struct lat_asking *a, const struct lat_pattern *p,
             const struct lat_pattern_node *n, const struct lat_stretch *s)
{
    lat_ask_pair(a, p, n, s);
}

// --- Ranges ------------------------------------------------------------------

/// An event whose cycle is put where the event of the first number is.
struct range {
    struct joint joint;
    struct slot into;         ///< that event
    struct lat_ratio from;    ///< its number
    struct lat_stretch place; ///< how it lies there
};

LAT_RT static void
take_of_range(struct lat_asking *a, const struct lat_taker *self,
              struct lat_pattern_event *e)
{
    const struct slot *const slot = (const void *)self;
    e->begin = lat_ratio_max(e->begin, slot->begin);
    e->end = lat_ratio_min(e->end, slot->end);
    if (lat_event_cut(e, slot->part_begin, slot->part_end)) {
        lat_tell(a, slot->joint.s, e);
    }
}

/// Number @p i of @p n in cycle @p cycle, of a range up to the number @p to.
static void
tell_number(struct lat_asking *a, const struct range *r,
            const struct lat_pattern_event *to, int64_t cycle, int64_t i,
            int64_t n)
{
    bool is_over = false;
    struct lat_pattern_event e = *to;
    const lat_i128 base = (lat_i128)cycle * n;
    const struct lat_ratio begin = lat_ratio_make(base + i, n, &is_over);
    const struct lat_ratio end = lat_ratio_make(base + i + 1, n, &is_over);
    const bool goes_up = lat_ratio_is_below(r->from, to->values[0].number);
    e.begin = lat_ratio_max(begin, to->begin);
    e.end = lat_ratio_min(end, to->end);
    e.key = lat_draw(to->key, (uint64_t)i);
    e.n_values = 1;
    e.values[0] = (struct lat_pattern_value){
        .word = LAT_PATTERN_NO_WORD,
        .is_number = true,
        .number =
            lat_ratio_add(r->from, lat_ratio_of(goes_up ? i : -i), &is_over),
    };
    if (!lat_is_lost(a, is_over) && lat_event_cut(&e, begin, end)) {
        lat_tell(a, &r->place, &e);
    }
}

LAT_RT static void
take_to(struct lat_asking *a, const struct lat_taker *self,
        struct lat_pattern_event *to)
{
    const struct range *const r = (const void *)self;
    bool is_over = false;
    const struct lat_ratio way =
        lat_ratio_sub(to->values[0].number, r->from, &is_over);
    if (lat_is_lost(a, is_over) || !to->values[0].is_number) {
        return;
    }
    const int64_t n =
        lat_ratio_floor((struct lat_ratio){way.n < 0 ? -way.n : way.n, way.d}) +
        1;
    for (int64_t c = lat_ratio_floor(to->part_begin);
         lat_ratio_is_below(lat_ratio_of(c), to->part_end) && a->patience > 0;
         ++c) {
        for (int64_t i = 0; i < n && a->patience-- > 0; ++i) {
            tell_number(a, r, to, c, i, n);
        }
    }
}

LAT_RT static void
take_from(struct lat_asking *a, const struct lat_taker *self,
          struct lat_pattern_event *e)
{
    const struct joint *const j = (const void *)self;
    if (!e->values[0].is_number) {
        return;
    }
    bool is_over = false;
    const struct lat_ratio cycle = lat_ratio_of(lat_ratio_floor(e->begin));
    const struct lat_ratio length = lat_ratio_sub(e->end, e->begin, &is_over);
    struct range r = {
        .joint = joint_of(j->p, j->n, j->s, take_to),
        .into = {joint_of(j->p, j->n, j->s, take_of_range), e->begin, e->end,
                 e->part_begin, e->part_end},
        .from = e->values[0].number,
    };
    r.place = lat_stretch_to(&r.into.joint.taker, cycle, cycle, j->s->key);
    r.place.scale = length;
    r.place.offset = lat_ratio_sub(
        e->begin, lat_ratio_mul(cycle, length, &is_over), &is_over);
    const struct lat_ratio begin =
        lat_ratio_div(lat_ratio_sub(e->part_begin, r.place.offset, &is_over),
                      length, &is_over);
    const struct lat_ratio end = lat_ratio_div(
        lat_ratio_sub(e->part_end, r.place.offset, &is_over), length, &is_over);
    if (!lat_is_lost(a, is_over)) {
        ask_for(a, &r.joint, 1, begin, end);
    }
}

LAT_RT void
lat_ask_range(struct lat_asking *a, const struct lat_pattern *p,
              const struct lat_pattern_node *n, const struct lat_stretch *s)
{
    const struct joint j = joint_of(p, n, s, take_from);
    ask_for(a, &j, 0, s->begin, s->end);
}
