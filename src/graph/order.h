// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Ranks of nodes, which rise along every cable that is not feedback: how a
/// cable that closes a cycle is found while it is made.
///
/// All functions are [control].
#ifndef LAT_GRAPH_ORDER_H
#define LAT_GRAPH_ORDER_H

#include "model.h"

/// Of the first node: others are put above it, and below.
#define LAT_FIRST_RANK (UINT32_C(1) << 31U)

/// Give the nodes ranks that a cable from @p src to @p dst agrees with, before
/// it is made.
/// @return LAT_OK, LAT_ENOMEM, or LAT_ECYCLE with the cycle spelled out in
///         @p error; ranks change only with LAT_OK.
enum lat_status
lat_order_cable(struct lat_graph *g, struct lat_node *src, struct lat_node *dst,
                struct lat_error *error);

/// Make ranks rise along every cable again, where there was no memory to
/// search: slow, and it cannot fail.  There is no cycle.
void
lat_order_by_patience(struct lat_graph *g);

#endif // LAT_GRAPH_ORDER_H
