// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// A way around a node: what its outputs carry instead of what it makes.
///
/// An output carries the input of its own name, else the first input of kind
/// signal, as late as the node's own sound is; an event, a measurement, and
/// whatever a type without a signal input puts out are 0.  A type without
/// outputs gets silence at its signal inputs.  The node runs on and keeps its
/// state.
///
/// An instance has one from its first bypass on.  Plans hold it as long as it
/// is heard, and their node then runs alone, not in lanes.
#ifndef LAT_UNITS_BYPASS_H
#define LAT_UNITS_BYPASS_H

#include "node/layout.h"
#include "ramp.h"

#include <stdint.h>

/// In place of an input: nothing.
#define LAT_BYPASS_NOTHING UINT16_MAX

struct lat_bypass {
    struct lat_ramp share; ///< 0: the node is heard, 1: what goes around it
    uint32_t latency;      ///< frames by which the way around is late
    uint32_t at;           ///< place in the rings of the coming frame
    float *rings;          ///< `latency` frames for each output
    bool is_heard;         ///< control only: the newest plan has it
    uint64_t over_at;      ///< control only: frame at which it is no longer
                           ///< heard, or 0
    uint16_t source[];     ///< by output: an input or LAT_BYPASS_NOTHING
};

/// Make the way around a node, silent as yet.  [control]
/// @param[out] out  to be freed with lat_bypass_free().
/// @return LAT_OK or LAT_ENOMEM.
enum lat_status
lat_bypass_new(const struct lat_node_type *type,
               const struct lat_layout *layout, const struct lat_config *config,
               struct lat_bypass **out);

/// Free @p b, which no plan holds, or do nothing if it is NULL.  [control]
void
lat_bypass_free(struct lat_bypass *b);

#endif // LAT_UNITS_BYPASS_H
