// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Faults are handled where nodes run alone.

#include "lanes_apart.h"
#include "alone.h"
#include "stream.h"

LAT_RT bool
lat_lanes_must_part(const struct lat_plan_lanes *g)
{
    for (uint32_t l = 0; g->has_muted && l < g->n; ++l) {
        if (g->members[l]->inst->needs_reset) {
            return true;
        }
    }
    return false;
}

LAT_RT void
lat_lanes_run_apart(const struct lat_span *span, struct lat_span_thread *t,
                    struct lat_plan_lanes *g)
{
    float *scratch = t->scratch;
    const uint32_t n = span->context.n_frames;
    g->has_muted = false;
    g->has_zero = true; // for all we know here
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
