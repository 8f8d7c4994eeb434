// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What fades: amounts of cables, and nodes and cables that were removed and
// stay in the plan as the dying until their fade is over; then
// lat_control_end_fades() makes a plan without them.

#include "state.h"

// Where nothing sounds, nothing ramps.
uint64_t
lat_control_ramp_frames(const struct lat_control *c)
{
    return lat_control_runs_itself(c) ? 0
                                      : (uint64_t)(LAT_RAMP_SECONDS * c->rate);
}

// What the amount of a living cable is to be for now.
float
lat_control_amount_of(const struct lat_cable *cable)
{
    const struct lat_port *port = cable->dst->layout->in[cable->dst_port].port;
    return cable->src->is_muted && !cable->dst->is_door && lat_port_fades(port)
               ? 0.0F
               : cable->amount;
}

void
lat_control_emit_amount(struct lat_control *c, const struct lat_cable *cable,
                        float to, uint64_t delay)
{
    const struct lat_port *port = cable->dst->layout->in[cable->dst_port].port;
    const struct lat_instance *inst = lat_units_instance(cable->dst);
    if (!inst) {
        return; // in a process
    }
    lat_control_emit(
        c, &(struct lat_message){
               .kind = LAT_MESSAGE_AMOUNT,
               .frame = c->stamp,
               .value = to,
               .delay = delay,
               .length = lat_port_fades(port) ? lat_control_ramp_frames(c) : 0,
               .is_fade = true,
               .id = inst->id,
               .ramp = &cable->run->amount,
           });
}

void
lat_control_fade_outputs(struct lat_control *c, const char *name, bool is_in)
{
    struct lat_node *node = lat_graph_find(&c->graph, name);
    if (!node) {
        return;
    }
    node->is_muted = !is_in;
    size_t n = 0;
    for (const struct lat_cable *k = node->out; k; k = k->next_out) {
        ++n;
    }
    if (!n || lat_control_reserve(c, n, 0)) {
        return; // where there is no memory, without a fade
    }
    const uint32_t before = c->outbox.n;
    c->stamp = lat_engine_stamp(c->engine);
    for (const struct lat_cable *k = node->out; k; k = k->next_out) {
        if (!k->dst->is_door &&
            lat_port_fades(k->dst->layout->in[k->dst_port].port)) {
            lat_control_emit_amount(c, k, lat_control_amount_of(k), 0);
        }
    }
    if (c->outbox.n > before) {
        lat_control_end_messages(c);
    }
}

// The dying.

// Does a removed node fade?  Not if it was given other ports before, which its
// instance does not have.
static bool
node_fades(const struct lat_node *node)
{
    const struct lat_instance *inst = lat_units_instance(node);
    return inst && inst->is_live && inst->layout == node->layout;
}

// The input and the output of a removed cable, where its nodes have them now.
int
lat_control_input_now(const struct lat_edit *edit)
{
    return lat_layout_follow_input(edit->old_layout, edit->cable->dst->layout,
                                   edit->input);
}

static int
output_now(const struct lat_edit *edit)
{
    return lat_layout_follow_output(edit->src_layout, edit->cable->src->layout,
                                    edit->output);
}

// Does a removed cable fade?  Its ports may be gone.
static bool
cable_fades(const struct lat_edit *edit)
{
    const struct lat_cable *cable = edit->cable;
    const struct lat_node *src = cable->src;
    const struct lat_node *dst = cable->dst;
    const int input = lat_control_input_now(edit);
    if (!cable->is_live || dst->place.is_away ||
        (!lat_units_instance(src) && !cable->door) ||
        (src->is_cut && !src->is_dying && !cable->door) || input < 0 ||
        output_now(edit) < 0 || !dst->in[input].cables) {
        return false;
    }
    return dst->is_cut ? dst->is_dying
                       : lat_port_fades(dst->layout->in[input].port);
}

// A removed node sounds on while it fades, if it ever sounded.
void
lat_control_keep_removed(struct lat_control *c)
{
    for (uint32_t i = 0; i < c->g->n_edits; ++i) {
        const struct lat_edit *edit = &c->g->journal[i];
        if (edit->kind == LAT_EDIT_NODE_REMOVED && node_fades(edit->node)) {
            lat_graph_keep_node(c->g, edit->node);
        }
    }
    for (uint32_t i = 0; i < c->g->n_edits; ++i) {
        const struct lat_edit *edit = &c->g->journal[i];
        struct lat_cable *cable = edit->cable;
        if (edit->kind == LAT_EDIT_CABLE_REMOVED && cable_fades(edit) &&
            lat_grow((void **)&c->dying, &c->dying_capacity, c->n_dying,
                     sizeof(struct lat_cable *))) {
            cable->dst_port = (uint32_t)lat_control_input_now(edit);
            cable->src_port = (uint32_t)output_now(edit);
            lat_graph_keep_cable(cable);
            c->dying[c->n_dying++] = cable;
        }
    }
}

