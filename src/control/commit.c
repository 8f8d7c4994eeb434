// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Commit: from the journal of the graph to one plan and a list of messages with
// one frame.
//
// What can fail (instances, rings, the plan) is made first; from then on
// everything succeeds.  Removed nodes and cables that sound stay in the plan as
// the dying until their fade is over; then lat_control_end_fades() makes a plan
// without them.

#include "state.h"
#include "units/derive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Commit, first part: what can fail.

struct config_change {
    struct lat_instance *inst;
    struct lat_config *old;
};

struct commit {
    struct lat_control *c;
    struct config_change *configs;
    uint32_t n_configs, configs_capacity;
    struct lat_plan *plan;
    bool is_structural;
};

static bool
keeps_state(const struct lat_edit *edit)
{
    const struct lat_node *node = edit->node;
    if (node->layout != edit->old_layout) {
        return false;
    }
    for (uint32_t i = 0; i < node->type->n_settings; ++i) {
        const struct lat_setting_value *a = &node->settings[i];
        const struct lat_setting_value *b = &edit->old_settings[i];
        if (!lat_setting_equals(a, b) && !node->type->settings[i].keeps_state) {
            return false;
        }
    }
    return true;
}

static enum lat_status
change_settings(struct commit *k, const struct lat_edit *edit,
                struct lat_error *error)
{
    struct lat_control *c = k->c;
    struct lat_node *node = edit->node;
    if (!node->instance || node->instance != edit->old_instance) {
        return LAT_OK; // made with the present settings, or about to be
    }
    if (!keeps_state(edit)) {
        return lat_control_make_instance(c, node, c->block, error);
    }
    struct lat_config *config = NULL;
    if (!lat_grow((void **)&k->configs, &k->configs_capacity, k->n_configs,
                  sizeof(*k->configs)) ||
        lat_units_make_config(node, c->rate, c->block, &config)) {
        return lat_error_set(error, LAT_ENOMEM, "out of memory");
    }
    k->configs[k->n_configs++] =
        (struct config_change){node->instance, node->instance->config};
    node->instance->config = config;
    return LAT_OK;
}

// A node that comes back starts anew; one that goes leaves its instance behind.
static enum lat_status
change_place(struct commit *k, const struct lat_edit *edit,
             struct lat_error *error)
{
    struct lat_node *node = edit->node;
    if (node->place.is_away) {
        node->instance = NULL;
        return LAT_OK;
    }
    return node->instance
               ? LAT_OK
               : lat_control_make_instance(k->c, node, k->c->block, error);
}

static enum lat_status
prepare_edit(struct commit *k, const struct lat_edit *edit,
             struct lat_error *error)
{
    switch (edit->kind) {
    case LAT_EDIT_VALUE:
    case LAT_EDIT_AMOUNT:
    case LAT_EDIT_NOTE:
    case LAT_EDIT_NODE_RENAMED:
        return LAT_OK;
    case LAT_EDIT_NODE_ADDED:
        k->is_structural = true;
        if (!edit->node->is_cut && !edit->node->instance &&
            !edit->node->place.is_away) {
            return lat_control_make_instance(k->c, edit->node, k->c->block,
                                             error);
        }
        return LAT_OK;
    case LAT_EDIT_SETTINGS:
        k->is_structural = true;
        return edit->node->is_cut ? LAT_OK : change_settings(k, edit, error);
    case LAT_EDIT_PLACE:
        k->is_structural = true;
        return edit->node->is_cut ? LAT_OK : change_place(k, edit, error);
    case LAT_EDIT_CABLE_ADDED:
    case LAT_EDIT_CABLE_REMOVED:
    case LAT_EDIT_NODE_REMOVED:
    case LAT_EDIT_FADE_CUT:
        k->is_structural = true;
        return LAT_OK;
    }
    return LAT_OK;
}

static void
mark_cut(struct lat_graph *g, bool is_cut)
{
    for (uint32_t i = 0; i < g->n_edits; ++i) {
        if (g->journal[i].kind == LAT_EDIT_NODE_REMOVED) {
            g->journal[i].node->is_cut = is_cut;
        } else if (g->journal[i].kind == LAT_EDIT_CABLE_REMOVED) {
            g->journal[i].cable->is_cut = is_cut;
        }
    }
}

