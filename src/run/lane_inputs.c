// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// While nothing moves, values and amounts are rows that were read once, what
// one cable brings is read where it is, and gathering another input is at most
// a few vector operations a row.  What moves is gathered lane by lane, as for a
// node alone, and interleaved.

#include "lane_inputs.h"
#include "gather.h"
#include "mix.h"

struct rows {
    const float *data;
    uint32_t step; ///< 1 row by row, 0 constant; as struct lat_io has it
};

static float
neutral(float x)
{
    return x == 0.0F ? -0.0F : x;
}

// The value of an input of one lane, and whether it stands still from now on.
static float
lane_value(const struct lat_lane_input *in, const struct lat_ramp *value,
           uint64_t frame, bool *is_idle)
{
    *is_idle = lat_ramp_is_idle(value, frame);
    if (in->kind == LAT_PORT_TRIGGER) {
        *is_idle = *is_idle && (value->start < frame || value->to == 0.0F);
        return in->n_slots ? LAT_MIX_LEAST : 0.0F;
    }
    if (in->kind == LAT_PORT_SIGNAL) {
        const struct lat_ramp *share = value + 1;
        *is_idle = *is_idle && lat_ramp_is_idle(share, frame);
        return share->to == 1.0F ? value->to : -0.0F;
    }
    return value->to;
}

static void
refresh_values(const struct lat_span *span, const struct lat_plan_lanes *g,
               uint32_t i)
{
    struct lat_lane_input *in = &g->in[i];
    const bool is_sum =
        in->kind == LAT_PORT_KNOB || in->kind == LAT_PORT_SIGNAL;
    in->has_value = false;
    for (uint32_t l = 0; l < g->n; ++l) {
        bool is_idle = false;
        const float x = lane_value(in, lat_plan_ramp(g->members[l], i),
                                   span->context.frame, &is_idle);
        in->values[l] = in->n_slots && is_sum ? neutral(x) : x;
        in->has_value = in->has_value || x != 0.0F;
        in->floors[l] = x < in->floor ? x : in->floor;
        in->is_quiet = in->is_quiet && is_idle;
    }
    for (uint32_t l = g->n; l < LAT_LANES; ++l) {
        in->values[l] = in->values[0];
        in->floors[l] = in->floors[0];
    }
}

static void
refresh_amounts(const struct lat_span *span, const struct lat_plan_lanes *g,
                uint32_t i, uint32_t j)
{
    struct lat_lane_input *in = &g->in[i];
    struct lat_lane_feed *feed = &in->feeds[j];
    feed->is_plain = true;
    for (uint32_t l = 0; l < g->n; ++l) {
        const struct lat_ramp *amount =
            g->members[l]->in[i].patch->cables[j].amount;
        feed->amounts[l] = amount->to;
        feed->is_plain = feed->is_plain && amount->to == 1.0F;
        in->is_quiet =
            in->is_quiet && lat_ramp_is_idle(amount, span->context.frame);
    }
    for (uint32_t l = g->n; l < LAT_LANES; ++l) {
        feed->amounts[l] = feed->amounts[0];
    }
}

// Read values and amounts, if none of them moves from here on.
static void
refresh_input(const struct lat_span *span, const struct lat_plan_lanes *g,
              uint32_t i)
{
    struct lat_lane_input *in = &g->in[i];
    in->is_quiet = in->is_regular;
    refresh_values(span, g, i);
    for (uint32_t j = 0; in->is_regular && j < in->n_slots; ++j) {
        refresh_amounts(span, g, i, j);
    }
}

// Two slots, of which the second has to be permuted, and nothing to add to
// them.
static bool
can_sum_permuted(const struct lat_span *span, const struct lat_lane_input *in)
{
    return span->kernels->sum_permuted && in->n_slots == 2 && !in->has_value &&
           in->floor == 0.0F &&
           (in->kind == LAT_PORT_KNOB || in->kind == LAT_PORT_SIGNAL) &&
           in->feeds[0].kind <= LAT_FEED_PERMUTED &&
           in->feeds[1].kind == LAT_FEED_PERMUTED;
}

