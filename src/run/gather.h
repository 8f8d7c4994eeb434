// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What the inputs of a node receive in a span: values, and sums of cables.
/// All functions are [audio, worker].
#ifndef LAT_RUN_GATHER_H
#define LAT_RUN_GATHER_H

#include "plan/lanes.h"
#include "span.h"

struct lat_term;

/// What an input receives: row f is data[f * step]; step is 1, or 0 when it is
/// constant.
struct lat_feed {
    const float *data;
    uint32_t step;
};

/// Whether no cable and no ramp moves an input from @p frame on, so that it is
/// what its ramp came to.
LAT_RT static inline bool
lat_gather_rests(const struct lat_plan_input *in, const struct lat_ramp *ramp,
                 uint64_t frame)
{
    return !in->patch && in->kind != LAT_PORT_TRIGGER &&
           lat_ramp_is_idle(ramp, frame) &&
           (in->kind != LAT_PORT_SIGNAL ||
            (ramp[1].to == 1.0F && lat_ramp_is_idle(&ramp[1], frame)));
}

/// Gather input @p i of a node; @p out holds a span.
LAT_RT struct lat_feed
lat_gather_input(const struct lat_span *span, const struct lat_plan_node *pn,
                 uint32_t i, float *out);

/// The live cables alone of an input, up to LAT_SUM_BLOCK of them.
LAT_RT struct lat_feed
lat_gather_cables(const struct lat_span *span, struct lat_plan_patch *in,
                  float *out);

/// Before the first group of a sum runs that adds itself up.
LAT_RT void
lat_gather_begin_sum(const struct lat_span *span, struct lat_plan_across *sum);

/// Add what a group has just written to its sum.
LAT_RT void
lat_gather_add(const struct lat_span *span, const struct lat_plan_lanes *g);

/// A cable's source in this span, with the amount that its ramp moves to.
LAT_RT struct lat_term
lat_gather_term(const struct lat_context *c,
                const struct lat_plan_cable *cable);

#endif // LAT_RUN_GATHER_H
