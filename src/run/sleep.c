// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A decider has a state of its own, which its look takes from asleep to awake,
// and the end of a cell from awake to asleep.  Followers have none: they ask
// their keepers, in every span.

#include "sleep.h"
#include "gather.h"
#include "lane_inputs.h"

#include <math.h>

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
    s->was_idle = s->was_asleep = inst->is_idle;
    s->from = inst->is_idle ? first_seen_open(span, s, scratch) : 0;
    if (inst->is_idle && s->from < n) {
        inst->is_idle = inst->is_zero = false;
    }
    if (s->n_keepers) {
        const struct when kept = when_kept(span, s);
        s->from = kept.from > s->from ? kept.from : s->from;
        s->was_asleep = s->was_asleep || kept.was_asleep;
    }
}

/// What an input of a group is known to be throughout a span.
enum known {
    KNOWN_NOTHING,
    KNOWN_FINITE, ///< in all lanes
    KNOWN_CLOSED, ///< 0, or below, in all lanes
};

/// Sums of what is smaller are finite.
#define MOST_FINITE 1e30F

static enum known
what_is(float x)
{
    return x == 0.0F                ? KNOWN_CLOSED
           : fabsf(x) < MOST_FINITE ? KNOWN_FINITE
                                    : KNOWN_NOTHING;
}

static enum known
least(enum known a, enum known b)
{
    return a < b ? a : b;
}

/// What a row of @p n lanes brings.
static enum known
what_are(const float *row, const float *amounts, uint32_t n)
{
    enum known known = KNOWN_CLOSED;
    for (uint32_t l = 0; l < n; ++l) {
        known = least(known, what_is(row[l] * amounts[l]));
    }
    return known;
}

// What the lanes that take row @p s bring, one by one where it is aligned.
static enum known
what_row_brings(const struct lat_plan_lanes *g,
                const struct lat_lane_feed *feed, uint32_t s)
{
    const bool is_aligned = feed->kind == LAT_FEED_ALIGNED;
    float row[LAT_LANES];
    if (*feed->pitch[s]) {
        return KNOWN_NOTHING;
    }
    for (uint32_t l = 0; l < LAT_LANES; ++l) {
        const bool is_its = is_aligned || feed->mask[s] >> l & 1U;
        row[l] = is_its
                     ? feed->rows[s][is_aligned ? (int32_t)l : feed->index[l]]
                     : 0.0F;
    }
    return what_are(row, feed->amounts, g->n);
}

static enum known
what_signal_brings(const struct lat_signal *from, float amount)
{
    return !from || *from->pitch ? KNOWN_NOTHING
                                 : what_is(from->data[0] * amount);
}

// What the lanes of a slot bring, if they are constant.
static enum known
what_slot_brings(const struct lat_plan_lanes *g, uint32_t i, uint32_t j)
{
    const struct lat_lane_feed *feed = &g->in[i].feeds[j];
    enum known known = KNOWN_CLOSED;
    if (feed->kind == LAT_FEED_SCATTERED || feed->kind == LAT_FEED_SHARED) {
        for (uint32_t l = 0; known && l < g->n; ++l) {
            known = least(
                known,
                what_signal_brings(g->members[l]->in[i].patch->cables[j].signal,
                                   feed->amounts[l]));
        }
        return known;
    }
    for (uint32_t s = 0; known && s < feed->n_sources; ++s) {
        known = least(known, what_row_brings(g, feed, s));
    }
    return known;
}

static enum known
what_is_known(const struct lat_plan_lanes *g, uint32_t i)
{
    const struct lat_lane_input *in = &g->in[i];
    enum known known =
        in->is_quiet && in->floor == 0.0F ? KNOWN_CLOSED : KNOWN_NOTHING;
    for (uint32_t j = 0; known && j < in->n_slots; ++j) {
        known = least(known, what_slot_brings(g, i, j));
    }
    return known && in->has_value ? KNOWN_FINITE : known;
}

// A quick look at a group in which nothing has happened: a no is no answer.
static bool
rests(const struct lat_span *span, const struct lat_plan_look *look)
{
    struct lat_plan_lanes *g = look->lanes;
    if (!g || !look->sees_all) {
        return false;
    }
    for (uint32_t l = 0; !look->rests && l < look->n; ++l) {
        if (!look->sleeps[l]->node->inst->is_idle) {
            return false;
        }
    }
    if (g->is_dirty) {
        lat_lane_inputs_refresh(span, g);
    }
    if (g->type->amplitude == LAT_AMPLITUDE_ENVELOPE) {
        return what_is_known(g, 0) == KNOWN_CLOSED;
    }
    const enum known gain = what_is_known(g, 1);
    const enum known cv = what_is_known(g, 2);
    return gain && cv && (gain == KNOWN_CLOSED || cv == KNOWN_CLOSED);
}

LAT_RT void
lat_sleep_look(const struct lat_span *span, struct lat_plan_look *look,
               float *scratch)
{
    if (look->runs && !look->has_fallen && !look->follows) {
        return; // from 0 on, as before
    }
    const uint32_t n = span->context.n_frames;
    const bool knows = look->rests && look->n_frames == n;
    look->has_fallen = false;
    look->rests = rests(span, look);
    look->runs = !look->rests;
    if (look->rests && knows) {
        return;
    }
    look->n_frames = n;
    for (uint32_t i = 0; i < look->n; ++i) {
        struct lat_plan_sleep *s = look->sleeps[i];
        if (look->rests) {
            s->was_idle = s->was_asleep = true;
            s->from = n;
        } else {
            look_at(span, s, scratch);
            look->runs = look->runs && !s->from && !s->was_asleep;
        }
    }
}

LAT_RT bool
lat_sleep_goes_on(const struct lat_plan_lanes *g)
{
    bool all = g->rests && g->n_looks;
    for (uint32_t i = 0; i < g->n_looks; ++i) {
        all = all && g->looks[i]->rests;
    }
    return all;
}

LAT_RT bool
lat_sleep_is_over(const struct lat_plan_lanes *g)
{
    bool all = g->runs && g->n_looks;
    for (uint32_t i = 0; i < g->n_looks; ++i) {
        all = all && g->looks[i]->runs;
    }
    return all;
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
lat_sleep_listens(const struct lat_span *span, const struct lat_plan_sleep *s)
{
    const struct lat_instance *inst = s->node->inst;
    const bool is_first = span->context.frame % LAT_SLEEP_CELL == 0;
    return s->decides && !inst->is_idle &&
           (inst->is_zero || (is_first && !s->was_idle));
}

LAT_RT void
lat_sleep_end(const struct lat_span *span, const struct lat_plan_sleep *s,
              const struct lat_sleep_rows *rows)
{
    const struct lat_context *c = &span->context;
    struct lat_instance *inst = s->node->inst;
    inst->is_zero =
        first_open(inst->type->amplitude, rows, c->n_frames) == c->n_frames;
    if (inst->is_zero && (c->frame + c->n_frames) % LAT_SLEEP_CELL == 0) {
        inst->is_idle = true;
        s->look->has_fallen = true;
    }
}

LAT_RT bool
lat_sleep_is_loud(const struct lat_plan_lanes *g, const float *a,
                  const float *b)
{
    bool is = true;
    for (uint32_t l = 0; l < g->n; ++l) {
        is = is & is_open(g->type->amplitude, a[l], b[l]);
    }
    return is;
}
