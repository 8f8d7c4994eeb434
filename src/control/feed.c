// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What the control thread hands to the engine, and takes back: instances and
// their slots, plans, messages, and what audio may still be reading.

#include "base/log.h"
#include "state.h"
#include "units/derive.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
drop_slots(struct lat_control *c, const struct lat_instance *inst)
{
    for (uint32_t i = 0; i < inst->n_slots; ++i) {
        lat_slots_drop(&c->slots, inst->slots[i]);
    }
}

void
lat_control_drop_instance(void *data, struct lat_instance *inst)
{
    struct lat_control *c = data;
    if (inst) {
        free_id(c, inst->id);
        drop_slots(c, inst);
        lat_instance_free(inst);
    }
}

static void
free_garbage(struct lat_control *c, struct lat_garbage *garbage)
{
    lat_control_drop_instance(c, garbage->inst);
    lat_slab_give(&c->ramps, garbage->ramp);
    lat_config_free(garbage->type, garbage->config);
}

void
lat_control_throw_away(struct lat_control *c, struct lat_garbage garbage)
{
    garbage.serial = c->plan_serial + 1; // the next plan is without it
    garbage.frame = c->latest;
    assert(c->n_garbage < c->garbage_capacity);
    c->garbage[c->n_garbage++] = garbage;
}

void
lat_control_collect_garbage(struct lat_control *c)
{
    if (!c->n_garbage) {
        return;
    }
    uint64_t oldest = c->plan_serial;
    for (uint32_t i = 0; i < c->n_alive; ++i) {
        oldest = c->alive[i].serial < oldest ? c->alive[i].serial : oldest;
    }
    const uint64_t done = lat_control_runs_itself(c)
                              ? UINT64_MAX
                              : atomic_load(&c->engine->frames_done);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < c->n_garbage; ++i) {
        const struct lat_instance *inst = c->garbage[i].inst;
        if (c->garbage[i].serial <= oldest && c->garbage[i].frame < done &&
            !(inst && inst->n_taps)) {
            free_garbage(c, &c->garbage[i]);
        } else {
            c->garbage[kept++] = c->garbage[i];
        }
    }
    c->n_garbage = kept;
}

void
lat_control_empty_garbage(struct lat_control *c)
{
    while (c->n_garbage) {
        free_garbage(c, &c->garbage[--c->n_garbage]);
    }
}

// The outbox.

bool
lat_control_runs_itself(const struct lat_control *c)
{
    return !c->is_offline && !atomic_load(&c->engine->is_running);
}

void
lat_control_send_outbox(struct lat_control *c)
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
        if (lat_control_runs_itself(c)) {
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

enum lat_status
lat_control_reserve(struct lat_control *c, size_t n_messages, size_t n_garbage)
{
    struct lat_outbox *o = &c->outbox;
    return lat_grow_to((void **)&o->messages, &o->capacity, o->n + n_messages,
                       sizeof(*o->messages)) &&
                   lat_grow((void **)&o->ends, &o->ends_capacity, o->n_ends,
                            sizeof(*o->ends)) &&
                   lat_grow_to((void **)&c->garbage, &c->garbage_capacity,
                               c->n_garbage + n_garbage, sizeof(*c->garbage))
               ? LAT_OK
               : LAT_ENOMEM;
}

void
lat_control_emit(struct lat_control *c, const struct lat_message *m)
{
    struct lat_outbox *o = &c->outbox;
    assert(o->n < o->capacity);
    o->messages[o->n] = *m;
    o->messages[o->n].turn = c->turn;
    o->messages[o->n].is_ahead = m->frame > c->present || c->is_exact;
    ++o->n;
    c->latest = m->frame > c->latest ? m->frame : c->latest;
    if (!c->at && m->frame > c->told) {
        c->told = m->frame;
    }
}

void
lat_control_end_messages(struct lat_control *c)
{
    struct lat_outbox *o = &c->outbox;
    c->last_turn = c->turn++;
    o->ends[o->n_ends++] = o->n;
    lat_control_send_outbox(c);
}

// Plans come back.

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
        if (c->alive[i].serial == plan->serial) {
            c->alive[i] = c->alive[--c->n_alive];
            break;
        }
    }
    lat_plan_free(plan);
}

// Device slots.

/// Ports that a node has, or will have.
static uint32_t
count_slots(const struct lat_node *node)
{
    const int channels = lat_setting_index(node->type, "channels");
    if (!(node->type->flags &
          (LAT_TYPE_DEVICE_IN | LAT_TYPE_DEVICE_OUT | LAT_TYPE_MIDI_OUT)) ||
        lat_units_is_away(node)) {
        return 0;
    }
    return channels >= 0 ? (uint32_t)node->settings[channels].number : 1;
}

