// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "stream.h"
#include "plan/naps.h"

#include <math.h>
#include <stdlib.h>

// Control side.

enum lat_status
lat_stream_new(uint32_t n_records, uint32_t kinds, struct lat_stream **out)
{
    struct lat_stream *s = calloc(1, sizeof(*s));
    enum lat_status status =
        s ? lat_ring_new(n_records, sizeof(struct lat_record), &s->ring)
          : LAT_ENOMEM;
    if (status) {
        free(s);
        return status;
    }
    s->kinds = kinds;
    *out = s;
    return LAT_OK;
}

void
lat_stream_free(struct lat_stream *s)
{
    if (s) {
        lat_ring_free(s->ring);
        free(s);
    }
}

bool
lat_stream_read(struct lat_stream *s, struct lat_record *out)
{
    return lat_ring_pop(s->ring, out);
}

bool
lat_stream_is_empty(const struct lat_stream *s)
{
    return lat_ring_is_empty(s->ring);
}

uint64_t
lat_stream_lost(const struct lat_stream *s)
{
    return atomic_load_explicit(&s->n_lost, memory_order_relaxed);
}

static bool
is_possible(const struct lat_tap_wish *wish, double interval)
{
    if (!(interval >= LAT_SPAN_MAX && interval < 0x1p40)) {
        return false;
    }
    return wish->kind != LAT_RECORD_SCOPE ||
           (wish->n_samples > 0 && wish->n_samples <= LAT_SCOPE_MAX &&
            wish->step > 0 &&
            (double)wish->n_samples * wish->step <= floor(interval));
}

enum lat_status
lat_tap_new(struct lat_instance *inst, uint32_t output, double rate,
            const struct lat_tap_wish *wish, struct lat_stream *to,
            struct lat_tap **out)
{
    const double interval = wish ? rate / wish->hz : 0.0;
    if (wish && !is_possible(wish, interval)) {
        return LAT_EINVAL;
    }
    struct lat_tap *tap = calloc(1, sizeof(*tap));
    if (!tap) {
        return LAT_ENOMEM;
    }
    tap->inst = inst;
    tap->output = output;
    tap->interval = interval;
    tap->to = to;
    tap->is_once = !wish;
    if (wish) {
        tap->wish = *wish;
    }
    *out = tap;
    return LAT_OK;
}

void
lat_tap_free(struct lat_tap *tap)
{
    free(tap);
}

// Who has taps.

static void
begin(struct lat_tap *tap, uint64_t now)
{
    tap->begin = tap->from = tap->next_frame = now;
    tap->due = tap->wish.kind == LAT_RECORD_LEVEL
                   ? now + (uint64_t)tap->interval
                   : now;
    tap->turn = 0;
    tap->at = tap->n_out = 0;
    tap->peak = 0.0F;
    tap->squares = 0.0;
}

LAT_RT void
lat_stream_open(struct lat_taps *all, struct lat_stream *s)
{
    s->next = all->streams;
    all->streams = s;
    all->kinds |= s->kinds;
}

LAT_RT void
lat_stream_close(struct lat_taps *all, struct lat_stream *s)
{
    struct lat_stream **link = &all->streams;
    all->kinds = 0;
    while (*link) {
        if (*link == s) {
            *link = s->next;
        } else {
            all->kinds |= (*link)->kinds;
            link = &(*link)->next;
        }
    }
    atomic_store_explicit(&s->is_done, true, memory_order_release);
}

static struct lat_plan_lanes *
group_of(const struct lat_plan *plan, const struct lat_instance *inst)
{
    return inst->id < plan->n_ids ? plan->group_of[inst->id] : NULL;
}

LAT_RT void
lat_tap_open(struct lat_taps *all, struct lat_plan *plan, struct lat_tap *tap,
             uint64_t now)
{
    struct lat_plan_lanes *g = group_of(plan, tap->inst);
    begin(tap, now);
    tap->next = all->first;
    all->first = tap;
    tap->next_of_inst = tap->inst->taps;
    tap->inst->taps = tap;
    if (g) {
        g->has_taps = true;
        lat_nap_end(g);
    }
}

