// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A group is quiet while no message comes for its nodes: then little is to be
// read anew (lane_inputs.c).  A group with a fault goes back to the state it
// began the span with and runs node by node.

#include "lanes.h"
#include "alone.h"
#include "gather.h"
#include "lane_chains.h"
#include "lane_inputs.h"
#include "lanes_apart.h"
#include "sleep.h"

#include <string.h>

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

// A row at a time: its size is a constant, and no call is worth it.
static void
copy_words(uint32_t *to, const uint32_t *from, uint32_t n_words)
{
    for (uint32_t w = 0; w < n_words; ++w) {
        memcpy(to + (size_t)w * LAT_LANES, from + (size_t)w * LAT_LANES,
               LAT_LANES * sizeof(*to));
    }
}

// Make rows of what is constant over frames @p begin to @p end.
static void
spread_rows(const struct lat_plan_lanes *g, uint64_t constant, uint32_t begin,
            uint32_t end)
{
    for (uint32_t o = 0; o < g->n_out; ++o) {
        float *row = g->out[o] + (size_t)begin * LAT_LANES;
        for (uint32_t f = begin + 1; constant >> o & 1U && f < end; ++f) {
            memcpy(g->out[o] + (size_t)f * LAT_LANES, row,
                   LAT_LANES * sizeof(float));
        }
    }
}

// A span in pieces, of which all but the first begin where lanes wake.
static uint64_t
process_pieces(const struct lat_span *span, const struct lat_plan_lanes *g,
               const struct lat_io *whole, const uint32_t *from)
{
    const uint32_t n = span->context.n_frames;
    const lat_process_fn process =
        span->kernels->process_lanes[g->type->kernel];
    uint64_t returned = 0;
    uint64_t finite = LAT_ALL_FINITE;
    uint32_t end = 0;
    for (uint32_t begin = 0; begin < n; begin = end) {
        end = n;
        for (uint32_t l = 0; l < g->n; ++l) {
            if (from[l] == begin && begin) {
                lat_instance_start_anew(g->members[l]->inst, NULL);
            }
            end = from[l] > begin && from[l] < end ? from[l] : end;
        }
        struct lat_context part = span->context;
        part.frame += begin;
        part.n_frames = end - begin;
        const float *in[LAT_LANE_INPUTS];
        float *out[LAT_LANE_OUTPUTS];
        for (uint32_t i = 0; i < g->n_in; ++i) {
            in[i] = whole->in[i] + (size_t)begin * LAT_LANES * whole->step[i];
        }
        for (uint32_t o = 0; o < g->n_out; ++o) {
            out[o] = whole->out[o] + (size_t)begin * LAT_LANES;
        }
        struct lat_io io = *whole;
        io.in = in;
        io.out = out;
        returned = process(&part, &io);
        finite &= returned;
        if (begin || end < n) {
            spread_rows(g, returned, begin, end);
            returned = 0;
        }
    }
    return (returned & ~LAT_ALL_FINITE) | finite;
}

// @param from  of a group that sleeps: by lane, the first frame that is to be
//              heard; else NULL
// @param[out] was_apart  whether it had to be run node by node
// @return whether it is in its sum.
static bool
run_lanes(const struct lat_span *span, struct lat_span_thread *t,
          struct lat_plan_lanes *g, const uint32_t *from, bool *was_apart)
{
    uint32_t *words = g->block->words;
    struct lat_lane_late late;
    const uint64_t moving = lat_lane_inputs_gather(span, g, t->scratch, &late);
    const bool adds = can_add(g);
    const struct lat_lane_sum sum = {
        adds ? g->sum->partials : NULL,
        g->row,
        adds ? g->sum->amounts + (size_t)g->row * LAT_LANES : NULL,
    };
    const struct lat_io io = {
        .in = g->rows,
        .step = g->steps,
        .out = g->out,
        .sum = adds ? &sum : NULL,
        .state = words,
        .settings = g->settings,
        .constant = moving ^ ((UINT64_C(1) << g->n_in) - 1),
        .late = late.has_sum ? &late.sum : NULL,
        .line = late.has_line ? &late.line : NULL,
        .n_in = g->n_in,
        .n_out = g->n_out,
    };
    uint32_t before[LAT_LANE_WORDS * LAT_LANES];
    const bool is_bounded = g->type->is_bounded;
    if (!is_bounded) {
        copy_words(before, words, g->type->state_words);
    }
    const lat_process_fn process =
        span->kernels->process_lanes[g->type->kernel];
    const uint64_t constant = from ? process_pieces(span, g, &io, from)
                                   : process(&span->context, &io);
    for (uint32_t o = 0; o < g->n_out; ++o) {
        lat_plan_set_pitch(&g->out_pitch[o],
                           constant >> o & 1U ? 0 : LAT_LANES);
    }
    if (!is_bounded && !(constant & LAT_ALL_FINITE) && !is_finite(span, g)) {
        copy_words(words, before, g->type->state_words);
        lat_lanes_run_apart(span, t, g);
        *was_apart = true;
    }
    if (constant & LAT_ADDED) {
        g->sum->step = LAT_LANES;
    }
    return constant & LAT_ADDED;
}

