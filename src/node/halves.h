// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// How the lanes of permuted rows lie in those that they are taken from, by
/// halves of LAT_LANES: found once, where cables change, for kernels whose
/// vectors are halves.
#ifndef LAT_NODE_HALVES_H
#define LAT_NODE_HALVES_H

#include <stdint.h>

#define LAT_HALF      8U
#define LAT_HALF_RUNS 3U

/// Mostly lanes are turned: those of a half lie side by side in one row, in
/// two, or in three where a row ends that has few lanes.
struct lat_half {
    /// 1: all of them from lane `from` of `source` on; 2 or 3: those in
    /// `lanes`, and perhaps fewer than all; 0: otherwise.
    uint8_t n_runs;
    struct {
        uint8_t source; ///< index of the row
        int8_t from;    ///< where lane 0 of the half would be in it
        uint8_t lanes;  ///< bit k: lane k of the half is in this run
    } run[LAT_HALF_RUNS];
};

/// Describe the half from lane @p first on: where @p masks[s] has bit l, lane l
/// is lane @p index[l] of row s.  Lanes that are in no mask may be anything.
/// [any]
struct lat_half
lat_half_of(const uint32_t *masks, uint32_t n_sources, const int32_t *index,
            uint32_t first);

#endif // LAT_NODE_HALVES_H
