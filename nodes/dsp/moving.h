// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What chorus and flanger are: one line, read at places that an LFO moves.
#ifndef LAT_DSP_MOVING_H
#define LAT_DSP_MOVING_H

#include "line.h"

/// Inputs.
enum {
    LAT_MOVING_IN,
    LAT_MOVING_RATE,
    LAT_MOVING_DEPTH,
    LAT_MOVING_FEEDBACK,
    LAT_MOVING_MIX,
};

// Seconds: the middle of the places, and how far they go from there.
#define LAT_CHORUS_SECONDS  0.015F
#define LAT_CHORUS_DEPTH    0.008F
#define LAT_FLANGER_SECONDS 0.003F
#define LAT_FLANGER_DEPTH   0.00275F

/// One line for either, of the length that chorus needs.
struct lat_moving {
    uint64_t phase; ///< of the LFO, in 2^-64 of a turn
    struct lat_line line;
    float frames[];
};

/// Frames of the line.  [any]
LAT_RT static inline uint32_t
lat_moving_size(double rate)
{
    const float longest = LAT_CHORUS_SECONDS + LAT_CHORUS_DEPTH;
    return lat_line_size((double)longest * rate);
}

#endif // LAT_DSP_MOVING_H