// Cables whose source got another instance need its feedback ring.
static enum lat_status
prepare_cables(struct lat_control *c)
{
    enum lat_status status = LAT_OK;
    for (uint32_t i = 0; !status && i < c->g->n_edits; ++i) {
        const struct lat_edit *edit = &c->g->journal[i];
        if (edit->kind == LAT_EDIT_CABLE_ADDED && !edit->cable->is_cut) {
            status = lat_control_make_cable_run(edit->cable);
        } else if ((edit->kind == LAT_EDIT_SETTINGS ||
                    edit->kind == LAT_EDIT_PLACE) &&
                   !edit->node->is_cut) {
            for (struct lat_cable *k = edit->node->out; !status && k;
                 k = k->next_out) {
                status = lat_control_make_cable_run(k);
            }
        }
    }
    return status;
}

// Does a removed node fade?  Not if it was given other ports before, which its
// instance does not have.
static bool
node_fades(const struct lat_node *node)
{
    const struct lat_instance *inst = node->instance;
    return inst && inst->is_live && inst->layout == node->layout;
}

// The input and the output of a removed cable, where its nodes have them now.
static int
input_now(const struct lat_edit *edit)
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
    const int input = input_now(edit);
    if (!cable->is_live || dst->place.is_away ||
        (!src->instance && !cable->door) ||
        (src->is_cut && !src->is_dying && !cable->door) || input < 0 ||
        output_now(edit) < 0 || !dst->in[input].cables) {
        return false;
    }
    return dst->is_cut ? dst->is_dying
                       : lat_port_fades(dst->layout->in[input].port);
}

// A removed node sounds on while it fades, if it ever sounded.
static void
keep_removed(struct lat_control *c)
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
            cable->dst_port = (uint32_t)input_now(edit);
            cable->src_port = (uint32_t)output_now(edit);
            lat_graph_keep_cable(cable);
            c->dying[c->n_dying++] = cable;
        }
    }
}

static void
unkeep_removed(struct lat_control *c)
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

static enum lat_status
prepare(struct commit *k, struct lat_error *error)
{
    struct lat_control *c = k->c;
    enum lat_status status = LAT_OK;
    mark_cut(c->g, true);
    for (uint32_t i = 0; !status && i < c->g->n_edits; ++i) {
        status = prepare_edit(k, &c->g->journal[i], error);
    }
    if (!status) {
        // What an edit sends at most: an amount and a normal.  What it throws
        // away at most: an instance, and a configuration before.
        status =
            lat_control_reserve(c, 1 + c->n_timed + 2 * (size_t)c->g->n_edits,
                                2 * (size_t)c->g->n_edits);
        if (status) {
            lat_error_set(error, status, "out of memory");
        }
    }
    if (!status && k->is_structural) {
        status = prepare_cables(c);
        if (!status) {
            keep_removed(c);
            status = lat_control_compile(c, c->g, c->block, &k->plan);
            if (status) {
                unkeep_removed(c);
            }
        }
        if (status) {
            lat_error_set(error, status, "cannot compile the graph: %s",
                          lat_strerror(status));
        }
    }
    if (status) {
        for (uint32_t i = k->n_configs; i-- > 0;) {
            struct lat_instance *inst = k->configs[i].inst;
            lat_config_free(inst->type, inst->config);
            inst->config = k->configs[i].old;
        }
        mark_cut(c->g, false);
    }
    return status;
}

// Commit, second part: what cannot.

// Where nothing sounds, nothing ramps.
static uint64_t
ramp_frames(const struct lat_control *c)
{
    return lat_control_runs_itself(c) ? 0
                                      : (uint64_t)(LAT_RAMP_SECONDS * c->rate);
}

