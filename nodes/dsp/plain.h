// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Functions of single floats for inner loops that are compiled once, by plain
/// operations: the same bits everywhere.
#ifndef LAT_DSP_PLAIN_H
#define LAT_DSP_PLAIN_H

#include "four.h"

#include <stdint.h>
#include <string.h>

/// @p x within @p low and @p high; @p low for a NaN.
LAT_RT static inline float
plain_clamp(float x, float low, float high)
{
    x = x > low ? x : low;
    return x < high ? x : high;
}

/// 2^x, within 2e-7 of it; clamped to -126 to 126.
LAT_RT static inline float
plain_exp2(float x)
{
    return four_exp2(four_splat(plain_clamp(x, -126.0F, 126.0F)))[0];
}

/// log2(x) for a normal x > 0, within 3e-7, or 2e-7 of it: the exponent, and
/// 2 / ln 2 * artanh((m - 1) / (m + 1)) of the mantissa by its series.
LAT_RT static inline float
plain_log2(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof(bits));
    // The mantissa goes from sqrt(1/2) to sqrt(2).
    const uint32_t from_root = bits - 0x3f3504f3U;
    const int32_t exponent = (int32_t)from_root >> 23;
    bits -= (uint32_t)exponent << 23U;
    float m;
    memcpy(&m, &bits, sizeof(m));
    const float t = (m - 1.0F) / (m + 1.0F);
    const float s = t * t;
    float q = s * 0.320598898F + 0.412198583F;
    q = q * s + 0.577078016F;
    q = q * s + 0.961796694F;
    q = q * s + 2.885390082F;
    return (float)exponent + t * q;
}

/// The linear gain of @p db decibels.
LAT_RT static inline float
plain_from_db(float db)
{
    return plain_exp2(db * 0.166096404744368F);
}

#endif // LAT_DSP_PLAIN_H
