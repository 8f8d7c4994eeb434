// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Plain-number counterparts of vec.h, to the bit.
#ifndef LAT_DSP_ONE_H
#define LAT_DSP_ONE_H

#include "vec.h"

#include <string.h>

// Optimised code takes minss and maxss here, behind which a denormal number is
// 0 where denormals are flushed, as lanes do; a comparison alone keeps it.
#if defined(__SSE__) && !defined(__OPTIMIZE__)
# include <xmmintrin.h>
# define ONE_MIN(a, b) _mm_cvtss_f32(_mm_min_ss(_mm_set_ss(a), _mm_set_ss(b)))
# define ONE_MAX(a, b) _mm_cvtss_f32(_mm_max_ss(_mm_set_ss(a), _mm_set_ss(b)))
#else
# define ONE_MIN(a, b) ((a) < (b) ? (a) : (b))
# define ONE_MAX(a, b) ((a) > (b) ? (a) : (b))
#endif

DSP_INLINE float
one_fma(float a, float b, float c)
{
    return KERNELS_FUSE ? __builtin_fmaf(a, b, c) : a * b + c;
}

DSP_INLINE float
one_max(float a, float b)
{
    return ONE_MAX(a, b);
}

DSP_INLINE float
one_min(float a, float b)
{
    return ONE_MIN(a, b);
}

DSP_INLINE float
one_select(bool m, float a, float b)
{
    return m ? a : b;
}

DSP_INLINE uint32_t
one_select_u(bool m, uint32_t a, uint32_t b)
{
    return m ? a : b;
}

DSP_INLINE uint32_t
one_as_u(float x)
{
    uint32_t u;
    memcpy(&u, &x, sizeof(u));
    return u;
}

DSP_INLINE float
one_as_f(uint32_t u)
{
    float x;
    memcpy(&x, &u, sizeof(x));
    return x;
}

DSP_INLINE uint64_t
one_wide_of(float x, double factor)
{
    const double d = (double)x * factor + WIDE_MAGIC;
    uint64_t u;
    memcpy(&u, &d, sizeof(u));
    return u << WIDE_SHIFT;
}

#endif // LAT_DSP_ONE_H
