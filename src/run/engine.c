// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A period is cut into spans: at the grid of `block` absolute frames, and where
// a message has to take effect between samples.  Values do not cut: an input's
// ramp is a function of the frame, so a value that moves in mid-span is just
// written into the input's buffer.  Only a second change of the same input
// within one span cuts it.
//
// The messages' ring is the queue of events itself, but for those that were
// sent ahead of their frame, so that what comes behind them need not wait: they
// are kept aside, by frame (ahead.h).  The next one due is the first of these,
// or the head of the ring.

#include "engine.h"
#include "engine_state.h"
#include "follow.h"
#include "plan/naps.h"
#include "plan/sleep.h"
#include "span.h"

#include <string.h>

LAT_RT void
lat_engine_bind(struct lat_engine *e, uint32_t slot, float *buffer)
{
    e->buffers[slot] = buffer;
}

LAT_RT uint32_t
lat_engine_n_slots(const struct lat_engine *e)
{
    return atomic_load_explicit(&e->n_slots, memory_order_acquire);
}

LAT_RT void
lat_engine_midi(struct lat_engine *e, uint32_t frame, const uint8_t *data,
                uint32_t size)
{
    if (!size || size > 3) {
        return;
    }
    if (e->n_midi == LAT_MAX_MIDI) {
        // What is lost may have let a key go.
        atomic_fetch_add_explicit(&e->n_lost_midi, 1, memory_order_relaxed);
        e->loses_midi = true;
        return;
    }
    struct lat_midi_event *event = &e->midi[e->n_midi++];
    *event = (struct lat_midi_event){.frame = frame, .size = (uint8_t)size};
    memcpy(event->data, data, size);
}

LAT_RT uint32_t
lat_engine_outgoing(const struct lat_engine *e,
                    const struct lat_outgoing **events)
{
    *events = e->midi_outs.events;
    return e->midi_outs.n;
}

LAT_RT void
lat_engine_put_back(struct lat_engine *e, const struct lat_outgoing *event)
{
    struct lat_outgoing *back = &e->midi_outs.events[e->midi_outs.n_back++];
    *back = *event;
    back->frame = 0;
    atomic_fetch_add_explicit(&e->midi_outs.n_lost, 1, memory_order_relaxed);
}

LAT_RT void
lat_engine_heard(struct lat_engine *e, uint32_t slot)
{
    lat_midi_outs_heard(&e->midi_outs, slot);
}

LAT_RT void
lat_engine_lose_midi(struct lat_engine *e)
{
    atomic_store_explicit(&e->has_lost_midi, true, memory_order_release);
}

LAT_RT void
lat_engine_set_beat(struct lat_engine *e, const struct lat_engine_beat *beat)
{
    e->beat = *beat;
}

LAT_RT void
lat_engine_get_time(const struct lat_engine *e, struct lat_engine_time *out)
{
    *out = (struct lat_engine_time){e->frame, e->transport};
}

LAT_RT void
lat_engine_set_time(struct lat_engine *e, const struct lat_engine_time *time)
{
    e->frame = time->frame;
    e->coming = time->transport;
    e->has_coming = time->transport.anchor_frame > time->frame;
    if (!e->has_coming) {
        e->transport = time->transport;
    }
}

// The transport that was told to come: @return @p end, or its frame if that is
// before.
static uint64_t
take_coming(struct lat_engine *e, uint64_t now, uint64_t end)
{
    if (!e->has_coming) {
        return end;
    }
    if (e->coming.anchor_frame > now) {
        return e->coming.anchor_frame < end ? e->coming.anchor_frame : end;
    }
    e->transport = e->coming;
    e->has_coming = false;
    return end;
}

// Messages.

