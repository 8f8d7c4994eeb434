// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Who listens is told what a transaction did.

#include "state.h"

void
lat_control_add_hooks(struct lat_control *c,
                      const struct lat_control_hooks *hooks)
{
    if (c->n_hooks < LAT_MAX_HOOKS) {
        c->hooks[c->n_hooks++] = *hooks;
    }
}

void
lat_control_tell_value(struct lat_control *c, const struct lat_edit *edit,
                       uint32_t input)
{
    for (uint32_t h = 0; edit->node->place.is_hosted && h < c->n_hooks; ++h) {
        if (c->hooks[h].value_sent) {
            c->hooks[h].value_sent(c->hooks[h].data, edit->node, input,
                                   edit->new_value, edit->seconds);
        }
    }
}

// Call the hooks for what the journal holds; then forget removed records.
void
lat_control_tell_journal(struct lat_control *c)
{
    const struct lat_graph *g = c->g;
    for (uint32_t h = 0; h < c->n_hooks; ++h) {
        const struct lat_control_hooks *hooks = &c->hooks[h];
        for (uint32_t i = 0; i < g->n_edits; ++i) {
            const struct lat_edit *edit = &g->journal[i];
            if (edit->kind == LAT_EDIT_NODE_RENAMED && hooks->node_renamed) {
                hooks->node_renamed(hooks->data, edit->old_name,
                                    edit->node->name);
            } else if (edit->kind == LAT_EDIT_NODE_REMOVED &&
                       !edit->node->is_door && hooks->node_freed) {
                hooks->node_freed(hooks->data, edit->node->name);
            }
        }
    }
}

void
lat_control_tell_devices(struct lat_control *c)
{
    lat_control_describe_doors(c);
    for (uint32_t h = 0; h < c->n_hooks; ++h) {
        if (c->hooks[h].devices_changed) {
            c->hooks[h].devices_changed(c->hooks[h].data);
        }
    }
}

bool
lat_control_has_panic(const struct lat_control *c)
{
    for (uint32_t i = 0; i < c->n_timed; ++i) {
        if (c->timed[i].message.kind == LAT_MESSAGE_PANIC) {
            return true;
        }
    }
    return false;
}

void
lat_control_tell_committed(struct lat_control *c, bool is_panic)
{
    for (uint32_t h = 0; h < c->n_hooks; ++h) {
        if (is_panic && c->hooks[h].panicked) {
            c->hooks[h].panicked(c->hooks[h].data);
        }
        if (c->hooks[h].committed) {
            c->hooks[h].committed(c->hooks[h].data);
        }
    }
}
