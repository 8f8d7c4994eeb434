// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What a node's process knows of its node, and how it gets to know the rest.
///
/// Whoever runs the process compares it with the graph now and then; the
/// difference leaves as OSC, in the messages that everybody uses.  Each cable
/// has a port in the process: the first one that is not scaled the input's own,
/// PORT, any other PORT_2, PORT_3, and so on.
///
/// All functions are [control].
#ifndef LAT_PROCESS_MIRROR_H
#define LAT_PROCESS_MIRROR_H

#include "graph/graph.h"
#include "jack/cable_plan.h"
#include "osc/sender.h"

struct lat_told_cable;

/// Where processes are to be found.
struct lat_told_where {
    /// Can the process of this node be connected?
    bool (*is_there)(void *data, const struct lat_node *of);
    void *data;
    const char *prefix; ///< before a node's name in that of its client
};

/// Zeroed: nothing.
struct lat_told {
    const struct lat_node_type *type;
    const struct lat_layout *layout;
    struct lat_setting_value *settings;
    float *values; ///< one per input
    bool is_bypassed;
    struct lat_told_cable *cables;
    uint32_t n_cables;
};

void
lat_told_forget(struct lat_told *t);

/// The process knows the node's present settings and values.
enum lat_status
lat_told_remember(struct lat_told *t, const struct lat_node *node);

/// Tell what has changed: settings, cables and, with @p with_values, values
/// that nobody passed on.  The caller flushes @p s.
/// @return LAT_OK, or LAT_ENOMEM when not all is told: another call tells the
///         rest.
enum lat_status
lat_told_update(struct lat_told *t, const struct lat_node *node,
                bool with_values, struct lat_osc_sender *s);

/// Add the connections and labels of a process to @p plan, which knows when it
/// lacks some.
void
lat_told_cables(const struct lat_told *t, const struct lat_node *node,
                const struct lat_told_where *where,
                struct lat_cable_plan *plan);

#endif // LAT_PROCESS_MIRROR_H
