// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Pieces of one size, packed tightly, that are taken and given back one by
/// one.  All functions are [control].
#ifndef LAT_BASE_SLAB_H
#define LAT_BASE_SLAB_H

#include <stddef.h>

struct lat_slab_chunk;

/// Zero-initialise all but `bytes` before use.
struct lat_slab {
    size_t bytes;                  ///< of a piece: a multiple of 8
    struct lat_slab_chunk *chunks; ///< newest first
    void *vacant;                  ///< pieces given back, linked
    size_t n_left;                 ///< pieces of the newest chunk never taken
};

/// A zeroed piece, or NULL when out of memory.
void *
lat_slab_take(struct lat_slab *s);

/// Give one back, or do nothing if it is NULL.
void
lat_slab_give(struct lat_slab *s, void *piece);

/// Free all of them, given back or not.
void
lat_slab_free(struct lat_slab *s);

#endif // LAT_BASE_SLAB_H