// A group all of whose nodes are asleep.
static void
rest(struct lat_plan_lanes *g)
{
    for (uint32_t o = 0; o < g->n_out; ++o) {
        memset(g->out[o], 0, LAT_LANES * sizeof(float));
        lat_plan_set_pitch(&g->out_pitch[o], 0);
    }
}

// Silence lanes up to the frame at which they wake.
static void
silence(const struct lat_plan_lanes *g, const uint32_t *from, uint32_t n)
{
    for (uint32_t l = 0; l < g->n; ++l) {
        if (from[l] == n) {
            lat_instance_start_anew(g->members[l]->inst, NULL);
        }
        for (uint32_t o = 0; o < g->n_out; ++o) {
            const uint32_t n_rows = g->out_pitch[o] || !from[l] ? from[l] : 1;
            for (uint32_t f = 0; f < n_rows; ++f) {
                g->out[o][(size_t)f * LAT_LANES + l] = 0.0F;
            }
        }
    }
}

// What deciders have seen of their amplitudes.
static void
tell_amplitudes(const struct lat_span *span, struct lat_plan_lanes *g)
{
    const bool is_gain = g->type->amplitude == LAT_AMPLITUDE_GAIN;
    const bool is_first = span->context.frame % LAT_SLEEP_CELL == 0;
    if (!g->type->amplitude || !(is_first || g->has_zero)) {
        return;
    }
    const uint32_t i = is_gain ? 1 : 0;
    const float *a = g->rows[i];
    const float *b = is_gain ? g->rows[2] : g->out[0];
    const size_t da = (size_t)LAT_LANES * g->steps[i];
    const size_t db =
        is_gain ? (size_t)LAT_LANES * g->steps[2] : g->out_pitch[0];
    g->has_zero = false;
    if (is_first && lat_sleep_is_loud(g, a, b)) {
        return;
    }
    for (uint32_t l = 0; l < g->n; ++l) {
        const struct lat_plan_sleep *s = g->members[l]->sleep;
        if (lat_sleep_listens(span, s)) {
            const struct lat_sleep_rows rows = {a + l, b + l, da, db};
            lat_sleep_end(span, s, &rows);
        }
        g->has_zero = g->has_zero || s->node->inst->is_zero;
    }
}

static void
run_sleepers(const struct lat_span *span, struct lat_span_thread *t,
             struct lat_plan_lanes *g)
{
    const uint32_t n = span->context.n_frames;
    if (lat_sleep_goes_on(g)) {
        rest(g);
        return;
    }
    uint32_t from[LAT_LANES];
    bool rests = true;
    bool is_cut = false;
    g->runs = true;
    for (uint32_t l = 0; l < g->n; ++l) {
        const struct lat_plan_sleep *s = g->members[l]->sleep;
        from[l] = lat_sleep_begin(span, s);
        g->runs = g->runs && !from[l];
        rests = rests && from[l] == n && !lat_sleep_listens(span, s);
        is_cut = is_cut || (from[l] && from[l] < n);
    }
    g->rests = rests;
    if (rests) {
        rest(g);
        return;
    }
    if (lat_lanes_must_part(g)) {
        lat_lanes_run_apart(span, t, g);
        return;
    }
    g->has_muted = false;
    if (g->is_dirty) {
        lat_lane_inputs_refresh(span, g);
    }
    // Pieces are of rows that are there.
    const bool late[] = {g->is_sum_late, g->is_line_late};
    g->is_sum_late = late[0] && !is_cut;
    g->is_line_late = late[1] && !is_cut;
    bool was_apart = false;
    run_lanes(span, t, g, from, &was_apart);
    g->is_sum_late = late[0];
    g->is_line_late = late[1];
    if (!was_apart) {
        silence(g, from, n);
        tell_amplitudes(span, g);
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
    if (g->sleeps && !lat_sleep_is_over(g)) {
        run_sleepers(span, t, g);
    } else if (lat_lanes_must_part(g)) {
        lat_lanes_run_apart(span, t, g);
    } else {
        bool was_apart = false;
        g->has_muted = false;
        if (g->is_dirty) {
            lat_lane_inputs_refresh(span, g);
        }
        is_added = run_lanes(span, t, g, NULL, &was_apart);
        if (g->sleeps && !was_apart) {
            tell_amplitudes(span, g);
        }
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
        lat_lane_chain_run(span, t, g);
    } else {
        run_group(span, t, g);
    }
}