// Once out of the engine's list, which the caller does.
static void
let_go(struct lat_plan *plan, struct lat_tap *tap)
{
    struct lat_tap **link = &tap->inst->taps;
    while (*link != tap) {
        link = &(*link)->next_of_inst;
    }
    *link = tap->next_of_inst;
    struct lat_plan_lanes *g = group_of(plan, tap->inst);
    if (g) {
        g->has_taps = false;
        for (uint32_t l = 0; l < g->n; ++l) {
            g->has_taps = g->has_taps || g->members[l]->inst->taps;
        }
    }
    atomic_store_explicit(&tap->value, tap->last, memory_order_relaxed);
    atomic_store_explicit(&tap->is_done, true, memory_order_release);
}

LAT_RT void
lat_tap_close(struct lat_taps *all, struct lat_plan *plan, struct lat_tap *tap)
{
    struct lat_tap **link = &all->first;
    while (*link && *link != tap) {
        link = &(*link)->next;
    }
    if (*link) {
        *link = tap->next;
        let_go(plan, tap);
    }
}

LAT_RT void
lat_taps_end_period(struct lat_taps *all, struct lat_plan *plan)
{
    struct lat_tap **link = &all->first;
    while (*link) {
        struct lat_tap *tap = *link;
        if (tap->is_once) {
            *link = tap->next;
            let_go(plan, tap);
        } else {
            link = &tap->next;
        }
    }
}

LAT_RT void
lat_taps_move(const struct lat_taps *all, struct lat_plan *plan)
{
    for (const struct lat_tap *tap = all->first; tap; tap = tap->next) {
        struct lat_plan_lanes *g = group_of(plan, tap->inst);
        if (g) {
            g->has_taps = true;
        }
    }
}

// Taking.

/// An output in a span.
struct take {
    const float *data;
    uint32_t pitch;
    uint64_t frame;
    uint32_t n;
};

static float
sample_at(const struct take *s, uint64_t frame)
{
    return s->data[(size_t)(frame - s->frame) * s->pitch];
}

// The frame at which record, or frame of samples, number `turn` is due.
static uint64_t
due_at(const struct lat_tap *tap, uint64_t turn)
{
    return tap->begin + (uint64_t)((double)turn * tap->interval);
}

static struct lat_record *
add_record(struct lat_tap *tap, uint64_t frame)
{
    struct lat_record *r = &tap->out[tap->n_out++];
    *r = (struct lat_record){
        .kind = tap->wish.kind, .id = tap->wish.id, .frame = frame};
    return r;
}

static void
take_sample(struct lat_tap *tap, const struct take *s)
{
    while (tap->due < s->frame + s->n) {
        add_record(tap, tap->due)->sample = sample_at(s, tap->due);
        tap->due = due_at(tap, ++tap->turn);
    }
}

// Row by row, so that where a span ends is no matter.
static void
fold_level(struct lat_tap *tap, const struct take *s, uint64_t end)
{
    float peak = tap->peak;
    double squares = tap->squares;
    for (uint64_t f = s->frame; f < end; ++f) {
        const float x = sample_at(s, f);
        peak = fabsf(x) > peak ? fabsf(x) : peak;
        squares += (double)x * (double)x;
    }
    tap->peak = peak;
    tap->squares = squares;
}

static void
take_level(struct lat_tap *tap, const struct take *s)
{
    struct take rest = *s;
    const uint64_t end = s->frame + s->n;
    while (tap->due <= end) {
        fold_level(tap, &rest, tap->due);
        rest.data += (size_t)(tap->due - rest.frame) * rest.pitch;
        rest.frame = tap->due;
        struct lat_record *r = add_record(tap, tap->due);
        r->level.peak = tap->peak;
        r->level.mean_square =
            (float)(tap->squares / (double)(tap->due - tap->from));
        tap->peak = 0.0F;
        tap->squares = 0.0;
        tap->from = tap->due;
        tap->due = due_at(tap, ++tap->turn + 1);
    }
    fold_level(tap, &rest, end);
}

