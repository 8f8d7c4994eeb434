// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "engine_apply.h"
#include "engine_state.h"
#include "plan/naps.h"

#include <string.h>

LAT_RT void
lat_engine_return_plan(struct lat_engine *e, struct lat_plan *plan)
{
    plan->last_run = lat_scheduler_run_number(e->scheduler);
    plan->next = e->returns;
    e->returns = plan;
    lat_engine_return_plans(e);
}

LAT_RT void
lat_engine_return_plans(struct lat_engine *e)
{
    while (e->returns) {
        struct lat_plan *next = e->returns->next;
        if (!lat_ring_push(e->returned, &e->returns)) {
            break;
        }
        lat_ring_commit(e->returned);
        e->returns = next;
    }
}

static uint64_t
ramp_frames(const struct lat_engine *e)
{
    return (uint64_t)(LAT_RAMP_SECONDS * e->rate);
}

// Kernel states move into lanes, out of them, or to other ones.
static void
move_states(const struct lat_plan *plan)
{
    for (uint32_t i = 0; i < plan->n_moves; ++i) {
        const struct lat_move *move = &plan->moves[i];
        uint32_t words[LAT_LANE_WORDS];
        lat_instance_load(move->inst, words);
        move->inst->home = move->home;
        move->inst->pitch = move->home == move->inst->state ? 1 : LAT_LANES;
        lat_instance_store(move->inst, words);
    }
}

// Tell the group of an instance that one of its values moves.
static void
disturb(const struct lat_engine *e, uint32_t id)
{
    struct lat_plan_lanes *g =
        id < e->plan->n_ids ? e->plan->group_of[id] : NULL;
    if (g) {
        g->is_dirty = true;
        lat_nap_end(g);
    }
}

// Awake, and has been so for no whole cell.
static void
rouse(struct lat_instance *inst)
{
    inst->is_idle = inst->is_zero = false;
    atomic_store_explicit(&inst->is_asleep, false, memory_order_relaxed);
}

static void
take_plan(struct lat_engine *e, const struct lat_message *m, uint64_t now)
{
    struct lat_plan *old = e->plan;
    if (m->plan->serial < old->serial) {
        lat_engine_return_plan(
            e, m->plan); // others were sent in its place meanwhile
        return;
    }
    e->plan = m->plan;
    lat_midi_outs_move(&e->midi_outs, old, m->plan, now);
    move_states(m->plan);
    for (uint32_t i = 0; i < m->plan->n_roused; ++i) {
        rouse(m->plan->roused[i]);
    }
    lat_taps_move(&e->taps, m->plan);
    if (m->fades_old) {
        if (e->fading) {
            lat_engine_return_plan(e, e->fading);
        }
        lat_ramp_aim(&old->fade, now, 0.0F, ramp_frames(e), true);
        e->fading = old;
    } else {
        lat_engine_return_plan(e, old);
    }
    ++e->amount_epoch;
    atomic_fetch_add_explicit(&e->n_swaps, 1, memory_order_relaxed);
}

// Back to the first frame's state.
static void
start_anew(const struct lat_engine *e, const struct lat_plan_node *pn)
{
    struct lat_instance *inst = pn->inst;
    lat_instance_start_anew(inst, pn->config);
    rouse(inst);
    if (pn->sleep && pn->sleep->look) {
        pn->sleep->look->rests = false;
    }
    for (uint32_t i = 0; i < inst->n_in; ++i) {
        if (lat_port_kind_is_event(pn->in[i].kind)) {
            lat_ramp_set(&inst->ramps[pn->in[i].ramp], 0.0F);
        }
    }
    disturb(e, inst->id);
}

static void
panic(struct lat_engine *e, uint64_t now)
{
    const struct lat_plan *p = e->plan;
    lat_midi_outs_panic(&e->midi_outs, p, now);
    e->n_waiting = 0;
    memset(e->n_given, 0, sizeof(e->n_given));
    for (uint32_t i = 0; i < p->n_nodes; ++i) {
        const struct lat_instance *inst = p->nodes[i].inst;
        if (inst->type->flags & LAT_TYPE_RECORDS) {
            continue;
        }
        start_anew(e, &p->nodes[i]);
        float *const *feedback = p->nodes[i].feedback;
        for (uint32_t o = 0; feedback && o < inst->n_out; ++o) {
            if (feedback[o]) {
                memset(feedback[o], 0, 2 * (size_t)p->block * sizeof(float));
            }
        }
    }
}

static enum lat_given
given_of(const struct lat_message *m)
{
    switch (m->kind) {
    case LAT_MESSAGE_NOTE:
        return LAT_GIVEN_NOTES;
    case LAT_MESSAGE_NUMBER:
        return LAT_GIVEN_NUMBERS;
    case LAT_MESSAGE_STRIKE:
        return LAT_GIVEN_STRIKES;
    default:
        return LAT_N_GIVEN;
    }
}

LAT_RT bool
lat_engine_has_room(const struct lat_engine *e, const struct lat_message *m)
{
    static const uint32_t most[LAT_N_GIVEN] = {
        [LAT_GIVEN_NOTES] = LAT_MAX_NOTES,
        [LAT_GIVEN_NUMBERS] = LAT_MAX_NUMBERS,
        [LAT_GIVEN_STRIKES] = LAT_MAX_STRIKES,
    };
    const enum lat_given given = given_of(m);
    return given == LAT_N_GIVEN || e->n_given[given] < most[given];
}

