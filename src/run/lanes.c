// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A group is quiet while no message comes for its nodes: then its values and
// amounts are rows that were read once, and gathering an input is at most a few
// vector operations a row.  What moves is gathered lane by lane, as for a node
// alone, and interleaved.  A group with a fault goes back to the state it began
// the span with and runs node by node.

#include "lanes.h"
#include "alone.h"
#include "gather.h"
#include "mix.h"

#include <string.h>

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
        return 0.0F;
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

static void
refresh(const struct lat_span *span, struct lat_plan_lanes *g)
{
    bool is_quiet = true;
    for (uint32_t i = 0; i < g->n_in; ++i) {
        refresh_input(span, g, i);
        is_quiet = is_quiet && (g->in[i].is_quiet || !g->in[i].is_regular);
    }
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
             uint32_t i, uint32_t j, float *out)
{
    const struct lat_context *c = &span->context;
    for (uint32_t l = 0; l < LAT_LANES; ++l) {
        const uint32_t from = l < g->n ? l : 0;
        const struct lat_term t =
            lat_gather_term(c, &g->members[from]->in[i].patch->cables[j]);
        for (uint32_t f = 0; f < c->n_frames; ++f) {
            out[(size_t)f * LAT_LANES + l] = t.source[(size_t)f * t.step];
        }
    }
}

