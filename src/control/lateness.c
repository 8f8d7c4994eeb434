// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// How late nodes in processes make what comes in and goes out.

#include "state.h"

#include <stdlib.h>
#include <string.h>

/// Late cables on the ways to a node from any audio_in, or from it to any
/// audio_out.
struct way {
    bool is_there;
    uint32_t min, max;
};

/// Of each node, by its number `way`.
struct ways {
    struct way *up, *down;
    struct lat_node **order; ///< along the cables
    uint32_t *n_before;      ///< cables from nodes that are not in order yet
    uint32_t n;
};

static void
widen(struct way *way, const struct way *by, uint32_t more)
{
    if (by->is_there) {
        const uint32_t min = by->min + more;
        const uint32_t max = by->max + more;
        way->min = way->is_there && way->min < min ? way->min : min;
        way->max = way->is_there && way->max > max ? way->max : max;
        way->is_there = true;
    }
}

/// Feedback closes a cycle; what leads to a door leads on from there.
static bool
counts(const struct lat_cable *c)
{
    return !c->is_feedback && !c->dst->is_door;
}

/// Number the nodes, which start with no way but their own.
static void
number_nodes(const struct lat_graph *g, struct ways *w)
{
    for (struct lat_node *node = g->first; node; node = node->next) {
        node->way = w->n++;
        w->up[node->way].is_there = node->type->flags & LAT_TYPE_DEVICE_IN;
        w->down[node->way].is_there = node->type->flags & LAT_TYPE_DEVICE_OUT;
    }
    for (const struct lat_cable *c = g->first_cable; c; c = c->next) {
        w->n_before[c->dst->way] += counts(c);
    }
}

/// Put a node in order when all that lead to it are.  Forward cables form no
/// cycle, so this reaches all.
static uint32_t
sort_nodes(const struct lat_graph *g, struct ways *w)
{
    uint32_t n = 0;
    for (struct lat_node *node = g->first; node; node = node->next) {
        if (!w->n_before[node->way]) {
            w->order[n++] = node;
        }
    }
    for (uint32_t i = 0; i < n; ++i) {
        for (const struct lat_cable *c = w->order[i]->out; c; c = c->next_out) {
            if (counts(c) && --w->n_before[c->dst->way] == 0) {
                w->order[n++] = c->dst;
            }
        }
    }
    return n;
}

/// Each cable is looked at once in each direction.
/// @return how many looks that were.
static uint64_t
find_ways(struct ways *w, uint32_t n)
{
    uint64_t n_looks = 0;
    for (uint32_t i = 0; i < n; ++i) {
        const struct lat_node *src = w->order[i];
        for (const struct lat_cable *c = src->out; c; c = c->next_out) {
            if (counts(c)) {
                widen(&w->up[c->dst->way], &w->up[src->way],
                      lat_cable_is_late(c));
                ++n_looks;
            }
        }
    }
    for (uint32_t i = n; i-- > 0;) {
        const struct lat_node *src = w->order[i];
        for (const struct lat_cable *c = src->out; c; c = c->next_out) {
            if (counts(c)) {
                widen(&w->down[src->way], &w->down[c->dst->way],
                      lat_cable_is_late(c));
                ++n_looks;
            }
        }
    }
    return n_looks;
}

static void
note_way(struct lat_control *c, const struct lat_node *node,
         const struct way *way)
{
    const struct lat_instance *inst = node->instance;
    for (uint32_t i = 0; inst && i < inst->n_slots; ++i) {
        struct lat_device *d = &c->engine->devices[inst->slots[i]];
        d->late_min = way->min;
        d->late_max = way->max;
    }
}

// A door carries control voltage when all that it feeds are knobs.
static bool
feeds_knobs(const struct lat_node *door)
{
    const bool is_out = door->layout->n_in > 0;
    uint32_t n = 0;
    for (const struct lat_cable *k = door->stands_for->out; k;
         k = k->next_out) {
        if (k->src_port != door->stands_port || k->dst->is_door ||
            lat_cable_is_within(k) || k->dst->place.is_away != is_out ||
            (is_out && k->is_feedback != door->is_late)) {
            continue;
        }
        if (k->dst->layout->in[k->dst_port].port->kind == LAT_PORT_SIGNAL) {
            return false;
        }
        ++n;
    }
    return n > 0;
}

// What patchbays show of a door: whose output it is, of how many.
static void
describe_door(struct lat_control *c, const struct lat_node *door)
{
    const struct lat_instance *inst = door->instance;
    for (uint32_t i = 0; inst && i < inst->n_slots; ++i) {
        struct lat_device *d = &c->engine->devices[inst->slots[i]];
        memcpy(d->node, door->stands_for->name, sizeof(d->node));
        d->n_channels = door->stands_for->layout->n_out;
        d->is_cv = feeds_knobs(door);
    }
}

static void
note_ways(struct lat_control *c, const struct ways *w)
{
    const struct lat_graph *g = &c->graph;
    for (const struct lat_node *node = g->first; node; node = node->next) {
        const bool is_out = node->type->flags & LAT_TYPE_DEVICE_OUT;
        note_way(c, node, is_out ? &w->up[node->way] : &w->down[node->way]);
    }
    for (const struct lat_node *door = g->first_door; door; door = door->next) {
        const uint32_t of = door->stands_for->way;
        note_way(c, door, door->layout->n_in ? &w->up[of] : &w->down[of]);
        describe_door(c, door);
    }
}

void
lat_control_measure_lateness(struct lat_control *c)
{
    const struct lat_graph *g = &c->graph;
    if (!c->has_places) {
        return;
    }
    struct ways w = {
        .up = calloc((size_t)g->n_nodes + 1, sizeof(*w.up)),
        .down = calloc((size_t)g->n_nodes + 1, sizeof(*w.down)),
        .order = calloc((size_t)g->n_nodes + 1, sizeof(struct lat_node *)),
        .n_before = calloc((size_t)g->n_nodes + 1, sizeof(*w.n_before)),
    };
    if (w.up && w.down && w.order && w.n_before) {
        number_nodes(g, &w);
        c->work.n_ways += find_ways(&w, sort_nodes(g, &w));
        ++c->work.n_measured;
        note_ways(c, &w);
    } // else the figures stay what they are
    free(w.up);
    free(w.down);
    free(w.order);
    free(w.n_before);
}
