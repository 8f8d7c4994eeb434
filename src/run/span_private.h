// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What span.c (nodes alone) lends to lanes_run.c (groups).  All functions are
/// [audio, worker].
#ifndef LAT_RUN_SPAN_PRIVATE_H
#define LAT_RUN_SPAN_PRIVATE_H

#include "span.h"

/// What an input receives: row f is data[f * step]; step is 1, or 0 when it is
/// constant.
struct lat_feed {
    const float *data;
    uint32_t step;
};

/// Gather input @p i of a node; @p out holds a span.
LAT_RT struct lat_feed
lat_span_gather(const struct lat_span *span, const struct lat_plan_node *pn,
                uint32_t i, float *out);

/// A cable's source in this span, with the amount that its ramp moves to.
LAT_RT struct lat_term
lat_span_term(const struct lat_context *c, const struct lat_plan_cable *cable);

/// Run a node alone, outputs to @p ports, one span each.  @p scratch holds all
/// of its inputs and device channels.  @return the outputs that are constant.
LAT_RT uint64_t
lat_span_run_node(const struct lat_span *span, struct lat_span_thread *t,
                  struct lat_plan_node *pn, float *const *ports,
                  float *scratch);

/// Write a node's outputs to its feedback rings.
LAT_RT void
lat_span_keep_feedback(const struct lat_context *c,
                       const struct lat_plan_node *pn);

#endif // LAT_RUN_SPAN_PRIVATE_H
