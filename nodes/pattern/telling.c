// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "asking.h"

LAT_RT bool
lat_is_lost(struct lat_asking *a, bool is_over)
{
    a->question->n_lost += is_over;
    return is_over;
}

LAT_RT uint64_t
lat_draw(uint64_t seed, uint64_t key)
{
    uint64_t x = seed + key * UINT64_C(0x9e3779b97f4a7c15) +
                 UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30U) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27U) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31U;
}

LAT_RT uint64_t
lat_draw_at(const struct lat_asking *a, const struct lat_pattern_node *node,
            uint64_t key, struct lat_ratio time)
{
    uint64_t x = lat_draw(a->seed, node->place);
    x = lat_draw(x, key);
    x = lat_draw(x, (uint64_t)time.n);
    return lat_draw(x, (uint64_t)time.d);
}

LAT_RT struct lat_stretch
lat_stretch_to(const struct lat_taker *taker, struct lat_ratio begin,
               struct lat_ratio end, uint64_t key)
{
    return (struct lat_stretch){
        .begin = begin,
        .end = end,
        .scale = lat_ratio_of(1),
        .offset = lat_ratio_of(0),
        .key = key,
        .taker = taker,
    };
}

LAT_RT bool
lat_event_cut(struct lat_pattern_event *event, struct lat_ratio begin,
              struct lat_ratio end)
{
    event->part_begin = lat_ratio_max(event->part_begin, begin);
    event->part_end = lat_ratio_min(event->part_end, end);
    return lat_ratio_is_below(event->part_begin, event->part_end);
}

static struct lat_ratio
to_outer(const struct lat_stretch *s, struct lat_ratio x, bool *is_over)
{
    return lat_ratio_add(lat_ratio_mul(s->scale, x, is_over), s->offset,
                         is_over);
}

/// Into the taker's time; a scale below 0 turns it round.
static void
map(const struct lat_stretch *s, struct lat_ratio *begin, struct lat_ratio *end,
    bool *is_over)
{
    const struct lat_ratio first = to_outer(s, *begin, is_over);
    const struct lat_ratio last = to_outer(s, *end, is_over);
    *begin = s->scale.n < 0 ? last : first;
    *end = s->scale.n < 0 ? first : last;
}

LAT_RT void
lat_tell(struct lat_asking *a, const struct lat_stretch *s,
         struct lat_pattern_event *event)
{
    bool is_over = false;
    if (s->scale.n != s->scale.d || s->offset.n) {
        const bool is_whole =
            !lat_ratio_compare(event->begin, event->part_begin) &&
            !lat_ratio_compare(event->end, event->part_end);
        map(s, &event->begin, &event->end, &is_over);
        if (is_whole) {
            event->part_begin = event->begin;
            event->part_end = event->end;
        } else {
            map(s, &event->part_begin, &event->part_end, &is_over);
        }
    }
    if (!lat_is_lost(a, is_over)) {
        s->taker->take(a, s->taker, event);
    }
}

LAT_RT const char *
lat_pattern_word(const struct lat_pattern *p,
                 const struct lat_pattern_value *value, uint32_t *length)
{
    if (value->word >= p->n_nodes) {
        return NULL;
    }
    const struct lat_pattern_node *const node = &p->nodes[value->word];
    *length = node->length;
    return p->text + node->place;
}

LAT_RT uint64_t
lat_pattern_serial(const struct lat_pattern *p)
{
    return p->serial;
}
