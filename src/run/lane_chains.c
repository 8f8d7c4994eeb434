// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A chain runs as waves of as many parts as are quiet; a wave with a fault runs
// part by part, the part that has it node by node.

#include "lane_chains.h"
#include "gather.h"
#include "lanes_apart.h"

#include <string.h>

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
    if (lat_lanes_must_part(g)) {
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

LAT_RT void
lat_lane_chain_run(const struct lat_span *span, struct lat_span_thread *t,
                   struct lat_plan_lanes *g)
{
    while (g) {
        const uint32_t n = count_ready(span, g);
        const bool is_done = n && run_wave(span, g, n, t->scratch);
        for (uint32_t p = 0; p < (n ? n : 1); ++p, g = g->next) {
            if (!is_done && (n < 2 || !run_wave(span, g, 1, t->scratch))) {
                lat_lanes_run_apart(span, t, g);
            }
        }
    }
}
