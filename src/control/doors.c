// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A node in a process of its own is *away*: it stays in the graph with its
// values and cables, but the engine has no instance of it.  What its cables
// carry passes through doors: nodes of the engine, which nobody sees, with a
// device slot each.  A door out carries one output of a node that runs here to
// whichever processes read it; a door in brings one output of a process back,
// for all cables that read it here.
//
// Doors follow from the graph.  They are brought up to date in every
// transaction, by edits in its journal, so that they are undone, faded and
// freed like anything else.

#include "state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SETTING_PORT 0 // of both types of doors

static struct lat_node *
find_door(const struct lat_graph *g, bool is_out, const struct lat_node *of,
          uint32_t port, bool is_late)
{
    for (struct lat_node *d = g->first_door; d; d = d->next) {
        if (d->stands_for == of && d->stands_port == port &&
            d->is_late == is_late && (d->layout->n_in > 0) == is_out) {
            return d;
        }
    }
    return NULL;
}

static char *
door_name(bool is_out, const struct lat_node *of, uint32_t port, bool is_late)
{
    char *name = NULL;
    if (asprintf(&name, "%s/%s/%s%s", is_out ? "send" : "return", of->name,
                 of->layout->out[port].name, is_late ? "/feedback" : "") < 0) {
        return NULL;
    }
    return name;
}

void
lat_control_name_door(struct lat_node *door)
{
    char *name = door_name(door->layout->n_in > 0, door->stands_for,
                           door->stands_port, door->is_late);
    if (name) {
        free(door->settings[SETTING_PORT].text);
        door->settings[SETTING_PORT].text = name;
    }
}

static enum lat_status
make_door(struct lat_graph *g, bool is_out, struct lat_node *of, uint32_t port,
          bool is_late, struct lat_node **out)
{
    const struct lat_node_type *type = lat_node_type_port(is_out);
    struct lat_setting_value *settings = lat_settings_copy(type, NULL);
    char *name = door_name(is_out, of, port, is_late);
    if (!settings || !name) {
        lat_settings_free(type, settings);
        free(name);
        return LAT_ENOMEM;
    }
    free(settings[SETTING_PORT].text);
    settings[SETTING_PORT].text = name;
    enum lat_status status =
        lat_graph_add_door(g, type, of, port, is_late, settings, out);
    if (status) {
        lat_settings_free(type, settings);
    } else if (is_out) {
        struct lat_cable *cable = NULL;
        status = lat_graph_add_cable(g, of, port, *out, 0, 1.0F, is_late,
                                     &cable, NULL);
    }
    return status;
}

static enum lat_status
use_door(struct lat_graph *g, bool is_out, struct lat_node *of, uint32_t port,
         bool is_late, struct lat_node **out)
{
    enum lat_status status = LAT_OK;
    *out = find_door(g, is_out, of, port, is_late);
    if (!*out) {
        status = make_door(g, is_out, of, port, is_late, out);
    }
    if (!status) {
        (*out)->is_used = true;
    }
    return status;
}

static enum lat_status
use_doors_out(struct lat_graph *g, const struct lat_node *node)
{
    enum lat_status status = LAT_OK;
    for (uint32_t i = 0; !status && i < node->layout->n_in; ++i) {
        for (struct lat_cable *c = lat_input_first(&node->in[i]); !status && c;
             c = c->next_in) {
            struct lat_node *door = NULL;
            if (!c->src->place.is_away && !lat_cable_is_within(c)) {
                status = use_door(g, true, c->src, c->src_port, c->is_feedback,
                                  &door);
            }
        }
    }
    return status;
}

static enum lat_status
use_doors_in(struct lat_graph *g, struct lat_node *node)
{
    enum lat_status status = LAT_OK;
    for (struct lat_cable *c = node->out; !status && c; c = c->next_out) {
        struct lat_node *door = NULL;
        if (!c->dst->is_door && !c->dst->place.is_away &&
            !lat_cable_is_within(c)) {
            status = use_door(g, false, node, c->src_port, false, &door);
        }
        c->door = node->place.is_away ? door : NULL;
    }
    return status;
}

// A door that stands for a removed node has no cable that is needed.
static enum lat_status
remove_unused(struct lat_graph *g)
{
    enum lat_status status = LAT_OK;
    struct lat_node *next = NULL;
    for (struct lat_node *d = g->first_door; !status && d; d = next) {
        next = d->next;
        if (!d->is_used) {
            status = lat_graph_remove_node(g, d);
        }
        d->is_used = false;
    }
    return status;
}

enum lat_status
lat_control_set_place(struct lat_control *c, struct lat_node *node,
                      struct lat_place place)
{
    c->has_places = true;
    return lat_graph_set_place(c->g, node, place);
}

// New nodes that are to be in processes are never in the engine.
static enum lat_status
send_new_away(struct lat_control *c)
{
    enum lat_status status = LAT_OK;
    const uint32_t n = c->g->n_edits;
    for (uint32_t i = 0; !status && i < n; ++i) {
        struct lat_node *node = c->g->journal[i].node;
        if (c->g->journal[i].kind == LAT_EDIT_NODE_ADDED && !node->is_door &&
            lat_type_can_leave(node->type) &&
            (node->place.is_wanted || c->all_in_processes)) {
            const struct lat_place place = {
                .is_wanted = node->place.is_wanted,
                .is_hosted = true,
                .is_away = true,
            };
            status = lat_control_set_place(c, node, place);
        }
    }
    return status;
}

bool
lat_control_moves_doors(const struct lat_control *c)
{
    for (uint32_t i = 0; i < c->g->n_edits; ++i) {
        const enum lat_edit_kind kind = c->g->journal[i].kind;
        if (kind != LAT_EDIT_VALUE && kind != LAT_EDIT_AMOUNT &&
            kind != LAT_EDIT_NOTE) {
            return true;
        }
    }
    return c->is_load;
}

enum lat_status
lat_control_adjust_places(struct lat_control *c)
{
    struct lat_graph *g = c->g;
    enum lat_status status = c->has_processes ? send_new_away(c) : LAT_OK;
    if (!c->has_places || !lat_control_moves_doors(c)) {
        return status;
    }
    ++c->work.n_door_passes;
    for (struct lat_node *n = g->first; !status && n; n = n->next) {
        if (n->place.is_hosted) {
            status = use_doors_out(g, n);
        }
    }
    for (struct lat_node *n = g->first; !status && n; n = n->next) {
        if (n->place.is_hosted) {
            status = use_doors_in(g, n);
        } else {
            for (struct lat_cable *k = n->out; k; k = k->next_out) {
                k->door = NULL;
            }
        }
    }
    return status ? status : remove_unused(g);
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
    const struct lat_instance *inst = lat_units_instance(door);
    for (uint32_t i = 0; inst && i < inst->n_slots; ++i) {
        struct lat_slot *d = &c->engine->slots[inst->slots[i]];
        memcpy(d->node, door->stands_for->name, sizeof(d->node));
        d->n_channels = door->stands_for->layout->n_out;
        d->is_cv = feeds_knobs(door);
    }
}

void
lat_control_describe_doors(struct lat_control *c)
{
    const struct lat_graph *g = &c->graph;
    for (const struct lat_node *door = g->first_door; door; door = door->next) {
        describe_door(c, door);
    }
}