static void
emit_value(struct lat_control *c, const struct lat_edit *edit, uint32_t input)
{
    struct lat_node *node = edit->node;
    const struct lat_port *port = node->layout->in[input].port;
    struct lat_instance *inst = node->instance;
    struct lat_message m = {
        .kind = LAT_MESSAGE_VALUE,
        .frame = c->stamp,
        .value = edit->new_value,
        .id = inst->id,
        .ramp = &inst->ramps[node->layout->in[input].ramp],
    };
    if (port->kind == LAT_PORT_TRIGGER) {
        m.spacing = 2;
        if (edit->new_value <= 0.0F) {
            return;
        }
    } else if (port->kind == LAT_PORT_GATE) {
        m.spacing = 1;
    } else if (edit->seconds >= 0.0) {
        m.length = (uint64_t)(edit->seconds * c->rate);
    } else if (port->smooth) {
        m.length = ramp_frames(c);
        m.is_fade = true;
    }
    if (!inst->is_live && port->kind == LAT_PORT_GATE) {
        lat_ramp_set(m.ramp, 0.0F); // before a node's first frame
    } else if (!inst->is_live && port->kind != LAT_PORT_TRIGGER) {
        // Not heard yet: it starts at its value, unless it was told to glide.
        if (edit->seconds <= 0.0) {
            return;
        }
        lat_ramp_set(m.ramp, edit->old_value);
    }
    lat_control_emit(c, &m);
}

// What the amount of a living cable is to be for now.
static float
amount_of(const struct lat_cable *cable)
{
    const struct lat_port *port = cable->dst->layout->in[cable->dst_port].port;
    return cable->src->is_muted && !cable->dst->is_door && lat_port_fades(port)
               ? 0.0F
               : cable->amount;
}

static void
emit_amount(struct lat_control *c, const struct lat_cable *cable, float to,
            uint64_t delay)
{
    const struct lat_port *port = cable->dst->layout->in[cable->dst_port].port;
    if (!cable->dst->instance) {
        return; // in a process
    }
    lat_control_emit(c, &(struct lat_message){
                            .kind = LAT_MESSAGE_AMOUNT,
                            .frame = c->stamp,
                            .value = to,
                            .delay = delay,
                            .length = lat_port_fades(port) ? ramp_frames(c) : 0,
                            .is_fade = true,
                            .id = cable->dst->instance->id,
                            .ramp = &cable->run->amount,
                        });
}

static void
emit_normal(struct lat_control *c, struct lat_node *node, uint32_t port)
{
    struct lat_cables *in = node->in[port].cables;
    const bool is_patched = in && in->n_cables;
    if (!in || !node->instance ||
        node->layout->in[port].port->kind != LAT_PORT_SIGNAL ||
        in->is_patched == is_patched || !node->instance->is_live) {
        return;
    }
    in->is_patched = is_patched;
    lat_control_emit(
        c, &(struct lat_message){
               .kind = LAT_MESSAGE_NORMAL,
               .frame = c->stamp,
               .value = is_patched ? 0.0F : 1.0F,
               .length = ramp_frames(c),
               .is_fade = true,
               .id = node->instance->id,
               .ramp = &node->instance->ramps[node->layout->in[port].ramp + 1],
           });
}

static void
finish_cable_added(struct lat_control *c, struct lat_cable *cable)
{
    if (cable->is_cut || cable->is_live) {
        return;
    }
    const struct lat_port *port = cable->dst->layout->in[cable->dst_port].port;
    lat_ramp_set(&cable->run->amount, amount_of(cable));
    if (!cable->dst->instance) {
        return;
    }
    if (cable->dst->instance->is_live && lat_port_fades(port)) {
        lat_ramp_set(&cable->run->amount, 0.0F);
        // A feedback ring may be fresh: nothing comes out for a quantum, and
        // then all of it.
        emit_amount(c, cable, amount_of(cable),
                    lat_cable_is_ring(cable) ? c->block : 0);
    }
    emit_normal(c, cable->dst, cable->dst_port);
}

