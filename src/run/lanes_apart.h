// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Groups whose nodes cannot run in lanes for a while.
/// All functions are [audio, worker].
#ifndef LAT_RUN_LANES_APART_H
#define LAT_RUN_LANES_APART_H

#include "plan/lanes.h"
#include "span.h"

/// Is there something that cannot be done in lanes: is one of its nodes muted
/// by a fault, or heard past?
LAT_RT bool
lat_lanes_must_part(const struct lat_plan_lanes *g);

/// Run it node by node.
LAT_RT void
lat_lanes_run_apart(const struct lat_span *span, struct lat_span_thread *t,
                    struct lat_plan_lanes *g);

#endif // LAT_RUN_LANES_APART_H
