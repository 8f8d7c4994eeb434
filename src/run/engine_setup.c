// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "engine_apply.h"
#include "engine_state.h"
#include "engine_take.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N_RETURNED 4096U

/// Faults that wait for the log.
#define N_FAULTS 256U

enum lat_status
lat_engine_new(const struct lat_engine_options *options, struct lat_plan *plan,
               struct lat_engine **out)
{
    struct lat_engine *e =
        aligned_alloc(LAT_ALIGNMENT, (sizeof(*e) + LAT_ALIGNMENT - 1) /
                                         LAT_ALIGNMENT * LAT_ALIGNMENT);
    if (!e) {
        return LAT_ENOMEM;
    }
    memset(e, 0, sizeof(*e));
    enum lat_status status =
        lat_ring_new(LAT_MESSAGES, sizeof(struct lat_message), &e->messages);
    if (!status) {
        status =
            lat_ring_new(N_RETURNED, sizeof(struct lat_plan *), &e->returned);
    }
    if (!status) {
        status = lat_stream_new(N_FAULTS, 1U << LAT_RECORD_FAULT, &e->faults);
    }
    if (!status) {
        status = lat_scheduler_new(&options->scheduler, &e->scheduler);
    }
    if (status) {
        lat_ring_free(e->messages);
        lat_ring_free(e->returned);
        lat_stream_free(e->faults);
        free(e);
        return status;
    }
    lat_stream_open(&e->taps, e->faults);
    e->rate = options->rate;
    e->kernels = options->kernels;
    e->plan = plan;
    e->workers = lat_scheduler_n_threads(e->scheduler);
    lat_ahead_init(&e->ahead);
    e->missed_frame = UINT64_MAX;
    e->amount_epoch = 1; // 0 means not settled
    atomic_store(&e->wake_frame, UINT64_MAX);
    lat_transport_init(&e->transport, options->rate, 120.0, 4.0);
    *out = e;
    return LAT_OK;
}

void
lat_engine_free(struct lat_engine *e)
{
    if (!e) {
        return;
    }
    lat_scheduler_free(e->scheduler);
    struct lat_message m;
    bool is_ahead = false;
    for (; lat_engine_next(e, &m, &is_ahead); lat_engine_drop(e, is_ahead)) {
        if (m.kind == LAT_MESSAGE_PLAN) {
            lat_plan_free(m.plan);
        }
    }
    struct lat_plan *plan = NULL;
    while (lat_ring_pop(e->returned, &plan)) {
        lat_plan_free(plan);
    }
    while (e->returns) {
        struct lat_plan *next = e->returns->next;
        lat_plan_free(e->returns);
        e->returns = next;
    }
    lat_plan_free(e->plan);
    lat_plan_free(e->fading);
    lat_ring_free(e->messages);
    lat_ring_free(e->returned);
    lat_stream_free(e->faults);
    free(e);
}

struct reading {
    uint64_t frame, ns, beat_ns, n_breaks;
    struct lat_cycle cycle;
    double tempo_bpm;
    bool is_playing;
};

static struct reading
read_clock(const struct lat_engine *e)
{
    const struct lat_period_mark *c = &e->mark;
    struct reading r;
    uint32_t before = 0;
    uint32_t after = 0;
    do {
        before = atomic_load_explicit(&c->sequence, memory_order_acquire);
        r.frame = atomic_load_explicit(&c->frame, memory_order_acquire);
        r.ns = atomic_load_explicit(&c->ns, memory_order_acquire);
        r.beat_ns = atomic_load_explicit(&c->beat_ns, memory_order_acquire);
        r.n_breaks = atomic_load_explicit(&c->n_breaks, memory_order_acquire);
        r.cycle.cycle = atomic_load_explicit(&c->cycle, memory_order_acquire);
        r.cycle.fraction =
            atomic_load_explicit(&c->fraction, memory_order_acquire);
        r.tempo_bpm = atomic_load_explicit(&c->tempo_bpm, memory_order_acquire);
        r.is_playing =
            atomic_load_explicit(&c->is_playing, memory_order_acquire);
        after = atomic_load_explicit(&c->sequence, memory_order_relaxed);
    } while (before != after || before & 1U);
    return r;
}

