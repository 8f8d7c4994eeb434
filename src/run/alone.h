// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// One node by itself, over a span, and what becomes of its faults.
/// All functions are [audio, worker].
#ifndef LAT_RUN_ALONE_H
#define LAT_RUN_ALONE_H

#include "span.h"

/// Run a node alone, outputs to @p ports, one span each.  @p scratch holds all
/// of its inputs and device channels.  @return the outputs that are constant.
LAT_RT uint64_t
lat_alone_run(const struct lat_span *span, struct lat_span_thread *t,
              struct lat_plan_node *pn, float *const *ports, float *scratch);

/// Write a node's outputs to its feedback rings.
LAT_RT void
lat_alone_keep_feedback(const struct lat_context *c,
                        const struct lat_plan_node *pn);

#endif // LAT_RUN_ALONE_H
