// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Cycles of a wave as an oscillator reads them: each of them at several
/// levels, with ever more harmonics, a third of an octave from one to the next.
/// It knows no graph and no file.
///
/// What is kept are the coefficients of a cubic B-spline (Unser, Splines: A
/// Perfect Fit for Signal and Image Processing, 1999), made from the spectrum:
/// a harmonic k of a cycle of N frames is divided by the spline's own response,
/// sinc(k / N)^4.  So all harmonics have their level to the bit, and what
/// reading between frames adds to them is (k / (N - k))^4 of each: with 8
/// frames or more to the fastest harmonic, and 16 where there are few, below
/// -94 dB of a saw.
#ifndef LAT_DSP_WAVETABLE_H
#define LAT_DSP_WAVETABLE_H

#include "base/rt.h"
#include "base/status.h"

#include <stddef.h>

/// Most harmonics that are kept, cycles, and frames of one as it is given.
#define LAT_WAVETABLE_HARMONICS 1024U
#define LAT_WAVETABLE_CYCLES    256U
#define LAT_WAVETABLE_FRAMES    8192U

/// 1, 2, 3, 4, 5, 6, 8, 10, 12, 16 and so on to 1024 harmonics.
#define LAT_WAVETABLE_LEVELS 28U

/// One level of all cycles.
struct lat_wavetable_level {
    uint32_t bits;   ///< a cycle has 2^bits frames
    uint32_t stride; ///< floats from a cycle to the next
    /// Speeds, in cycles a frame, up to which it is heard whole, and from which
    /// on only the level below is.  Both fall from level to level.
    float whole, none;
    /// Of cycle 0; its last frame stands before it, its first two behind it.
    const float *frames;
};

struct lat_wavetable {
    uint32_t n_cycles;
    uint32_t n_levels; ///< 1 or more
    struct lat_wavetable_level levels[LAT_WAVETABLE_LEVELS];
    float memory[];
};

/// Make one of @p n_cycles cycles of @p n_frames frames each, one behind the
/// other, with their means.  [any thread but audio]
///
/// @param n_cycles  1 to LAT_WAVETABLE_CYCLES
/// @param n_frames  1 to LAT_WAVETABLE_FRAMES; quick where it is a power of 2
/// @param frames    finite; borrowed
/// @param[out] out  to be freed with free(); untouched on failure
/// @return LAT_OK or LAT_ENOMEM.
enum lat_status
lat_wavetable_new(uint32_t n_cycles, uint32_t n_frames, const float *frames,
                  struct lat_wavetable **out);

#endif // LAT_DSP_WAVETABLE_H
