// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Who must run before whom: order, parallel batches, cycles.
///
/// Nodes are the numbers 0 to n-1; a link says that one node reads another.  A
/// node's batch is one more than the highest batch among its inputs, so the
/// nodes of a batch can run at the same time.  Ties are broken by number.
/// All functions are [any but audio].
#ifndef LAT_PLAN_DEPENDENCY_H
#define LAT_PLAN_DEPENDENCY_H

#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

struct lat_dependency;

/// @param n_links  about as many as will be made; more are found room for.
/// @return LAT_OK or LAT_ENOMEM; @p out is untouched on failure.
enum lat_status
lat_dependency_new(uint32_t n_nodes, uint32_t n_links,
                   struct lat_dependency **out);
void
lat_dependency_free(struct lat_dependency *d);

/// Node @p reader reads node @p source.  Links given twice count once.
/// @return LAT_OK, LAT_EINVAL (no such node), LAT_ENOMEM.
enum lat_status
lat_dependency_link(struct lat_dependency *d, uint32_t source, uint32_t reader);

/// Compute order and batches.
/// @return LAT_OK, LAT_ECYCLE, LAT_ENOMEM.
enum lat_status
lat_dependency_sort(struct lat_dependency *d);

// After a sort that succeeded:

uint32_t
lat_dependency_n_batches(const struct lat_dependency *d);

/// Batch of @p node, from 0.
uint32_t
lat_dependency_batch(const struct lat_dependency *d, uint32_t node);

/// The nodes in the order of (batch, number); borrowed.
const uint32_t *
lat_dependency_order(const struct lat_dependency *d);

/// Position in the order where @p batch begins; n_batches gives n_nodes.
uint32_t
lat_dependency_batch_start(const struct lat_dependency *d, uint32_t batch);

/// The nodes that read @p node directly, in the order of links; borrowed.
/// @return how many there are.
uint32_t
lat_dependency_readers(const struct lat_dependency *d, uint32_t node,
                       const uint32_t **out);

// At any time:

/// Nodes that read @p node directly, in the order of links; up to @p capacity
/// are written to @p out.  @return how many there are.
uint32_t
lat_dependency_dependants(const struct lat_dependency *d, uint32_t node,
                          uint32_t *out, uint32_t capacity);

/// Does @p node read @p source, directly or through others?
bool
lat_dependency_reaches(const struct lat_dependency *d, uint32_t source,
                       uint32_t node);

#endif // LAT_PLAN_DEPENDENCY_H
