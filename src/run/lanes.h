// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Run the groups of a plan: equal nodes side by side, and chains.
#ifndef LAT_RUN_LANES_H
#define LAT_RUN_LANES_H

#include "plan/lanes.h"
#include "span.h"

/// Run a group.  [audio, worker]
LAT_RT void
lat_lanes_run(const struct lat_span *span, struct lat_span_thread *t,
              struct lat_plan_lanes *g);

#endif // LAT_RUN_LANES_H
