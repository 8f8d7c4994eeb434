// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// One sweep over the nodes for each input slot.  Ranks rise along every cable
// but feedback, so in their order a node's sources are done before it.

#include "latency.h"
#include "base/array.h"
#include "state.h"

#include <stdlib.h>
#include <string.h>

/// Frames on the ways from where a sweep began to the outputs of a node.
struct reach {
    bool is_there;
    uint32_t min, max;
};

/// Where a sweep begins: at an output, with what comes in by a slot.
struct origin {
    const struct lat_node *node;
    uint32_t port, slot;
};

struct sweep {
    const struct lat_control *c;
    const struct lat_node **nodes; ///< by rank
    uint32_t *own;                 ///< frames that each node delays
    struct reach *reach;           ///< of nodes, by way
    uint32_t n, period;
    struct origin origin;
    struct lat_latency found;
};

uint32_t
lat_control_node_latency(const struct lat_control *c,
                         const struct lat_node *node)
{
    const struct lat_config config = {
        .rate = c->rate,
        .block = c->block,
        .n_in = node->layout->n_in,
        .n_out = node->layout->n_out,
        .n_voices = node->poly,
        .settings = node->settings,
    };
    return node->type->latency ? node->type->latency(&config) : 0;
}

uint64_t
lat_control_latency_serial(const struct lat_control *c)
{
    return c->plan_serial + c->n_structural;
}

void
lat_latency_fini(struct lat_latency *latency)
{
    free(latency->paths);
    *latency = (struct lat_latency){0};
}

static void
widen(struct reach *reach, const struct reach *by, uint32_t more)
{
    if (!by->is_there) {
        return;
    }
    const uint32_t min = by->min + more;
    const uint32_t max = by->max + more;
    reach->min = reach->is_there && reach->min < min ? reach->min : min;
    reach->max = reach->is_there && reach->max > max ? reach->max : max;
    reach->is_there = true;
}

/// What is at an output.
static struct reach
at_output(const struct sweep *s, const struct lat_node *node, uint32_t port)
{
    if (node == s->origin.node) {
        return (struct reach){.is_there = port == s->origin.port};
    }
    return s->reach[node->way];
}

static struct reach
at_input(const struct sweep *s, const struct lat_node *node, uint32_t input)
{
    struct reach reach = {0};
    for (const struct lat_cable *k = lat_input_first(&node->in[input]); k;
         k = k->next_in) {
        if (!k->is_feedback) {
            const struct reach source = at_output(s, k->src, k->src_port);
            widen(&reach, &source, lat_cable_is_late(k) ? s->period : 0);
        }
    }
    return reach;
}

static enum lat_status
add_path(struct sweep *s, uint32_t slot, const struct reach *reach)
{
    struct lat_latency *found = &s->found;
    if (!reach->is_there) {
        return LAT_OK;
    }
    if (!lat_grow((void **)&found->paths, &found->capacity, found->n,
                  sizeof(*found->paths))) {
        return LAT_ENOMEM;
    }
    found->paths[found->n++] = (struct lat_latency_path){
        .in = s->origin.slot,
        .out = slot,
        .min = reach->min,
        .max = reach->max,
    };
    return LAT_OK;
}

/// Input k of a device node goes out by slot k; those behind go for all.
static enum lat_status
reach_device(struct sweep *s, const struct lat_node *node)
{
    const struct lat_instance *inst = lat_units_instance(node);
    const uint32_t own = s->own[node->way];
    enum lat_status status = LAT_OK;
    struct reach common = {0};
    const uint32_t n_slots = inst ? inst->n_slots : 0;
    for (uint32_t i = n_slots; i < node->layout->n_in; ++i) {
        const struct reach reach = at_input(s, node, i);
        widen(&common, &reach, own);
    }
    for (uint32_t i = 0; !status && i < n_slots && i < node->layout->n_in;
         ++i) {
        const struct reach in = at_input(s, node, i);
        struct reach reach = common;
        widen(&reach, &in, own);
        status = add_path(s, inst->slots[i], &reach);
    }
    return status;
}

