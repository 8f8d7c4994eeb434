// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// A sound whose frames go by faster than they are heard: what would be above
/// half the rate is left out.
///
/// Each frame that is heard is a sum of those around its place, by a sinc that
/// is as many times wider as they go by faster, under a Kaiser window (J. O.
/// Smith, Digital Audio Resampling, "Windowed Sinc Interpolation").  At 48 kHz
/// it is flat to 19 kHz, and what would be heard below 22 kHz although it is
/// above 24 is 70 dB down.
#ifndef LAT_NODES_DISK_WIDE_H
#define LAT_NODES_DISK_WIDE_H

#include "base/rt.h"

#include <stdint.h>

/// How many times faster, at most; beyond, it is as for so much.
#define LAT_WIDE_FASTEST 8

/// Frames to each side that it takes then.
#define LAT_WIDE_REACH 128

/// Zero it to start.
struct lat_wide {
    uint32_t part; ///< for which the weights are, in 2^-32
    float ratio;
    uint32_t reach; ///< of them
    float weights[2 * LAT_WIDE_REACH];
};

/// Make the table that all share, once.  [any thread but audio]
void
lat_wide_begin(void);

/// Find the weights of the frames around a place.  [audio, worker]
///
/// @param part   how far the place is behind its frame, in 2^-32.
/// @param ratio  frames that go by in one, more than 1.
/// @return how many frames matter on each side: those from the place's frame
///         less this plus 1, to that plus this, each with a weight.
LAT_RT uint32_t
lat_wide_find(struct lat_wide *w, uint32_t part, float ratio);

/// The sum of @p frames, 2 * reach of them, by their weights.  [audio, worker]
LAT_RT float
lat_wide_sum(const struct lat_wide *w, const float *frames);

#endif // LAT_NODES_DISK_WIDE_H
