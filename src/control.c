// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Transactions: from the journal of the graph to one plan and a list of
// messages with one frame.
//
// What can fail (instances, rings, the plan) is made first; from then on
// everything succeeds.  Removed nodes and cables that sound stay in the plan as
// the dying until their fade is over; then lat_control_tick() makes a plan
// without them, and frees them when no older plan is left.

#include "control_private.h"
#include "log.h"
#include "text.h"

#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool
lat_grow(void **array, uint32_t *capacity, uint32_t n, size_t element)
{
    if (n < *capacity) {
        return true;
    }
    const uint32_t wanted = *capacity ? 2 * *capacity : 64;
    void *grown = realloc(*array, wanted * element);
    if (!grown) {
        return false;
    }
    *array = grown;
    *capacity = wanted;
    return true;
}

// Text lines of the document.

enum lat_status
lat_line_append(struct lat_line **list, const char *key, const char *text,
                const char *comment)
{
    struct lat_line *line = calloc(1, sizeof(*line));
    if (line) {
        line->key = lat_strdup(key);
        line->text = lat_strdup(text);
        line->comment = lat_strdup(comment);
    }
    if (!line || !line->key || !line->text || (comment && !line->comment)) {
        lat_lines_free(&line);
        return LAT_ENOMEM;
    }
    while (*list) {
        list = &(*list)->next;
    }
    *list = line;
    return LAT_OK;
}

void
lat_lines_free(struct lat_line **list)
{
    while (*list) {
        struct lat_line *line = *list;
        *list = line->next;
        free(line->key);
        free(line->text);
        free(line->comment);
        free(line);
    }
}

void
lat_comments_free(struct lat_comment **list)
{
    while (*list) {
        struct lat_comment *comment = *list;
        *list = comment->next;
        free(comment->key);
        free(comment->text);
        free(comment);
    }
}

void
lat_loose_cables_free(struct lat_loose_cable **list)
{
    while (*list) {
        struct lat_loose_cable *cable = *list;
        *list = cable->next;
        lat_lines_free(&cable->line);
        free(cable);
    }
}

static void
unknown_free(struct lat_unknown *u)
{
    free(u->made_by);
    lat_lines_free(&u->keys);
    lat_lines_free(&u->sections);
    lat_loose_cables_free(&u->cables);
}

static void
document_free(struct lat_document *d)
{
    unknown_free(&d->unknown);
    lat_lines_free(&d->jack);
    lat_lines_free(&d->map);
    lat_lines_free(&d->osc);
    lat_comments_free(&d->comments);
    *d = (struct lat_document){0};
}

// Garbage.

// Instances have small numbers, used again: plans index tables with them.
static bool
take_id(struct lat_control *c, uint32_t *id)
{
    if (c->n_free_ids) {
        *id = c->free_ids[--c->n_free_ids];
        return true;
    }
    // Room to give every number back.
    if (!lat_grow((void **)&c->free_ids, &c->ids_capacity, c->n_ids,
                  sizeof(*c->free_ids))) {
        return false;
    }
    *id = c->n_ids++;
    return true;
}

static void
free_id(struct lat_control *c, uint32_t id)
{
    c->free_ids[c->n_free_ids++] = id;
}

static void
drop_instance(void *data, struct lat_instance *inst)
{
    struct lat_control *c = data;
    if (inst) {
        free_id(c, inst->id);
        for (uint32_t i = 0; i < inst->n_slots; ++i) {
            lat_engine_drop_slot(c->engine, inst->slots[i]);
        }
        lat_instance_free(inst);
    }
}

static void
free_garbage(struct lat_control *c, struct lat_garbage *garbage)
{
    drop_instance(c, garbage->inst);
    free(garbage->run);
    lat_config_free(garbage->type, garbage->config);
}

static void
throw_away(struct lat_control *c, struct lat_garbage garbage)
{
    garbage.serial = c->plan_serial + 1; // the next plan is without it
    if (lat_grow((void **)&c->garbage, &c->garbage_capacity, c->n_garbage,
                 sizeof(garbage))) {
        c->garbage[c->n_garbage++] = garbage;
    } // else leaked: out of memory, and the audio thread may still read it
}

static void
collect_garbage(struct lat_control *c)
{
    if (!c->n_garbage) {
        return;
    }
    uint64_t oldest = c->plan_serial;
    for (uint32_t i = 0; i < c->n_alive; ++i) {
        oldest = c->alive[i] < oldest ? c->alive[i] : oldest;
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < c->n_garbage; ++i) {
        if (c->garbage[i].serial <= oldest) {
            free_garbage(c, &c->garbage[i]);
        } else {
            c->garbage[kept++] = c->garbage[i];
        }
    }
    c->n_garbage = kept;
}

// The outbox.

// Is there no audio thread, now and for the next frames?  Offline, whoever
// turns the crank is the audio thread.
static bool
runs_itself(const struct lat_control *c)
{
    return !c->is_offline && !atomic_load(&c->engine->is_running);
}

