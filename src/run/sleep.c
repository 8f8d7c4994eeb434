// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A decider has a state of its own, which its look takes from asleep to awake,
// and the end of a cell from awake to asleep.  Followers have none: they ask
// their keepers, in every span.

#include "sleep.h"
#include "gather.h"

static bool
is_open(enum lat_amplitude amplitude, float a, float b)
{
    // No number is no 0, but it opens no gate either.
    return amplitude == LAT_AMPLITUDE_GAIN ? a * b != 0.0F
                                           : a > 0.0F || b != 0.0F;
}

/// The first of @p n frames at which an amplitude is not 0, or @p n.
static uint32_t
first_open(enum lat_amplitude amplitude, const struct lat_sleep_rows *r,
           uint32_t n)
{
    const uint32_t n_rows = r->da || r->db ? n : 1;
    for (uint32_t f = 0; f < n_rows; ++f) {
        if (is_open(amplitude, r->a[f * r->da], r->b[f * r->db])) {
            return f;
        }
    }
    return n;
}

// Keepers.

/// When what keeps a follower awake does so: from a frame of the span on, and
/// whether it did not before.
struct when {
    uint32_t from;
    bool was_asleep;
};

static bool
is_over(const struct lat_ramp *fade, uint64_t frame)
{
    return fade && lat_ramp_is_idle(fade, frame - frame % LAT_SLEEP_CELL);
}

static struct when
when_kept(const struct lat_span *span, const struct lat_plan_sleep *s)
{
    const struct lat_context *c = &span->context;
    struct when when = {c->n_frames, true};
    for (uint32_t i = 0; i < s->n_keepers; ++i) {
        const struct lat_plan_keeper *keeper = &s->keepers[i];
        const struct lat_plan_sleep *by = keeper->decider;
        if (is_over(keeper->fade, c->frame)) {
            continue;
        }
        const uint32_t from = by ? by->from : 0;
        when.from = from < when.from ? from : when.from;
        when.was_asleep = when.was_asleep && by && by->was_asleep;
    }
    return when;
}

// Looks.

/// Inputs as a sleeping decider sees them.
static struct lat_feed
see(const struct lat_span *span, const struct lat_plan_sleep *s, uint32_t i,
    float *out)
{
    const struct lat_plan_node seen = {.inst = s->node->inst, .in = s->seen};
    return lat_gather_input(span, &seen, i, out);
}

/// When its own amplitude, 0 up to now, leaves 0.
static uint32_t
first_seen_open(const struct lat_span *span, const struct lat_plan_sleep *s,
                float *scratch)
{
    static const float zero;
    const enum lat_amplitude amplitude = s->node->inst->type->amplitude;
    const bool is_gain = amplitude == LAT_AMPLITUDE_GAIN;
    const struct lat_feed a = see(span, s, is_gain ? 1 : 0, scratch);
    const struct lat_feed b = is_gain ? see(span, s, 2, scratch + LAT_SPAN_MAX)
                                      : (struct lat_feed){&zero, 0};
    const struct lat_sleep_rows rows = {a.data, b.data, a.step, b.step};
    return first_open(amplitude, &rows, span->context.n_frames);
}

static void
look_at(const struct lat_span *span, struct lat_plan_sleep *s, float *scratch)
{
    struct lat_instance *inst = s->node->inst;
    const uint32_t n = span->context.n_frames;
    s->was_asleep = inst->is_idle;
    s->from = inst->is_idle ? first_seen_open(span, s, scratch) : 0;
    if (inst->is_idle && s->from < n) {
        inst->is_idle = inst->is_zero = false;
    } else if (!inst->is_idle && span->context.frame % LAT_SLEEP_CELL == 0) {
        inst->is_zero = true;
    }
    if (s->n_keepers) {
        const struct when kept = when_kept(span, s);
        s->from = kept.from > s->from ? kept.from : s->from;
        s->was_asleep = s->was_asleep || kept.was_asleep;
    }
}

LAT_RT void
lat_sleep_look(const struct lat_span *span, const struct lat_plan_look *look,
               float *scratch)
{
    for (uint32_t i = 0; i < look->n; ++i) {
        look_at(span, look->sleeps[i], scratch);
    }
}

// Spans.

LAT_RT uint32_t
lat_sleep_begin(const struct lat_span *span, const struct lat_plan_sleep *s)
{
    struct lat_instance *inst = s->node->inst;
    const struct when when =
        s->decides ? (struct when){s->from, s->was_asleep} : when_kept(span, s);
    const bool is_asleep = when.from == span->context.n_frames;
    const bool was =
        atomic_load_explicit(&inst->is_asleep, memory_order_relaxed);
    if ((when.was_asleep || is_asleep) && !was) {
        lat_instance_start_anew(inst, s->node->config);
    }
    if (was != is_asleep) {
        atomic_store_explicit(&inst->is_asleep, is_asleep,
                              memory_order_relaxed);
    }
    return when.from;
}

LAT_RT bool
lat_sleep_listens(const struct lat_plan_sleep *s)
{
    return s->decides && s->node->inst->is_zero && !s->node->inst->is_idle;
}

LAT_RT void
lat_sleep_end(const struct lat_span *span, const struct lat_plan_sleep *s,
              const struct lat_sleep_rows *rows)
{
    const struct lat_context *c = &span->context;
    struct lat_instance *inst = s->node->inst;
    inst->is_zero =
        first_open(inst->type->amplitude, rows, c->n_frames) == c->n_frames;
    inst->is_idle =
        inst->is_zero && (c->frame + c->n_frames) % LAT_SLEEP_CELL == 0;
}