static void
reach_node(struct sweep *s, const struct lat_node *node)
{
    struct reach *reach = &s->reach[node->way];
    *reach = (struct reach){0};
    for (uint32_t i = 0; i < node->layout->n_in; ++i) {
        const struct reach in = at_input(s, node, i);
        widen(reach, &in, s->own[node->way]);
    }
}

static struct lat_unit *
first_door(const struct sweep *s)
{
    return s->c->units.first[LAT_UNITS_DOORS];
}

/// A door out carries an output of a node that runs here.
static enum lat_status
reach_doors(struct sweep *s)
{
    enum lat_status status = LAT_OK;
    for (struct lat_unit *unit = first_door(s); !status && unit;
         unit = unit->next) {
        const struct lat_door *door = lat_units_door(unit);
        if (door->kind != LAT_DOOR_RETURN) {
            const struct reach reach =
                at_output(s, door->node, (uint32_t)lat_units_door_output(door));
            status = add_path(s, unit->inst->slots[0], &reach);
        }
    }
    return status;
}

static enum lat_status
sweep_from(struct sweep *s, struct origin origin)
{
    enum lat_status status = LAT_OK;
    s->origin = origin;
    for (uint32_t i = 0; !status && i < s->n; ++i) {
        if (s->nodes[i]->type->flags & LAT_TYPE_DEVICE_OUT) {
            status = reach_device(s, s->nodes[i]);
        } else {
            reach_node(s, s->nodes[i]);
        }
    }
    return status ? status : reach_doors(s);
}

static int
compare_ranks(const void *a, const void *b)
{
    const struct lat_node *x = *(const struct lat_node *const *)a;
    const struct lat_node *y = *(const struct lat_node *const *)b;
    return (x->rank > y->rank) - (x->rank < y->rank);
}

static void
sort_nodes(struct sweep *s)
{
    for (struct lat_node *n = s->c->graph.first; n; n = n->next) {
        n->way = s->n;
        s->own[s->n] = lat_control_node_latency(s->c, n);
        s->nodes[s->n++] = n;
    }
    qsort((void *)s->nodes, s->n, sizeof(*s->nodes), compare_ranks);
}

/// From each slot of an audio_in, and of a door in.
static enum lat_status
sweep_all(struct sweep *s)
{
    enum lat_status status = LAT_OK;
    for (const struct lat_node *n = s->c->graph.first; !status && n;
         n = n->next) {
        const struct lat_instance *inst = lat_units_instance(n);
        const bool is_in = n->type->flags & LAT_TYPE_DEVICE_IN;
        for (uint32_t k = 0; !status && is_in && inst && k < inst->n_slots;
             ++k) {
            status = sweep_from(s, (struct origin){n, k, inst->slots[k]});
        }
    }
    for (struct lat_unit *unit = first_door(s); !status && unit;
         unit = unit->next) {
        const struct lat_door *door = lat_units_door(unit);
        if (door->kind == LAT_DOOR_RETURN) {
            status = sweep_from(
                s, (struct origin){door->node,
                                   (uint32_t)lat_units_door_output(door),
                                   unit->inst->slots[0]});
        }
    }
    return status;
}

enum lat_status
lat_control_latency(const struct lat_control *c, uint32_t period,
                    struct lat_latency *out)
{
    const size_t n = (size_t)c->graph.n_nodes + 1;
    struct sweep s = {
        .c = c,
        .nodes = calloc(n, sizeof(*s.nodes)),
        .own = calloc(n, sizeof(*s.own)),
        .reach = calloc(n, sizeof(*s.reach)),
        .period = period,
    };
    enum lat_status status = LAT_ENOMEM;
    if (s.nodes && s.own && s.reach) {
        sort_nodes(&s);
        status = sweep_all(&s);
    }
    free((void *)s.nodes);
    free(s.own);
    free(s.reach);
    if (status) {
        lat_latency_fini(&s.found);
        return status;
    }
    *out = s.found;
    return LAT_OK;
}
