// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Exact fractions of 64-bit numbers.
///
/// Every operation is carried out in 128 bits and brought to lowest terms.  A
/// result that does not fit sets a mark and is 0; marks are never taken back,
/// so one look after a row of operations is enough.
///
/// All functions are [any].
#ifndef LAT_PATTERN_RATIO_H
#define LAT_PATTERN_RATIO_H

#include "base/rt.h"

#include <stdbool.h>
#include <stdint.h>

struct lat_ratio {
    int64_t n, d; ///< in lowest terms; d is above 0
};

__extension__ typedef __int128 lat_i128;

LAT_RT static inline struct lat_ratio
lat_ratio_of(int64_t whole)
{
    return (struct lat_ratio){whole, 1};
}

/// @return @p n / @p d; @p d is not 0.  Sets @p is_over where it does not fit.
LAT_RT struct lat_ratio
lat_ratio_make(lat_i128 n, lat_i128 d, bool *is_over);

LAT_RT struct lat_ratio
lat_ratio_add(struct lat_ratio a, struct lat_ratio b, bool *is_over);
LAT_RT struct lat_ratio
lat_ratio_sub(struct lat_ratio a, struct lat_ratio b, bool *is_over);
LAT_RT struct lat_ratio
lat_ratio_mul(struct lat_ratio a, struct lat_ratio b, bool *is_over);

/// @param b  not 0.
LAT_RT struct lat_ratio
lat_ratio_div(struct lat_ratio a, struct lat_ratio b, bool *is_over);

/// Below, at or above 0 as @p a is below, equal to or above @p b.
LAT_RT static inline int
lat_ratio_compare(struct lat_ratio a, struct lat_ratio b)
{
    const lat_i128 x = (lat_i128)a.n * b.d;
    const lat_i128 y = (lat_i128)b.n * a.d;
    return (x > y) - (x < y);
}

LAT_RT static inline bool
lat_ratio_is_below(struct lat_ratio a, struct lat_ratio b)
{
    return lat_ratio_compare(a, b) < 0;
}

LAT_RT static inline struct lat_ratio
lat_ratio_min(struct lat_ratio a, struct lat_ratio b)
{
    return lat_ratio_is_below(b, a) ? b : a;
}

LAT_RT static inline struct lat_ratio
lat_ratio_max(struct lat_ratio a, struct lat_ratio b)
{
    return lat_ratio_is_below(a, b) ? b : a;
}

/// The greatest whole number that is not above @p a, the least not below it.
LAT_RT static inline int64_t
lat_ratio_floor(struct lat_ratio a)
{
    return a.n / a.d - (a.n % a.d < 0);
}

LAT_RT static inline int64_t
lat_ratio_ceil(struct lat_ratio a)
{
    return a.n / a.d + (a.n % a.d > 0);
}

/// The nearest double.
LAT_RT static inline double
lat_ratio_to_double(struct lat_ratio a)
{
    return (double)a.n / (double)a.d;
}

#endif // LAT_PATTERN_RATIO_H
