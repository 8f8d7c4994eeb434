// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Curves that bend a signal without aliases that are heard.  It knows no
/// graph; bend.c has the inner loops.
///
/// The signal is taken to 4 times the rate.  There the curve is not read at
/// each sample but averaged over both halves of the straight line from one to
/// the next, from its antiderivative (Parker, Zavalishin and Le Bivic, Reducing
/// the Aliasing of Nonlinear Waveshaping Using Continuous-Time Convolution,
/// 2016).  The halves, 8 times the rate, are put together by (1 3 3 1) / 8 and
/// then brought back.  The curves are such that these averages have closed
/// forms in which nothing cancels:
///
///     x / sqrt(1 + x^2):  (a + b) / (sqrt(1 + a^2) + sqrt(1 + b^2))
///     sin(pi x / 2):      sin(pi u) sin(pi v) / (pi v), u = (a + b) / 4,
///                         v = (b - a) / 4
///
/// Both filters are sincs of 28 frames under Kaiser windows: -6 dB at 0.4375 of
/// the rate, flat up to 0.36, 70 dB down from 0.515 on.
#ifndef LAT_DSP_SHAPER_H
#define LAT_DSP_SHAPER_H

#include "base/rt.h"

#include <stdint.h>

/// Most frames of a run.
#define LAT_SHAPER_RUN 32U

/// Frames of the filters.
#define LAT_SHAPER_TAPS 28U

/// Frames by which what comes out is late, exactly.
#define LAT_SHAPER_LATE 27U

/// Frames kept, those of a run, and what is computed with its last ones.
#define LAT_SHAPER_ROOM (LAT_SHAPER_TAPS + LAT_SHAPER_RUN + 16U)

struct lat_shaper {
    /// Weight t of sample p of a frame.
    float up[4][LAT_SHAPER_TAPS], down[4][LAT_SHAPER_TAPS];
    // Zero at first.
    uint32_t at; ///< frames of the second halves that are in use
    float x[LAT_SHAPER_ROOM], dry[LAT_SHAPER_ROOM];
    /// Of each of the 4 samples of a frame: the signal, and the averages of
    /// both halves before it, put together; before that, of the last one.
    float b[4][LAT_SHAPER_ROOM];
    float halves[2][LAT_SHAPER_ROOM];
    float y[4][LAT_SHAPER_ROOM];
};

/// Set up zeroed memory.  [control]
void
lat_shaper_init(struct lat_shaper *s);

/// As at first.  [audio, worker]
LAT_RT void
lat_shaper_reset(struct lat_shaper *s);

/// Frames that a run may have now, at least one.  [audio, worker]
LAT_RT uint32_t
lat_shaper_left(struct lat_shaper *s);

#endif // LAT_DSP_SHAPER_H