// The record that is being filled is the last one.
static void
take_scope(struct lat_tap *tap, const struct take *s)
{
    while (tap->due < s->frame + s->n) {
        struct lat_record *r = tap->n_out ? &tap->out[tap->n_out - 1] : NULL;
        if (!r || r->n == LAT_RECORD_SAMPLES || !tap->at) {
            r = add_record(tap, tap->due);
            r->at = (uint16_t)tap->at;
        }
        r->samples[r->n++] = sample_at(s, tap->due);
        tap->due += tap->wish.step;
        if (++tap->at == tap->wish.n_samples) {
            tap->at = 0;
            tap->due = due_at(tap, ++tap->turn);
        }
    }
}

static void
take(struct lat_tap *tap, const struct take *s)
{
    static void (*const ways[])(struct lat_tap *, const struct take *) = {
        [LAT_RECORD_SAMPLE] = take_sample,
        [LAT_RECORD_LEVEL] = take_level,
        [LAT_RECORD_SCOPE] = take_scope,
    };
    if (tap->is_once) {
        tap->last = sample_at(s, s->frame + s->n - 1);
        return;
    }
    if (s->frame != tap->next_frame) { // time was set
        begin(tap, s->frame);
    }
    ways[tap->wish.kind](tap, s);
    tap->next_frame = s->frame + s->n;
}

LAT_RT void
lat_taps_take(const struct lat_context *c, const struct lat_plan_node *pn)
{
    for (struct lat_tap *tap = pn->inst->taps; tap; tap = tap->next_of_inst) {
        const struct lat_signal *out = &pn->out[tap->output];
        const struct take s = {
            .data = out->data,
            .pitch = *out->pitch,
            .frame = c->frame,
            .n = c->n_frames,
        };
        take(tap, &s);
        tap->n_taken += 1;
    }
}

// Sending.

static void
send(struct lat_taps *all, struct lat_stream *s, const struct lat_record *r)
{
    if (lat_ring_push(s->ring, r)) {
        lat_ring_commit(s->ring);
        atomic_fetch_add_explicit(&all->n_sent, 1, memory_order_relaxed);
    } else {
        atomic_fetch_add_explicit(&s->n_lost, 1, memory_order_relaxed);
        atomic_fetch_add_explicit(&all->n_lost, 1, memory_order_relaxed);
    }
}

LAT_RT void
lat_taps_send(struct lat_taps *all)
{
    for (struct lat_tap *tap = all->first; tap; tap = tap->next) {
        // A record of samples waits until it is full, or its frame is.
        const bool is_open = tap->wish.kind == LAT_RECORD_SCOPE && tap->at &&
                             tap->n_out &&
                             tap->out[tap->n_out - 1].n < LAT_RECORD_SAMPLES;
        const uint32_t n = tap->n_out - is_open;
        for (uint32_t i = 0; i < n; ++i) {
            send(all, tap->to, &tap->out[i]);
        }
        if (is_open && n) {
            tap->out[0] = tap->out[n];
        }
        tap->n_out = is_open;
        if (tap->n_taken) {
            atomic_fetch_add_explicit(&all->n_taken, tap->n_taken,
                                      memory_order_relaxed);
            tap->n_taken = 0;
        }
    }
}

LAT_RT void
lat_stream_tell(struct lat_taps *all, const struct lat_record *record,
                uint32_t n_more)
{
    if (!(all->kinds & 1U << record->kind)) {
        return;
    }
    for (struct lat_stream *s = all->streams; s; s = s->next) {
        if (s->kinds & 1U << record->kind) {
            send(all, s, record);
            if (n_more) {
                atomic_fetch_add_explicit(&s->n_lost, n_more,
                                          memory_order_relaxed);
                atomic_fetch_add_explicit(&all->n_lost, n_more,
                                          memory_order_relaxed);
            }
        }
    }
}

LAT_RT bool
lat_taps_are_urgent(const struct lat_taps *all)
{
    bool are = false;
    for (const struct lat_stream *s = all->streams; s && !are; s = s->next) {
        are = s->kinds & 1U << LAT_RECORD_SENT && !lat_ring_is_empty(s->ring);
    }
    return are;
}