static void
send_outbox(struct lat_control *c)
{
    struct lat_outbox *o = &c->outbox;
    uint32_t done = 0;
    while (done < o->n_ends) {
        const uint32_t end = o->ends[done];
        // A transaction goes whole; one that is larger than the ring cannot.
        const uint32_t wanted = end - o->n_sent;
        if (wanted <= LAT_MESSAGES &&
            wanted > lat_ring_space(c->engine->messages)) {
            break;
        }
        while (o->n_sent < end &&
               lat_ring_push(c->engine->messages, &o->messages[o->n_sent])) {
            ++o->n_sent;
        }
        lat_ring_commit(c->engine->messages);
        if (runs_itself(c)) {
            lat_engine_flush(c->engine);
        }
        if (o->n_sent < end) {
            break;
        }
        ++done;
    }
    o->n_ends -= done;
    if (done && o->n_ends) {
        memmove(o->ends, o->ends + done, o->n_ends * sizeof(*o->ends));
    }
    if (!o->n_ends) {
        o->n = o->n_sent = 0;
    }
}

static bool
emit(struct lat_control *c, const struct lat_message *m)
{
    struct lat_outbox *o = &c->outbox;
    if (!lat_grow((void **)&o->messages, &o->capacity, o->n, sizeof(*m))) {
        return false;
    }
    o->messages[o->n++] = *m;
    return true;
}

static void
end_messages(struct lat_control *c)
{
    struct lat_outbox *o = &c->outbox;
    if (lat_grow((void **)&o->ends, &o->ends_capacity, o->n_ends,
                 sizeof(*o->ends))) {
        o->ends[o->n_ends++] = o->n;
    }
    send_outbox(c);
}

// Plans.

static void
describe_plan(struct lat_control *c)
{
    struct lat_engine_status *info = &c->engine->info;
    const struct lat_plan *p = c->plan;
    info->rate = c->rate;
    info->block = p->block;
    info->n_nodes = c->graph.n_nodes;
    info->n_cables = c->graph.n_cables;
    info->n_batches = p->n_batches;
    info->n_chunks = p->n_chunks;
    info->buffers_in_use = p->counters.in_use;
    info->buffers_peak = p->counters.peak;
    info->buffer_allocations = p->counters.allocations;
    info->buffer_gets = p->counters.gets;
    info->buffer_reuse = p->counters.reuse;
    info->compile_us = p->compile_us;
}

static enum lat_status
compile(struct lat_control *c, struct lat_graph *g, uint32_t block,
        struct lat_plan **out)
{
    const struct lat_plan_options options = {
        .block = block,
        .kernels = c->kernels,
        .n_threads = c->n_threads,
        .grain_ns = c->grain_ns,
        .without_lanes = c->without_lanes,
    };
    if (!lat_grow((void **)&c->alive, &c->alive_capacity, c->n_alive,
                  sizeof(*c->alive))) {
        return LAT_ENOMEM;
    }
    return lat_plan_compile(g, &options, out);
}

static void
submit_plan(struct lat_control *c, struct lat_plan *plan, bool fades_old)
{
    plan->serial = ++c->plan_serial;
    c->alive[c->n_alive++] = plan->serial;
    c->plan = plan;
    emit(c, &(struct lat_message){
                .kind = LAT_MESSAGE_PLAN,
                .frame = c->stamp,
                .fades_old = fades_old,
                .plan = plan,
            });
    describe_plan(c);
}

// A worker that was held up may still look at a plan that audio let go.
static void
plan_is_back(struct lat_control *c, struct lat_plan *plan)
{
    if (!lat_scheduler_is_past(c->engine->scheduler, plan->last_run)) {
        plan->next = c->held_plans;
        c->held_plans = plan;
        return;
    }
    for (uint32_t i = 0; i < c->n_alive; ++i) {
        if (c->alive[i] == plan->serial) {
            c->alive[i] = c->alive[--c->n_alive];
            break;
        }
    }
    lat_plan_free(plan);
}

// Device slots.

static enum lat_status
give_slots(struct lat_control *c, const struct lat_node *node,
           struct lat_instance *inst)
{
    const int signal = lat_setting_index(node->type, "signal");
    struct lat_device wanted = {
        .n_channels = inst->n_slots,
        .is_output = node->type->flags & LAT_TYPE_DEVICE_OUT,
        .is_cv = signal >= 0 && node->settings[signal].text &&
                 !strcmp(node->settings[signal].text, "cv"),
        .order = node->serial,
    };
    memcpy(wanted.node, node->name, sizeof(wanted.node));
    const int port = lat_setting_index(node->type, "port");
    wanted.is_plain = port >= 0;
    for (uint32_t i = 0; i < inst->n_slots; ++i) {
        wanted.channel = i + 1;
        if (wanted.is_plain) {
            snprintf(wanted.name, sizeof(wanted.name), "%s",
                     node->settings[port].text);
        } else {
            snprintf(wanted.name, sizeof(wanted.name), "%s_%u", node->name,
                     i + 1);
        }
        const enum lat_status status =
            lat_engine_take_slot(c->engine, &wanted, &inst->slots[i]);
        if (status) {
            while (i-- > 0) {
                lat_engine_drop_slot(c->engine, inst->slots[i]);
            }
            inst->n_slots = 0;
            return status;
        }
    }
    return LAT_OK;
}

