// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Functions of single numbers without libm, whose bits differ from one libc to
/// the next.
#ifndef LAT_NUMBERS_H
#define LAT_NUMBERS_H

#include "base/rt.h"

#include <stdint.h>
#include <string.h>

/// 2^x, to the last bits of a double; -1000 to 1000, clamped.  [any]
LAT_RT static inline double
lat_exp2(double x)
{
    x = x > -1000 ? x : -1000;
    x = x < 1000 ? x : 1000;
    const double k = (x + 0x1.8p52) - 0x1.8p52;
    const double f = (x - k) * 0.69314718055994530942;
    double sum = 1;
    for (int n = 14; n > 0; n--) { // Taylor: |f| < 0.35
        sum = 1 + sum * f / n;
    }
    const uint64_t bits = (uint64_t)((int64_t)k + 1023) << 52U;
    double scale;
    memcpy(&scale, &bits, sizeof(scale));
    return sum * scale;
}

/// e^x.  [any]
LAT_RT static inline double
lat_exp(double x)
{
    return lat_exp2(x * 1.44269504088896340736);
}

/// The linear gain of @p db decibels.  [any]
LAT_RT static inline double
lat_from_db(double db)
{
    return lat_exp2(db * 0.16609640474436811739);
}

/// sin(pi x), |x| < 2^50, to the last bits of a double.  [any]
LAT_RT static inline double
lat_sin_pi(double x)
{
    const double k = (x + 0x1.8p52) - 0x1.8p52;
    const double t = 3.14159265358979323846 * (x - k);
    double term = t;
    double sum = 0;
    for (int n = 1; n < 22; n += 2) { // Taylor: |t| < 1.6
        sum += term;
        term *= -t * t / ((n + 1) * (n + 2));
    }
    return (int64_t)k & 1 ? -sum : sum;
}

#endif // LAT_NUMBERS_H
