// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ramp.h"

LAT_RT void
lat_ramp_fill(const struct lat_ramp *r, uint64_t frame, float *out, uint32_t n)
{
    for (uint32_t i = 0; i < n; ++i) {
        out[i] = lat_ramp_at(r, frame + i);
    }
}
