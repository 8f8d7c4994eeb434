// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// From the journal of the graph to one plan and a list of messages with one
// frame.
//
// What can fail (instances, rings, the plan) is made first; from then on
// everything succeeds.

#include "state.h"
#include "units/derive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// First part: what can fail.

struct commit {
    struct lat_control *c;
    struct lat_coming coming;
    bool is_structural;
};

static bool
keeps_state(const struct lat_control *c, const struct lat_edit *edit)
{
    const struct lat_node *node = edit->node;
    if (node->layout != edit->old_layout) {
        return false;
    }
    for (uint32_t i = 0; i < node->type->n_settings; ++i) {
        if (!node->type->settings[i].keeps_state &&
            lat_config_would_differ(lat_units_instance(node)->config,
                                    node->type, i, &edit->old_settings[i],
                                    &node->settings[i], c->prepared)) {
            return false;
        }
    }
    return true;
}

static enum lat_status
prepare_settings(struct commit *k, const struct lat_edit *edit,
                 struct lat_error *error)
{
    struct lat_control *c = k->c;
    struct lat_node *node = edit->node;
    const struct lat_instance *inst = lat_units_instance(node);
    if (node->is_removed || !inst || !inst->is_live) {
        return LAT_OK; // made with the present settings, or about to be
    }
    if (!keeps_state(c, edit)) {
        return lat_control_change_instances(
            c, node, node->type->take_over != NULL, error);
    }
    const struct lat_instance_options means = lat_control_means(c, c->block);
    enum lat_status status = LAT_OK;
    struct lat_unit *unit = lat_units_of(node);
    for (; !status && unit; unit = unit->sister) {
        struct lat_config *config = NULL;
        status = lat_units_make_config(node, unit->voice, &means, &config);
        if (!status && lat_units_configure(&c->units, unit, config)) {
            lat_config_free(node->type, config);
            status = LAT_ENOMEM;
        }
    }
    return status ? lat_error_set(error, status, "out of memory") : LAT_OK;
}

// A node that comes back starts anew; one that goes leaves its instance behind.
static enum lat_status
move_unit(struct lat_control *c, struct lat_node *node, struct lat_error *error)
{
    const bool is_away = lat_units_is_away(node);
    if (node->is_removed || !lat_units_of(node) == is_away) {
        return LAT_OK;
    }
    if (!is_away) {
        return lat_control_add_units(c, &c->units, node, c->block, error);
    }
    return lat_units_remove(&c->units, node)
               ? lat_error_set(error, LAT_ENOMEM, "out of memory")
               : LAT_OK;
}

static enum lat_status
prepare_bypass(struct commit *k, const struct lat_edit *edit,
               struct lat_error *error)
{
    const struct lat_node *node = edit->node;
    const bool is_needed = !node->is_removed && node->is_bypassed;
    enum lat_status status = LAT_OK;
    struct lat_unit *unit = is_needed ? lat_units_of(node) : NULL;
    for (; !status && unit; unit = unit->sister) {
        status = lat_units_hear_bypass(&k->c->units, unit->inst);
    }
    return status ? lat_error_set(error, status, "out of memory") : LAT_OK;
}

// Voices that stay keep their instances, and a dealer its state.
static enum lat_status
prepare_poly(struct commit *k, const struct lat_edit *edit,
             struct lat_error *error)
{
    struct lat_control *c = k->c;
    struct lat_node *node = edit->node;
    const struct lat_instance *inst = lat_units_instance(node);
    if (node->is_removed || !inst) {
        return LAT_OK;
    }
    if (lat_type_is_dealer(node->type)) {
        return inst->layout->n_voices == node->poly
                   ? LAT_OK
                   : lat_control_change_instances(c, node, true, error);
    }
    if (lat_units_let_voices_die(&c->units, node, node->poly)) {
        return lat_error_set(error, LAT_ENOMEM, "out of memory");
    }
    return lat_control_add_units(c, &c->units, node, c->block, error);
}

static enum lat_status
prepare_node_added(struct commit *k, const struct lat_edit *edit,
                   struct lat_error *error)
{
    struct lat_node *node = edit->node;
    if (node->is_removed) {
        return LAT_OK;
    }
    if (lat_units_need_voices(&k->c->units, node)) {
        return lat_error_set(error, LAT_ENOMEM, "out of memory");
    }
    return move_unit(k->c, node, error);
}

