// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// A gain for a pair of signals that keeps both under a ceiling, known before
/// the peaks that need it come out.  It knows no graph.
///
/// What comes out is late by lat_limiter_frames().  The gain is the mean of the
/// least gains needed by what lies ahead, over windows that are shorter than
/// the way ahead, so it is down in time by itself; it is a sum of integers, so
/// no rounding builds up, and exactly 1 as long as nothing exceeds the ceiling.
#ifndef LAT_DSP_LIMITER_H
#define LAT_DSP_LIMITER_H

#include "base/rt.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lat_limiter;

/// Frames by which what comes out is late.  [any]
uint32_t
lat_limiter_frames(double rate);

/// Bytes of one, zeroed at first and aligned to LAT_ALIGNMENT.  [control]
size_t
lat_limiter_bytes(double rate);

/// Set up zeroed memory.  [control]
void
lat_limiter_init(struct lat_limiter *s, double rate);

/// As at first; of a few ms, so it clears them.  [audio, worker]
LAT_RT void
lat_limiter_reset(struct lat_limiter *s);

/// What a frame is limited by.
struct lat_limiting {
    float ceiling; ///< linear, above 0
    float release; ///< seconds in which the reduction, in dB, falls to 1/e
    bool is_true;  ///< peaks between the frames count too
};

/// The next frame of both sides.  [audio, worker]
/// @return the gain, 0 to 1.
LAT_RT float
lat_limiter_next(struct lat_limiter *s, double rate,
                 const struct lat_limiting *by, const float in[2],
                 float out[2]);

/// The next @p n frames, of which neither side is above the ceiling, while none
/// before them needs a gain: what lat_limiter_next() would make of them where
/// true peaks do not count, with gains of 1, for much less.  @p in and @p out
/// are apart.  [audio, worker]
/// @return false where this is not so; nothing is done then.
LAT_RT bool
lat_limiter_pass(struct lat_limiter *s, float ceiling, const float *const in[2],
                 float *const out[2], uint32_t n);

#endif // LAT_DSP_LIMITER_H
