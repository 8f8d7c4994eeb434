// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A node that gets another instance while something waits for its frame.

#include "state.h"

/// A node's other instances have the value that it keeps from their first frame
/// on.  What is heard before may be written meanwhile, so they are told again.
static bool
may_be_new(const struct lat_edit *edit)
{
    return (edit->kind == LAT_EDIT_SETTINGS || edit->kind == LAT_EDIT_POLY) &&
           !edit->node->is_removed;
}

static bool
is_value_of(const struct lat_written_ahead *w, const struct lat_node *node)
{
    return !w->src && w->node == node->id;
}

size_t
lat_control_count_repeats(const struct lat_control *c,
                          const struct lat_edit *edit)
{
    size_t n = 0;
    for (uint32_t i = 0; i < c->n_ahead && may_be_new(edit); ++i) {
        n += is_value_of(&c->ahead[i], edit->node) ? edit->node->poly : 0;
    }
    return n;
}

static void
repeat(struct lat_control *c, const struct lat_node *node,
       const struct lat_unit *unit, const struct lat_written_ahead *w)
{
    const struct lat_port *port = node->layout->in[w->input].port;
    struct lat_instance *inst = unit->inst;
    const uint32_t in = lat_units_input(node, unit->voice, w->input);
    const bool is_gate = port->kind == LAT_PORT_GATE;
    const bool fades = !is_gate && port->smooth;
    if (inst->is_live || w->frame <= c->stamp ||
        (w->voice && w->voice != unit->voice + 1U)) {
        return;
    }
    lat_control_emit(c, &(struct lat_message){
                            .kind = LAT_MESSAGE_VALUE,
                            .frame = w->frame,
                            .value = w->value,
                            .spacing = is_gate ? 1 : 0,
                            .length = fades ? lat_control_ramp_frames(c) : 0,
                            .is_fade = fades,
                            .id = inst->id,
                            .ramp = &inst->ramps[inst->layout->in[in].ramp],
                        });
}

void
lat_control_repeat_ahead(struct lat_control *c, const struct lat_edit *edit)
{
    const struct lat_unit *unit =
        c->n_ahead && may_be_new(edit) ? lat_units_of(edit->node) : NULL;
    for (; unit; unit = unit->sister) {
        for (uint32_t i = 0; i < c->n_ahead; ++i) {
            if (is_value_of(&c->ahead[i], edit->node)) {
                repeat(c, edit->node, unit, &c->ahead[i]);
            }
        }
    }
}
