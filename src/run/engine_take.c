// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The messages' ring is the queue of events itself, but for those that were
// sent ahead of their frame, so that what comes behind them need not wait: they
// are kept aside, by frame (ahead.h).  The next one due is the first of these,
// or the head of the ring.

#include "engine_take.h"
#include "engine_apply.h"
#include "engine_state.h"
#include "plan/sleep.h"

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

// A plan may take away what a change waits for.
static bool
must_let_pass(const struct lat_engine *e, const struct lat_message *m)
{
    return (m->kind == LAT_MESSAGE_PLAN && e->n_waiting) ||
           !lat_engine_has_room(e, m);
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

LAT_RT uint64_t
lat_engine_plan_end(const struct lat_plan *plan, uint64_t now, uint64_t end)
{
    const uint64_t grid = lat_span_grid_end(now, plan->block);
    end = grid < end ? grid : end;
    if (plan->n_sleeps) {
        const uint64_t cell = lat_span_grid_end(now, LAT_SLEEP_CELL);
        end = cell < end ? cell : end;
    }
    return end;
}

LAT_RT uint64_t
lat_engine_take(struct lat_engine *e, uint64_t now, uint64_t end)
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
            end = lat_engine_plan_end(e->plan, now, end);
        }
    }
    return end;
}
