// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The one lock-free queue: fixed-size records, one writer, one reader.
///
/// A write is a transaction: records pushed after the last commit become
/// visible together, or are dropped together by lat_ring_abort().  The reader
/// loads the writer's index with acquire, works, and stores its own once with
/// release; the writer does the mirror image.  The two indices live on cache
/// lines of their own.
#ifndef LAT_BASE_RING_H
#define LAT_BASE_RING_H

#include "rt.h"
#include "status.h"

#include <stddef.h>
#include <stdint.h>

struct lat_ring;

/// Create a ring for @p n_records (rounded up to a power of two) of
/// @p record_bytes each.  [control]
/// @return LAT_OK, LAT_EINVAL or LAT_ENOMEM; @p out is untouched on failure.
enum lat_status
lat_ring_new(uint32_t n_records, size_t record_bytes, struct lat_ring **out);

/// Free @p ring, or do nothing if it is NULL.  [control, no other user]
void
lat_ring_free(struct lat_ring *ring);

// Only the writer may call:

/// Stage a copy of @p record.  @return false when the ring is full.
LAT_RT bool
lat_ring_push(struct lat_ring *ring, const void *record);

/// Publish everything staged.
LAT_RT void
lat_ring_commit(struct lat_ring *ring);

/// Drop everything staged.
LAT_RT void
lat_ring_abort(struct lat_ring *ring);

/// Records that can still be pushed.
LAT_RT uint32_t
lat_ring_space(const struct lat_ring *ring);

// Only the reader may call:

/// Copy the oldest record to @p record and remove it.  @return false if empty.
LAT_RT bool
lat_ring_pop(struct lat_ring *ring, void *record);

/// Copy the oldest record without removing it.  @return false if empty.
LAT_RT bool
lat_ring_peek(struct lat_ring *ring, void *record);

// Both may call:

/// Is nothing there to be read?  The other side may change that at once.
LAT_RT bool
lat_ring_is_empty(const struct lat_ring *ring);

#endif // LAT_BASE_RING_H