// Ports of a node that are about to change cut fades short.
static bool
cuts_fades(const struct lat_edit *edit)
{
    const struct lat_node *node = edit->node;
    return edit->kind == LAT_EDIT_SETTINGS &&
           !lat_settings_equal(node->type, edit->old_settings, node->settings);
}

static enum lat_status
each_edit(struct lat_control *c,
          enum lat_status (*derive)(struct lat_control *c,
                                    const struct lat_edit *edit))
{
    enum lat_status status = LAT_OK;
    for (uint32_t i = 0; !status && i < c->g->n_edits; ++i) {
        status = derive(c, &c->g->journal[i]);
    }
    return status;
}

static enum lat_status
cut_fades(struct lat_control *c, const struct lat_edit *edit)
{
    return cuts_fades(edit) ? lat_units_cut_fades(&c->units, edit->node)
                            : LAT_OK;
}

// So does going away, and coming back.
static enum lat_status
cut_fades_of_moved(struct lat_control *c)
{
    enum lat_status status = LAT_OK;
    for (uint32_t i = 0; !status && i < c->n_moves; ++i) {
        const struct lat_placing *move = &c->moves[i];
        if (lat_place_is_away(move->place) != lat_units_is_away(move->node)) {
            status = lat_units_cut_fades(&c->units, move->node);
        }
    }
    return status;
}

// A removed node sounds on while it fades, if it ever sounded.
static enum lat_status
remove_unit(struct lat_control *c, const struct lat_edit *edit)
{
    if (edit->kind != LAT_EDIT_NODE_REMOVED || !lat_units_of(edit->node)) {
        return LAT_OK;
    }
    return lat_control_node_fades(edit->node)
               ? lat_units_let_die(&c->units, edit->node)
               : lat_units_remove(&c->units, edit->node);
}

static enum lat_status
lead_inputs(struct lat_control *c, const struct lat_node *node)
{
    enum lat_status status = LAT_OK;
    for (uint32_t i = 0; i < node->layout->n_in; ++i) {
        for (struct lat_cable *k = lat_input_first(&node->in[i]); !status && k;
             k = k->next_in) {
            status = lat_units_lead(&c->units, k);
        }
    }
    return status;
}

// Cables whose source got another instance need its feedback ring, or read a
// door.
static enum lat_status
lead_outputs(struct lat_control *c, const struct lat_node *node)
{
    enum lat_status status = LAT_OK;
    struct lat_door *d = node->run ? node->run->doors : NULL;
    for (; !status && d; d = d->next) {
        status = lat_units_lead_door(&c->units, d);
    }
    for (struct lat_cable *k = node->out; !status && k; k = k->next_out) {
        status = lat_units_lead(&c->units, k);
    }
    return status;
}

// Those of voices that came, and not those of voices that went.
static enum lat_status
lead_voices(struct lat_control *c, const struct lat_edit *edit)
{
    const struct lat_node *node = edit->node;
    if (edit->kind != LAT_EDIT_POLY || node->is_removed) {
        return LAT_OK;
    }
    const enum lat_status status = lead_inputs(c, node);
    return status ? status : lead_outputs(c, node);
}

static enum lat_status
lead_changed_node(struct lat_control *c, const struct lat_edit *edit)
{
    return edit->kind != LAT_EDIT_SETTINGS || edit->node->is_removed
               ? LAT_OK
               : lead_outputs(c, edit->node);
}

static enum lat_status
lead_moved(struct lat_control *c)
{
    enum lat_status status = LAT_OK;
    for (uint32_t i = 0; !status && i < c->n_moves; ++i) {
        const struct lat_node *node = c->moves[i].node;
        status = lead_inputs(c, node); // none of one that was removed
        status = status ? status : lead_outputs(c, node);
    }
    return status;
}

static enum lat_status
end_lead(struct lat_control *c, const struct lat_edit *edit)
{
    return edit->kind == LAT_EDIT_CABLE_REMOVED ? lat_control_end_leads(c, edit)
                                                : LAT_OK;
}

