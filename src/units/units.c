// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "units.h"
#include "base/array.h"

#include <stdlib.h>

/// Notes that grew beyond this, for a load, are given back.
#define KEPT_CHANGES 4096U

void
lat_units_init(struct lat_units *u)
{
    *u = (struct lat_units){
        .voices.bytes = sizeof(struct lat_voices),
        .units.bytes = sizeof(struct lat_unit),
    };
}

void
lat_units_fini(struct lat_units *u)
{
    lat_slab_free(&u->voices);
    lat_slab_free(&u->units);
    free(u->changes);
    lat_units_init(u);
}

static enum lat_status
need_unit(struct lat_units *u, struct lat_node *node)
{
    if (node->run) {
        return LAT_OK;
    }
    struct lat_voices *voices = lat_slab_take(&u->voices);
    struct lat_unit *unit = lat_slab_take(&u->units);
    if (!voices || !unit) {
        lat_slab_give(&u->voices, voices);
        lat_slab_give(&u->units, unit);
        return LAT_ENOMEM;
    }
    unit->of = voices;
    voices->first = unit;
    node->run = voices;
    return LAT_OK;
}

enum lat_status
lat_units_put(struct lat_units *u, struct lat_node *node,
              struct lat_instance *inst)
{
    const enum lat_status status = need_unit(u, node);
    if (!status) {
        node->run->first->inst = inst;
    }
    return status;
}

static struct lat_unit_change *
note(struct lat_units *u, struct lat_node *node)
{
    if (need_unit(u, node) ||
        !lat_grow((void **)&u->changes, &u->changes_capacity, u->n_changes,
                  sizeof(*u->changes))) {
        return NULL;
    }
    struct lat_unit_change *change = &u->changes[u->n_changes++];
    *change =
        (struct lat_unit_change){.node = node, .inst = node->run->first->inst};
    return change;
}

enum lat_status
lat_units_change(struct lat_units *u, struct lat_node *node,
                 struct lat_instance *inst)
{
    if (!note(u, node)) {
        return LAT_ENOMEM;
    }
    node->run->first->inst = inst;
    return LAT_OK;
}

enum lat_status
lat_units_configure(struct lat_units *u, struct lat_node *node,
                    struct lat_config *config)
{
    struct lat_unit_change *change = note(u, node);
    if (!change) {
        return LAT_ENOMEM;
    }
    change->config = change->inst->config;
    change->inst->config = config;
    return LAT_OK;
}

void
lat_units_forget(struct lat_units *u, struct lat_node *node)
{
    if (node->run) {
        lat_slab_give(&u->units, node->run->first);
        lat_slab_give(&u->voices, node->run);
        node->run = NULL;
    }
}

void
lat_units_undo(struct lat_units *u,
               void (*drop)(void *data, struct lat_instance *inst), void *data)
{
    while (u->n_changes) {
        const struct lat_unit_change *change = &u->changes[--u->n_changes];
        struct lat_unit *unit = change->node->run->first;
        unit->is_back = false;
        if (change->config) {
            lat_config_free(unit->inst->type, unit->inst->config);
            unit->inst->config = change->config;
        } else {
            drop(data, unit->inst);
            unit->inst = change->inst;
        }
        if (!unit->inst) {
            lat_units_forget(u, change->node);
        }
    }
    lat_units_settle(u);
}

void
lat_units_settle(struct lat_units *u)
{
    for (uint32_t i = 0; i < u->n_changes; ++i) {
        if (u->changes[i].node->run) {
            u->changes[i].node->run->first->is_back = false;
        }
    }
    u->n_changes = 0;
    if (u->changes_capacity > KEPT_CHANGES) {
        free(u->changes);
        u->changes = NULL;
        u->changes_capacity = 0;
    }
}
