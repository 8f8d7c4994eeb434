// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Wishes for processes, which are edits, and moves of nodes there and back,
// which are none, as the user made none; but they come with a transaction, and
// are undone with it.

#include "base/log.h"
#include "state.h"

#include <string.h>

bool
lat_control_wants_process(const struct lat_control *c,
                          const struct lat_node *node)
{
    return lat_type_can_leave(node->type) && node->poly == 1 &&
           strlen(node->name) <= LAT_PROCESS_NAME_MAX &&
           (node->is_own_process || c->all_in_processes);
}

enum lat_status
lat_control_set_process(struct lat_control *c, struct lat_node *node,
                        bool is_own)
{
    c->has_places = true;
    return lat_graph_set_process(c->g, node, is_own);
}

enum lat_status
lat_control_add_move(struct lat_control *c, struct lat_node *node,
                     enum lat_place place)
{
    if (!lat_grow((void **)&c->moves, &c->moves_capacity, c->n_moves,
                  sizeof(*c->moves))) {
        return LAT_ENOMEM;
    }
    c->has_places = true;
    c->moves[c->n_moves++] = (struct lat_placing){node, place};
    return LAT_OK;
}

enum lat_status
lat_control_send_new_away(struct lat_control *c)
{
    enum lat_status status = LAT_OK;
    const uint32_t n = c->has_processes ? c->g->n_edits : 0;
    for (uint32_t i = 0; !status && i < n; ++i) {
        struct lat_node *node = c->g->journal[i].node;
        if (c->g->journal[i].kind == LAT_EDIT_NODE_ADDED &&
            lat_control_wants_process(c, node)) {
            status = lat_control_add_move(c, node, LAT_PLACE_AWAY);
        } else if (c->g->journal[i].kind == LAT_EDIT_NODE_ADDED &&
                   c->all_in_processes && node->poly > 1) {
            lat_log_bounded(LAT_LOG_WARNING,
                            "%s has %u voices, and so stays in the engine",
                            node->name, node->poly);
        }
    }
    return status;
}

enum lat_status
lat_control_set_places(struct lat_control *c, struct lat_units *u,
                       struct lat_error *error)
{
    enum lat_status status = LAT_OK;
    for (uint32_t i = 0; !status && i < c->n_moves; ++i) {
        const struct lat_placing *move = &c->moves[i];
        status = move->node->is_removed
                     ? LAT_OK
                     : lat_units_set_place(u, move->node, move->place);
    }
    return status ? lat_error_set(error, status, "out of memory") : LAT_OK;
}