/// Say how many ports there are and how many would be needed.
/// @param n_wanted  ports of what is called @p name.
static enum lat_status
say_no_slots(const struct lat_control *c, const char *name, uint32_t n_wanted,
             struct lat_error *error)
{
    uint32_t n_needed = 0;
    for (const struct lat_node *n = c->g->first; n; n = n->next) {
        n_needed += count_slots(n) + lat_units_count_doors(n);
    }
    if (n_needed > LAT_MAX_DEVICE_SLOTS) {
        return lat_error_set(
            error, LAT_EFULL,
            "cannot make %s: all nodes together need %u ports, one for each "
            "channel of an audio_in or audio_out and each midi_out, and there "
            "are "
            "%u; take %u channels away",
            name, n_needed, LAT_MAX_DEVICE_SLOTS,
            n_needed - LAT_MAX_DEVICE_SLOTS);
    }
    return lat_error_set(
        error, LAT_EFULL,
        "cannot make %s: it needs %u ports, and %u of %u are free as long as "
        "what sounds now has its own; clear that first (/session/new)",
        name, n_wanted, lat_slots_count_free(&c->slots), LAT_MAX_DEVICE_SLOTS);
}

static void
name_slot(const struct lat_instance *inst, const char *name, uint32_t channel,
          struct lat_slot *wanted)
{
    wanted->channel = channel;
    if (wanted->is_midi) {
        snprintf(wanted->name, sizeof(wanted->name), "%s", name);
    } else if (wanted->is_plain) {
        const int port = lat_setting_index(inst->type, "port");
        snprintf(wanted->name, sizeof(wanted->name), "%s",
                 inst->config->settings[port].text);
    } else {
        snprintf(wanted->name, sizeof(wanted->name), "%s_%u", name, channel);
    }
}

/// All slots or none: those that are shared take the new order.
static enum lat_status
give_slots(struct lat_control *c, struct lat_instance *inst, const char *name,
           uint32_t order)
{
    if (!inst->n_slots) {
        return LAT_OK;
    }
    const struct lat_setting_value *settings = inst->config->settings;
    const int signal = lat_setting_index(inst->type, "signal");
    struct lat_slot wanted = {
        .n_channels = inst->n_slots,
        .is_output =
            inst->type->flags & (LAT_TYPE_DEVICE_OUT | LAT_TYPE_MIDI_OUT),
        .is_midi = inst->type->flags & LAT_TYPE_MIDI_OUT,
        .is_cv = signal >= 0 && settings[signal].text &&
                 !strcmp(settings[signal].text, "cv"),
        .is_plain = lat_setting_index(inst->type, "port") >= 0,
        .order = order,
    };
    snprintf(wanted.node, sizeof(wanted.node), "%s", name);
    uint32_t n_new = 0;
    for (uint32_t i = 0; i < inst->n_slots; ++i) {
        name_slot(inst, name, i + 1, &wanted);
        n_new += !lat_slots_have(&c->slots, &wanted);
    }
    if (n_new > lat_slots_count_free(&c->slots)) {
        return LAT_EFULL;
    }
    for (uint32_t i = 0; i < inst->n_slots; ++i) {
        name_slot(inst, name, i + 1, &wanted);
        (void)lat_slots_take(&c->slots, &wanted, &inst->slots[i]);
        if (c->slots.all[inst->slots[i]].refs == 1) {
            lat_engine_open_slot(c->engine, inst->slots[i], wanted.is_output);
        }
    }
    return LAT_OK;
}

enum lat_status
lat_control_equip(struct lat_control *c, struct lat_instance *inst,
                  const char *name, uint32_t order, struct lat_error *error)
{
    enum lat_status status = give_slots(c, inst, name, order);
    const uint32_t n_slots = inst->n_slots;
    if (!status && !take_id(c, &inst->id)) {
        drop_slots(c, inst);
        status = LAT_ENOMEM;
    }
    if (!status) {
        return LAT_OK;
    }
    lat_instance_free(inst);
    return status == LAT_EFULL
               ? say_no_slots(c, name, n_slots, error)
               : lat_error_set(error, status, "cannot make %s: %s", name,
                               lat_strerror(status));
}

struct lat_instance_options
lat_control_means(struct lat_control *c, uint32_t block)
{
    return (struct lat_instance_options){
        .rate = c->rate,
        .block = block,
        .shared = &c->shared,
        .prepared = c->prepared,
        .layouts = &c->layouts,
        .tuned = lat_control_tuned(c),
        .n_voices = 1,
    };
}

static enum lat_status
make_instance(struct lat_control *c, struct lat_node *node, uint32_t voice,
              uint32_t block, struct lat_instance **out,
              struct lat_error *error)
{
    struct lat_instance *inst = NULL;
    enum lat_status status = lat_control_need_data(c, node);
    if (!status) {
        const struct lat_instance_options means = lat_control_means(c, block);
        status = lat_units_make_instance(node, voice, &means, &inst);
    }
    if (status) {
        return lat_error_set(error, status, "cannot make %s: %s", node->name,
                             lat_strerror(status));
    }
    status = lat_control_equip(c, inst, node->name, node->serial, error);
    *out = status ? NULL : inst;
    return status;
}

