// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// From what is edited to what runs.
///
/// All functions are [control].
#ifndef LAT_UNITS_DERIVE_H
#define LAT_UNITS_DERIVE_H

#include "flat.h"
#include "graph/graph.h"
#include "units.h"

/// Make an instance with the node's present values.  Slots are filled in by
/// the caller, who owns it.
/// @return LAT_OK or what lat_instance_new() returns.
enum lat_status
lat_units_make_instance(const struct lat_node *node,
                        const struct lat_prepared_store *prepared, double rate,
                        uint32_t block, struct lat_instance **out);

/// Give the instance of a node a way around it, if it has none yet.  It is not
/// heard before the next plan.
/// @return LAT_OK or LAT_ENOMEM.
enum lat_status
lat_units_need_bypass(struct lat_instance *inst);

/// A configuration from the node's present settings; owned by the caller.
enum lat_status
lat_units_make_config(const struct lat_node *node,
                      const struct lat_prepared_store *prepared, double rate,
                      uint32_t block, struct lat_config **out);

/// Write the live and the dying of a graph into @p out, which is empty: nodes
/// in file order, doors behind them, and then what dies.  Every node that is
/// not away must have an instance.  Nodes get their number in `index`.
/// @param[out] out  to be freed with lat_flat_free(), on failure too.
/// @return LAT_OK or LAT_ENOMEM.
enum lat_status
lat_units_flatten(struct lat_graph *g, struct lat_flat *out);

#endif // LAT_UNITS_DERIVE_H
