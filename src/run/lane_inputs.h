// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What the inputs of a group in lanes receive in a span.
/// All functions are [audio, worker].
#ifndef LAT_RUN_LANE_INPUTS_H
#define LAT_RUN_LANE_INPUTS_H

#include "plan/lanes.h"
#include "span.h"

/// What is left to a filter's kernel in a span.
struct lat_lane_late {
    bool has_sum, has_line;
    struct lat_late_sum sum;
    struct lat_late_line line;
    uint32_t steps[2][LAT_FEED_SOURCES]; ///< of the sum's sources
};

/// Read values and amounts, and find out what moves; what does not is read no
/// more until a message comes.
LAT_RT void
lat_lane_inputs_refresh(const struct lat_span *span, struct lat_plan_lanes *g);

/// Write the group's `rows` and `steps` for this span.
/// @param out   scratch for all inputs, and for the slots of one
/// @param late  written
/// @return bit i: input i moves.
LAT_RT uint64_t
lat_lane_inputs_gather(const struct lat_span *span, struct lat_plan_lanes *g,
                       float *out, struct lat_lane_late *late);

#endif // LAT_RUN_LANE_INPUTS_H