static struct lat_lane_term
slot_rows(const struct lat_span *span, const struct lat_plan_lanes *g,
          uint32_t i, uint32_t j, float *scratch)
{
    const struct lat_lane_feed *feed = &g->in[i].feeds[j];
    const uint32_t n = span->context.n_frames;
    struct lat_lane_term t = {
        .rows = scratch,
        .step = LAT_LANES,
        .amounts = feed->is_plain ? NULL : feed->amounts,
    };
    if (feed->kind == LAT_FEED_ALIGNED) {
        t.rows = feed->rows[0];
        t.step = *feed->pitch[0];
    } else if (feed->kind == LAT_FEED_PERMUTED) {
        uint32_t steps[LAT_FEED_SOURCES];
        uint32_t any = 0;
        for (uint32_t s = 0; s < feed->n_sources; ++s) {
            steps[s] = *feed->pitch[s];
            any |= steps[s];
        }
        span->kernels->permute(scratch, feed->rows, steps, feed->mask,
                               feed->n_sources, feed->index, any ? n : 1);
        t.step = any ? LAT_LANES : 0;
    } else if (feed->kind == LAT_FEED_SHARED) {
        const float *data = feed->shared->data;
        const uint32_t pitch = *feed->shared->pitch;
        const uint32_t rows = pitch ? n : 1;
        for (uint32_t f = 0; f < rows; ++f) {
            const float x = data[(size_t)f * pitch];
            for (uint32_t l = 0; l < LAT_LANES; ++l) {
                scratch[(size_t)f * LAT_LANES + l] = x;
            }
        }
        t.step = pitch ? LAT_LANES : 0;
    } else {
        scatter_slot(span, g, i, j, scratch);
    }
    return t;
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

// The two terms, and their steps in @p steps.
// @return whether not all of their sources are constant.
static bool
set_permuted(const struct lat_lane_input *in, struct lat_permuted *terms,
             uint32_t steps[2][LAT_FEED_SOURCES])
{
    uint32_t any = 0;
    for (uint32_t j = 0; j < 2; ++j) {
        // What is not permuted has one source too.
        const struct lat_lane_feed *feed = &in->feeds[j];
        for (uint32_t s = 0; s < feed->n_sources; ++s) {
            steps[j][s] = *feed->pitch[s];
            any |= steps[j][s];
        }
        terms[j] = (struct lat_permuted){
            .sources = feed->rows,
            .steps = steps[j],
            .masks = feed->mask,
            .n_sources = feed->n_sources,
            .index = feed->kind == LAT_FEED_PERMUTED ? feed->index : NULL,
            .amounts = feed->is_plain ? NULL : feed->amounts,
        };
    }
    return any != 0;
}

static struct rows
sum_permuted(const struct lat_span *span, const struct lat_lane_input *in,
             float *out)
{
    struct lat_permuted terms[2];
    uint32_t steps[2][LAT_FEED_SOURCES];
    const bool moves = set_permuted(in, terms, steps);
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
        terms[j] = slot_rows(span, g, i, j, in->n_slots == 1 ? out : scratch);
        scratch += (size_t)LAT_LANES * LAT_SPAN_MAX;
        any |= terms[j].step;
        is_plain = is_plain && !terms[j].amounts;
    }
    if (lat_port_kind_is_event(in->kind)) {
        lat_mix_maximum_lanes(out, terms, in->n_slots, in->values, n);
        return (struct rows){out, 1};
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
    const struct lat_lane_input *in = &g->in[i];
    if (!in->is_quiet) {
        return gather_lanes(span, g, i, out, scratch);
    }
    if (!in->n_slots) {
        return (struct rows){in->values, 0};
    }
    return gather_slots(span, g, i, out, scratch);
}

// Whether the kernel takes the sum that its first input is by itself.
static bool
can_be_late(const struct lat_span *span, const struct lat_plan_lanes *g)
{
    return span->kernels->process_chain[g->type->kernel] && g->in[0].is_quiet &&
           can_sum_permuted(span, &g->in[0]);
}

static bool
is_muted(const struct lat_plan_lanes *g)
{
    for (uint32_t l = 0; l < g->n; ++l) {
        if (g->members[l]->inst->needs_reset) {
            return true;
        }
    }
    return false;
}

// Node by node: faults are handled there.
static void
run_one_by_one(const struct lat_span *span, struct lat_span_thread *t,
               struct lat_plan_lanes *g)
{
    float *scratch = t->scratch;
    const uint32_t n = span->context.n_frames;
    g->has_muted = false;
    for (uint32_t l = 0; l < g->n; ++l) {
        struct lat_plan_node *pn = g->members[l];
        float *out[LAT_LANE_OUTPUTS];
        for (uint32_t o = 0; o < g->n_out; ++o) {
            out[o] = scratch + (size_t)o * LAT_SPAN_MAX;
        }
        if (g->is_chain) {
            out[0] = pn->out[0].data;
        }
        const uint64_t constant = lat_alone_run(
            span, t, pn, out, scratch + (size_t)g->n_out * LAT_SPAN_MAX);
        for (uint32_t o = 0; o < g->n_out; ++o) {
            const bool is_constant = constant >> o & 1U;
            if (g->is_chain) {
                lat_plan_set_pitch(&pn->out_pitch[o], !is_constant);
                continue;
            }
            for (uint32_t f = 0; f < n; ++f) {
                g->out[o][(size_t)f * LAT_LANES + l] =
                    out[o][is_constant ? 0 : f];
            }
            lat_plan_set_pitch(&g->out_pitch[o], LAT_LANES);
        }
        if (g->is_chain && pn->inst->taps) {
            // The next but one writes to the same buffer.
            lat_taps_take(&span->context, pn);
        }
        g->has_muted = g->has_muted || pn->inst->needs_reset;
    }
}

static bool
is_finite(const struct lat_span *span, const struct lat_plan_lanes *g)
{
    for (uint32_t o = 0; o < g->n_out; ++o) {
        const uint32_t n =
            LAT_LANES * (g->out_pitch[o] ? span->context.n_frames : 1);
        if (span->kernels->first_bad(g->out[o], n) < n) {
            return false;
        }
    }
    return true;
}

static void
keep_feedback(const struct lat_span *span, const struct lat_plan_lanes *g)
{
    for (uint32_t l = 0; l < g->n; ++l) {
        lat_alone_keep_feedback(&span->context, g->members[l]);
    }
}

// Whether the kernel of a group may add to its sum what nobody has to hear.
static bool
can_add(const struct lat_plan_lanes *g)
{
    return g->sum && g->sum->is_still && (g->sum->step || !g->row) &&
           g->n == LAT_LANES && !g->has_taps && !g->has_feedback;
}

// @return whether it is in its sum.
static bool
run_lanes(const struct lat_span *span, struct lat_span_thread *t,
          struct lat_plan_lanes *g)
{
    uint32_t *words = g->block->words;
    const float *in[LAT_LANE_INPUTS];
    uint32_t step[LAT_LANE_INPUTS];
    uint64_t constant_in = 0;
    float *at = t->scratch;
    float *rest = t->scratch + (size_t)g->n_in * LAT_LANES * LAT_SPAN_MAX;
    struct lat_late_sum late;
    uint32_t late_steps[2][LAT_FEED_SOURCES];
    const bool is_late =
        can_be_late(span, g) && set_permuted(&g->in[0], late.terms, late_steps);
    late.rows = at;
    for (uint32_t i = 0; i < g->n_in; ++i) {
        const struct rows rows =
            !i && is_late ? (struct rows){at, 1} : gather(span, g, i, at, rest);
        in[i] = rows.data;
        step[i] = rows.step;
        constant_in |= (uint64_t)!rows.step << i;
        at += (size_t)LAT_LANES * LAT_SPAN_MAX;
    }
    const bool adds = can_add(g);
    const struct lat_lane_sum sum = {
        adds ? g->sum->partials : NULL,
        g->row,
        adds ? g->sum->amounts + (size_t)g->row * LAT_LANES : NULL,
    };
    const struct lat_io io = {
        .in = in,
        .step = step,
        .out = g->out,
        .sum = adds ? &sum : NULL,
        .state = words,
        .constant = constant_in,
        .late = is_late ? &late : NULL,
        .n_in = g->n_in,
        .n_out = g->n_out,
    };
    uint32_t before[LAT_LANE_WORDS * LAT_LANES];
    const size_t bytes = sizeof(uint32_t) * LAT_LANES * g->type->state_words;
    const bool is_bounded = g->type->is_bounded;
    if (!is_bounded) {
        memcpy(before, words, bytes);
    }
    const lat_process_fn process =
        span->kernels->process_lanes[g->type->kernel];
    const uint64_t constant = process(&span->context, &io);
    for (uint32_t o = 0; o < g->n_out; ++o) {
        lat_plan_set_pitch(&g->out_pitch[o],
                           constant >> o & 1U ? 0 : LAT_LANES);
    }
    if (!is_bounded && !(constant & LAT_ALL_FINITE) && !is_finite(span, g)) {
        memcpy(words, before, bytes);
        run_one_by_one(span, t, g);
    }
    if (constant & LAT_ADDED) {
        g->sum->step = LAT_LANES;
    }
    return constant & LAT_ADDED;
}

// Whether the value of an input of @p pn stands still from now on.
static bool
is_value_idle(const struct lat_plan_node *pn, uint32_t i, uint64_t frame)
{
    const struct lat_ramp *ramp = lat_plan_ramp(pn, i);
    return lat_ramp_is_idle(ramp, frame) &&
           (pn->in[i].kind != LAT_PORT_SIGNAL ||
            lat_ramp_is_idle(ramp + 1, frame));
}

// Read the amount of the cable into lane @p l.
// @return whether nothing moves there.
static bool
refresh_link(const struct lat_span *span, const struct lat_plan_lanes *g,
             uint32_t l)
{
    const struct lat_plan_node *pn = g->members[l];
    const struct lat_ramp *amount = pn->in[0].patch->cables[0].amount;
    g->in[0].values[l] = amount->to;
    return lat_ramp_is_idle(amount, span->context.frame) &&
           is_value_idle(pn, 0, span->context.frame);
}

// Part of a chain is quiet while its cables and constants are; what enters the
// first of its filters may do what it likes.
static bool
refresh_chain(const struct lat_span *span, struct lat_plan_lanes *g)
{
    bool is_quiet = true;
    for (uint32_t i = 1; i < g->n_in; ++i) {
        float *values = g->in[i].values;
        for (uint32_t l = 0; l < g->n; ++l) {
            is_quiet = is_quiet &&
                       is_value_idle(g->members[l], i, span->context.frame);
            values[l] = lat_plan_ramp(g->members[l], i)->to;
        }
        for (uint32_t l = g->n; l < LAT_LANES; ++l) {
            values[l] = values[g->n - 1];
        }
    }
    for (uint32_t l = 1; l < LAT_LANES; ++l) {
        if (l < g->n) {
            is_quiet = refresh_link(span, g, l) && is_quiet;
        } else {
            g->in[0].values[l] = 1.0F;
        }
    }
    g->joins = g != g->head && refresh_link(span, g, 0);
    g->is_dirty = !is_quiet || (g != g->head && !g->joins);
    return is_quiet;
}

// Whether part of a chain can run in lanes in this span.
static bool
is_ready(const struct lat_span *span, struct lat_plan_lanes *g)
{
    if (g->has_muted && is_muted(g)) {
        return false;
    }
    g->has_muted = false;
    // What is between the nodes of a chain exists only one by one.
    return !g->has_taps && (!g->is_dirty || refresh_chain(span, g));
}

// How many parts of a chain, from @p g on, can run as one wave.
static uint32_t
count_ready(const struct lat_span *span, struct lat_plan_lanes *g)
{
    uint32_t n = 0;
    while (g && n < LAT_CHAIN_PARTS && is_ready(span, g) && (!n || g->joins)) {
        g = g->next;
        ++n;
    }
    return n;
}

static bool
run_wave(const struct lat_span *span, const struct lat_plan_lanes *g,
         uint32_t n_parts, float *scratch)
{
    const struct lat_feed feed =
        lat_gather_input(span, g->members[0], 0, scratch);
    struct lat_chain_part parts[LAT_CHAIN_PARTS];
    struct lat_chain chain = {
        .parts = parts,
        .in = feed.data,
        .step = feed.step,
    };
    const lat_chain_fn process = span->kernels->process_chain[g->type->kernel];
    const struct lat_plan_lanes *last = g;
    for (uint32_t p = 0; p < n_parts; ++p, g = g->next) {
        parts[p] = (struct lat_chain_part){g->in[0].values, g->block->words};
        chain.n += g->n;
        last = g;
    }
    // Within the chain it may be the buffer that is read here.
    chain.out = last->next ? scratch + LAT_SPAN_MAX : last->out[0];
    if (!process(&span->context, &chain)) {
        return false;
    }
    if (last->next) {
        memcpy(last->out[0], chain.out, span->context.n_frames * sizeof(float));
    }
    lat_plan_set_pitch(&last->members[last->n - 1]->out_pitch[0], 1);
    return true;
}

// A wave with a fault runs part by part, the part that has it node by node.
static void
run_chain(const struct lat_span *span, struct lat_span_thread *t,
          struct lat_plan_lanes *g)
{
    while (g) {
        const uint32_t n = count_ready(span, g);
        const bool is_done = n && run_wave(span, g, n, t->scratch);
        for (uint32_t p = 0; p < (n ? n : 1); ++p, g = g->next) {
            if (!is_done && (n < 2 || !run_wave(span, g, 1, t->scratch))) {
                run_one_by_one(span, t, g);
            }
        }
    }
}

static void
run_group(const struct lat_span *span, struct lat_span_thread *t,
          struct lat_plan_lanes *g)
{
    bool is_added = false;
    if (g->sum && !g->row) {
        lat_gather_begin_sum(span, g->sum);
    }
    if (g->has_muted && is_muted(g)) {
        run_one_by_one(span, t, g);
    } else {
        g->has_muted = false;
        if (g->is_dirty) {
            refresh(span, g);
        }
        is_added = run_lanes(span, t, g);
    }
    if (g->sum && !is_added) {
        lat_gather_add(span, g);
    }
    if (g->has_feedback) {
        keep_feedback(span, g);
    }
    for (uint32_t l = 0; g->has_taps && l < g->n; ++l) {
        if (g->members[l]->inst->taps) {
            lat_taps_take(&span->context, g->members[l]);
        }
    }
}

LAT_RT void
lat_lanes_run(const struct lat_span *span, struct lat_span_thread *t,
              struct lat_plan_lanes *g)
{
    // Nothing within a chain is fed back.
    if (g->is_chain) {
        run_chain(span, t, g);
    } else {
        run_group(span, t, g);
    }
}