static enum lat_status
make_instance(struct lat_control *c, struct lat_node *node, uint32_t block,
              struct lat_error *error)
{
    struct lat_instance *inst = NULL;
    enum lat_status status = lat_instance_new(node, c->rate, block, &inst);
    if (!status) {
        status = give_slots(c, node, inst);
    }
    if (!status && !take_id(c, &inst->id)) {
        for (uint32_t i = 0; i < inst->n_slots; ++i) {
            lat_engine_drop_slot(c->engine, inst->slots[i]);
        }
        status = LAT_ENOMEM;
    }
    if (status) {
        lat_instance_free(inst);
        return lat_error_set(error, status, "cannot make %s: %s", node->name,
                             lat_strerror(status));
    }
    node->instance = inst;
    for (uint32_t i = 0; i < node->layout->n_in; ++i) {
        struct lat_cables *cables = node->in[i].cables;
        if (cables) {
            cables->is_patched = cables->n_cables;
        }
    }
    return LAT_OK;
}

static enum lat_status
make_cable_run(struct lat_cable *cable)
{
    enum lat_status status = LAT_OK;
    if (!cable->run) {
        cable->run = calloc(1, sizeof(*cable->run));
        if (!cable->run) {
            return LAT_ENOMEM;
        }
        lat_ramp_set(&cable->run->amount, cable->amount);
    }
    if (cable->is_feedback && cable->src->instance) {
        status =
            lat_instance_need_feedback(cable->src->instance, cable->src_port);
    }
    return status;
}

// Transactions.

void
lat_control_begin(struct lat_control *c)
{
    c->is_open = true;
    c->is_load = false;
    c->g = &c->graph;
    c->old_transport = c->transport;
    c->n_timed = 0;
}

void
lat_control_begin_load(struct lat_control *c, uint32_t block)
{
    lat_control_begin(c);
    c->is_load = true;
    c->next_block = block ? block : c->block;
    lat_graph_init(&c->next_graph);
    c->next_document = (struct lat_document){0};
    c->g = &c->next_graph;
    lat_transport_init(&c->transport, c->rate, 120.0, 4.0);
    c->transport.is_playing = true;
}

bool
lat_control_is_open(const struct lat_control *c)
{
    return c->is_open;
}

static void
close_transaction(struct lat_control *c)
{
    c->is_open = c->is_load = false;
    c->g = &c->graph;
    c->n_timed = 0;
}

static void
drop_graph(struct lat_control *c, struct lat_graph *g)
{
    for (struct lat_node *n = lat_graph_next_node(g, NULL); n;
         n = lat_graph_next_node(g, n)) {
        drop_instance(c, n->instance);
    }
    for (struct lat_cable *k = lat_graph_next_cable(g, NULL); k;
         k = lat_graph_next_cable(g, k)) {
        free(k->run);
    }
    lat_graph_fini(g);
}

void
lat_control_rollback(struct lat_control *c)
{
    if (!c->is_open) {
        return;
    }
    c->transport = c->old_transport;
    lat_graph_rollback(c->g, 0, drop_instance, c);
    if (c->is_load) {
        drop_graph(c, &c->next_graph);
        document_free(&c->next_document);
    }
    close_transaction(c);
}

struct lat_command
lat_command_begin(struct lat_control *c)
{
    struct lat_command command = {.is_own = !c->is_open};
    if (command.is_own) {
        lat_control_begin(c);
    }
    command.mark = c->g->n_edits;
    return command;
}

enum lat_status
lat_command_end(struct lat_control *c, struct lat_command command,
                enum lat_status status, struct lat_error *error)
{
    if (!status) {
        return command.is_own ? lat_control_commit(c, error) : LAT_OK;
    }
    if (status == LAT_ENOMEM) {
        lat_error_set(error, status, "out of memory");
    }
    if (command.is_own) {
        lat_control_rollback(c);
    } else {
        lat_graph_rollback(c->g, command.mark, drop_instance, c);
    }
    return status;
}

enum lat_status
lat_control_add_timed(struct lat_control *c, const struct lat_message *m)
{
    if (!lat_grow((void **)&c->timed, &c->timed_capacity, c->n_timed,
                  sizeof(*m))) {
        return LAT_ENOMEM;
    }
    c->timed[c->n_timed++] = *m;
    return LAT_OK;
}

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
        return make_instance(c, node, c->block, error);
    }
    struct lat_config *config = NULL;
    if (!lat_grow((void **)&k->configs, &k->configs_capacity, k->n_configs,
                  sizeof(*k->configs)) ||
        lat_config_new(node, c->rate, c->block, &config)) {
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
    return node->instance ? LAT_OK
                          : make_instance(k->c, node, k->c->block, error);
}

