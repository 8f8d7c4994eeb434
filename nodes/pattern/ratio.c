// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ratio.h"

__extension__ typedef unsigned __int128 u128;

static uint64_t
common_divisor(uint64_t a, uint64_t b)
{
    if (!a || !b) {
        return a | b;
    }
    const int twos = __builtin_ctzll(a | b);
    a >>= __builtin_ctzll(a);
    while (b) {
        b >>= __builtin_ctzll(b);
        const uint64_t low = a < b ? a : b;
        b = a < b ? b - a : a - b;
        a = low;
    }
    return a << twos;
}

static u128
common_divisor_wide(u128 a, u128 b)
{
    while (b > UINT64_MAX) {
        const u128 rest = a % b;
        a = b;
        b = rest;
    }
    return b ? common_divisor((uint64_t)(a % b), (uint64_t)b) : a;
}

static uint64_t
size_of(int64_t a)
{
    return a < 0 ? -(uint64_t)a : (uint64_t)a;
}

LAT_RT struct lat_ratio
lat_ratio_make(lat_i128 n, lat_i128 d, bool *is_over)
{
    const bool is_negative = (n < 0) != (d < 0);
    u128 above = n < 0 ? -(u128)n : (u128)n;
    u128 below = d < 0 ? -(u128)d : (u128)d;
    if (below != 1) {
        const u128 divisor = common_divisor_wide(above, below);
        above /= divisor;
        below /= divisor;
    }
    if (above > INT64_MAX || below > INT64_MAX) {
        *is_over = true;
        return lat_ratio_of(0);
    }
    const int64_t whole = (int64_t)above;
    return (struct lat_ratio){is_negative ? -whole : whole, (int64_t)below};
}

/// @p a / @p d in lowest terms, where @p d is a divisor of both already known.
static struct lat_ratio
fit(lat_i128 n, lat_i128 d, bool *is_over)
{
    if (n > INT64_MAX || n < -INT64_MAX || d > INT64_MAX) {
        *is_over = true;
        return lat_ratio_of(0);
    }
    return (struct lat_ratio){(int64_t)n, (int64_t)d};
}

LAT_RT struct lat_ratio
lat_ratio_add(struct lat_ratio a, struct lat_ratio b, bool *is_over)
{
    if (a.d == 1 || b.d == 1) { // what is added keeps the terms lowest
        return fit((lat_i128)a.n * b.d + (lat_i128)b.n * a.d,
                   (lat_i128)a.d * b.d, is_over);
    }
    if (a.d == b.d) {
        return lat_ratio_make((lat_i128)a.n + b.n, a.d, is_over);
    }
    const int64_t g = (int64_t)common_divisor((uint64_t)a.d, (uint64_t)b.d);
    return lat_ratio_make((lat_i128)a.n * (b.d / g) + (lat_i128)b.n * (a.d / g),
                          (lat_i128)(a.d / g) * b.d, is_over);
}

LAT_RT struct lat_ratio
lat_ratio_sub(struct lat_ratio a, struct lat_ratio b, bool *is_over)
{
    b.n = -b.n; // never INT64_MIN
    return lat_ratio_add(a, b, is_over);
}

LAT_RT struct lat_ratio
lat_ratio_mul(struct lat_ratio a, struct lat_ratio b, bool *is_over)
{
    if (!a.n || !b.n) {
        return lat_ratio_of(0);
    }
    // Crosswise they come to lowest terms while they are small.
    const int64_t g = (int64_t)common_divisor(size_of(a.n), (uint64_t)b.d);
    const int64_t h = (int64_t)common_divisor(size_of(b.n), (uint64_t)a.d);
    return fit((lat_i128)(a.n / g) * (b.n / h), (lat_i128)(a.d / h) * (b.d / g),
               is_over);
}

LAT_RT struct lat_ratio
lat_ratio_div(struct lat_ratio a, struct lat_ratio b, bool *is_over)
{
    const struct lat_ratio turned =
        b.n < 0 ? (struct lat_ratio){-b.d, -b.n} : (struct lat_ratio){b.d, b.n};
    return lat_ratio_mul(a, turned, is_over);
}