static void
finish_cable_removed(struct lat_control *c, const struct lat_edit *edit)
{
    struct lat_cable *cable = edit->cable;
    const int input = input_now(edit);
    if (!cable->dst->is_cut && input >= 0) {
        emit_normal(c, cable->dst, (uint32_t)input);
    }
    if (!cable->is_dying) {
        lat_control_throw_away(c, (struct lat_garbage){.run = cable->run});
        return; // the record is freed when the journal is done
    }
    cable->dead_at = c->stamp + ramp_frames(c) + 1;
    if (!cable->dst->is_cut) {
        emit_amount(c, cable, 0.0F, 0);
    }
}

static void
finish_node_removed(struct lat_control *c, struct lat_node *node)
{
    struct lat_instance *inst = node->instance;
    if (!node->is_dying) {
        if (inst) {
            lat_control_throw_away(c, (struct lat_garbage){.inst = inst});
            node->instance = NULL;
        }
        return;
    }
    inst->is_live = false;
    node->dead_at = c->stamp + ramp_frames(c) + 1;
    if (node->type->flags & LAT_TYPE_DEVICE_OUT) {
        lat_control_emit(c, &(struct lat_message){
                                .kind = LAT_MESSAGE_FADE,
                                .frame = c->stamp,
                                .value = 0.0F,
                                .length = ramp_frames(c),
                                .is_fade = true,
                                .ramp = inst->fade,
                            });
    }
}

static void
finish_settings(struct lat_control *c, struct lat_edit *edit)
{
    // Other edits of this transaction may have replaced the same one.
    struct lat_instance *old = edit->old_instance;
    if (old && old != edit->node->instance && old->is_live) {
        old->is_live = false;
        lat_control_throw_away(c, (struct lat_garbage){.inst = old});
    }
    lat_settings_free(edit->node->type, edit->old_settings);
    if (edit->old_in) {
        lat_inputs_free(edit->old_in, edit->old_layout);
    }
}

static void
rename_doors(struct lat_control *c, const struct lat_node *of)
{
    for (struct lat_node *d = c->g->first_door; d; d = d->next) {
        if (d->stands_for == of && d->instance) {
            lat_control_name_door(d);
            snprintf(c->engine->devices[d->instance->slots[0]].name,
                     LAT_PORT_NAME_MAX, "%s", d->settings[0].text);
        }
    }
}

static void
rename_instance(struct lat_control *c, const struct lat_node *node)
{
    struct lat_instance *inst = node->instance;
    rename_doors(c, node);
    if (!inst) {
        return;
    }
    memcpy(inst->name, node->name, sizeof(inst->name));
    for (uint32_t i = 0; i < inst->n_slots; ++i) {
        struct lat_device *d = &c->engine->devices[inst->slots[i]];
        memcpy(d->node, node->name, sizeof(d->node));
        snprintf(d->name, sizeof(d->name), "%s_%u", node->name, i + 1);
    }
}

// The cables of a node that comes back stood still while it was away.
static void
finish_place(struct lat_control *c, struct lat_edit *edit)
{
    struct lat_node *node = edit->node;
    // Other edits of this transaction may have replaced the same one.
    struct lat_instance *old = edit->old_instance;
    if (old && old != node->instance && old->is_live) {
        old->is_live = false;
        lat_control_throw_away(c, (struct lat_garbage){.inst = old});
    }
    if (node->is_cut || edit->old_instance || !node->instance) {
        return;
    }
    for (uint32_t i = 0; i < node->layout->n_in; ++i) {
        for (const struct lat_cable *k = lat_input_first(&node->in[i]); k;
             k = k->next_in) {
            lat_ramp_set(&k->run->amount, amount_of(k));
        }
    }
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
            emit_amount(c, k, amount_of(k), 0);
        }
    }
    if (c->outbox.n > before) {
        lat_control_end_messages(c);
    }
}

static void
tell_value(struct lat_control *c, const struct lat_edit *edit, uint32_t input)
{
    for (uint32_t h = 0; edit->node->place.is_hosted && h < c->n_hooks; ++h) {
        if (c->hooks[h].value_sent) {
            c->hooks[h].value_sent(c->hooks[h].data, edit->node, input,
                                   edit->new_value, edit->seconds);
        }
    }
}