uint64_t
lat_engine_stamp(struct lat_engine *e)
{
    uint64_t stamp =
        atomic_load_explicit(&e->frames_done, memory_order_acquire);
    if (atomic_load(&e->is_running)) {
        const struct reading r = read_clock(e);
        const uint64_t now_ns = lat_now_ns();
        const uint64_t period = atomic_load(&e->period);
        uint64_t since = 0;
        if (r.ns && now_ns > r.ns) {
            since = (uint64_t)((double)(now_ns - r.ns) * 1e-9 * e->info.rate);
            // A stalled driver must not push stamps into the far future.
            since = since < 4 * period ? since : 4 * period;
        }
        const uint64_t ahead = r.frame + since + period;
        stamp = ahead > stamp ? ahead : stamp;
    }
    if (stamp < e->last_stamp) {
        stamp = e->last_stamp;
    }
    e->last_stamp = stamp;
    return stamp;
}

void
lat_engine_clock(const struct lat_engine *e, struct lat_engine_clock *out)
{
    const struct reading r = read_clock(e);
    *out = (struct lat_engine_clock){
        .is_running = atomic_load(&e->is_running) && r.ns,
        .frame = r.frame,
        .ns = r.beat_ns,
        .n_breaks = r.n_breaks + atomic_load(&e->n_starts),
        .rate = e->info.rate,
        .period = atomic_load(&e->period),
        .n_missed = atomic_load(&e->n_missed),
    };
}

void
lat_engine_flush(struct lat_engine *e)
{
    struct lat_message m;
    bool is_ahead = false;
    lat_midi_outs_lose(e->plan);
    for (uint32_t i = 0; i < e->n_waiting; ++i) {
        lat_engine_apply(e, &e->waiting[i], e->frame);
    }
    e->n_waiting = 0;
    for (; lat_engine_next(e, &m, &is_ahead); lat_engine_drop(e, is_ahead)) {
        lat_engine_apply(e, &m, e->frame);
    }
    e->last_stamp = e->frame;
    lat_taps_end_period(&e->taps, e->plan);
    lat_engine_return_plans(e);
}

void
lat_engine_set_running(struct lat_engine *e, bool is_running)
{
    if (is_running && !atomic_load(&e->is_running)) {
        atomic_fetch_add(&e->n_starts, 1);
        atomic_store(&e->mark.ns, 0); // of a driver that is gone
    }
    atomic_store(&e->is_running, is_running);
    if (!is_running) {
        memset(e->buffers, 0, sizeof(e->buffers));
        e->n_midi = 0;
        e->has_follow = false;
        lat_engine_lose_midi(e);
    }
}

void
lat_engine_set_bell(struct lat_engine *e, const struct lat_bell *bell)
{
    e->bell = bell;
}

void
lat_engine_set_ear(struct lat_engine *e, const struct lat_engine_ear *ear)
{
    e->ear = *ear;
}

bool
lat_engine_wake(struct lat_engine *e, uint64_t frame, bool on_report)
{
    atomic_store(&e->wake_frame, frame);
    atomic_store(&e->wakes_on_report, on_report);
    return atomic_load(&e->frames_done) <= frame &&
           !(on_report && lat_engine_has_reports(e));
}

void
lat_engine_set_period(struct lat_engine *e, uint32_t frames)
{
    atomic_store(&e->period, frames);
}

bool
lat_engine_set_priority(struct lat_engine *e, int priority,
                        bool audio_is_realtime)
{
    return lat_scheduler_set_priority(e->scheduler, priority,
                                      audio_is_realtime);
}

void
lat_engine_open_slot(struct lat_engine *e, uint16_t slot, bool is_output)
{
    e->slot_is_output[slot] = is_output;
    if (slot >= atomic_load(&e->n_slots)) {
        atomic_store(&e->n_slots, slot + 1);
    }
}

// Numbers.

