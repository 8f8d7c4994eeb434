// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What lies between frames: the polynomial of the fifth degree through six of
/// them (Lagrange), which is exact on the frames themselves.
#ifndef LAT_DSP_SIX_H
#define LAT_DSP_SIX_H

#include "four.h"

/// The weights of the six frames for places at part @p t, 0 to 1, of the way
/// from the third to the fourth: w[k] has those of frame k, of four places.
/// [any]
LAT_RT static inline void
lat_six_weights(four t, four w[6])
{
    const four a = t + 2.0F;
    const four b = t + 1.0F;
    const four d = t - 1.0F;
    const four e = t - 2.0F;
    const four g = t - 3.0F;
    const four low = a * b;
    const four middle = t * d;
    const four high = e * g;
    w[0] = b * middle * high * (-1.0F / 120.0F);
    w[1] = a * middle * high * (1.0F / 24.0F);
    w[2] = low * d * high * (-1.0F / 12.0F);
    w[3] = low * t * high * (1.0F / 12.0F);
    w[4] = low * middle * g * (-1.0F / 24.0F);
    w[5] = low * middle * e * (1.0F / 120.0F);
}

/// The same of one place.  [any]
LAT_RT static inline void
lat_six_weights_one(float t, float w[6])
{
    four all[6];
    lat_six_weights(four_splat(t), all);
    for (int k = 0; k < 6; k++) {
        w[k] = all[k][0];
    }
}

#endif // LAT_DSP_SIX_H