// What the kernel of a filter takes by itself: the sum that its first input is,
// and what its second one, the cutoff, makes of a cable.
static void
refresh_late(const struct lat_span *span, struct lat_plan_lanes *g)
{
    const bool is_filter = span->kernels->process_chain[g->type->kernel];
    g->is_sum_late =
        is_filter && g->in[0].is_quiet && can_sum_permuted(span, &g->in[0]);
    g->is_line_late = is_filter && g->in[1].is_quiet && g->in[1].n_slots == 1 &&
                      g->in[1].floor > 0.0F;
}

// Whether an input is what its only cable brings.
static bool
is_in_place(const struct lat_lane_input *in)
{
    return in->is_quiet && in->n_slots == 1 && !in->has_value &&
           in->floor == 0.0F && !lat_port_kind_is_event(in->kind) &&
           in->feeds[0].is_plain && in->feeds[0].kind == LAT_FEED_ALIGNED;
}

LAT_RT void
lat_lane_inputs_refresh(const struct lat_span *span, struct lat_plan_lanes *g)
{
    bool is_quiet = true;
    g->gathered = 0;
    g->in_place = 0;
    for (uint32_t i = 0; i < g->n_in; ++i) {
        const struct lat_lane_input *in = &g->in[i];
        refresh_input(span, g, i);
        is_quiet = is_quiet && (in->is_quiet || !in->is_regular);
        const bool stays = is_in_place(in);
        g->in_place |= (uint32_t)stays << i;
        g->gathered |= (uint32_t)(!stays && (!in->is_quiet || in->n_slots))
                       << i;
        g->rows[i] = stays ? in->feeds[0].rows[0] : in->values;
        g->steps[i] = 0;
        g->pitches[i] = stays ? in->feeds[0].pitch[0] : NULL;
    }
    refresh_late(span, g);
    g->is_dirty = !is_quiet;
}

// Any input, lane by lane.
static struct rows
gather_lanes(const struct lat_span *span, const struct lat_plan_lanes *g,
             uint32_t i, float *out, float *scratch)
{
    const uint32_t n = span->context.n_frames;
    bool is_constant = true;
    struct lat_feed feeds[LAT_LANES];
    for (uint32_t l = 0; l < g->n; ++l) {
        feeds[l] = lat_gather_input(span, g->members[l], i, scratch);
        for (uint32_t f = 0; f < n; ++f) {
            out[(size_t)f * LAT_LANES + l] =
                feeds[l].data[(size_t)f * feeds[l].step];
        }
        is_constant = is_constant && !feeds[l].step;
    }
    for (uint32_t l = g->n; l < LAT_LANES; ++l) {
        for (uint32_t f = 0; f < n; ++f) {
            out[(size_t)f * LAT_LANES + l] = out[(size_t)f * LAT_LANES];
        }
    }
    return (struct rows){out, !is_constant};
}

static void
scatter_slot(const struct lat_span *span, const struct lat_plan_lanes *g,
             uint32_t i, uint32_t j, struct lat_lane_term *t, float *out)
{
    const struct lat_context *c = &span->context;
    struct lat_term terms[LAT_LANES];
    uint32_t any = 0;
    for (uint32_t l = 0; l < LAT_LANES; ++l) {
        const uint32_t from = l < g->n ? l : 0;
        terms[l] =
            lat_gather_term(c, &g->members[from]->in[i].patch->cables[j]);
        any |= terms[l].step;
    }
    const uint32_t rows = any ? c->n_frames : 1;
    for (uint32_t l = 0; l < LAT_LANES; ++l) {
        const float *source = terms[l].source;
        const size_t step = terms[l].step;
        for (uint32_t f = 0; f < rows; ++f) {
            out[(size_t)f * LAT_LANES + l] = source[f * step];
        }
    }
    t->rows = out;
    t->step = any ? LAT_LANES : 0;
}