enum lat_status
lat_control_add_units(struct lat_control *c, struct lat_units *u,
                      struct lat_node *node, uint32_t block,
                      struct lat_error *error)
{
    uint32_t n = 0;
    for (const struct lat_unit *k = lat_units_of(node); k; k = k->sister) {
        ++n;
    }
    enum lat_status status = LAT_OK;
    for (; !status && n < lat_units_wanted(node); ++n) {
        struct lat_instance *inst = NULL;
        status = make_instance(c, node, n, block, &inst, error);
        if (!status && lat_units_add(u, node, inst)) {
            lat_control_drop_instance(c, inst);
            status = lat_error_set(error, LAT_ENOMEM, "out of memory");
        }
    }
    return status;
}

enum lat_status
lat_control_change_instances(struct lat_control *c, struct lat_node *node,
                             bool adopts, struct lat_error *error)
{
    enum lat_status status = LAT_OK;
    for (struct lat_unit *k = lat_units_of(node); !status && k; k = k->sister) {
        struct lat_instance *inst = NULL;
        status = make_instance(c, node, k->voice, c->block, &inst, error);
        if (!status && lat_units_renew(&c->units, node, k, inst, adopts)) {
            lat_control_drop_instance(c, inst);
            status = lat_error_set(error, LAT_ENOMEM, "out of memory");
        }
    }
    return status;
}

static void
throw_away_change(struct lat_control *c, const struct lat_unit_change *change)
{
    switch (change->kind) {
    case LAT_UNIT_CHANGE_ADDED:
        change->unit->inst->is_live = true;
        change->unit->inst->since = c->stamp;
        break;
    case LAT_UNIT_CHANGE_INSTANCE:
        change->unit->inst->is_live = true;
        change->unit->inst->since = c->stamp;
        change->inst->is_live = false;
        lat_control_throw_away(c, (struct lat_garbage){.inst = change->inst});
        break;
    case LAT_UNIT_CHANGE_GONE:
        change->inst->is_live = false;
        lat_control_throw_away(c, (struct lat_garbage){.inst = change->inst});
        break;
    case LAT_UNIT_CHANGE_CONFIG:
        lat_control_throw_away(c, (struct lat_garbage){
                                      .config = change->config,
                                      .type = change->inst->type,
                                  });
        break;
    case LAT_LEAD_CHANGE_ADDED:
        change->lead->since = c->stamp;
        break;
    case LAT_LEAD_CHANGE_GONE:
        lat_control_throw_away(
            c, (struct lat_garbage){.ramp = change->lead->amount});
        break;
    default:
        break;
    }
}

void
lat_control_settle_units(struct lat_control *c)
{
    for (uint32_t i = 0; i < c->units.n_changes; ++i) {
        throw_away_change(c, &c->units.changes[i]);
    }
    lat_units_settle(&c->units);
}

static void
give_ramp(void *data, struct lat_lead *lead)
{
    struct lat_control *c = data;
    lat_slab_give(&c->ramps, lead->amount);
}

void
lat_control_drop_units(struct lat_control *c, struct lat_units *u)
{
    for (struct lat_unit *unit = lat_units_next(u, NULL); unit;
         unit = lat_units_next(u, unit)) {
        lat_units_each_lead(unit, give_ramp, c);
        lat_control_drop_instance(c, unit->inst);
    }
    lat_units_fini(u);
}

// Reports.

static void
log_faults(struct lat_control *c)
{
    struct lat_record fault;
    const char **names = NULL;
    while (lat_stream_read(c->engine->faults, &fault)) {
        names = names ? names : lat_control_names(c);
        const char *name = names ? names[fault.inst->id] : NULL;
        lat_log_bounded(
            LAT_LOG_WARNING,
            "node %s made a sample that is no number at frame %llu; it was "
            "silenced and started anew",
            name ? name : "(gone since)", (unsigned long long)fault.frame);
    }
    free((void *)names);
    const uint64_t n_lost = lat_stream_lost(c->engine->faults);
    if (n_lost != c->n_lost_faults) {
        lat_log_bounded(LAT_LOG_WARNING,
                        "%llu more samples that are no numbers were silenced",
                        (unsigned long long)(n_lost - c->n_lost_faults));
        c->n_lost_faults = n_lost;
    }
}

// A fault is sent before the plan that its node was last in comes back: who
// reads plans first, and then faults, finds the node.
void
lat_control_read_reports(struct lat_control *c)
{
    struct lat_plan *plan = NULL;
    struct lat_plan *held = c->held_plans;
    c->held_plans = NULL;
    while (held) {
        struct lat_plan *next = held->next;
        plan_is_back(c, held);
        held = next;
    }
    if (lat_engine_has_reports(c->engine)) {
        c->reported_ns = lat_now_ns();
    }
    while (lat_ring_pop(c->engine->returned, &plan)) {
        plan_is_back(c, plan);
    }
    log_faults(c);
}
