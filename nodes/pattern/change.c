// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What transforms do to time, events and values.

#include "asking.h"

struct changing {
    struct lat_taker taker;
    const struct lat_pattern *p;
    const struct lat_pattern_node *n;
    const struct lat_stretch *s;
    int64_t times; ///< PLY
};

/// Ask kid @p i in the node's own time, for @p c itself.
static void
ask_for(struct lat_asking *a, const struct changing *c, uint32_t i,
        struct lat_ratio begin, struct lat_ratio end)
{
    const struct lat_stretch s =
        lat_stretch_to(&c->taker, begin, end, c->s->key);
    lat_visit(a, c->p, lat_pattern_kid(c->p, c->n, i), &s);
}

// --- Cycle by cycle ----------------------------------------------------------

typedef LAT_RT void (*cycle_fn)(struct lat_asking *a,
                                const struct lat_pattern *p,
                                const struct lat_pattern_node *n,
                                const struct lat_stretch *piece, int64_t cycle);

static void
by_cycle(struct lat_asking *a, const struct lat_pattern *p,
         const struct lat_pattern_node *n, const struct lat_stretch *s,
         cycle_fn each)
{
    struct lat_stretch piece = *s;
    for (int64_t c = lat_ratio_floor(s->begin);
         lat_ratio_is_below(lat_ratio_of(c), s->end) && a->patience > 0; ++c) {
        piece.begin = lat_ratio_max(s->begin, lat_ratio_of(c));
        piece.end = lat_ratio_min(s->end, lat_ratio_of(c + 1));
        each(a, p, n, &piece, c);
    }
}

static int64_t
turn_of(int64_t cycle, int64_t n)
{
    const int64_t rest = cycle % n;
    return rest < 0 ? rest + n : rest;
}

LAT_RT static void
reverse(struct lat_asking *a, const struct lat_pattern *p,
        const struct lat_pattern_node *n, const struct lat_stretch *s,
        int64_t cycle)
{
    bool is_over = false;
    const struct lat_ratio around =
        lat_ratio_make((lat_i128)cycle * 2 + 1, 1, &is_over);
    struct lat_stretch inner = *s;
    inner.begin = lat_ratio_sub(around, s->end, &is_over);
    inner.end = lat_ratio_sub(around, s->begin, &is_over);
    inner.scale.n = -s->scale.n;
    inner.offset = lat_ratio_add(
        s->offset, lat_ratio_mul(s->scale, around, &is_over), &is_over);
    if (!lat_is_lost(a, is_over)) {
        lat_visit(a, p, lat_pattern_kid(p, n, 0), &inner);
    }
}

LAT_RT void
lat_ask_rev(struct lat_asking *a, const struct lat_pattern *p,
            const struct lat_pattern_node *n, const struct lat_stretch *s)
{
    by_cycle(a, p, n, s, reverse);
}

LAT_RT static void
take_turns(struct lat_asking *a, const struct lat_pattern *p,
           const struct lat_pattern_node *n, const struct lat_stretch *s,
           int64_t cycle)
{
    const bool is_turn = turn_of(cycle, n->number.n) == n->second.n;
    lat_visit(a, p, lat_pattern_kid(p, n, is_turn ? 0 : 1), s);
}

LAT_RT void
lat_ask_every(struct lat_asking *a, const struct lat_pattern *p,
              const struct lat_pattern_node *n, const struct lat_stretch *s)
{
    by_cycle(a, p, n, s, take_turns);
}

