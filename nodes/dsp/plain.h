// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Functions of single floats for inner loops that are compiled once, by plain
/// operations: the same bits everywhere.
#ifndef LAT_DSP_PLAIN_H
#define LAT_DSP_PLAIN_H

#include "four.h"

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

/// four_log2() of one.
LAT_RT static inline float
plain_log2(float x)
{
    return four_log2(four_splat(x))[0];
}

/// The linear gain of @p db decibels.
LAT_RT static inline float
plain_from_db(float db)
{
    return plain_exp2(db * 0.166096404744368F);
}

#endif // LAT_DSP_PLAIN_H
