// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A period is cut into spans: at the grid of `block` absolute frames, and where
// a message has to take effect between samples.  Values do not cut: an input's
// ramp is a function of the frame, so a value that moves in mid-span is just
// written into the input's buffer.  Only a second change of the same input
// within one span cuts it.

#include "engine.h"
#include "engine_apply.h"
#include "engine_state.h"
#include "engine_take.h"
#include "follow.h"
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
                .n_notes = e->n_given[LAT_GIVEN_NOTES],
                .strikes = e->strikes,
                .n_strikes = e->n_given[LAT_GIVEN_STRIKES],
                .numbers = e->numbers,
                .n_numbers = e->n_given[LAT_GIVEN_NUMBERS],
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
    memset(e->n_given, 0, sizeof(e->n_given));
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
        lat_engine_return_plan(e, done);
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
        end = lat_engine_plan_end(e->plan, now, end);
        end = take_coming(e, now, end);
        end = lat_engine_take(e, now, end);
        end = lat_follow_take(e, now, end, n_frames);
        if (e->fading) {
            end = lat_engine_plan_end(e->fading, now, end);
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