static enum lat_status
prepare_edit(struct commit *k, const struct lat_edit *edit,
             struct lat_error *error)
{
    switch (edit->kind) {
    case LAT_EDIT_VALUE:
    case LAT_EDIT_AMOUNT:
    case LAT_EDIT_NODE_RENAMED:
        return LAT_OK;
    case LAT_EDIT_NODE_ADDED:
        k->is_structural = true;
        if (!edit->node->is_cut && !edit->node->instance &&
            !edit->node->place.is_away) {
            return make_instance(k->c, edit->node, k->c->block, error);
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
            status = make_cable_run(edit->cable);
        } else if ((edit->kind == LAT_EDIT_SETTINGS ||
                    edit->kind == LAT_EDIT_PLACE) &&
                   !edit->node->is_cut) {
            for (struct lat_cable *k = edit->node->out; !status && k;
                 k = k->next_out) {
                status = make_cable_run(k);
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
    return inst && inst->is_live && inst->n_in == node->layout->n_in &&
           inst->n_out == node->layout->n_out;
}

// Does a removed cable fade?  Its ports may be gone.
static bool
cable_fades(const struct lat_cable *cable)
{
    const struct lat_node *src = cable->src;
    const struct lat_node *dst = cable->dst;
    if (dst->place.is_away || (!src->instance && !cable->door) ||
        (src->is_cut && !src->is_dying && !cable->door) ||
        cable->src_port >= src->layout->n_out ||
        cable->dst_port >= dst->layout->n_in ||
        !dst->in[cable->dst_port].cables) {
        return false;
    }
    return dst->is_cut ? dst->is_dying
                       : lat_port_fades(dst->layout->in[cable->dst_port].port);
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
        struct lat_cable *cable = c->g->journal[i].cable;
        if (c->g->journal[i].kind != LAT_EDIT_CABLE_REMOVED ||
            !cable->is_live) {
            continue;
        }
        if (cable_fades(cable) &&
            lat_grow((void **)&c->dying, &c->dying_capacity, c->n_dying,
                     sizeof(struct lat_cable *))) {
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
    if (!status && k->is_structural) {
        status = prepare_cables(c);
        if (!status) {
            keep_removed(c);
            status = compile(c, c->g, c->block, &k->plan);
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
    return runs_itself(c) ? 0 : (uint64_t)(LAT_RAMP_SECONDS * c->rate);
}

static void
emit_value(struct lat_control *c, const struct lat_edit *edit)
{
    struct lat_node *node = edit->node;
    const struct lat_port *port = node->layout->in[edit->input].port;
    struct lat_instance *inst = node->instance;
    struct lat_message m = {
        .kind = LAT_MESSAGE_VALUE,
        .frame = c->stamp,
        .value = edit->new_value,
        .id = inst->id,
        .ramp = &inst->ramps[node->layout->in[edit->input].ramp],
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
    if (!inst->is_live && port->kind != LAT_PORT_TRIGGER) {
        // Not heard yet: it starts at its value, unless it was told to glide.
        if (edit->seconds <= 0.0) {
            return;
        }
        lat_ramp_set(m.ramp, edit->old_value);
    }
    emit(c, &m);
}

static void
emit_amount(struct lat_control *c, const struct lat_cable *cable, float to,
            uint64_t delay)
{
    const struct lat_port *port = cable->dst->layout->in[cable->dst_port].port;
    if (!cable->dst->instance) {
        return; // in a process
    }
    emit(c, &(struct lat_message){
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
    emit(c, &(struct lat_message){
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
    lat_ramp_set(&cable->run->amount, cable->amount);
    if (!cable->dst->instance) {
        return;
    }
    if (cable->dst->instance->is_live && lat_port_fades(port)) {
        lat_ramp_set(&cable->run->amount, 0.0F);
        // A feedback ring may be fresh: nothing comes out for a quantum, and
        // then all of it.
        emit_amount(c, cable, cable->amount,
                    lat_cable_is_ring(cable) ? c->block : 0);
    }
    emit_normal(c, cable->dst, cable->dst_port);
}

static void
finish_cable_removed(struct lat_control *c, struct lat_cable *cable)
{
    if (!cable->dst->is_cut && cable->dst_port < cable->dst->layout->n_in) {
        emit_normal(c, cable->dst, cable->dst_port);
    }
    if (!cable->is_dying) {
        throw_away(c, (struct lat_garbage){.run = cable->run});
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
            throw_away(c, (struct lat_garbage){.inst = inst});
            node->instance = NULL;
        }
        return;
    }
    inst->is_live = false;
    node->dead_at = c->stamp + ramp_frames(c) + 1;
    if (node->type->flags & LAT_TYPE_DEVICE_OUT) {
        emit(c, &(struct lat_message){
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
        throw_away(c, (struct lat_garbage){.inst = old});
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
    if (edit->old_instance && edit->old_instance != node->instance) {
        throw_away(c, (struct lat_garbage){.inst = edit->old_instance});
    }
    if (node->is_cut || edit->old_instance || !node->instance) {
        return;
    }
    for (uint32_t i = 0; i < node->layout->n_in; ++i) {
        for (const struct lat_cable *k = lat_input_first(&node->in[i]); k;
             k = k->next_in) {
            lat_ramp_set(&k->run->amount, k->amount);
        }
    }
}

void
lat_control_fade_outputs(struct lat_control *c, const struct lat_node *node,
                         bool is_in)
{
    c->stamp = lat_engine_stamp(c->engine);
    for (const struct lat_cable *k = node->out; k; k = k->next_out) {
        if (!k->dst->is_door &&
            lat_port_fades(k->dst->layout->in[k->dst_port].port)) {
            emit_amount(c, k, is_in ? k->amount : 0.0F, 0);
        }
    }
    if (c->outbox.n) {
        end_messages(c);
    }
}

static void
tell_value(struct lat_control *c, const struct lat_edit *edit)
{
    for (uint32_t h = 0; edit->node->place.is_hosted && h < c->n_hooks; ++h) {
        if (c->hooks[h].value_sent) {
            c->hooks[h].value_sent(c->hooks[h].data, edit->node, edit->input,
                                   edit->new_value, edit->seconds);
        }
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
        finish_cable_removed(c, edit->cable);
        break;
    case LAT_EDIT_AMOUNT:
        if (!edit->cable->is_cut && edit->cable->is_live) {
            emit_amount(c, edit->cable, edit->new_value, 0);
        }
        break;
    case LAT_EDIT_VALUE:
        if (!edit->node->is_cut && edit->input < edit->node->layout->n_in) {
            tell_value(c, edit);
            if (edit->node->instance) {
                emit_value(c, edit);
            }
        }
        break;
    case LAT_EDIT_SETTINGS:
        finish_settings(c, edit);
        break;
    case LAT_EDIT_PLACE:
        finish_place(c, edit);
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

static void
tell_devices(struct lat_control *c)
{
    lat_control_measure_lateness(c);
    for (uint32_t h = 0; h < c->n_hooks; ++h) {
        if (c->hooks[h].devices_changed) {
            c->hooks[h].devices_changed(c->hooks[h].data);
        }
    }
}

static void
tell_committed(struct lat_control *c)
{
    for (uint32_t h = 0; h < c->n_hooks; ++h) {
        if (c->hooks[h].committed) {
            c->hooks[h].committed(c->hooks[h].data);
        }
    }
}

static void
finish_journal(struct lat_control *c)
{
    struct lat_graph *g = c->g;
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
        if (edit->kind == LAT_EDIT_CABLE_REMOVED && !edit->cable->is_dying) {
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

static void
emit_timed(struct lat_control *c)
{
    for (uint32_t i = 0; i < c->n_timed; ++i) {
        struct lat_message m = c->timed[i];
        m.frame = c->stamp;
        emit(c, &m);
    }
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
        throw_away(c, (struct lat_garbage){
                          .config = k.configs[i].old,
                          .type = k.configs[i].inst->type,
                      });
    }
    free(k.configs);
    const uint32_t before = c->outbox.n;
    if (k.plan) {
        // Garbage thrown away below belongs to this plan's serial.
        const uint64_t serial = c->plan_serial;
        submit_plan(c, k.plan, false);
        c->plan_serial = serial;
    }
    for (uint32_t i = 0; i < c->g->n_edits; ++i) {
        finish_edit(c, &c->g->journal[i]);
    }
    c->plan_serial = c->plan->serial;
    emit_timed(c);
    const bool has_edits = c->g->n_edits;
    finish_journal(c);
    if (c->outbox.n > before) {
        end_messages(c);
    }
    if (has_edits && k.is_structural) {
        collect_garbage(c);
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
            status = make_instance(c, n, block, error);
        }
    }
    for (struct lat_cable *k = lat_graph_next_cable(g, NULL); !status && k;
         k = lat_graph_next_cable(g, k)) {
        status = make_cable_run(k);
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

// Cables and nodes that fade belong to the plan that is about to end.
static void
bury_all_dying(struct lat_control *c)
{
    struct lat_graph *g = &c->graph;
    for (uint32_t i = 0; i < c->n_dying; ++i) {
        lat_graph_bury_cable(c->dying[i]);
        throw_away(c, (struct lat_garbage){.run = c->dying[i]->run});
        lat_cable_free(c->dying[i]);
    }
    c->n_dying = 0;
    while (g->dying) {
        struct lat_node *node = g->dying;
        lat_graph_bury_node(g, node);
        throw_away(c, (struct lat_garbage){.inst = node->instance});
        lat_node_free(node);
    }
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
    if (!status) {
        status = make_all(c, g, c->next_block, error);
    }
    if (!status) {
        status = compile(c, g, c->next_block, &plan);
    }
    if (status) {
        lat_error_set(error, status, "cannot compile the graph: %s",
                      lat_strerror(status));
        lat_control_rollback(c);
        return status;
    }
    bury_all_dying(c);
    for (struct lat_node *n = lat_graph_next_node(&c->graph, NULL); n;
         n = lat_graph_next_node(&c->graph, n)) {
        throw_away(c, (struct lat_garbage){.inst = n->instance});
    }
    for (struct lat_cable *k = lat_graph_next_cable(&c->graph, NULL); k;
         k = lat_graph_next_cable(&c->graph, k)) {
        throw_away(c, (struct lat_garbage){.run = k->run});
    }
    lat_graph_fini(&c->graph);
    document_free(&c->document);
    c->graph = *g;
    c->document = c->next_document;
    c->next_document = (struct lat_document){0};
    c->block = c->next_block;

    c->stamp = lat_engine_stamp(c->engine);
    submit_plan(c, plan, true);
    emit_timed(c);
    all_live(&c->graph);
    end_messages(c);
    collect_garbage(c);
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
    enum lat_status status = is_load ? time_all(c) : LAT_OK;
    if (!status) {
        status = is_load ? commit_load(c, error) : commit_edits(c, error);
    }
    if (status) {
        return status;
    }
    close_transaction(c);
    tell_devices(c);
    for (uint32_t h = 0; is_load && h < c->n_hooks; ++h) {
        if (c->hooks[h].loaded) {
            c->hooks[h].loaded(c->hooks[h].data);
        }
    }
    tell_committed(c);
    return LAT_OK;
}

void
lat_control_cut_fades(struct lat_control *c, const struct lat_node *node)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < c->n_dying; ++i) {
        struct lat_cable *cable = c->dying[i];
        if (cable->dst == node || cable->src == node) {
            lat_graph_bury_cable(cable);
            throw_away(c, (struct lat_garbage){.run = cable->run});
            lat_cable_free(cable);
        } else {
            c->dying[kept++] = cable;
        }
    }
    c->n_dying = kept;
}

// Everything, time.

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
        close_transaction(c);
        tell_devices(c);
        tell_committed(c);
    }
    return status;
}

static enum lat_status
timed_command(struct lat_control *c, const struct lat_message *m,
              struct lat_error *error)
{
    const struct lat_command command = lat_command_begin(c);
    return lat_command_end(c, command, lat_control_add_timed(c, m), error);
}

enum lat_status
lat_control_panic(struct lat_control *c, struct lat_error *error)
{
    const struct lat_command command = lat_command_begin(c);
    enum lat_status status = LAT_OK;
    for (struct lat_node *n = c->g->first; n; n = n->next) {
        for (uint32_t i = 0; !status && i < n->layout->n_in; ++i) {
            if (n->layout->in[i].port->kind == LAT_PORT_GATE &&
                n->in[i].value > 0.0F) {
                status = lat_graph_set_value(c->g, n, i, 0.0F, -1.0, false);
            }
        }
    }
    if (!status) {
        const struct lat_message m = {.kind = LAT_MESSAGE_PANIC};
        status = lat_control_add_timed(c, &m);
    }
    return lat_command_end(c, command, status, error);
}

enum lat_status
lat_control_tempo(struct lat_control *c, double bpm, struct lat_error *error)
{
    if (!(bpm >= LAT_TEMPO_MIN && bpm <= LAT_TEMPO_MAX)) {
        return lat_error_set(error, LAT_EINVAL,
                             "the tempo must lie between %g and %g beats per "
                             "minute, not %g",
                             LAT_TEMPO_MIN, LAT_TEMPO_MAX, bpm);
    }
    const struct lat_command command = lat_command_begin(c);
    c->transport.tempo_bpm = bpm;
    const struct lat_message m = {.kind = LAT_MESSAGE_TEMPO, .number = bpm};
    return lat_command_end(c, command, lat_control_add_timed(c, &m), error);
}

enum lat_status
lat_control_beats_per_cycle(struct lat_control *c, double beats,
                            struct lat_error *error)
{
    if (!(beats >= LAT_BEATS_PER_CYCLE_MIN &&
          beats <= LAT_BEATS_PER_CYCLE_MAX)) {
        return lat_error_set(error, LAT_EINVAL,
                             "beats_per_cycle must lie between %g and %g, not "
                             "%g",
                             LAT_BEATS_PER_CYCLE_MIN, LAT_BEATS_PER_CYCLE_MAX,
                             beats);
    }
    const struct lat_command command = lat_command_begin(c);
    c->transport.beats_per_cycle = beats;
    const struct lat_message m = {.kind = LAT_MESSAGE_BEATS, .number = beats};
    return lat_command_end(c, command, lat_control_add_timed(c, &m), error);
}

static enum lat_status
own_transport(const struct lat_control *c, struct lat_error *error)
{
    if (!c->is_load && c->document.sync == LAT_SYNC_JACK) {
        return lat_error_set(error, LAT_EINVAL,
                             "the session follows JACK's transport (sync = "
                             "jack): start, stop and locate it there");
    }
    return LAT_OK;
}

enum lat_status
lat_control_play(struct lat_control *c, bool is_playing,
                 struct lat_error *error)
{
    const enum lat_status status = own_transport(c, error);
    if (status) {
        return status;
    }
    const struct lat_command command = lat_command_begin(c);
    c->transport.is_playing = is_playing;
    const struct lat_message m = {
        .kind = LAT_MESSAGE_PLAY,
        .number = is_playing,
    };
    return lat_command_end(c, command, lat_control_add_timed(c, &m), error);
}

enum lat_status
lat_control_locate(struct lat_control *c, double cycle, struct lat_error *error)
{
    const enum lat_status status = own_transport(c, error);
    if (status) {
        return status;
    }
    if (!(cycle >= 0.0 && cycle <= 1e9)) {
        return lat_error_set(error, LAT_EINVAL,
                             "a place must lie between 0 and 1e9 cycles, not "
                             "%g",
                             cycle);
    }
    const struct lat_message m = {
        .kind = LAT_MESSAGE_LOCATE,
        .cycle = lat_cycle_from_double(cycle),
    };
    return timed_command(c, &m, error);
}

const struct lat_transport *
lat_control_transport(const struct lat_control *c)
{
    return &c->transport;
}

// Housekeeping.

static void
end_fades(struct lat_control *c)
{
    if (!c->n_dying && !c->graph.dying) {
        return;
    }
    const uint64_t now =
        atomic_load_explicit(&c->engine->frames_done, memory_order_acquire);
    const bool is_over = runs_itself(c);
    bool any = false;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < c->n_dying; ++i) {
        struct lat_cable *cable = c->dying[i];
        if (!is_over && now < cable->dead_at) {
            c->dying[kept++] = cable;
            continue;
        }
        lat_graph_bury_cable(cable);
        throw_away(c, (struct lat_garbage){.run = cable->run});
        lat_cable_free(cable);
        any = true;
    }
    c->n_dying = kept;
    struct lat_node *next = NULL;
    for (struct lat_node *n = c->graph.dying; n; n = next) {
        next = n->dying_next;
        if (is_over || now >= n->dead_at) {
            lat_graph_bury_node(&c->graph, n);
            throw_away(c, (struct lat_garbage){.inst = n->instance});
            lat_node_free(n);
            any = true;
        }
    }
    struct lat_plan *plan = NULL;
    if (any && !compile(c, &c->graph, c->block, &plan)) {
        c->stamp = lat_engine_stamp(c->engine);
        submit_plan(c, plan, false);
        end_messages(c);
        tell_devices(c);
    }
}

static void
read_reports(struct lat_control *c)
{
    struct lat_report report;
    struct lat_plan *held = c->held_plans;
    c->held_plans = NULL;
    while (held) {
        struct lat_plan *next = held->next;
        plan_is_back(c, held);
        held = next;
    }
    while (lat_ring_pop(c->engine->reports, &report)) {
        if (report.kind == LAT_REPORT_PLAN) {
            plan_is_back(c, report.plan);
        } else {
            lat_log_bounded(
                LAT_LOG_WARNING,
                "node %s made a sample that is no number at frame %llu; it was "
                "silenced and started anew",
                report.inst->name, (unsigned long long)report.frame);
        }
    }
}

static void
name_late_node(struct lat_control *c)
{
    const struct lat_instance *late =
        atomic_exchange(&c->engine->late_instance, NULL);
    if (!late) {
        return;
    }
    for (const struct lat_node *n = c->graph.first; n; n = n->next) {
        if (n->instance == late) {
            memcpy(c->engine->info.late_node, n->name, sizeof(n->name));
        }
    }
}

void
lat_control_tick(struct lat_control *c)
{
    LAT_ASSERT_ROLE(LAT_ROLE_CONTROL);
    if (c->is_open) {
        return;
    }
    send_outbox(c);
    if (runs_itself(c)) {
        lat_engine_flush(c->engine);
    }
    read_reports(c);
    name_late_node(c);
    end_fades(c);
    const uint32_t n = c->n_garbage;
    collect_garbage(c);
    if (c->n_garbage < n) {
        tell_devices(c); // slots may have gone with instances
    }
}

uint64_t
lat_control_stamp(const struct lat_control *c)
{
    return c->stamp;
}

bool
lat_control_reached(struct lat_control *c, uint64_t stamp)
{
    if (c->outbox.n_ends) {
        return false;
    }
    return runs_itself(c) || atomic_load_explicit(&c->engine->frames_done,
                                                  memory_order_acquire) > stamp;
}

enum lat_status
lat_control_set_rate(struct lat_control *c, double rate,
                     struct lat_error *error)
{
    if (rate == c->rate) {
        return LAT_OK;
    }
    bury_all_dying(c);
    c->rate = rate;
    struct lat_plan *plan = NULL;
    for (struct lat_node *n = lat_graph_next_node(&c->graph, NULL); n;
         n = lat_graph_next_node(&c->graph, n)) {
        throw_away(c, (struct lat_garbage){.inst = n->instance});
        n->instance = NULL;
    }
    enum lat_status status = make_all(c, &c->graph, c->block, error);
    if (!status) {
        status = compile(c, &c->graph, c->block, &plan);
    }
    if (status) {
        return lat_error_set(error, status, "cannot change to %g Hz: %s", rate,
                             lat_strerror(status));
    }
    c->transport.rate = rate;
    c->stamp = lat_engine_stamp(c->engine);
    submit_plan(c, plan, false);
    emit(c, &(struct lat_message){
                .kind = LAT_MESSAGE_RATE,
                .frame = c->stamp,
                .number = rate,
            });
    all_live(&c->graph);
    end_messages(c);
    collect_garbage(c);
    return LAT_OK;
}

// Looking.

char *
lat_control_print_plan(struct lat_control *c, enum lat_plan_format format)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out) {
        return NULL;
    }
    if (format == LAT_PLAN_DOT) {
        lat_plan_print_dot(c->plan, &c->graph, out);
    } else if (format == LAT_PLAN_JSON) {
        lat_plan_print_json(c->plan, &c->graph, out);
    } else {
        lat_plan_print_text(c->plan, &c->graph, out);
    }
    fclose(out);
    return text;
}

void
lat_control_batches(struct lat_control *c,
                    void (*each)(void *data, uint32_t batch, const char *node),
                    void *data)
{
    const struct lat_plan *p = c->plan;
    for (uint32_t b = 0; b < p->n_batches; ++b) {
        const uint32_t end = p->batch_starts[b + 1];
        for (uint32_t i = p->batch_starts[b]; i < end; ++i) {
            const struct lat_instance *inst = p->nodes[i].inst;
            if (inst->is_live) {
                each(data, b, inst->name);
            }
        }
    }
}

double
lat_control_node_load(struct lat_control *c, const struct lat_node *node)
{
    (void)c;
    return node->instance ? (double)atomic_load_explicit(
                                &node->instance->load_ns, memory_order_relaxed)
                          : 0.0;
}

const struct lat_graph *
lat_control_graph(const struct lat_control *c)
{
    return c->g;
}

struct lat_engine *
lat_control_engine(struct lat_control *c)
{
    return c->engine;
}

struct lat_document *
lat_control_document(struct lat_control *c)
{
    return c->is_load ? &c->next_document : &c->document;
}

void
lat_control_add_hooks(struct lat_control *c,
                      const struct lat_control_hooks *hooks)
{
    if (c->n_hooks < LAT_MAX_HOOKS) {
        c->hooks[c->n_hooks++] = *hooks;
    }
}

// Birth and death.

enum lat_status
lat_control_new(const struct lat_control_options *options,
                struct lat_control **out, struct lat_error *error)
{
    const struct lat_kernels *kernels =
        options->isa ? lat_kernels_find(options->isa) : lat_kernels_best();
    if (!kernels) {
        return lat_error_set(error, LAT_EINVAL,
                             "this machine cannot run --isa %s", options->isa);
    }
    struct lat_control *c = calloc(1, sizeof(*c));
    if (!c) {
        return lat_error_set(error, LAT_ENOMEM, "out of memory");
    }
    // Plans come and go: keep their memory rather than fault it in each time.
    mallopt(M_MMAP_THRESHOLD, 256 * 1024 * 1024);
    mallopt(M_TRIM_THRESHOLD, 256 * 1024 * 1024);
    c->rate = options->rate;
    c->block = options->block ? options->block : 64;
    c->is_offline = options->is_offline;
    c->is_host = options->is_host;
    c->has_processes = options->has_processes;
    c->all_in_processes = options->all_in_processes;
    c->without_lanes = options->without_lanes;
    c->grain_ns = options->grain_ns;
    c->n_threads = options->workers ? options->workers : 1;
    c->n_threads =
        c->n_threads < LAT_MAX_THREADS ? c->n_threads : LAT_MAX_THREADS;
    c->kernels = kernels;
    lat_graph_init(&c->graph);
    c->g = &c->graph;
    lat_transport_init(&c->transport, c->rate, 120.0, 4.0);
    c->transport.is_playing = true;

    const struct lat_engine_options engine = {
        .rate = c->rate,
        .kernels = kernels,
        .scheduler =
            {
                .n_threads = c->n_threads,
                .pins = options->pins,
                .always_parallel = options->always_parallel,
                .lingers = options->is_offline,
            },
    };
    enum lat_status status = compile(c, &c->graph, c->block, &c->plan);
    if (!status) {
        status = lat_engine_new(&engine, c->plan, &c->engine);
    }
    if (status) {
        lat_plan_free(c->plan);
        free(c->alive);
        free(c);
        return lat_error_set(error, status, "out of memory");
    }
    c->alive[c->n_alive++] = 0;
    c->engine->transport.is_playing = true;
    describe_plan(c);
    *out = c;
    return LAT_OK;
}

void
lat_control_free(struct lat_control *c)
{
    if (!c) {
        return;
    }
    lat_control_rollback(c);
    send_outbox(c);
    lat_engine_flush(c->engine);
    bury_all_dying(c);
    for (uint32_t i = 0; i < c->n_garbage; ++i) {
        free_garbage(c, &c->garbage[i]);
    }
    drop_graph(c, &c->graph);
    document_free(&c->document);
    lat_engine_free(c->engine); // joins the workers
    while (c->held_plans) {
        struct lat_plan *next = c->held_plans->next;
        lat_plan_free(c->held_plans);
        c->held_plans = next;
    }
    free(c->garbage);
    free(c->free_ids);
    free(c->alive);
    free(c->dying);
    free(c->timed);
    free(c->outbox.messages);
    free(c->outbox.ends);
    free(c);
}