void
lat_engine_status(const struct lat_engine *e, struct lat_engine_status *out)
{
    const struct reading r = read_clock(e);
    const bool is_running = atomic_load(&e->is_running);
    const struct lat_transport *t = &e->transport;
    *out = e->info;
    out->frame = atomic_load(&e->frames_done);
    out->period = is_running ? atomic_load(&e->period) : 0;
    out->workers = e->workers;
    out->isa = e->kernels->name;
    out->cycle = is_running ? r.cycle : lat_transport_at(t, e->frame);
    out->is_playing = is_running ? r.is_playing : t->is_playing;
    out->tempo_bpm = is_running ? r.tempo_bpm : t->tempo_bpm;
    out->load = (double)atomic_load(&e->load);
    out->load_peak = (double)atomic_load(&e->load_peak);
    out->n_periods = atomic_load(&e->n_periods);
    out->process_ns_last =
        atomic_load(&e->period_ns[(out->n_periods - 1) % LAT_PERIODS_KEPT]);
    out->process_ns_max = atomic_load(&e->ns_max);
    out->n_late = atomic_load(&e->n_late);
    out->n_faults = atomic_load(&e->n_faults);
    out->n_lost_midi = atomic_load(&e->n_lost_midi);
    out->n_lost_midi_out = atomic_load(&e->midi_outs.n_lost);
    out->has_midi_clock = atomic_load(&e->sync.is_coming);
    out->midi_clock_ppm = (double)atomic_load(&e->sync.ppm);
    out->midi_clock_jitter_us = (double)atomic_load(&e->sync.jitter_us);
    out->n_swaps = atomic_load(&e->n_swaps);
    out->n_tapped = atomic_load(&e->taps.n_taken);
    out->n_sent = atomic_load(&e->taps.n_sent);
    out->n_lost = atomic_load(&e->taps.n_lost);
    struct lat_scheduler_counters counters;
    lat_scheduler_counters(e->scheduler, &counters);
    out->n_parallel = counters.n_parallel;
    out->n_serial = counters.n_serial;
    out->n_wakes = counters.n_wakes;
    out->n_yields = counters.n_yields;
    out->n_sleeps = counters.n_sleeps;
    out->n_retreats = counters.n_retreats;
    out->threads = counters.threads;
    out->workers_are_realtime = counters.is_realtime;
}

// The number at place @p rank of @p n when they are sorted, found byte by byte:
// sorting takes ten times as long, and whoever likes may ask often.
static uint32_t
number_at(const uint32_t *numbers, uint32_t n, uint32_t rank)
{
    uint32_t found = 0;
    uint32_t mask = 0;
    for (int shift = 24; shift >= 0; shift -= 8) {
        uint32_t counts[256] = {0};
        for (uint32_t i = 0; i < n; ++i) {
            counts[numbers[i] >> shift & 255U] += (numbers[i] & mask) == found;
        }
        uint32_t byte = 0;
        while (rank >= counts[byte]) {
            rank -= counts[byte++];
        }
        found |= byte << shift;
        mask |= UINT32_C(255) << shift;
    }
    return found;
}

void
lat_engine_percentiles(const struct lat_engine *e, const double *shares,
                       uint32_t n, uint64_t *out)
{
    uint32_t ns[LAT_PERIODS_KEPT];
    const uint64_t ever = atomic_load(&e->n_periods);
    const uint32_t kept =
        ever < LAT_PERIODS_KEPT ? (uint32_t)ever : LAT_PERIODS_KEPT;
    for (uint32_t i = 0; i < kept; ++i) {
        ns[i] = atomic_load(&e->period_ns[i]);
    }
    for (uint32_t i = 0; i < n; ++i) {
        const uint32_t at = (uint32_t)(shares[i] * kept);
        out[i] = kept ? number_at(ns, kept, at < kept ? at : kept - 1) : 0;
    }
}

void
lat_engine_end(struct lat_engine *e)
{
    atomic_store_explicit(&e->ending.is_wanted, true, memory_order_release);
}

bool
lat_engine_has_ended(const struct lat_engine *e)
{
    return atomic_load_explicit(&e->ending.is_silent, memory_order_acquire);
}
