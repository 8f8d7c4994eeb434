// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// A ladder: four one-poles in a row and a loop around them that saturates, at
/// 4 times the rate.  It knows no graph.
///
/// The one-poles are trapezoidal integrators with the loop around each of them
/// solved (Zavalishin, The Art of VA Filter Design, 2.0, chapters 3 to 6). With
/// G = g / (1 + g), g = tan(pi cutoff / rate), and u what enters the first, the
/// last one gives G^4 u + S at once, S being what the states come to.  u is
///
///     u = L s(v),  v = (x (1 + k) - k (G^4 u + S)) / L,  s(v) = v / sqrt(1 +
///     v^2)
///
/// an equation for v that rises everywhere; Newton's method from the side that
/// it is bent to goes to its root from one side.  Four poles turn by half a
/// circle at the cutoff, whatever real gain the bend leaves, so that is where
/// it oscillates; lows keep their level by the factor 1 + k.
///
/// Every state is a mean of what it was and what comes in, with weights from 0
/// to 1, so nothing exceeds L, however the cutoff moves.
#ifndef LAT_DSP_LADDER_H
#define LAT_DSP_LADDER_H

#include "base/rt.h"
#include "shaper.h"

#include <stdint.h>

/// Samples that the loop lets pass at most.
#define LAT_LADDER_LIMIT 6.0F

/// Zero at first.
struct lat_ladder {
    double s[4];
    uint32_t noise; ///< what an oscillation begins with
};

/// One behind a curve that bends what goes in; bend.c runs it.
struct lat_driven_ladder {
    struct lat_shaper shaper;
    struct lat_ladder ladder;
};

/// What cutoff and resonance come to.
struct lat_ladder_tuning {
    double part[5];  ///< powers of G, from 0 to 4
    double feedback; ///< k
    int n_steps;     ///< of Newton's method
};

/// @param hz         kept within 0.01 Hz and 0.2 of @p rate
/// @param rate       at which it runs
/// @param resonance  0 to 1; from 0.93 on it oscillates
/// [audio, worker]
LAT_RT struct lat_ladder_tuning
lat_ladder_tune(double hz, double rate, float resonance);

/// The next sample.  [audio, worker]
LAT_RT float
lat_ladder_next(struct lat_ladder *l, const struct lat_ladder_tuning *t,
                float x);

#endif // LAT_DSP_LADDER_H