void
lat_control_unkeep_removed(struct lat_control *c)
{
    for (uint32_t i = 0; i < c->g->n_edits; ++i) {
        const struct lat_edit *edit = &c->g->journal[i];
        if (edit->kind == LAT_EDIT_CABLE_REMOVED && edit->cable->is_dying) {
            lat_graph_bury_cable(edit->cable);
            edit->cable->dst_port = edit->input;
            edit->cable->src_port = edit->output;
            --c->n_dying; // they are the newest ones
        } else if (edit->kind == LAT_EDIT_NODE_REMOVED &&
                   edit->node->is_dying) {
            lat_graph_bury_node(c->g, edit->node);
        }
    }
}

enum lat_status
lat_control_cut_fades(struct lat_control *c, const struct lat_node *node)
{
    enum lat_status status = LAT_OK;
    for (uint32_t i = 0; !status && i < c->n_dying; ++i) {
        struct lat_cable *cable = c->dying[i];
        if (cable->is_dying && (cable->dst == node || cable->src == node)) {
            status = lat_graph_cut_fade(c->g, cable);
        }
    }
    return status;
}

// Forget cables whose fades were cut: they were taken off the dying.
void
lat_control_forget_cut_fades(struct lat_control *c)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < c->n_dying; ++i) {
        if (c->dying[i]->is_dying) {
            c->dying[kept++] = c->dying[i];
        }
    }
    c->n_dying = kept;
}

// Cables and nodes that fade, and ways around nodes.
size_t
lat_control_n_fading(const struct lat_control *c)
{
    size_t n = c->n_dying + (c->bypass_over_at != 0);
    for (const struct lat_node *node = c->graph.dying; node;
         node = node->dying_next) {
        ++n;
    }
    return n;
}

// They belong to the plan that is about to end.
void
lat_control_bury_all_dying(struct lat_control *c)
{
    struct lat_graph *g = &c->graph;
    for (uint32_t i = 0; i < c->n_dying; ++i) {
        lat_graph_bury_cable(c->dying[i]);
        lat_control_throw_away(c,
                               (struct lat_garbage){.run = c->dying[i]->run});
        lat_cable_free(c->dying[i]);
    }
    c->n_dying = 0;
    while (g->dying) {
        struct lat_node *node = g->dying;
        lat_graph_bury_node(g, node);
        lat_control_throw_away(
            c, (struct lat_garbage){.inst = lat_units_instance(node)});
        lat_units_forget(&c->units, node);
        lat_node_free(node);
    }
}

// Ways around nodes that are heard no longer.  @return whether there are any.
static bool
end_bypasses(struct lat_control *c, uint64_t now)
{
    bool any = false;
    if (!c->bypass_over_at) {
        return false;
    }
    c->bypass_over_at = 0;
    for (const struct lat_node *n = c->graph.first; n; n = n->next) {
        const struct lat_instance *inst = lat_units_instance(n);
        struct lat_bypass *b = inst ? inst->bypass : NULL;
        if (b && b->over_at && now >= b->over_at) {
            b->over_at = 0;
            b->is_heard = false;
            any = true;
        } else if (b && b->over_at > c->bypass_over_at) {
            c->bypass_over_at = b->over_at;
        }
    }
    return any;
}

void
lat_control_end_fades(struct lat_control *c)
{
    const size_t n_over = lat_control_n_fading(c);
    if (!n_over || lat_control_reserve(c, 1, n_over)) {
        return;
    }
    const uint64_t now =
        atomic_load_explicit(&c->engine->frames_done, memory_order_acquire);
    const bool is_over = lat_control_runs_itself(c);
    bool any = end_bypasses(c, is_over ? UINT64_MAX : now);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < c->n_dying; ++i) {
        struct lat_cable *cable = c->dying[i];
        if (!is_over && now < cable->dead_at) {
            c->dying[kept++] = cable;
            continue;
        }
        lat_graph_bury_cable(cable);
        lat_control_throw_away(c, (struct lat_garbage){.run = cable->run});
        lat_cable_free(cable);
        any = true;
    }
    c->n_dying = kept;
    struct lat_node *next = NULL;
    for (struct lat_node *n = c->graph.dying; n; n = next) {
        next = n->dying_next;
        if (is_over || now >= n->dead_at) {
            lat_graph_bury_node(&c->graph, n);
            lat_control_throw_away(
                c, (struct lat_garbage){.inst = lat_units_instance(n)});
            lat_units_forget(&c->units, n);
            lat_node_free(n);
            any = true;
        }
    }
    struct lat_plan *plan = NULL;
    if (any && !lat_control_compile(c, &c->graph, c->block, &plan)) {
        c->stamp = lat_engine_stamp(c->engine);
        lat_control_submit_plan(c, plan, false);
        lat_control_end_messages(c);
        lat_control_tell_ports(c);
    }
}
