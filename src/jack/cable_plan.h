// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Which JACK connections there should be because they are cables, and what to
/// say of the ports that they lead to.
///
/// All functions are [any], one thread per plan.
#ifndef LAT_JACK_CABLE_PLAN_H
#define LAT_JACK_CABLE_PLAN_H

#include "base/status.h"
#include "graph/graph.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// The order in which connections are made.
enum lat_cable_rank {
    LAT_RANK_CLOCK,    ///< puts the engine before a process
    LAT_RANK_FORWARD,  ///< to a process
    LAT_RANK_RETURN,   ///< from a process to the engine
    LAT_RANK_BACKWARD, ///< from process to process, and closes a cycle
    LAT_N_RANKS,
};

/// A connection that is a cable: CLIENT:PORT, or a port of ours.
struct lat_planned_cable {
    char *from, *to;
    enum lat_cable_rank rank;
};

/// What to say of a port of a process in the server's metadata: no more than
/// must be, since the server tells every client of every word.  The process
/// does not say it itself: one that is killed while it does would leave the
/// database locked, for all clients and servers of the user.
struct lat_port_label {
    char port[200];           ///< CLIENT:PORT
    char own[128];            ///< in a session: NODE/PORT
    uint64_t node;            ///< the id of its node
    char pretty[128];         ///< or "": the name is pretty enough
    char group[LAT_NAME_MAX]; ///< or ""
    uint32_t order;           ///< or 0: none
    bool is_cv, is_midi;
};

/// Connections and labels that there should be; strings are owned.
struct lat_cable_plan {
    struct lat_planned_cable *cables;
    uint32_t n_cables;
    struct lat_port_label *labels;
    uint32_t n_labels;
    bool is_short; ///< there was no memory for something that was added
};
void
lat_cable_plan_fini(struct lat_cable_plan *plan);
enum lat_status
lat_cable_plan_add(struct lat_cable_plan *plan, const char *from,
                   const char *to, enum lat_cable_rank rank);
enum lat_status
lat_cable_plan_add_label(struct lat_cable_plan *plan,
                         const struct lat_port_label *label);
/// @return false, with @p out empty, when out of memory.
bool
lat_cable_plan_copy(const struct lat_cable_plan *plan,
                    struct lat_cable_plan *out);

/// Room for one more at the end of an array of @p n, in steps of 16; one that
/// has shrunk may be larger.
/// @return the array, which may have moved, or NULL.
void *
lat_cable_plan_grow(void *array, uint32_t n, size_t element);

#endif // LAT_JACK_CABLE_PLAN_H