static enum lat_status
add_lead(struct lat_control *c, const struct lat_edit *edit)
{
    return edit->kind == LAT_EDIT_CABLE_ADDED && !edit->cable->is_removed
               ? lat_units_lead(&c->units, edit->cable)
               : LAT_OK;
}

// What the units have come to, leads follow.
static enum lat_status
derive_leads(struct lat_control *c)
{
    enum lat_status status = lead_moved(c);
    status = status ? status : each_edit(c, lead_changed_node);
    status = status ? status : each_edit(c, end_lead);
    status = status ? status : each_edit(c, lead_voices);
    return status ? status : each_edit(c, add_lead);
}

// Second part: what cannot.

// The plan that brings it may wait for its frame.
static uint64_t
frame_for(const struct lat_control *c, const struct lat_instance *inst)
{
    return c->stamp > inst->since ? c->stamp : inst->since;
}

/// An input of a voice, as it runs.
struct voice_input {
    struct lat_instance *inst;
    struct lat_ramp *ramp;
};

static struct voice_input
find_voice_input(const struct lat_node *node, uint32_t voice, uint32_t input)
{
    struct lat_instance *inst = lat_units_voice(node, voice)->inst;
    const uint32_t port = lat_units_input(node, voice, input);
    return (struct voice_input){inst,
                                &inst->ramps[inst->layout->in[port].ramp]};
}

static void
emit_value(struct lat_control *c, const struct lat_edit *edit, uint32_t voice,
           uint32_t input)
{
    const struct lat_port *port = edit->node->layout->in[input].port;
    const struct voice_input in = find_voice_input(edit->node, voice, input);
    struct lat_message m = {
        .kind = LAT_MESSAGE_VALUE,
        .frame = frame_for(c, in.inst),
        .value = edit->new_value,
        .id = in.inst->id,
        .ramp = in.ramp,
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
        m.length = lat_control_ramp_frames(c);
        m.is_fade = true;
    }
    if (!in.inst->is_live && port->kind == LAT_PORT_GATE) {
        lat_ramp_set(m.ramp, 0.0F); // before a node's first frame
    } else if (!in.inst->is_live && port->kind != LAT_PORT_TRIGGER) {
        // Not heard yet: it starts at its value, unless it was told to glide.
        if (edit->seconds <= 0.0) {
            return;
        }
        lat_ramp_set(m.ramp, edit->old_value);
    }
    lat_control_emit(c, &m);
}

static void
emit_normal(struct lat_control *c, const struct lat_node *node, uint32_t voice,
            uint32_t input)
{
    struct lat_unit *unit = lat_units_voice(node, voice);
    const uint32_t port = lat_units_input(node, voice, input);
    struct lat_patch *p = unit ? lat_units_patch(unit, port) : NULL;
    const bool is_patched = p && p->n_live;
    if (!p || node->layout->in[input].port->kind != LAT_PORT_SIGNAL ||
        p->is_told == is_patched || !unit->inst->is_live) {
        return;
    }
    p->is_told = is_patched;
    lat_control_emit(
        c,
        &(struct lat_message){
            .kind = LAT_MESSAGE_NORMAL,
            .frame = c->stamp,
            .value = is_patched ? 0.0F : 1.0F,
            .length = lat_control_ramp_frames(c),
            .is_fade = true,
            .id = unit->inst->id,
            .ramp = &unit->inst->ramps[unit->inst->layout->in[port].ramp + 1],
        });
}

static void
emit_normals(struct lat_control *c, const struct lat_node *node, uint32_t input)
{
    for (uint32_t v = 0; v < node->poly; ++v) {
        emit_normal(c, node, v, input);
    }
}

// Leads of a cable that are new: those to what sounds fade in.
static void
begin_leads(struct lat_control *c, const struct lat_cable *cable)
{
    const struct lat_port *port = cable->dst->layout->in[cable->dst_port].port;
    for (struct lat_lead *lead = cable->run; lead; lead = lead->sister) {
        if (!lead->is_told && lead->dst->inst->is_live &&
            lat_port_fades(port)) {
            lat_ramp_set(lead->amount, 0.0F);
            // A feedback ring may be fresh: nothing comes out for a quantum,
            // and then all of it.
            lat_control_emit_amount(c, lead, lat_units_target(cable),
                                    lead->is_ring ? c->block : 0);
        }
    }
}