static void
return_plan(struct lat_engine *e, struct lat_plan *plan)
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
        return_plan(e, m->plan); // others were sent in its place meanwhile
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
            return_plan(e, e->fading);
        }
        lat_ramp_aim(&old->fade, now, 0.0F, ramp_frames(e), true);
        e->fading = old;
    } else {
        return_plan(e, old);
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
    e->n_notes = e->n_numbers = e->n_strikes = 0;
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

// Of several for one node at a frame the last one counts.  Without a driver
// what finds no room is lost; the take leaves room otherwise.
static void
keep_number(struct lat_engine *e, const void *state, float value)
{
    uint32_t i = 0;
    while (i < e->n_numbers && e->numbers[i].state != state) {
        ++i;
    }
    if (i < LAT_MAX_NUMBERS) {
        e->numbers[i] = (struct lat_number_event){state, value};
        e->n_numbers += i == e->n_numbers;
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
        lat_ramp_aim(m->ramp, now, m->value, m->length, m->is_fade);
        disturb(e, m->id);
        break;
    case LAT_MESSAGE_AMOUNT:
        lat_ramp_aim(m->ramp, now, m->value, m->length, m->is_fade);
        m->ramp->start = LAT_RAMP_START(m->ramp->start + m->delay);
        m->ramp->end += m->delay;
        ++e->amount_epoch;
        disturb(e, m->id);
        break;
    case LAT_MESSAGE_FADE:
        lat_ramp_aim(m->ramp, now, m->value, m->length, m->is_fade);
        m->ramp->start = LAT_RAMP_START(m->ramp->start + m->delay);
        m->ramp->end += m->delay;
        break;
    case LAT_MESSAGE_NOTE:
        // Without a driver none is played; the take leaves room otherwise.
        if (e->n_notes < LAT_MAX_NOTES) {
            e->notes[e->n_notes++] =
                (struct lat_note_event){m->state, m->value, m->velocity};
        }
        break;
    case LAT_MESSAGE_NUMBER:
        keep_number(e, m->state, m->value);
        break;
    case LAT_MESSAGE_STRIKE:
        // As notes are.
        if (e->n_strikes < LAT_MAX_STRIKES) {
            e->strikes[e->n_strikes++] =
                (struct lat_strike_event){m->state, m->strike};
        }
        break;
    case LAT_MESSAGE_ADOPT:
        adopt(m->to, m->from);
        break;
    case LAT_MESSAGE_PANIC:
        panic(e, now);
        break;
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
    case LAT_MESSAGE_TAP:
        if (m->is_over) {
            lat_tap_close(&e->taps, e->plan, m->tap);
        } else {
            lat_tap_open(&e->taps, e->plan, m->tap, now);
        }
        break;
    case LAT_MESSAGE_STREAM:
        if (m->is_over) {
            lat_stream_close(&e->taps, m->stream);
        } else {
            lat_stream_open(&e->taps, m->stream);
        }
        break;
    }
}

// The ramp that a message will aim, or NULL when it changes more than that.
static const struct lat_ramp *
ramp_of(const struct lat_message *m)
{
    switch (m->kind) {
    case LAT_MESSAGE_VALUE:
    case LAT_MESSAGE_NORMAL:
    case LAT_MESSAGE_AMOUNT:
    case LAT_MESSAGE_FADE:
        return m->ramp;
    default:
        return NULL;
    }
}

// An event's value lasts a frame at least, and two pulses of a trigger are a
// frame apart, so that none is lost whatever comes at once.
static uint64_t
earliest(const struct lat_message *m)
{
    if (m->kind != LAT_MESSAGE_VALUE) {
        return 0;
    }
    return m->spacing && lat_ramp_is_aimed(m->ramp) ? m->ramp->end + m->spacing
                                                    : 0;
}

static bool
waits(const struct lat_engine *e, const struct lat_ramp *ramp)
{
    for (uint32_t i = 0; i < e->n_waiting; ++i) {
        if (e->waiting[i].ramp == ramp) {
            return true;
        }
    }
    return false;
}

// Changes of one event input at one frame follow each other a frame apart; what
// came with them does not wait for that.  Apply those whose time is @p now.
// @return the frame at which the next one is due, or @p end.
static uint64_t
take_waiting(struct lat_engine *e, uint64_t now, uint64_t end)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < e->n_waiting; ++i) {
        const struct lat_message m = e->waiting[i];
        const uint64_t frame = earliest(&m);
        if (frame <= now) {
            lat_engine_apply(e, &m, now);
            continue;
        }
        end = frame < end ? frame : end;
        e->waiting[kept++] = m;
    }
    e->n_waiting = kept;
    return end;
}

// Would this change of an event input merge, at @p frame, with the one before?
static bool
is_early(const struct lat_engine *e, const struct lat_message *m,
         uint64_t frame)
{
    return m->kind == LAT_MESSAGE_VALUE && m->spacing &&
           (earliest(m) > frame || waits(e, m->ramp));
}

// A plan may take away what a change waits for; notes and numbers have tables.
static bool
must_let_pass(const struct lat_engine *e, const struct lat_message *m)
{
    return (m->kind == LAT_MESSAGE_PLAN && e->n_waiting) ||
           (m->kind == LAT_MESSAGE_NOTE && e->n_notes == LAT_MAX_NOTES) ||
           (m->kind == LAT_MESSAGE_STRIKE && e->n_strikes == LAT_MAX_STRIKES) ||
           (m->kind == LAT_MESSAGE_NUMBER && e->n_numbers == LAT_MAX_NUMBERS);
}

