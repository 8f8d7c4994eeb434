// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The last of a sound, in memory that grows up to a limit.
/// All functions are [any one thread but audio].
#ifndef LAT_NODES_DISK_KEPT_H
#define LAT_NODES_DISK_KEPT_H

#include <stdint.h>

struct lat_kept_piece;

/// Zeroed but for the limits, it has nothing.
struct lat_kept {
    uint32_t n_channels;
    uint64_t n_most;              ///< frames
    uint64_t n_ever;              ///< frames that were added
    uint64_t n_first;             ///< of these, the first one that is there
    struct lat_kept_piece *first; ///< the oldest
    struct lat_kept_piece *last;
};

/// Add @p n frames, interleaved, and forget what is beyond the limit and before
/// frame @p needed.  What finds no memory is left out: all that was kept is
/// forgotten then, for it must not have gaps.
void
lat_kept_add(struct lat_kept *k, const float *frames, uint64_t n,
             uint64_t needed);

/// Up to *@p n frames from number @p at on, which are there.
/// @param[in,out] n  how many lie side by side.
const float *
lat_kept_at(const struct lat_kept *k, uint64_t at, uint64_t *n);

void
lat_kept_clear(struct lat_kept *k);

#endif // LAT_NODES_DISK_KEPT_H
