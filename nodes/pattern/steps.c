// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Kinds that hand on a stretch of time.  Which steps it touches is found by
// their weights, added up, so a sequence costs what is touched.

#include "asking.h"

LAT_RT void
lat_ask_silence(struct lat_asking *a, const struct lat_pattern *p,
                const struct lat_pattern_node *n, const struct lat_stretch *s)
{
    (void)a;
    (void)p;
    (void)n;
    (void)s;
}

LAT_RT void
lat_ask_atom(struct lat_asking *a, const struct lat_pattern *p,
             const struct lat_pattern_node *n, const struct lat_stretch *s)
{
    struct lat_pattern_event e = {
        .place = n->place,
        .key = lat_draw(s->key, n->place),
        .n_values = 1,
        .values = {{
            .word = n->is_word ? (uint32_t)(n - p->nodes) : LAT_PATTERN_NO_WORD,
            .is_number = !n->is_word,
            .is_note = n->is_note,
            .number = n->number,
        }},
    };
    for (int64_t c = lat_ratio_floor(s->begin);
         lat_ratio_is_below(lat_ratio_of(c), s->end) && a->patience-- > 0;
         ++c) {
        e.begin = lat_ratio_of(c);
        e.end = lat_ratio_of(c + 1);
        e.part_begin = lat_ratio_max(e.begin, s->begin);
        e.part_end = lat_ratio_min(e.end, s->end);
        struct lat_pattern_event copy = e;
        lat_tell(a, s, &copy);
    }
}

/// A cycle of a sequence, and what of it is asked, in weights.
struct cycle_of_steps {
    int64_t cycle, total;
    struct lat_ratio from, to;
    int64_t first, end; ///< weights rounded outwards
};

static int64_t
sum_of(const struct lat_pattern *p, const struct lat_pattern_node *n,
       uint32_t i)
{
    return n->has_sums ? p->sums[n->sums + i] : i;
}