LAT_RT bool
lat_engine_next(struct lat_engine *e, struct lat_message *m, bool *is_ahead)
{
    bool is_in_ring = lat_ring_peek(e->messages, m);
    while (is_in_ring && m->is_ahead && lat_ahead_add(&e->ahead, m)) {
        lat_ring_pop(e->messages, m);
        is_in_ring = lat_ring_peek(e->messages, m);
    }
    const struct lat_message *first = lat_ahead_first(&e->ahead);
    *is_ahead = first && !(is_in_ring && m->frame < first->frame);
    if (*is_ahead) {
        *m = *first;
    }
    return is_in_ring || first;
}

LAT_RT void
lat_engine_drop(struct lat_engine *e, bool is_ahead)
{
    struct lat_message m;
    if (is_ahead) {
        lat_ahead_drop(&e->ahead);
    } else {
        lat_ring_pop(e->messages, &m);
    }
}

// Whoever sent it ahead of its frame was held up.
static void
count_missed(struct lat_engine *e, const struct lat_message *m, uint64_t now)
{
    if (m->is_ahead && m->frame < now && m->frame != e->missed_frame) {
        e->missed_frame = m->frame;
        atomic_fetch_add_explicit(&e->n_missed, 1, memory_order_relaxed);
    }
}

// A transaction is seen for the first time: did it come in time?  What waits
// here for others is in time; whoever plays it again makes it wait as long.
static void
tell_late(struct lat_engine *e, const struct lat_message *m, uint64_t now)
{
    if (m->turn == e->seen_turn) {
        return;
    }
    e->seen_turn = m->turn;
    if (m->frame < now && (e->taps.kinds & 1U << LAT_RECORD_LATE)) {
        const struct lat_record record = {
            .kind = LAT_RECORD_LATE, .id = m->turn, .frame = now};
        lat_stream_tell(&e->taps, &record, 0);
    }
}

// Where a span that begins at @p now has to end for a plan: at @p end, with the
// quantum or, where nodes may sleep, with a cell of those.
static uint64_t
plan_end(const struct lat_plan *plan, uint64_t now, uint64_t end)
{
    const uint64_t grid = lat_span_grid_end(now, plan->block);
    end = grid < end ? grid : end;
    if (plan->n_sleeps) {
        const uint64_t cell = lat_span_grid_end(now, LAT_SLEEP_CELL);
        end = cell < end ? cell : end;
    }
    return end;
}

// Apply what is due at @p now and find where the span that begins there ends,
// at @p end or earlier.
static uint64_t
take_messages(struct lat_engine *e, uint64_t now, uint64_t end)
{
    struct lat_message m;
    bool is_ahead = false;
    end = take_waiting(e, now, end);
    while (lat_engine_next(e, &m, &is_ahead)) {
        const uint64_t frame = m.frame > now ? m.frame : now;
        if (frame >= end) {
            break;
        }
        tell_late(e, &m, now);
        const struct lat_ramp *ramp = ramp_of(&m);
        const bool must_wait = is_early(e, &m, frame);
        if (frame > now &&
            (must_wait || !(ramp && lat_ramp_is_idle(ramp, now)))) {
            return frame;
        }
        if ((must_wait && e->n_waiting == LAT_MAX_WAITING) ||
            must_let_pass(e, &m)) {
            return now + 1;
        }
        lat_engine_drop(e, is_ahead);
        count_missed(e, &m, now);
        if (must_wait) {
            e->waiting[e->n_waiting++] = m;
            const uint64_t due = earliest(&m);
            end = due < end ? due : end;
            continue;
        }
        lat_engine_apply(e, &m, frame);
        if (m.kind == LAT_MESSAGE_PLAN) {
            end = plan_end(e->plan, now, end);
        }
    }
    return end;
}

// Periods.

// A reader that sees a release store here sees the odd sequence before it.
static void
publish_clock(struct lat_engine *e, uint64_t ns)
{
    struct lat_period_mark *c = &e->mark;
    const uint32_t sequence =
        atomic_load_explicit(&c->sequence, memory_order_relaxed);
    const struct lat_cycle now = lat_transport_at(&e->transport, e->frame);
    atomic_store_explicit(&c->sequence, sequence + 1, memory_order_relaxed);
    atomic_store_explicit(&c->frame, e->frame, memory_order_release);
    atomic_store_explicit(&c->ns, ns, memory_order_release);
    atomic_store_explicit(&c->beat_ns, e->beat.ns ? e->beat.ns : ns,
                          memory_order_release);
    if (e->beat.is_break) {
        atomic_fetch_add_explicit(&c->n_breaks, 1, memory_order_release);
    }
    e->beat = (struct lat_engine_beat){0};
    atomic_store_explicit(&c->cycle, now.cycle, memory_order_release);
    atomic_store_explicit(&c->fraction, now.fraction, memory_order_release);
    atomic_store_explicit(&c->tempo_bpm, e->transport.tempo_bpm,
                          memory_order_release);
    atomic_store_explicit(&c->is_playing, e->transport.is_playing,
                          memory_order_release);
    atomic_store_explicit(&c->sequence, sequence + 2, memory_order_release);
}

