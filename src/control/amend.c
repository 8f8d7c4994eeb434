// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Settings and bypasses that do not wait for a plan that was sent ahead.
//
// A plan that is compiled while others wait for their frames comes behind them.
// Where all that it brings are configurations and ways around nodes, which
// running plans can be given, they are given at once, and again as each of
// those that wait is taken; the plan comes behind the last of them.
//
// A node that what waits brings, or changes in the same way, waits with it: of
// two settings the last command is what sounds in the end.

#include "state.h"

static bool
is_amendable(const struct lat_edit *edit)
{
    static const bool are[] = {
        [LAT_EDIT_VALUE] = true,    [LAT_EDIT_AMOUNT] = true,
        [LAT_EDIT_NOTE] = true,     [LAT_EDIT_NUMBER] = true,
        [LAT_EDIT_SETTINGS] = true, [LAT_EDIT_BYPASS] = true,
    };
    return edit->kind < LAT_COUNT(are) && are[edit->kind];
}

/// Does an edit change what runs of its node, other than by messages?
static bool
changes_node(const struct lat_edit *edit)
{
    return edit->kind == LAT_EDIT_SETTINGS || edit->kind == LAT_EDIT_BYPASS;
}

/// Is what runs of a node there, and as it was last commanded to be?
static bool
is_settled(const struct lat_control *c, const struct lat_node *node)
{
    const struct lat_unit *unit = lat_units_of(node);
    while (unit && unit->inst->since <= c->stamp &&
           unit->inst->changed <= c->stamp) {
        unit = unit->sister;
    }
    return !unit;
}

bool
lat_control_can_amend(const struct lat_control *c)
{
    bool can = c->stamp < c->plan_frame && !c->n_moves;
    for (uint32_t i = 0; can && i < c->g->n_edits; ++i) {
        const struct lat_edit *edit = &c->g->journal[i];
        can = is_amendable(edit) &&
              (!changes_node(edit) || is_settled(c, edit->node));
    }
    for (uint32_t i = 0; can && i < c->units.n_changes; ++i) {
        const enum lat_unit_change_kind kind = c->units.changes[i].kind;
        can = kind == LAT_UNIT_CHANGE_CONFIG || kind == LAT_UNIT_CHANGE_HEARD;
    }
    return can;
}

size_t
lat_control_count_amendments(const struct lat_control *c,
                             const struct lat_edit *edit)
{
    return changes_node(edit) ? (size_t)edit->node->poly * (c->n_alive + 1U)
                              : 0;
}

// What one plan is given, from @p frame on.
static void
emit_all(struct lat_control *c, uint64_t frame)
{
    for (uint32_t i = 0; i < c->units.n_changes; ++i) {
        const struct lat_unit_change *change = &c->units.changes[i];
        if (change->kind == LAT_UNIT_CHANGE_CONFIG) {
            lat_control_emit(c, &(struct lat_message){
                                    .kind = LAT_MESSAGE_CONFIG,
                                    .frame = frame,
                                    .of = change->inst,
                                    .config = change->inst->config,
                                });
        }
    }
    for (uint32_t i = 0; i < c->g->n_edits; ++i) {
        const struct lat_edit *edit = &c->g->journal[i];
        const struct lat_unit *unit =
            edit->kind == LAT_EDIT_BYPASS ? lat_units_of(edit->node) : NULL;
        for (; unit; unit = unit->sister) {
            if (unit->inst->bypass) {
                lat_control_emit(c, &(struct lat_message){
                                        .kind = LAT_MESSAGE_AROUND,
                                        .frame = frame,
                                        .of = unit->inst,
                                    });
            }
        }
    }
}

void
lat_control_amend(struct lat_control *c)
{
    const uint64_t told = c->told;
    emit_all(c, c->stamp);
    for (uint32_t i = 0; i < c->n_alive; ++i) {
        if (c->alive[i].frame > c->stamp && c->alive[i].frame < c->plan_frame) {
            emit_all(c, c->alive[i].frame);
        }
    }
    c->told = told; // what has a frame does not wait for these
}
