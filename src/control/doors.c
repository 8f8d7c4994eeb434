// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A node in a process of its own is *away*: it stays in the graph with its
// values and cables, but the engine has no instance of it.  What its cables
// carry passes through doors: units of the engine, which nobody sees, with a
// device slot each.  A door out carries one output of a node that runs here to
// whichever processes read it; a door in brings one output of a process back,
// for all cables that read it here.
//
// Doors follow from the graph (units/doors.c), as all that runs does; here they
// get their ports.

#include "state.h"
#include "units/derive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SETTING_PORT 0 // of both types of doors

/// How the ports of doors are called, and which.
static const struct {
    const char *prefix, *suffix;
    bool is_out;
} ports[] = {
    [LAT_DOOR_SEND] = {"send", "", true},
    [LAT_DOOR_SEND_LATE] = {"send", "/feedback", true},
    [LAT_DOOR_RETURN] = {"return", "", false},
};

static char *
port_name(const struct lat_door *door)
{
    char *name = NULL;
    if (asprintf(&name, "%s/%s/%s%s", ports[door->kind].prefix,
                 door->node->name, door->output,
                 ports[door->kind].suffix) < 0) {
        return NULL;
    }
    return name;
}

/// What instances of doors are made of.
struct making {
    struct lat_control *c;
    uint32_t block;
    struct lat_error *error;
};

static enum lat_status
make_of_settings(const struct making *m, const struct lat_node_type *type,
                 const struct lat_setting_value *settings,
                 struct lat_instance **out)
{
    const char *name = settings[SETTING_PORT].text;
    struct lat_instance_options options = lat_control_means(m->c, m->block);
    options.type = type;
    options.layout = lat_layout_get(&m->c->layouts, type, settings);
    options.settings = settings;
    options.name = name;
    struct lat_instance *inst = NULL;
    enum lat_status status =
        options.layout ? lat_instance_new(&options, &inst) : LAT_ENOMEM;
    for (uint32_t i = 0; !status && i < options.layout->n_in; ++i) {
        lat_instance_start_input(inst, i, 0.0F, true);
    }
    if (!status) {
        status = lat_control_equip(m->c, inst, name, 0, m->error);
    }
    *out = status ? NULL : inst;
    return status;
}

static enum lat_status
make_instance(void *data, const struct lat_door *door,
              struct lat_instance **out)
{
    const struct making *m = data;
    const struct lat_node_type *type =
        lat_node_type_port(ports[door->kind].is_out);
    struct lat_setting_value *settings = lat_settings_copy(type, NULL);
    char *name = port_name(door);
    enum lat_status status =
        lat_error_set(m->error, LAT_ENOMEM, "out of memory");
    if (settings && name) {
        free(settings[SETTING_PORT].text);
        settings[SETTING_PORT].text = name;
        name = NULL;
        status = make_of_settings(m, type, settings, out);
    }
    free(name);
    lat_settings_free(type, settings);
    return status;
}

static void
drop_instance(void *data, struct lat_instance *inst)
{
    const struct making *m = data;
    lat_control_drop_instance(m->c, inst);
}

static enum lat_status
derive(const struct making *m, struct lat_units *u, const struct lat_node *node)
{
    const struct lat_door_maker maker = {(void *)m, make_instance,
                                         drop_instance};
    ++m->c->work.n_door_passes;
    return lat_units_derive_doors(u, node, &maker);
}

static enum lat_status
derive_around(const struct making *m, const struct lat_node *node)
{
    struct lat_units *u = &m->c->units;
    enum lat_status status = derive(m, u, node);
    for (uint32_t i = 0; i < node->layout->n_in; ++i) {
        for (const struct lat_cable *k = lat_input_first(&node->in[i]);
             !status && k; k = k->next_in) {
            status = derive(m, u, k->src);
        }
    }
    return status;
}

enum lat_status
lat_control_derive_doors(struct lat_control *c, struct lat_error *error)
{
    const struct making m = {c, c->block, error};
    const struct lat_graph *g = c->g;
    enum lat_status status = LAT_OK;
    for (uint32_t i = 0; !status && c->has_places && i < g->n_edits; ++i) {
        const struct lat_edit *edit = &g->journal[i];
        if (edit->kind == LAT_EDIT_CABLE_ADDED ||
            edit->kind == LAT_EDIT_CABLE_REMOVED) {
            status = derive(&m, &c->units, edit->cable->src);
        }
    }
    for (uint32_t i = 0; !status && i < c->n_moves; ++i) {
        status = derive_around(&m, c->moves[i].node);
    }
    return status;
}

enum lat_status
lat_control_make_doors(struct lat_control *c, const struct lat_graph *g,
                       struct lat_units *u, uint32_t block,
                       struct lat_error *error)
{
    const struct making m = {c, block, error};
    enum lat_status status = LAT_OK;
    for (const struct lat_node *n = c->has_places ? g->first : NULL;
         !status && n; n = n->next) {
        status = derive(&m, u, n);
    }
    return status;
}

enum lat_status
lat_control_renew_doors(struct lat_control *c, struct lat_error *error)
{
    struct making m = {c, c->block, error};
    enum lat_status status = LAT_OK;
    for (struct lat_unit *unit = c->units.first[LAT_UNITS_DOORS];
         !status && unit; unit = unit->next) {
        struct lat_door *door = lat_units_door(unit);
        struct lat_instance *inst = NULL;
        status = make_instance(&m, door, &inst);
        if (!status && lat_units_renew_door(&c->units, door, inst)) {
            lat_control_drop_instance(c, inst);
            status = LAT_ENOMEM;
        }
        status = status ? status : lat_units_lead_door(&c->units, door);
    }
    return status;
}

// A door carries control voltage when all that it feeds are knobs.
static bool
feeds_knobs(const struct lat_door *door)
{
    const uint32_t port = (uint32_t)lat_units_door_output(door);
    for (const struct lat_cable *k = door->node->out; k; k = k->next_out) {
        if (k->src_port == port && lat_cable_needs_door(k, door->kind) &&
            k->dst->layout->in[k->dst_port].port->kind == LAT_PORT_SIGNAL) {
            return false;
        }
    }
    return true;
}

static struct lat_slot *
slot_of(struct lat_control *c, const struct lat_door *door)
{
    return &c->slots.all[door->unit.inst->slots[0]];
}

// What patchbays show of doors: whose output it is, of how many.
void
lat_control_describe_doors(struct lat_control *c)
{
    for (struct lat_unit *unit = c->units.first[LAT_UNITS_DOORS]; unit;
         unit = unit->next) {
        const struct lat_door *door = lat_units_door(unit);
        struct lat_slot *d = slot_of(c, door);
        snprintf(d->node, sizeof(d->node), "%s", door->node->name);
        d->n_channels = door->node->layout->n_out;
        d->is_cv = feeds_knobs(door);
    }
}

void
lat_control_rename_doors(struct lat_control *c, const struct lat_node *of)
{
    for (const struct lat_door *door = of->run ? of->run->doors : NULL; door;
         door = door->next) {
        char *name = port_name(door);
        if (name) {
            snprintf(slot_of(c, door)->name, LAT_PORT_NAME_MAX, "%s", name);
        }
        free(name);
    }
}