// Of several numbers for one node at a frame the last one counts.
static uint32_t
number_of(const struct lat_engine *e, const void *state)
{
    uint32_t i = 0;
    while (i < e->n_given[LAT_GIVEN_NUMBERS] && e->numbers[i].state != state) {
        ++i;
    }
    return i;
}

// Without a driver what finds no room is lost; the take leaves room otherwise.
static void
give(struct lat_engine *e, const struct lat_message *m)
{
    const enum lat_given given = given_of(m);
    const uint32_t n = e->n_given[given];
    const uint32_t i = given == LAT_GIVEN_NUMBERS ? number_of(e, m->state) : n;
    if (i == n && !lat_engine_has_room(e, m)) {
        return;
    }
    e->n_given[given] += i == n;
    switch (given) {
    case LAT_GIVEN_NOTES:
        e->notes[i] = (struct lat_note_event){m->state, m->value, m->velocity};
        break;
    case LAT_GIVEN_NUMBERS:
        e->numbers[i] = (struct lat_number_event){m->state, m->value};
        break;
    case LAT_GIVEN_STRIKES:
        e->strikes[i] = (struct lat_strike_event){m->state, m->strike};
        break;
    default:
        break;
    }
}

// Go on with another's state, and the keys that it holds.
static void
adopt(struct lat_instance *to, struct lat_instance *from)
{
    if (to->type->take_over) {
        to->type->take_over(to->state, from->state);
    } else {
        memcpy(to->state, from->state, to->state_bytes);
    }
    to->mute_until = from->mute_until;
    to->needs_reset = from->needs_reset;
    if (to->held) {
        *to->held = *from->held;
        *from->held = (struct lat_midi_held){0};
    }
}

static void
aim(struct lat_engine *e, const struct lat_message *m, uint64_t now)
{
    lat_ramp_aim(m->ramp, now, m->value, m->length, m->is_fade);
    m->ramp->start = LAT_RAMP_START(m->ramp->start + m->delay);
    m->ramp->end += m->delay;
    e->amount_epoch += m->kind == LAT_MESSAGE_AMOUNT;
    if (m->kind != LAT_MESSAGE_FADE) {
        disturb(e, m->id);
    }
}

static void
move_time(struct lat_engine *e, const struct lat_message *m, uint64_t now)
{
    switch (m->kind) {
    case LAT_MESSAGE_TEMPO:
        lat_transport_set_tempo(&e->transport, now, m->number);
        break;
    case LAT_MESSAGE_BEATS:
        lat_transport_set_beats(&e->transport, now, m->number);
        break;
    case LAT_MESSAGE_PLAY:
        lat_transport_play(&e->transport, now, m->number != 0.0);
        lat_midi_sync_disturb(&e->sync);
        break;
    case LAT_MESSAGE_LOCATE:
        lat_transport_locate(&e->transport, now, m->cycle);
        break;
    case LAT_MESSAGE_SYNC:
        e->follows = (enum lat_follow_kind)m->number;
        lat_midi_sync_set(&e->sync, e->follows == LAT_FOLLOW_MIDI);
        break;
    case LAT_MESSAGE_RATE:
        lat_transport_set_rate(&e->transport, now, m->number);
        e->rate = m->number;
        break;
    default:
        break;
    }
}

static void
move_tap(struct lat_engine *e, const struct lat_message *m, uint64_t now)
{
    if (m->kind == LAT_MESSAGE_STREAM && m->is_over) {
        lat_stream_close(&e->taps, m->stream);
    } else if (m->kind == LAT_MESSAGE_STREAM) {
        lat_stream_open(&e->taps, m->stream);
    } else if (m->is_over) {
        lat_tap_close(&e->taps, e->plan, m->tap);
    } else {
        lat_tap_open(&e->taps, e->plan, m->tap, now);
    }
}

LAT_RT void
lat_engine_apply(struct lat_engine *e, const struct lat_message *m,
                 uint64_t now)
{
    switch (m->kind) {
    case LAT_MESSAGE_PLAN:
        take_plan(e, m, now);
        break;
    case LAT_MESSAGE_VALUE:
    case LAT_MESSAGE_NORMAL:
    case LAT_MESSAGE_AMOUNT:
    case LAT_MESSAGE_FADE:
        aim(e, m, now);
        break;
    case LAT_MESSAGE_NOTE:
    case LAT_MESSAGE_NUMBER:
    case LAT_MESSAGE_STRIKE:
        give(e, m);
        break;
    case LAT_MESSAGE_ADOPT:
        adopt(m->to, m->from);
        break;
    case LAT_MESSAGE_PANIC:
        panic(e, now);
        break;
    case LAT_MESSAGE_TEMPO:
    case LAT_MESSAGE_BEATS:
    case LAT_MESSAGE_PLAY:
    case LAT_MESSAGE_LOCATE:
    case LAT_MESSAGE_SYNC:
    case LAT_MESSAGE_RATE:
        move_time(e, m, now);
        break;
    case LAT_MESSAGE_TAP:
    case LAT_MESSAGE_STREAM:
        move_tap(e, m, now);
        break;
    }
}
