// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Memory that is taken piece by piece and given back as a whole.
/// All functions are [any but audio].
#ifndef LAT_BASE_ARENA_H
#define LAT_BASE_ARENA_H

#include <stddef.h>

struct lat_arena_slab;

/// Zero-initialise before use.
struct lat_arena {
    struct lat_arena_slab *slabs; ///< newest first
};

/// Zeroed memory for @p n elements of @p bytes, aligned to LAT_ALIGNMENT; never
/// NULL for none.  NULL when out of memory.  [any but audio]
void *
lat_arena_take(struct lat_arena *a, size_t n, size_t bytes);

/// Have room for @p bytes more, in one piece: for many takes that are known
/// beforehand.  In vain when out of memory.  [any but audio]
void
lat_arena_reserve(struct lat_arena *a, size_t bytes);

/// Give everything back.
void
lat_arena_free(struct lat_arena *a);

/// Have the system find pages for fresh memory at once, which costs a fraction
/// of finding them one by one when they are written to.  Its contents stay.
void
lat_memory_prepare(void *memory, size_t bytes);

/// Pieces of @p bytes in all are about to be allocated one by one: do the same
/// for them.
void
lat_memory_expect(size_t bytes);

#endif // LAT_BASE_ARENA_H