static void
count_period(struct lat_engine *e, uint64_t ns, uint32_t n_frames)
{
    const double budget_ns = 1e9 * n_frames / e->rate;
    const float load = (float)((double)ns / budget_ns);
    const float mean = atomic_load_explicit(&e->load, memory_order_relaxed);
    const float peak =
        atomic_load_explicit(&e->load_peak, memory_order_relaxed);
    atomic_store_explicit(&e->load, mean + 0.01F * (load - mean),
                          memory_order_relaxed);
    atomic_store_explicit(&e->load_peak, load > peak ? load : 0.9995F * peak,
                          memory_order_relaxed);
    const uint64_t turn =
        atomic_load_explicit(&e->n_periods, memory_order_relaxed);
    atomic_store_explicit(&e->period_ns[turn % LAT_PERIODS_KEPT],
                          ns < UINT32_MAX ? (uint32_t)ns : UINT32_MAX,
                          memory_order_relaxed);
    if (ns > atomic_load_explicit(&e->ns_max, memory_order_relaxed)) {
        atomic_store_explicit(&e->ns_max, ns, memory_order_relaxed);
    }
    if (load > 1.0F) {
        atomic_fetch_add_explicit(&e->n_late, 1, memory_order_relaxed);
        atomic_store_explicit(&e->late_instance, e->slowest,
                              memory_order_relaxed);
    }
    atomic_store_explicit(&e->n_periods, turn + 1, memory_order_release);
}

static void
clear_outputs(struct lat_engine *e, uint32_t n_frames)
{
    const uint32_t n = lat_engine_n_slots(e);
    for (uint32_t i = 0; i < n; ++i) {
        if (e->buffers[i] && e->slot_is_output[i]) {
            memset(e->buffers[i], 0, n_frames * sizeof(float));
        }
    }
}

// What came in goes to those who map it to something.
static void
tell_midi(struct lat_engine *e, uint64_t frame,
          const struct lat_midi_event *event)
{
    struct lat_record record = {
        .kind = LAT_RECORD_MIDI, .frame = frame, .midi = *event};
    record.midi.frame = 0;
    if (e->taps.kinds & 1U << LAT_RECORD_MIDI) {
        lat_stream_tell(&e->taps, &record, 0);
    }
}

// The MIDI events of a span, counted from its first frame.
static uint32_t
midi_of_span(struct lat_engine *e, uint32_t *next, uint32_t offset, uint32_t n)
{
    uint32_t count = 0;
    if (!offset && atomic_exchange_explicit(&e->has_lost_midi, false,
                                            memory_order_acquire)) {
        e->span_midi[count++] = (struct lat_midi_event){
            .size = 1,
            .data = {LAT_MIDI_SOURCE_LOST},
        };
        tell_midi(e, e->frame, &e->span_midi[0]);
    }
    while (*next < e->n_midi && e->midi[*next].frame < offset + n) {
        struct lat_midi_event event = e->midi[(*next)++];
        event.frame = event.frame > offset ? event.frame - offset : 0;
        e->span_midi[count++] = event;
    }
    return count;
}

static void
run_span(struct lat_engine *e, uint32_t offset, uint32_t n, uint32_t *next_midi)
{
    // Late workers may still look at it: it lives in the engine.
    struct lat_span *span = &e->span;
    *span = (struct lat_span){
        .context =
            {
                .rate = e->rate,
                .rate_f = (float)e->rate,
                .period_f = (float)(1.0 / e->rate),
                .n_frames = n,
                .block = e->plan->block,
                .frame = e->frame + offset,
                .is_playing = e->transport.is_playing,
                .n_locates = e->transport.n_locates,
                .n_breaks = e->transport.n_breaks,
                .tempo_bpm = e->transport.tempo_bpm,
                .transport = &e->transport,
                .midi = e->span_midi,
                .n_midi = midi_of_span(e, next_midi, offset, n),
                .notes = e->notes,
                .n_notes = e->n_notes,
                .strikes = e->strikes,
                .n_strikes = e->n_strikes,
                .numbers = e->numbers,
                .n_numbers = e->n_numbers,
            },
        .kernels = e->kernels,
        .buffers = e->buffers,
        .offset = offset,
        .amount_epoch = e->amount_epoch,
        .turn = e->load_turn++,
        .taps = &e->taps,
        .midi_outs = &e->midi_outs,
        .n_faults = &e->n_faults,
    };
    lat_midi_outs_watch(&e->midi_outs, e->plan, span->context.frame);
    lat_scheduler_run(e->scheduler, span, e->plan);
    e->slowest = span->slowest ? span->slowest : e->slowest;
    if (e->fading) {
        span->context.block = e->fading->block;
        span->midi_outs = NULL;
        lat_scheduler_run(e->scheduler, span, e->fading);
    }
    e->n_notes = e->n_numbers = e->n_strikes = 0;
    lat_taps_send(&e->taps);
}