// A lead that dies fades, if what it leads to does not.
static void
end_dying_lead(struct lat_control *c, struct lat_lead *lead)
{
    lead->dead_at = c->stamp + lat_control_ramp_frames(c) + 1;
    if (lead->dst->state == LAT_RUN_LIVE) {
        lat_control_emit_amount(c, lead, 0.0F, 0);
    }
}

static void
finish_cable_added(struct lat_control *c, struct lat_edit *edit)
{
    const struct lat_cable *cable = edit->cable;
    if (cable->is_removed || !cable->run) {
        return;
    }
    begin_leads(c, cable);
    emit_normals(c, cable->dst, cable->dst_port);
}

static void
finish_cable_removed(struct lat_control *c, struct lat_edit *edit)
{
    const struct lat_cable *cable = edit->cable;
    const int input = lat_control_input_now(edit);
    if (!cable->dst->is_removed && input >= 0) {
        emit_normals(c, cable->dst, (uint32_t)input);
    }
    for (struct lat_lead *lead = cable->run; lead; lead = lead->sister) {
        end_dying_lead(c, lead); // else it does not fade
    }
}

static void
begin_fade(struct lat_control *c, struct lat_unit *unit)
{
    struct lat_instance *inst = unit->inst;
    inst->is_live = false;
    unit->dead_at = c->stamp + lat_control_ramp_frames(c) + 1;
    if (inst->fade) {
        lat_control_emit(c, &(struct lat_message){
                                .kind = LAT_MESSAGE_FADE,
                                .frame = c->stamp,
                                .value = 0.0F,
                                .length = lat_control_ramp_frames(c),
                                .is_fade = true,
                                .ramp = inst->fade,
                            });
    }
}

static void
finish_node_removed(struct lat_control *c, struct lat_edit *edit)
{
    struct lat_unit *unit = lat_units_of(edit->node);
    for (; unit; unit = unit->sister) { // else it does not fade
        begin_fade(c, unit);
    }
}

// States move before the plan that has their new owners: who is in the old one
// alone then has nothing to let go of.
static void
adopt_states(struct lat_control *c)
{
    for (uint32_t i = 0; i < c->units.n_changes; ++i) {
        const struct lat_unit_change *change = &c->units.changes[i];
        if (change->kind == LAT_UNIT_CHANGE_INSTANCE && change->is_adopted) {
            lat_control_emit(c, &(struct lat_message){
                                    .kind = LAT_MESSAGE_ADOPT,
                                    .frame = c->stamp,
                                    .from = change->inst,
                                    .to = change->unit->inst,
                                });
        }
    }
}

// What voices of a node come with.
static void
finish_poly(struct lat_control *c, struct lat_edit *edit)
{
    const struct lat_node *node = edit->node;
    if (node->is_removed) {
        return;
    }
    for (uint32_t i = 0; i < node->layout->n_in; ++i) {
        const struct lat_cable *k = lat_input_first(&node->in[i]);
        for (; k; k = k->next_in) {
            begin_leads(c, k);
        }
    }
    for (const struct lat_cable *k = node->out; k; k = k->next_out) {
        begin_leads(c, k);
    }
}

// A door that is needed no longer fades with what it reads.
static void
fade_unit(struct lat_control *c, struct lat_unit *unit)
{
    begin_fade(c, unit);
    struct lat_lead *lead = unit->is_door ? lat_units_door(unit)->lead : NULL;
    for (; lead; lead = lead->sister) {
        lead->dead_at = unit->dead_at;
    }
}

// What dies by no edit of its own: doors, voices, and what those read and feed.
static void
fade_rest(struct lat_control *c)
{
    for (uint32_t i = 0; i < c->units.n_changes; ++i) {
        const struct lat_unit_change *change = &c->units.changes[i];
        if (change->kind == LAT_UNIT_CHANGE_DIES && !change->unit->dead_at) {
            fade_unit(c, change->unit);
        } else if (change->kind == LAT_LEAD_CHANGE_DIES &&
                   !change->lead->dead_at) {
            end_dying_lead(c, change->lead);
        }
    }
}

