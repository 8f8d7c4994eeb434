// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Doors follow from the cables out of a node, and from where it and its readers
// run.

#include "derive.h"

bool
lat_cable_needs_door(const struct lat_cable *c, enum lat_door_kind kind)
{
    if (c->src == c->dst) {
        return false; // it stays inside of the process
    }
    return kind == LAT_DOOR_RETURN
               ? lat_units_is_hosted(c->src) && !lat_units_is_away(c->dst)
               : !lat_units_is_away(c->src) && lat_units_is_hosted(c->dst) &&
                     c->is_feedback == (kind == LAT_DOOR_SEND_LATE);
}

bool
lat_units_need_door(const struct lat_node *node, uint32_t output,
                    enum lat_door_kind kind)
{
    const struct lat_cable *c = node->out;
    while (c && !(c->src_port == output && lat_cable_needs_door(c, kind))) {
        c = c->next_out;
    }
    return c;
}

uint32_t
lat_units_count_doors(const struct lat_node *node)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < node->layout->n_out; ++i) {
        for (uint32_t kind = 0; kind < LAT_DOOR_KINDS; ++kind) {
            n += lat_units_need_door(node, i, kind);
        }
    }
    return n;
}

static enum lat_status
add_door(struct lat_units *u, const struct lat_door *wanted,
         const struct lat_door_maker *maker)
{
    struct lat_instance *inst = NULL;
    const enum lat_status status = maker->make(maker->data, wanted, &inst);
    if (status) {
        return status;
    }
    struct lat_door *door = lat_units_add_door(u, wanted, inst);
    if (!door) {
        maker->drop(maker->data, inst);
    }
    return door ? lat_units_lead_door(u, door) : LAT_ENOMEM;
}

static enum lat_status
need_door(struct lat_units *u, const struct lat_cable *c,
          enum lat_door_kind kind, const struct lat_door_maker *maker)
{
    const char *output = c->src->layout->out[c->src_port].name;
    struct lat_door *door = lat_units_find_door(c->src, kind, output);
    if (!door) {
        const struct lat_door wanted = {.node = c->src,
                                        .output = output,
                                        .kind = (uint8_t)kind,
                                        .is_needed = true};
        return add_door(u, &wanted, maker);
    }
    door->is_needed = true;
    return LAT_OK;
}

static enum lat_status
need_doors(struct lat_units *u, const struct lat_cable *c,
           const struct lat_door_maker *maker)
{
    enum lat_status status = LAT_OK;
    for (uint32_t kind = 0; !status && kind < LAT_DOOR_KINDS; ++kind) {
        if (lat_cable_needs_door(c, kind)) {
            status = need_door(u, c, kind, maker);
        }
    }
    return status;
}

enum lat_status
lat_units_derive_doors(struct lat_units *u, const struct lat_node *node,
                       const struct lat_door_maker *maker)
{
    struct lat_voices *voices = node->run;
    if (!voices || voices->mark == u->mark) {
        return LAT_OK;
    }
    voices->mark = u->mark;
    for (struct lat_door *d = voices->doors; d; d = d->next) {
        d->is_needed = false;
    }
    enum lat_status status = LAT_OK;
    for (const struct lat_cable *c = node->out; !status && c; c = c->next_out) {
        status = need_doors(u, c, maker);
    }
    struct lat_door *next = NULL;
    for (struct lat_door *d = voices->doors; !status && d; d = next) {
        next = d->next;
        status = d->is_needed ? LAT_OK : lat_units_let_door_die(u, d);
    }
    return status;
}