// What is not permuted has one source too.
// @return whether not all sources are constant.
static bool
set_permuted(const struct lat_lane_feed *feed, struct lat_permuted *term,
             uint32_t steps[LAT_FEED_SOURCES])
{
    uint32_t any = 0;
    for (uint32_t s = 0; s < feed->n_sources; ++s) {
        steps[s] = *feed->pitch[s];
        any |= steps[s];
    }
    *term = (struct lat_permuted){
        .sources = feed->rows,
        .steps = steps,
        .masks = feed->mask,
        .n_sources = feed->n_sources,
        .index = feed->kind == LAT_FEED_PERMUTED ? feed->index : NULL,
        .halves = feed->halves,
        .amounts = feed->is_plain ? NULL : feed->amounts,
    };
    return any != 0;
}

static void
permute_slot(const struct lat_span *span, const struct lat_lane_feed *feed,
             struct lat_lane_term *t, float *scratch)
{
    struct lat_permuted p;
    uint32_t steps[LAT_FEED_SOURCES];
    const bool moves = set_permuted(feed, &p, steps);
    span->kernels->permute(scratch, &p, moves ? span->context.n_frames : 1);
    t->rows = scratch;
    t->step = moves ? LAT_LANES : 0;
}

static void
spread_slot(const struct lat_span *span, const struct lat_lane_feed *feed,
            struct lat_lane_term *t, float *scratch)
{
    const float *data = feed->shared->data;
    const uint32_t pitch = *feed->shared->pitch;
    const uint32_t rows = pitch ? span->context.n_frames : 1;
    for (uint32_t f = 0; f < rows; ++f) {
        const float x = data[(size_t)f * pitch];
        for (uint32_t l = 0; l < LAT_LANES; ++l) {
            scratch[(size_t)f * LAT_LANES + l] = x;
        }
    }
    t->rows = scratch;
    t->step = pitch ? LAT_LANES : 0;
}

// The rows of slot @p j, in place or in @p scratch.  Written member by member:
// what was stored by halves and is copied as a whole soon after would wait.
static void
slot_rows(const struct lat_span *span, const struct lat_plan_lanes *g,
          uint32_t i, uint32_t j, struct lat_lane_term *t, float *scratch)
{
    const struct lat_lane_feed *feed = &g->in[i].feeds[j];
    t->amounts = feed->is_plain ? NULL : feed->amounts;
    switch (feed->kind) {
    case LAT_FEED_ALIGNED:
        t->rows = feed->rows[0];
        t->step = *feed->pitch[0];
        break;
    case LAT_FEED_PERMUTED:
        permute_slot(span, feed, t, scratch);
        break;
    case LAT_FEED_SHARED:
        spread_slot(span, feed, t, scratch);
        break;
    case LAT_FEED_SCATTERED:
        scatter_slot(span, g, i, j, t, scratch);
        break;
    }
}

// The two terms, and their steps in @p steps.
// @return whether not all of their sources are constant.
static bool
set_two_permuted(const struct lat_lane_input *in, struct lat_permuted *terms,
                 uint32_t steps[2][LAT_FEED_SOURCES])
{
    const bool moves = set_permuted(&in->feeds[0], &terms[0], steps[0]);
    return set_permuted(&in->feeds[1], &terms[1], steps[1]) || moves;
}

static struct rows
sum_permuted(const struct lat_span *span, const struct lat_lane_input *in,
             float *out)
{
    struct lat_permuted terms[2];
    uint32_t steps[2][LAT_FEED_SOURCES];
    const bool moves = set_two_permuted(in, terms, steps);
    span->kernels->sum_permuted(out, &terms[0], &terms[1],
                                moves ? span->context.n_frames : 1);
    return (struct rows){out, moves};
}