static void
finish_node_renamed(struct lat_control *c, struct lat_edit *edit)
{
    const struct lat_node *node = edit->node;
    struct lat_instance *inst = lat_units_instance(node);
    lat_control_rename_doors(c, node);
    lat_control_rename_watches(c, edit->old_name, node->name);
    if (!inst) {
        return;
    }
    for (uint32_t i = 0; i < inst->n_slots; ++i) {
        struct lat_slot *d = &c->slots.all[inst->slots[i]];
        snprintf(d->node, sizeof(d->node), "%s", node->name);
        if (d->is_midi) {
            snprintf(d->name, sizeof(d->name), "%s", node->name);
        } else {
            snprintf(d->name, sizeof(d->name), "%s_%u", node->name, i + 1);
        }
    }
}

static void
finish_value(struct lat_control *c, struct lat_edit *edit)
{
    const struct lat_node *node = edit->node;
    const int input = node->is_removed
                          ? -1
                          : lat_layout_follow_input(edit->old_layout,
                                                    node->layout, edit->input);
    const uint32_t first = edit->voice ? edit->voice - 1U : 0;
    const uint32_t end = edit->voice ? edit->voice : node->poly;
    if (input < 0) {
        return;
    }
    const struct lat_instance *inst = lat_units_instance(node);
    if (!lat_control_is_voice_overruled(c, edit, first + 1)) {
        lat_control_follow_glide(c, edit, (uint32_t)input,
                                 inst ? frame_for(c, inst) : c->stamp);
    }
    for (uint32_t v = first; inst && v < end && v < node->poly; ++v) {
        if (!lat_control_is_voice_overruled(c, edit, v + 1)) {
            emit_value(c, edit, v, (uint32_t)input);
        }
    }
}

// A fade begins when what goes around is as late as the node is.
static void
fade_bypass(struct lat_control *c, const struct lat_node *node,
            struct lat_instance *inst)
{
    struct lat_bypass *b = inst->bypass;
    const uint64_t length = lat_control_ramp_frames(c);
    b->over_at = node->is_bypassed ? 0 : c->stamp + length + 1;
    if (b->over_at > c->bypass_over_at) {
        c->bypass_over_at = b->over_at;
    }
    b->is_heard = true;
    inst->changed = c->stamp;
    if (inst->is_live) {
        lat_control_emit(c, &(struct lat_message){
                                .kind = LAT_MESSAGE_FADE,
                                .frame = c->stamp,
                                .value = node->is_bypassed ? 1.0F : 0.0F,
                                .delay = node->is_bypassed ? b->latency : 0,
                                .length = length,
                                .is_fade = true,
                                .ramp = &b->share,
                            });
    }
}

static void
finish_bypass(struct lat_control *c, struct lat_edit *edit)
{
    const struct lat_node *node = edit->node;
    const struct lat_unit *unit = node->is_removed ? NULL : lat_units_of(node);
    for (; unit; unit = unit->sister) {
        if (unit->inst->bypass) {
            fade_bypass(c, node, unit->inst);
        }
    }
}

static void
finish_amount(struct lat_control *c, struct lat_edit *edit)
{
    const struct lat_cable *cable = edit->cable;
    struct lat_lead *lead =
        cable->is_removed || lat_control_is_overruled(c, edit) ? NULL
                                                               : cable->run;
    for (; lead; lead = lead->sister) {
        if (lead->is_told) {
            lat_control_emit_amount(c, lead, lat_units_target(cable), 0);
        }
    }
}

static void
finish_note(struct lat_control *c, struct lat_edit *edit)
{
    const struct lat_instance *inst =
        edit->node->is_removed ? NULL : lat_units_instance(edit->node);
    if (inst) {
        if (edit->velocity > 0.0F) {
            lat_control_begin_note(c, edit->node, edit->new_value,
                                   frame_for(c, inst), edit->seconds);
        }
        lat_control_emit(c, &(struct lat_message){
                                .kind = LAT_MESSAGE_NOTE,
                                .frame = frame_for(c, inst),
                                .value = edit->new_value,
                                .velocity = edit->velocity,
                                .state = inst->state,
                            });
    }
}

