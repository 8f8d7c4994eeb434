// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Equal filters, each feeding the next.
#ifndef LAT_RUN_LANE_CHAINS_H
#define LAT_RUN_LANE_CHAINS_H

#include "plan/lanes.h"
#include "span.h"

/// Run the chain that begins with @p g.  [audio, worker]
LAT_RT void
lat_lane_chain_run(const struct lat_span *span, struct lat_span_thread *t,
                   struct lat_plan_lanes *g);

#endif // LAT_RUN_LANE_CHAINS_H