/// Every cycle begins a part further into the one that it shows; that is the
/// next one when all parts had their turn.
LAT_RT static void
rotate(struct lat_asking *a, const struct lat_pattern *p,
       const struct lat_pattern_node *n, const struct lat_stretch *s,
       int64_t cycle)
{
    const int64_t parts = n->number.n;
    const int64_t turn = turn_of(cycle, parts);
    bool is_over = false;
    const struct lat_ratio back = lat_ratio_make(
        (lat_i128)(cycle - (cycle - turn) / parts) * parts - turn, parts,
        &is_over);
    struct lat_stretch inner = *s;
    inner.begin = lat_ratio_sub(s->begin, back, &is_over);
    inner.end = lat_ratio_sub(s->end, back, &is_over);
    inner.offset = lat_ratio_add(
        s->offset, lat_ratio_mul(s->scale, back, &is_over), &is_over);
    if (!lat_is_lost(a, is_over)) {
        lat_visit(a, p, lat_pattern_kid(p, n, 0), &inner);
    }
}

LAT_RT void
lat_ask_iter(struct lat_asking *a, const struct lat_pattern *p,
             const struct lat_pattern_node *n, const struct lat_stretch *s)
{
    by_cycle(a, p, n, s, rotate);
}

LAT_RT static void
change_part(struct lat_asking *a, const struct lat_pattern *p,
            const struct lat_pattern_node *n, const struct lat_stretch *s,
            int64_t cycle)
{
    const int64_t parts = n->number.n;
    const lat_i128 at = (lat_i128)cycle * parts + turn_of(cycle, parts);
    bool is_over = false;
    const struct lat_ratio edges[] = {
        s->begin, lat_ratio_make(at, parts, &is_over),
        lat_ratio_make(at + 1, parts, &is_over), s->end};
    for (uint32_t i = 0; i < 3 && !is_over; ++i) {
        struct lat_stretch piece = *s;
        piece.begin = lat_ratio_max(edges[i], s->begin);
        piece.end = lat_ratio_min(edges[i + 1], s->end);
        if (lat_ratio_is_below(piece.begin, piece.end)) {
            lat_visit(a, p, lat_pattern_kid(p, n, i == 1 ? 0 : 1), &piece);
        }
    }
    lat_is_lost(a, is_over);
}

LAT_RT void
lat_ask_chunk(struct lat_asking *a, const struct lat_pattern *p,
              const struct lat_pattern_node *n, const struct lat_stretch *s)
{
    by_cycle(a, p, n, s, change_part);
}

// --- Event by event ----------------------------------------------------------

static bool
stays(const struct lat_asking *a, const struct lat_pattern_node *n,
      const struct lat_pattern_event *e)
{
    const bool is_above = n->chance != UINT64_MAX &&
                          lat_draw_at(a, n, e->key, e->begin) >= n->chance;
    return is_above == (n->kind == LAT_PATTERN_DEGRADE);
}

LAT_RT static void
take_some(struct lat_asking *a, const struct lat_taker *self,
          struct lat_pattern_event *e)
{
    const struct changing *const c = (const void *)self;
    if (stays(a, c->n, e)) {
        lat_tell(a, c->s, e);
    }
}

LAT_RT void
lat_ask_degrade(struct lat_asking *a, const struct lat_pattern *p,
                const struct lat_pattern_node *n, const struct lat_stretch *s)
{
    const struct changing c = {{take_some}, p, n, s, 0};
    ask_for(a, &c, 0, s->begin, s->end);
}

LAT_RT static void
take_value(struct lat_asking *a, const struct lat_taker *self,
           struct lat_pattern_event *e)
{
    const struct changing *const c = (const void *)self;
    struct lat_pattern_value *const v = &e->values[0];
    bool is_over = false;
    if (v->is_number) {
        v->number =
            lat_ratio_add(lat_ratio_mul(v->number, c->n->number, &is_over),
                          c->n->second, &is_over);
        v->is_note = false;
    }
    if (!lat_is_lost(a, is_over)) {
        lat_tell(a, c->s, e);
    }
}

LAT_RT void
lat_ask_line(struct lat_asking *a, const struct lat_pattern *p,
             const struct lat_pattern_node *n, const struct lat_stretch *s)
{
    const struct changing c = {{take_value}, p, n, s, 0};
    ask_for(a, &c, 0, s->begin, s->end);
}