static void
finish_number(struct lat_control *c, struct lat_edit *edit)
{
    const struct lat_instance *inst =
        edit->node->is_removed ? NULL : lat_units_instance(edit->node);
    if (inst) {
        lat_control_emit(c, &(struct lat_message){
                                .kind = LAT_MESSAGE_NUMBER,
                                .frame = frame_for(c, inst),
                                .value = edit->new_value,
                                .state = inst->state,
                            });
    }
}

static void
finish_strike(struct lat_control *c, struct lat_edit *edit)
{
    const struct lat_instance *inst =
        edit->node->is_removed ? NULL : lat_units_instance(edit->node);
    if (inst) {
        lat_control_emit(c, &(struct lat_message){
                                .kind = LAT_MESSAGE_STRIKE,
                                .frame = frame_for(c, inst),
                                .strike = edit->strike,
                                .state = inst->state,
                            });
    }
}

// What each kind of edit comes to.

/// The graph's own table says how it is undone.
static const struct edit_rule {
    bool is_structural; ///< it makes a plan
    /// Make what it needs, or NULL: what can fail.
    enum lat_status (*prepare)(struct commit *k, const struct lat_edit *edit,
                               struct lat_error *error);
    /// Put it in force, or NULL: what cannot.
    void (*finish)(struct lat_control *c, struct lat_edit *edit);
} edit_rules[] = {
    [LAT_EDIT_NODE_ADDED] = {true, prepare_node_added, NULL},
    [LAT_EDIT_NODE_REMOVED] = {true, NULL, finish_node_removed},
    [LAT_EDIT_NODE_RENAMED] = {false, NULL, finish_node_renamed},
    [LAT_EDIT_CABLE_ADDED] = {true, NULL, finish_cable_added},
    [LAT_EDIT_CABLE_REMOVED] = {true, NULL, finish_cable_removed},
    [LAT_EDIT_AMOUNT] = {false, NULL, finish_amount},
    [LAT_EDIT_VALUE] = {false, NULL, finish_value},
    [LAT_EDIT_SETTINGS] = {true, prepare_settings, NULL},
    [LAT_EDIT_BYPASS] = {true, prepare_bypass, finish_bypass},
    [LAT_EDIT_PROCESS] = {false, NULL, NULL},
    [LAT_EDIT_POLY] = {true, prepare_poly, finish_poly},
    [LAT_EDIT_SLEEP] = {true, NULL, NULL},
    [LAT_EDIT_NOTE] = {false, NULL, finish_note},
    [LAT_EDIT_NUMBER] = {false, NULL, finish_number},
    [LAT_EDIT_STRIKE] = {false, NULL, finish_strike},
};

static enum lat_status
prepare_edit(struct commit *k, const struct lat_edit *edit,
             struct lat_error *error)
{
    const struct edit_rule *rule = &edit_rules[edit->kind];
    k->is_structural = k->is_structural || rule->is_structural;
    return rule->prepare ? rule->prepare(k, edit, error) : LAT_OK;
}

static void
finish_edit(struct lat_control *c, struct lat_edit *edit)
{
    if (edit_rules[edit->kind].finish) {
        edit_rules[edit->kind].finish(c, edit);
    }
}

// What an edit sends at most: for each voice an amount and a normal.
static size_t
count_messages(const struct lat_edit *edit)
{
    const struct lat_cable *k = edit->cable;
    const uint32_t n = k            ? lat_cable_n_leads(k)
                       : edit->node ? edit->node->poly
                                    : 1U;
    return 2 * (size_t)n;
}

// Room for all that is sent and thrown away; a door that goes sends a fade, and
// a voice that comes or goes what its leads do.
static enum lat_status
reserve(struct lat_control *c)
{
    const size_t n_changes = c->units.n_changes;
    size_t n_messages =
        LAT_MAX_LAYERS + c->n_timed + 2 * n_changes + c->n_releases;
    for (uint32_t i = 0; i < c->g->n_edits; ++i) {
        n_messages += count_messages(&c->g->journal[i]) +
                      lat_control_count_repeats(c, &c->g->journal[i]);
    }
    enum lat_status status = lat_control_reserve(c, n_messages, n_changes);
    status = status ? status : lat_control_reserve_releases(c);
    status = status ? status : lat_control_reserve_glides(c);
    status = status ? status : lat_control_reserve_ahead(c);
    return status ? status : lat_control_reserve_changes(c);
}