static void
finish_value(struct lat_control *c, const struct lat_edit *edit)
{
    const struct lat_node *node = edit->node;
    const int input = node->is_cut
                          ? -1
                          : lat_layout_follow_input(edit->old_layout,
                                                    node->layout, edit->input);
    if (input >= 0) {
        tell_value(c, edit, (uint32_t)input);
        if (node->instance) {
            emit_value(c, edit, (uint32_t)input);
        }
    }
}

static void
finish_note(struct lat_control *c, const struct lat_edit *edit)
{
    const struct lat_instance *inst =
        edit->node->is_cut ? NULL : edit->node->instance;
    if (inst) {
        lat_control_emit(c, &(struct lat_message){
                                .kind = LAT_MESSAGE_NOTE,
                                .frame = c->stamp,
                                .value = edit->new_value,
                                .velocity = edit->velocity,
                                .state = inst->state,
                            });
    }
}

static void
finish_edit(struct lat_control *c, struct lat_edit *edit)
{
    switch (edit->kind) {
    case LAT_EDIT_NODE_ADDED:
        break;
    case LAT_EDIT_NODE_REMOVED:
        finish_node_removed(c, edit->node);
        break;
    case LAT_EDIT_NODE_RENAMED:
        rename_instance(c, edit->node);
        break;
    case LAT_EDIT_CABLE_ADDED:
        finish_cable_added(c, edit->cable);
        break;
    case LAT_EDIT_CABLE_REMOVED:
        finish_cable_removed(c, edit);
        break;
    case LAT_EDIT_AMOUNT:
        if (!edit->cable->is_cut && edit->cable->is_live) {
            emit_amount(c, edit->cable, amount_of(edit->cable), 0);
        }
        break;
    case LAT_EDIT_VALUE:
        finish_value(c, edit);
        break;
    case LAT_EDIT_SETTINGS:
        finish_settings(c, edit);
        break;
    case LAT_EDIT_PLACE:
        finish_place(c, edit);
        break;
    case LAT_EDIT_NOTE:
        finish_note(c, edit);
        break;
    case LAT_EDIT_FADE_CUT:
        // The plan that is about to end may still read it.
        lat_control_throw_away(c,
                               (struct lat_garbage){.run = edit->cable->run});
        break;
    }
}

// Call the hooks for what the journal holds; then forget removed records.
static void
tell_hooks(struct lat_control *c)
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
    lat_control_measure_lateness(c);
    for (uint32_t h = 0; h < c->n_hooks; ++h) {
        if (c->hooks[h].devices_changed) {
            c->hooks[h].devices_changed(c->hooks[h].data);
        }
    }
}

static bool
has_panic(const struct lat_control *c)
{
    for (uint32_t i = 0; i < c->n_timed; ++i) {
        if (c->timed[i].message.kind == LAT_MESSAGE_PANIC) {
            return true;
        }
    }
    return false;
}

static void
tell_committed(struct lat_control *c, bool is_panic)
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

// Forget cables whose fades were cut: they were taken off the dying.
static void
forget_cut_fades(struct lat_control *c)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < c->n_dying; ++i) {
        if (c->dying[i]->is_dying) {
            c->dying[kept++] = c->dying[i];
        }
    }
    c->n_dying = kept;
}

static void
finish_journal(struct lat_control *c)
{
    struct lat_graph *g = c->g;
    forget_cut_fades(c);
    for (uint32_t i = 0; i < g->n_edits; ++i) {
        const struct lat_edit *edit = &g->journal[i];
        if (edit->kind == LAT_EDIT_NODE_ADDED && edit->node->instance) {
            edit->node->instance->is_live = true;
        } else if ((edit->kind == LAT_EDIT_SETTINGS ||
                    edit->kind == LAT_EDIT_PLACE) &&
                   !edit->node->is_cut && edit->node->instance) {
            edit->node->instance->is_live = true;
        } else if (edit->kind == LAT_EDIT_CABLE_ADDED) {
            edit->cable->is_live = true;
        }
    }
    tell_hooks(c);
    for (uint32_t i = 0; i < g->n_edits; ++i) {
        const struct lat_edit *edit = &g->journal[i];
        if ((edit->kind == LAT_EDIT_CABLE_REMOVED ||
             edit->kind == LAT_EDIT_FADE_CUT) &&
            !edit->cable->is_dying) {
            lat_cable_free(edit->cable);
        }
    }
    for (uint32_t i = 0; i < g->n_edits; ++i) {
        const struct lat_edit *edit = &g->journal[i];
        if (edit->kind == LAT_EDIT_NODE_REMOVED && !edit->node->is_dying) {
            lat_node_free(edit->node);
        }
    }
    lat_graph_clear_journal(g);
}