/// What a pattern says at one moment.
struct moment {
    struct lat_taker taker;
    struct lat_ratio time;
    struct lat_ratio *number;
};

LAT_RT static void
take_moment(struct lat_asking *a, const struct lat_taker *self,
            struct lat_pattern_event *e)
{
    const struct moment *const m = (const void *)self;
    (void)a;
    if (e->values[0].is_number && !lat_ratio_compare(e->part_begin, m->time)) {
        *m->number = e->values[0].number;
    }
}

LAT_RT static void
take_moved(struct lat_asking *a, const struct lat_taker *self,
           struct lat_pattern_event *e)
{
    const struct changing *const c = (const void *)self;
    struct lat_ratio by = lat_ratio_of(0);
    const struct moment m = {{take_moment}, e->begin, &by};
    const struct lat_stretch s =
        lat_stretch_to(&m.taker, e->begin, e->end, c->s->key);
    lat_visit(a, c->p, lat_pattern_kid(c->p, c->n, 1), &s);
    bool is_over = false;
    e->begin = lat_ratio_add(e->begin, by, &is_over);
    e->end = lat_ratio_add(e->end, by, &is_over);
    e->part_begin = lat_ratio_add(e->part_begin, by, &is_over);
    e->part_end = lat_ratio_add(e->part_end, by, &is_over);
    if (!lat_is_lost(a, is_over) && lat_event_cut(e, c->s->begin, c->s->end)) {
        lat_tell(a, c->s, e);
    }
}

/// No event moves by more than a cycle.
LAT_RT void
lat_ask_nudge(struct lat_asking *a, const struct lat_pattern *p,
              const struct lat_pattern_node *n, const struct lat_stretch *s)
{
    const struct changing c = {{take_moved}, p, n, s, 0};
    bool is_over = false;
    const struct lat_ratio begin = lat_ratio_sub(s->begin, n->second, &is_over);
    const struct lat_ratio end = lat_ratio_add(s->end, n->second, &is_over);
    if (!lat_is_lost(a, is_over)) {
        ask_for(a, &c, 0, begin, end);
    }
}

LAT_RT static void
take_repeated(struct lat_asking *a, const struct lat_taker *self,
              struct lat_pattern_event *e)
{
    const struct changing *const c = (const void *)self;
    bool is_over = false;
    const struct lat_ratio length =
        lat_ratio_div(lat_ratio_sub(e->end, e->begin, &is_over),
                      lat_ratio_of(c->times), &is_over);
    struct lat_ratio begin = e->begin;
    for (int64_t i = 0; i < c->times && !is_over && a->patience-- > 0; ++i) {
        struct lat_pattern_event copy = *e;
        copy.begin = begin;
        copy.end = begin = lat_ratio_add(begin, length, &is_over);
        copy.key = lat_draw(e->key, (uint64_t)i);
        if (!is_over && lat_event_cut(&copy, copy.begin, copy.end)) {
            lat_tell(a, c->s, &copy);
        }
    }
    lat_is_lost(a, is_over);
}

LAT_RT static void
take_times(struct lat_asking *a, const struct lat_taker *self,
           struct lat_pattern_event *e)
{
    const struct changing *const c = (const void *)self;
    const int64_t times = lat_ratio_floor(e->values[0].number);
    if (e->values[0].is_number && times > 0) {
        const struct changing each = {{take_repeated}, c->p, c->n, c->s, times};
        ask_for(a, &each, 0, e->part_begin, e->part_end);
    }
}

LAT_RT void
lat_ask_ply(struct lat_asking *a, const struct lat_pattern *p,
            const struct lat_pattern_node *n, const struct lat_stretch *s)
{
    const struct changing by_pattern = {{take_times}, p, n, s, 0};
    const struct changing by_number = {{take_repeated}, p, n, s, n->number.n};
    if (n->n == 1) {
        ask_for(a, &by_number, 0, s->begin, s->end);
    } else {
        ask_for(a, &by_pattern, 1, s->begin, s->end);
    }
}
