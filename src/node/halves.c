// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "halves.h"

// Those of the lanes @p wanted of a half that lie beside lane @p at.
static uint8_t
lanes_of_run(const int32_t *index, uint32_t at, uint32_t wanted)
{
    uint32_t lanes = 0;
    for (uint32_t l = 0; l < LAT_HALF; ++l) {
        const int32_t ahead = (int32_t)l - (int32_t)at;
        lanes |= (uint32_t)(index[l] == index[at] + ahead) << l;
    }
    return (uint8_t)(lanes & wanted);
}

struct lat_half
lat_half_of(const uint32_t *masks, uint32_t n_sources, const int32_t *index,
            uint32_t first)
{
    struct lat_half half = {.n_runs = 1};
    uint32_t left = 0;
    for (uint32_t s = 0; s < n_sources; ++s) {
        left |= masks[s] >> first & 0xffU;
    }
    for (uint32_t n = 0; left; ++n) {
        const uint32_t at = (uint32_t)__builtin_ctz(left);
        uint32_t s = 0;
        if (n == LAT_HALF_RUNS) {
            half.n_runs = 0;
            return half;
        }
        while (!(masks[s] >> (first + at) & 1U)) {
            ++s;
        }
        const int32_t from = index[first + at] - (int32_t)at;
        half.run[n].source = (uint8_t)s;
        half.run[n].from = (int8_t)from;
        half.run[n].lanes =
            lanes_of_run(index + first, at, left & masks[s] >> first);
        left &= ~(uint32_t)half.run[n].lanes;
        // One run may have to leave out lanes that its row does not have.
        if (n > 1) {
            half.n_runs = 3;
        } else if (n || from < 0 || from > (int32_t)LAT_HALF) {
            half.n_runs = 2;
        }
    }
    return half;
}