// Emit what was said before edit number @p mark, from number @p next on.
// @return the number of the next one.
static uint32_t
emit_timed(struct lat_control *c, uint32_t next, uint32_t mark)
{
    for (; next < c->n_timed && c->timed[next].mark <= mark; ++next) {
        struct lat_message m = c->timed[next].message;
        m.frame = c->stamp;
        lat_control_emit(c, &m);
    }
    return next;
}

static enum lat_status
commit_edits(struct lat_control *c, struct lat_error *error)
{
    struct commit k = {.c = c};
    enum lat_status status = lat_control_adjust_places(c);
    if (!status) {
        status = prepare(&k, error);
    }
    if (status) {
        free(k.configs);
        lat_control_rollback(c);
        return status;
    }
    c->stamp = lat_engine_stamp(c->engine);
    for (uint32_t i = 0; i < k.n_configs; ++i) {
        lat_control_throw_away(c, (struct lat_garbage){
                                      .config = k.configs[i].old,
                                      .type = k.configs[i].inst->type,
                                  });
    }
    free(k.configs);
    const uint32_t before = c->outbox.n;
    if (k.plan) {
        // Garbage thrown away below belongs to this plan's serial.
        const uint64_t serial = c->plan_serial;
        lat_control_submit_plan(c, k.plan, false);
        c->plan_serial = serial;
    }
    uint32_t timed = 0;
    for (uint32_t i = 0; i < c->g->n_edits; ++i) {
        timed = emit_timed(c, timed, i);
        finish_edit(c, &c->g->journal[i]);
    }
    c->plan_serial = c->plan->serial;
    emit_timed(c, timed, UINT32_MAX);
    finish_journal(c);
    if (c->outbox.n > before) {
        lat_control_end_messages(c);
    }
    if (k.is_structural) {
        lat_control_collect_garbage(c);
    }
    return LAT_OK;
}

// Replace everything.

static enum lat_status
make_all(struct lat_control *c, struct lat_graph *g, uint32_t block,
         struct lat_error *error)
{
    enum lat_status status = LAT_OK;
    for (struct lat_node *n = lat_graph_next_node(g, NULL); !status && n;
         n = lat_graph_next_node(g, n)) {
        if (!n->place.is_away) {
            status = lat_control_make_instance(c, n, block, error);
        }
    }
    for (struct lat_cable *k = lat_graph_next_cable(g, NULL); !status && k;
         k = lat_graph_next_cable(g, k)) {
        status = lat_control_make_cable_run(k);
        if (status) {
            lat_error_set(error, status, "cannot make a cable from %s: %s",
                          k->src->name, lat_strerror(status));
        }
    }
    return status;
}

static void
all_live(struct lat_graph *g)
{
    for (struct lat_node *n = lat_graph_next_node(g, NULL); n;
         n = lat_graph_next_node(g, n)) {
        if (n->instance) {
            n->instance->is_live = true;
        }
    }
    for (struct lat_cable *k = lat_graph_next_cable(g, NULL); k;
         k = lat_graph_next_cable(g, k)) {
        k->is_live = true;
    }
}

// Cables and nodes that fade.
size_t
lat_control_n_fading(const struct lat_control *c)
{
    size_t n = c->n_dying;
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
        lat_control_throw_away(c, (struct lat_garbage){.inst = node->instance});
        lat_node_free(node);
    }
}

