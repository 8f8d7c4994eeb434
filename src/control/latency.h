// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// How much later what comes in at a device slot goes out at another.
///
/// Delayed are the frames that a type says (lookahead, oversampling), and a
/// period for each late cable of a node in a process.  Where several ways lead
/// from slot to slot, the shortest and the longest are told; nothing is done
/// about their difference.  Feedback cables are no ways.
///
/// All functions are [control].
#ifndef LAT_CONTROL_LATENCY_H
#define LAT_CONTROL_LATENCY_H

#include "base/status.h"

#include <stdint.h>

struct lat_control;
struct lat_node;

/// From an input's slot to an output's.
struct lat_latency_path {
    uint32_t in, out;  ///< slots
    uint32_t min, max; ///< frames
};

struct lat_latency {
    struct lat_latency_path *paths; ///< owned
    uint32_t n, capacity;
};

/// Frames by which a node's outputs lag its inputs.
uint32_t
lat_control_node_latency(const struct lat_control *c,
                         const struct lat_node *node);

/// Another number whenever latencies may be others.
uint64_t
lat_control_latency_serial(const struct lat_control *c);

/// Find all ways from slot to slot in the graph in force.  Takes time in
/// proportion to the graph and to the slots of inputs: ask once for a serial.
///
/// @param period    frames of the driver's.
/// @param[out] out  for lat_latency_fini(); untouched on failure.
/// @return LAT_OK or LAT_ENOMEM.
enum lat_status
lat_control_latency(const struct lat_control *c, uint32_t period,
                    struct lat_latency *out);

void
lat_latency_fini(struct lat_latency *latency);

#endif // LAT_CONTROL_LATENCY_H
