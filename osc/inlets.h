// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Nodes that listen at an address of their own (osc_in), by that address.
///
/// They are put in order when somebody looks and the graph is not what it was.
/// All functions are [control].
#ifndef LAT_OSC_INLETS_H
#define LAT_OSC_INLETS_H

#include "control/control.h"

struct lat_osc_inlet {
    const char *path; ///< the node's setting
    struct lat_node *node;
};

/// Zero it to start.
struct lat_osc_inlets {
    struct lat_control *control;
    const struct lat_graph *graph; ///< NULL: they are to be found anew
    struct lat_osc_inlet *all;     ///< by path, then in file order
    uint32_t n, capacity;
    uint32_t n_edits_then; ///< of the open transaction, when they were found
    uint32_t n_edits_seen; ///< and those that have changed nothing since
};

/// @return LAT_OK or LAT_ENOMEM.
enum lat_status
lat_osc_inlets_begin(struct lat_osc_inlets *in, struct lat_control *control);
void
lat_osc_inlets_end(struct lat_osc_inlets *in);

/// All of them, in their order, in the graph as it is, the open transaction
/// included; valid until that changes.
/// @return LAT_OK, or LAT_ENOMEM with none in @p n.
enum lat_status
lat_osc_inlets_all(struct lat_osc_inlets *in, const struct lat_osc_inlet **out,
                   uint32_t *n);

/// The same for those that listen at @p path.
enum lat_status
lat_osc_inlets_find(struct lat_osc_inlets *in, const char *path,
                    const struct lat_osc_inlet **out, uint32_t *n);

#endif // LAT_OSC_INLETS_H