static struct rows
gather_slots(const struct lat_span *span, const struct lat_plan_lanes *g,
             uint32_t i, float *out, float *scratch)
{
    const struct lat_lane_input *in = &g->in[i];
    const uint32_t n = span->context.n_frames;
    if (can_sum_permuted(span, in)) {
        return sum_permuted(span, in, out);
    }
    struct lat_lane_term terms[LAT_LANE_SLOTS];
    uint32_t any = 0;
    bool is_plain = true;
    for (uint32_t j = 0; j < in->n_slots; ++j) {
        // A lone slot may be handed on as it is: the scratch is for the next.
        slot_rows(span, g, i, j, &terms[j], in->n_slots == 1 ? out : scratch);
        scratch += (size_t)LAT_LANES * LAT_SPAN_MAX;
        any |= terms[j].step;
        is_plain = is_plain && !terms[j].amounts;
    }
    if (lat_port_kind_is_event(in->kind)) {
        lat_mix_maximum_lanes(out, terms, in->n_slots, in->values, any ? n : 1);
        return (struct rows){out, any != 0};
    }
    const bool has_floor = in->floor > 0.0F;
    if (in->n_slots == 1 && is_plain && !in->has_value && !has_floor) {
        return (struct rows){terms[0].rows, terms[0].step != 0};
    }
    span->kernels->sum_lanes(out, terms, in->n_slots,
                             in->has_value ? in->values : NULL,
                             has_floor ? in->floors : NULL, any ? n : 1);
    return (struct rows){out, any != 0};
}

static struct rows
gather(const struct lat_span *span, const struct lat_plan_lanes *g, uint32_t i,
       float *out, float *scratch)
{
    return g->in[i].is_quiet ? gather_slots(span, g, i, out, scratch)
                             : gather_lanes(span, g, i, out, scratch);
}

// Leave input @p i to the kernel, if it moves; its rows will be in @p rows.
static bool
leave(const struct lat_span *span, const struct lat_plan_lanes *g, uint32_t i,
      float *out, struct lat_lane_late *late, struct rows *rows)
{
    const struct lat_lane_input *in = &g->in[i];
    if (i == 0 && g->is_sum_late) {
        late->has_sum = set_two_permuted(in, late->sum.terms, late->steps);
        late->sum.rows = out;
        *rows = (struct rows){out, 1};
        return late->has_sum;
    }
    if (i == 1 && g->is_line_late) {
        struct lat_lane_term t;
        slot_rows(span, g, i, 0, &t, out);
        late->line = (struct lat_late_line){
            in->feeds[0].amounts,
            in->values,
            in->floors,
        };
        late->has_line = t.step;
        *rows = (struct rows){t.rows, 1};
        return late->has_line;
    }
    return false;
}

LAT_RT uint64_t
lat_lane_inputs_gather(const struct lat_span *span, struct lat_plan_lanes *g,
                       float *out, struct lat_lane_late *late)
{
    const size_t pitch = (size_t)LAT_LANES * LAT_SPAN_MAX;
    late->has_sum = late->has_line = false;
    uint64_t moving = 0;
    for (uint32_t left = g->in_place; left; left &= left - 1) {
        const uint32_t i = (uint32_t)__builtin_ctz(left);
        g->steps[i] = *g->pitches[i] != 0;
        moving |= (uint64_t)g->steps[i] << i;
    }
    for (uint32_t left = g->gathered; left; left &= left - 1) {
        const uint32_t i = (uint32_t)__builtin_ctz(left);
        struct rows rows;
        float *at = out + i * pitch;
        if (!leave(span, g, i, at, late, &rows)) {
            rows = gather(span, g, i, at, out + g->n_in * pitch);
        }
        g->rows[i] = rows.data;
        g->steps[i] = rows.step;
        moving |= (uint64_t)(rows.step != 0) << i;
    }
    return moving;
}