/// The step in which weight @p at lies.
static uint32_t
find_step(const struct lat_pattern *p, const struct lat_pattern_node *n,
          int64_t at)
{
    if (!n->has_sums) {
        return (uint32_t)at;
    }
    uint32_t low = 0;
    uint32_t high = n->n;
    while (high - low > 1) {
        const uint32_t middle = low + (high - low) / 2;
        if (p->sums[n->sums + middle] <= at) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

/// Weight @p at of the cycle, in the time of step @p i's kid.
static struct lat_ratio
in_step(const struct cycle_of_steps *c, int64_t from, int64_t to,
        struct lat_ratio at, bool *is_over)
{
    if (at.d == 1 && (at.n <= from || at.n >= to)) {
        return lat_ratio_of(c->cycle + (at.n >= to));
    }
    const struct lat_ratio share =
        lat_ratio_div(lat_ratio_sub(at, lat_ratio_of(from), is_over),
                      lat_ratio_of(to - from), is_over);
    return lat_ratio_add(lat_ratio_of(c->cycle), share, is_over);
}

static void
ask_step(struct lat_asking *a, const struct lat_pattern *p,
         const struct lat_pattern_node *n, const struct lat_stretch *s,
         const struct cycle_of_steps *c, uint32_t i)
{
    const int64_t from = sum_of(p, n, i);
    const int64_t to = sum_of(p, n, i + 1);
    bool is_over = false;
    struct lat_stretch inner = {
        .begin = in_step(c, from, to,
                         lat_ratio_max(c->from, lat_ratio_of(from)), &is_over),
        .end = in_step(c, from, to, lat_ratio_min(c->to, lat_ratio_of(to)),
                       &is_over),
        .scale = lat_ratio_mul(
            s->scale, lat_ratio_make(to - from, c->total, &is_over), &is_over),
        .key = lat_draw(s->key, i + UINT64_C(1)),
        .taker = s->taker,
    };
    const struct lat_ratio back =
        lat_ratio_make((lat_i128)c->cycle * (c->total - (to - from)) + from,
                       c->total, &is_over);
    inner.offset = lat_ratio_add(
        s->offset, lat_ratio_mul(s->scale, back, &is_over), &is_over);
    if (!lat_is_lost(a, is_over)) {
        lat_visit(a, p, lat_pattern_kid(p, n, i), &inner);
    }
}

LAT_RT void
lat_ask_sequence(struct lat_asking *a, const struct lat_pattern *p,
                 const struct lat_pattern_node *n, const struct lat_stretch *s)
{
    struct cycle_of_steps c = {.total = sum_of(p, n, n->n)};
    for (c.cycle = lat_ratio_floor(s->begin);
         lat_ratio_is_below(lat_ratio_of(c.cycle), s->end) && a->patience > 0;
         ++c.cycle) {
        bool is_over = false;
        const struct lat_ratio now = lat_ratio_of(c.cycle);
        const struct lat_ratio total = lat_ratio_of(c.total);
        const struct lat_ratio last =
            lat_ratio_min(s->end, lat_ratio_of(c.cycle + 1));
        c.from = lat_ratio_mul(
            lat_ratio_sub(lat_ratio_max(s->begin, now), now, &is_over), total,
            &is_over);
        c.to =
            lat_ratio_mul(lat_ratio_sub(last, now, &is_over), total, &is_over);
        if (lat_is_lost(a, is_over)) {
            continue;
        }
        const int64_t end = lat_ratio_ceil(c.to);
        for (uint32_t i = find_step(p, n, lat_ratio_floor(c.from));
             i < n->n && sum_of(p, n, i) < end; ++i) {
            ask_step(a, p, n, s, &c, i);
        }
    }
}

LAT_RT void
lat_ask_stack(struct lat_asking *a, const struct lat_pattern *p,
              const struct lat_pattern_node *n, const struct lat_stretch *s)
{
    for (uint32_t i = 0; i < n->n; ++i) {
        lat_visit(a, p, lat_pattern_kid(p, n, i), s);
    }
}

LAT_RT void
lat_ask_choice(struct lat_asking *a, const struct lat_pattern *p,
               const struct lat_pattern_node *n, const struct lat_stretch *s)
{
    struct lat_stretch piece = *s;
    for (int64_t c = lat_ratio_floor(s->begin);
         lat_ratio_is_below(lat_ratio_of(c), s->end) && a->patience > 0; ++c) {
        const uint64_t drawn = lat_draw_at(a, n, s->key, lat_ratio_of(c));
        piece.begin = lat_ratio_max(s->begin, lat_ratio_of(c));
        piece.end = lat_ratio_min(s->end, lat_ratio_of(c + 1));
        lat_visit(
            a, p,
            lat_pattern_kid(p, n, (uint32_t)((drawn >> 32U) * n->n >> 32U)),
            &piece);
    }
}

LAT_RT void
lat_ask_scale(struct lat_asking *a, const struct lat_pattern *p,
              const struct lat_pattern_node *n, const struct lat_stretch *s)
{
    bool is_over = false;
    struct lat_stretch inner = *s;
    inner.begin = lat_ratio_mul(s->begin, n->number, &is_over);
    inner.end = lat_ratio_mul(s->end, n->number, &is_over);
    inner.scale = lat_ratio_div(s->scale, n->number, &is_over);
    if (!lat_is_lost(a, is_over)) {
        lat_visit(a, p, lat_pattern_kid(p, n, 0), &inner);
    }
}

/// What is transformed is a pattern of its own.
LAT_RT void
lat_ask_input(struct lat_asking *a, const struct lat_pattern *p,
              const struct lat_pattern_node *n, const struct lat_stretch *s)
{
    (void)p;
    (void)n;
    const struct lat_pattern *const input = a->question->pattern;
    lat_visit(a, input, input->root, s);
}
