// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ending.h"

/// Level @p done frames after the beginning: it leaves 1 and comes to 0 without
/// a corner, so that not even a low note clicks.  [audio]
static float
level_at(uint64_t done, uint64_t length)
{
    const float t = done < length ? (float)done / (float)length : 1.0F;
    return 1.0F - t * t * (3.0F - 2.0F * t);
}

LAT_RT void
lat_ending_apply(struct lat_ending *ending, double rate, uint64_t frame,
                 uint32_t n_frames, float *const *buffers,
                 const bool *is_output, uint32_t n_buffers)
{
    if (!atomic_load_explicit(&ending->is_wanted, memory_order_acquire)) {
        return;
    }
    if (!ending->has_begun) {
        ending->has_begun = true;
        ending->begin = frame;
        ending->length = (uint64_t)(rate * LAT_ENDING_SECONDS);
    }
    const uint64_t done = frame - ending->begin;
    for (uint32_t i = 0; i < n_buffers; ++i) {
        for (uint32_t f = 0; buffers[i] && is_output[i] && f < n_frames; ++f) {
            buffers[i][f] *= level_at(done + f, ending->length);
        }
    }
    if (done >= ending->length) {
        atomic_store_explicit(&ending->is_silent, true, memory_order_release);
    }
}