static void
tell_all_midi(struct lat_engine *e)
{
    for (uint32_t i = 0; i < e->n_midi; ++i) {
        tell_midi(e, e->frame + e->midi[i].frame, &e->midi[i]);
    }
}

// A plan that has faded out goes after a whole period of silence: its ports may
// go with it, and a port keeps sounding what was last written to it.
static void
end_fade(struct lat_engine *e)
{
    if (e->fading && e->frame > e->fading->fade.end + e->last_period) {
        struct lat_plan *done = e->fading;
        e->fading = NULL;
        return_plan(e, done);
    }
}

LAT_RT bool
lat_engine_has_reports(const struct lat_engine *e)
{
    return !lat_ring_is_empty(e->returned) ||
           !lat_ring_is_empty(e->faults->ring);
}

// Wake the control thread, which sleeps until there is something for it.  It
// asks before it goes to sleep, and is rung once for that: most periods end
// without a system call.
static void
ring_back(struct lat_engine *e)
{
    const bool is_due =
        e->frame > atomic_load_explicit(&e->wake_frame, memory_order_relaxed);
    if (e->bell &&
        (is_due ||
         (atomic_load_explicit(&e->wakes_on_report, memory_order_relaxed) &&
          (lat_engine_has_reports(e) || lat_taps_are_urgent(&e->taps))))) {
        // Whoever is woken asks anew, so what is asked for meanwhile may go.
        atomic_store(&e->wake_frame, UINT64_MAX);
        atomic_store(&e->wakes_on_report, false);
        lat_bell_ring(e->bell);
    }
}

LAT_RT void
lat_engine_process(struct lat_engine *e, uint32_t n_frames)
{
    LAT_ASSERT_ROLE(LAT_ROLE_AUDIO);
    const uint64_t begin_ns = lat_now_ns();
    publish_clock(e, begin_ns);
    lat_engine_return_plans(e);
    end_fade(e);
    clear_outputs(e, n_frames);
    lat_midi_outs_begin(
        &e->midi_outs, e->frame,
        atomic_load_explicit(&e->ending.is_wanted, memory_order_acquire));
    lat_midi_outs_let_lost_go(&e->midi_outs, e->plan, e->frame);

    lat_scheduler_begin(e->scheduler, n_frames, e->rate);
    lat_follow_begin(e);
    uint32_t next_midi = 0;
    uint32_t offset = 0;
    while (offset < n_frames) {
        const uint64_t now = e->frame + offset;
        uint64_t end = e->frame + n_frames;
        end = end - now < LAT_SPAN_MAX ? end : now + LAT_SPAN_MAX;
        end = plan_end(e->plan, now, end);
        end = take_coming(e, now, end);
        end = take_messages(e, now, end);
        end = lat_follow_take(e, now, end, n_frames);
        if (e->fading) {
            end = plan_end(e->fading, now, end);
        }
        const uint32_t n = (uint32_t)(end - now);
        run_span(e, offset, n, &next_midi);
        offset += n;
    }
    lat_scheduler_end(e->scheduler);
    lat_taps_end_period(&e->taps, e->plan);
    tell_all_midi(e);
    lat_ending_apply(&e->ending, e->rate, e->frame, n_frames, e->buffers,
                     e->slot_is_output, lat_engine_n_slots(e));
    if (e->ear.hear) {
        e->ear.hear(e->ear.data, e->buffers, n_frames);
    }
    e->n_midi = 0;
    if (e->loses_midi) {
        e->loses_midi = false;
        lat_engine_lose_midi(e);
    }
    e->last_period = n_frames;
    e->frame += n_frames;
    atomic_store_explicit(&e->frames_done, e->frame, memory_order_release);
    count_period(e, lat_now_ns() - begin_ns, n_frames);
    ring_back(e);
}
