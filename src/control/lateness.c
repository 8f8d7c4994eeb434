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

static bool
widen(struct way *way, const struct way *by, uint32_t more)
{
    const struct way old = *way;
    const uint32_t min = by->min + more;
    const uint32_t max = by->max + more;
    if (!by->is_there) {
        return false;
    }
    *way = (struct way){
        .is_there = true,
        .min = old.is_there && old.min < min ? old.min : min,
        .max = old.is_there && old.max > max ? old.max : max,
    };
    return !old.is_there || old.min != way->min || old.max != way->max;
}

/// Follow the cables, which form no cycle, until nothing changes.
static void
find_ways(const struct lat_graph *g, struct way *up, struct way *down)
{
    bool has_changed = true;
    while (has_changed) {
        has_changed = false;
        for (const struct lat_cable *c = g->first_cable; c; c = c->next) {
            const uint32_t late = lat_cable_is_late(c);
            if (!c->is_feedback) {
                has_changed |= widen(&up[c->dst->way], &up[c->src->way], late);
                has_changed |=
                    widen(&down[c->src->way], &down[c->dst->way], late);
            }
        }
    }
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

void
lat_control_measure_lateness(struct lat_control *c)
{
    struct lat_graph *g = &c->graph;
    if (!c->has_places) {
        return;
    }
    struct way *up = calloc(2 * ((size_t)g->n_nodes + 1), sizeof(*up));
    struct way *down = up + g->n_nodes + 1;
    uint32_t n = 0;
    if (!up) {
        return; // the figures stay what they are
    }
    for (struct lat_node *node = g->first; node; node = node->next) {
        node->way = n++;
        up[node->way].is_there = node->type->flags & LAT_TYPE_DEVICE_IN;
        down[node->way].is_there = node->type->flags & LAT_TYPE_DEVICE_OUT;
    }
    find_ways(g, up, down);
    for (const struct lat_node *node = g->first; node; node = node->next) {
        const bool is_out = node->type->flags & LAT_TYPE_DEVICE_OUT;
        note_way(c, node, is_out ? &up[node->way] : &down[node->way]);
    }
    for (const struct lat_node *door = g->first_door; door; door = door->next) {
        const uint32_t of = door->stands_for->way;
        note_way(c, door, door->layout->n_in ? &up[of] : &down[of]);
        describe_door(c, door);
    }
    free(up);
}