// Nodes and cables, doors and those into them too.
static size_t
n_records(const struct lat_graph *g)
{
    size_t n = (size_t)g->n_nodes + g->n_cables;
    for (const struct lat_node *d = g->first_door; d; d = d->next) {
        ++n;
    }
    for (const struct lat_cable *k = g->first_door_cable; k; k = k->next) {
        ++n;
    }
    return n;
}

static enum lat_status
commit_load(struct lat_control *c, struct lat_error *error)
{
    struct lat_graph *g = &c->next_graph;
    struct lat_plan *plan = NULL;
    for (uint32_t i = 0; i < g->n_edits; ++i) {
        if (g->journal[i].kind == LAT_EDIT_SETTINGS) {
            finish_settings(c, &g->journal[i]);
        }
    }
    enum lat_status status = lat_control_adjust_places(c);
    // Triggers set while loading have nothing to act on yet.
    lat_graph_clear_journal(g);
    bool is_said = false;
    if (!status) {
        status = make_all(c, g, c->next_block, error);
        is_said = status != LAT_OK;
    }
    if (!status) {
        status =
            lat_control_reserve(c, 1 + (size_t)c->n_timed,
                                lat_control_n_fading(c) + n_records(&c->graph));
    }
    if (!status) {
        status = lat_control_compile(c, g, c->next_block, &plan);
    }
    if (status && !is_said) {
        lat_error_set(error, status, "cannot compile the graph: %s",
                      lat_strerror(status));
    }
    if (status) {
        lat_control_rollback(c);
        return status;
    }
    lat_control_bury_all_dying(c);
    for (struct lat_node *n = lat_graph_next_node(&c->graph, NULL); n;
         n = lat_graph_next_node(&c->graph, n)) {
        lat_control_throw_away(c, (struct lat_garbage){.inst = n->instance});
    }
    for (struct lat_cable *k = lat_graph_next_cable(&c->graph, NULL); k;
         k = lat_graph_next_cable(&c->graph, k)) {
        lat_control_throw_away(c, (struct lat_garbage){.run = k->run});
    }
    lat_graph_fini(&c->graph);
    lat_document_free(&c->document);
    c->graph = *g;
    c->document = c->next_document;
    c->next_document = (struct lat_document){0};
    c->block = c->next_block;

    c->stamp = lat_engine_stamp(c->engine);
    lat_control_submit_plan(c, plan, true);
    emit_timed(c, 0, UINT32_MAX);
    all_live(&c->graph);
    lat_control_end_messages(c);
    lat_control_collect_garbage(c);
    return LAT_OK;
}

static enum lat_status
time_all(struct lat_control *c)
{
    const struct lat_transport *t = &c->transport;
    const struct lat_message messages[] = {
        {.kind = LAT_MESSAGE_SYNC, .number = c->next_document.sync},
        {.kind = LAT_MESSAGE_TEMPO, .number = t->tempo_bpm},
        {.kind = LAT_MESSAGE_BEATS, .number = t->beats_per_cycle},
        {.kind = LAT_MESSAGE_PLAY, .number = t->is_playing},
        {.kind = LAT_MESSAGE_LOCATE, .cycle = t->anchor},
    };
    enum lat_status status = LAT_OK;
    c->n_timed = 0;
    for (size_t i = 0; !status && i < LAT_COUNT(messages); ++i) {
        status = lat_control_add_timed(c, &messages[i]);
    }
    return status;
}

enum lat_status
lat_control_commit(struct lat_control *c, struct lat_error *error)
{
    LAT_ASSERT_ROLE(LAT_ROLE_CONTROL);
    const bool is_load = c->is_load;
    const bool moves_doors = lat_control_moves_doors(c);
    const bool is_panic = has_panic(c);
    enum lat_status status = is_load ? time_all(c) : LAT_OK;
    if (!status) {
        status = is_load ? commit_load(c, error) : commit_edits(c, error);
    }
    if (status) {
        return status;
    }
    lat_control_close(c);
    if (moves_doors) {
        lat_control_tell_devices(c);
    }
    for (uint32_t h = 0; is_load && h < c->n_hooks; ++h) {
        if (c->hooks[h].loaded) {
            c->hooks[h].loaded(c->hooks[h].data);
        }
    }
    tell_committed(c, is_panic);
    return LAT_OK;
}

