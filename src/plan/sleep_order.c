// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A decider's look comes behind what its amplitude is made of, and before the
// decider and all that follows it.  Where that makes a circle, followers in it
// stay awake.

#include "sleepers.h"

#include <string.h>

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

enum lat_status
lat_sleepers_sort(struct sleepers *s)
{
    struct links l;
    enum lat_status status = list_links(s, &l);
    status = status ? status : sort(s, &l);
    return status == LAT_ECYCLE && wake_circles(s, &l) ? LAT_ENOMEM : status;
}