// Units of nodes as they are edited, then doors.
static enum lat_status
derive_units(struct commit *k, struct lat_error *error)
{
    struct lat_control *c = k->c;
    enum lat_status status = lat_control_set_places(c, &c->units, error);
    for (uint32_t i = 0; !status && i < c->n_moves; ++i) {
        status = move_unit(c, c->moves[i].node, error);
    }
    for (uint32_t i = 0; !status && i < c->g->n_edits; ++i) {
        status = prepare_edit(k, &c->g->journal[i], error);
    }
    if (!status && each_edit(c, remove_unit)) {
        status = lat_error_set(error, LAT_ENOMEM, "out of memory");
    }
    return status ? status : lat_control_derive_doors(c, error);
}

static enum lat_status
prepare(struct commit *k, struct lat_error *error)
{
    struct lat_control *c = k->c;
    enum lat_status status = cut_fades_of_moved(c);
    status = status ? status : each_edit(c, cut_fades);
    if (!status) {
        status = derive_units(k, error);
        if (status) {
            return status;
        }
    }
    if (!status && k->is_structural) {
        status = derive_leads(c);
    }
    if (!status) {
        status = reserve(c);
    }
    if (!status && k->is_structural) {
        status = lat_control_compile_edits(c, lat_control_coming_frame(c),
                                           &k->coming);
    }
    return status ? lat_error_set(error, status, "cannot compile the graph: %s",
                                  lat_strerror(status))
                  : LAT_OK;
}

/// What a node had before it got other settings.
static void
forget_settings(const struct lat_edit *edit)
{
    lat_settings_free(edit->node->type, edit->old_settings);
    if (edit->old_in) {
        lat_inputs_free(edit->old_in, edit->old_layout);
    }
}

void
lat_control_forget_journal(struct lat_control *c)
{
    struct lat_graph *g = c->g;
    for (uint32_t i = 0; i < g->n_edits; ++i) {
        if (g->journal[i].kind == LAT_EDIT_SETTINGS) {
            forget_settings(&g->journal[i]);
        }
    }
    for (uint32_t i = 0; i < g->n_edits; ++i) {
        if (g->journal[i].kind == LAT_EDIT_CABLE_REMOVED) {
            lat_cable_free(g, g->journal[i].cable);
        }
    }
    for (uint32_t i = 0; i < g->n_edits; ++i) {
        if (g->journal[i].kind == LAT_EDIT_NODE_REMOVED) {
            lat_units_forget(&c->units, g->journal[i].node);
            lat_control_forget_releases(c, g->journal[i].node);
            lat_node_free(g, g->journal[i].node);
        }
    }
    lat_graph_clear_journal(g);
}

enum lat_status
lat_control_commit_edits(struct lat_control *c, struct lat_error *error)
{
    enum lat_status status = lat_control_send_new_away(c);
    struct commit k = {.c = c, .is_structural = c->n_moves};
    if (!status) {
        status = prepare(&k, error);
    }
    if (status) {
        lat_units_undo(&c->units, lat_control_drop_instance, c);
        lat_control_rollback(c);
        return status;
    }
    lat_control_take_stamp(c, k.coming.n == 1); // else none of them waits
    lat_control_follow_ahead(c);
    const uint32_t before = c->outbox.n;
    if (k.coming.n) {
        // Garbage thrown away below belongs to the first plan's serial.
        const uint64_t serial = c->plan_serial;
        adopt_states(c);
        lat_control_submit(c, &k.coming, false);
        c->plan_serial = serial;
    }
    uint32_t timed = 0;
    for (uint32_t i = 0; i < c->g->n_edits; ++i) {
        timed = lat_control_emit_timed(c, timed, i);
        finish_edit(c, &c->g->journal[i]);
        lat_control_repeat_ahead(c, &c->g->journal[i]);
    }
    fade_rest(c);
    lat_control_settle_units(c);
    c->plan_serial = c->plan->serial;
    lat_control_emit_timed(c, timed, UINT32_MAX);
    lat_control_settle_ahead(c);
    c->last_turn = 0;
    if (c->outbox.n > before) {
        lat_control_end_messages(c);
    }
    if (k.is_structural) {
        lat_control_collect_garbage(c);
    }
    return LAT_OK;
}