enum lat_status
lat_control_clear(struct lat_control *c, struct lat_error *error)
{
    if (c->is_open) {
        return lat_error_set(error, LAT_EINVAL,
                             "/graph/clear cannot be part of a bundle");
    }
    const struct lat_transport transport = c->transport;
    const enum lat_sync sync = c->document.sync;
    lat_control_begin_load(c, c->block);
    c->transport = transport;
    c->next_document.sync = sync;
    const enum lat_status status = commit_load(c, error);
    if (!status) {
        lat_control_close(c);
        lat_control_tell_devices(c);
        tell_committed(c, false);
    }
    return status;
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
    bool any = false;
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
            lat_control_throw_away(c,
                                   (struct lat_garbage){.inst = n->instance});
            lat_node_free(n);
            any = true;
        }
    }
    struct lat_plan *plan = NULL;
    if (any && !lat_control_compile(c, &c->graph, c->block, &plan)) {
        c->stamp = lat_engine_stamp(c->engine);
        lat_control_submit_plan(c, plan, false);
        lat_control_end_messages(c);
        lat_control_tell_devices(c);
    }
}

// Another rate: every node starts anew.

// Put what node number i has in place of what is at number i, or the other way
// round.
static void
exchange_instances(struct lat_graph *g, struct lat_instance **instances)
{
    uint32_t i = 0;
    for (struct lat_node *n = lat_graph_next_node(g, NULL); n;
         n = lat_graph_next_node(g, n), ++i) {
        struct lat_instance *inst = n->instance;
        n->instance = instances[i];
        instances[i] = inst;
    }
}

// Instances and a plan at the present rate in place of those at @p old; or all
// as it was.
static enum lat_status
make_anew(struct lat_control *c, struct lat_instance **old, uint32_t n,
          struct lat_plan **plan, struct lat_error *error)
{
    exchange_instances(&c->graph, old);
    enum lat_status status = make_all(c, &c->graph, c->block, error);
    if (!status) {
        lat_control_bury_all_dying(c);
        status = lat_control_compile(c, &c->graph, c->block, plan);
    }
    if (status) {
        exchange_instances(&c->graph, old);
        for (uint32_t i = 0; i < n; ++i) {
            lat_control_drop_instance(c, old[i]);
        }
    }
    return status;
}

enum lat_status
lat_control_set_rate(struct lat_control *c, double rate,
                     struct lat_error *error)
{
    if (rate == c->rate) {
        return LAT_OK;
    }
    uint32_t n = 0;
    for (struct lat_node *node = lat_graph_next_node(&c->graph, NULL); node;
         node = lat_graph_next_node(&c->graph, node)) {
        ++n;
    }
    struct lat_instance **old = calloc((size_t)n + 1, sizeof(*old));
    struct lat_plan *plan = NULL;
    const double old_rate = c->rate;
    c->rate = rate;
    enum lat_status status =
        old ? lat_control_reserve(c, 2, (size_t)n + lat_control_n_fading(c))
            : LAT_ENOMEM;
    if (!status) {
        status = make_anew(c, old, n, &plan, error);
    }
    if (status) {
        c->rate = old_rate;
        free(old);
        return lat_error_set(error, status, "cannot change to %g Hz: %s", rate,
                             lat_strerror(status));
    }
    for (uint32_t i = 0; i < n; ++i) {
        lat_control_throw_away(c, (struct lat_garbage){.inst = old[i]});
    }
    free(old);
    c->transport.rate = rate;
    c->stamp = lat_engine_stamp(c->engine);
    lat_control_submit_plan(c, plan, false);
    lat_control_emit(c, &(struct lat_message){
                            .kind = LAT_MESSAGE_RATE,
                            .frame = c->stamp,
                            .number = rate,
                        });
    all_live(&c->graph);
    lat_control_end_messages(c);
    lat_control_collect_garbage(c);
    return LAT_OK;
}
