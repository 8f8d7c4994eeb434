// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Four floats at a time, for inner loops that are compiled once: what every
/// processor that lattice runs on has.  Plain operations, never fused, so that
/// all of them give the same bits.
#ifndef LAT_DSP_FOUR_H
#define LAT_DSP_FOUR_H

#include "base/rt.h"

#include <stdint.h>

#if defined(__SSE__)
# include <xmmintrin.h>
#elif defined(__aarch64__)
# include <arm_neon.h>
#endif

typedef float four __attribute__((vector_size(16)));
typedef int32_t four_i __attribute__((vector_size(16)));
typedef uint32_t four_u __attribute__((vector_size(16)));

// The same in memory: aligned like a float, and of any type.
typedef float four_memory
    __attribute__((vector_size(16), aligned(4), may_alias));

LAT_RT static inline four
four_load(const float *p)
{
    return (four) * (const four_memory *)p;
}

LAT_RT static inline void
four_store(float *p, four v)
{
    *(four_memory *)p = (four_memory)v;
}

LAT_RT static inline four
four_splat(float x)
{
    return (four){x, x, x, x};
}

#if defined(__clang__)
# define FOUR_PICK(a, b, i, j, k, l) __builtin_shufflevector(a, b, i, j, k, l)
#else
# define FOUR_PICK(a, b, i, j, k, l)                                           \
  __builtin_shuffle(a, b, (four_i){i, j, k, l})
#endif

/// Rows become columns.
LAT_RT static inline void
four_transpose(four v[4])
{
    const four a = FOUR_PICK(v[0], v[1], 0, 4, 1, 5);
    const four b = FOUR_PICK(v[2], v[3], 0, 4, 1, 5);
    const four c = FOUR_PICK(v[0], v[1], 2, 6, 3, 7);
    const four d = FOUR_PICK(v[2], v[3], 2, 6, 3, 7);
    v[0] = FOUR_PICK(a, b, 0, 1, 4, 5);
    v[1] = FOUR_PICK(a, b, 2, 3, 6, 7);
    v[2] = FOUR_PICK(c, d, 0, 1, 4, 5);
    v[3] = FOUR_PICK(c, d, 2, 3, 6, 7);
}

/// Square roots, rounded as IEEE 754 has it.
LAT_RT static inline four
four_sqrt(four x)
{
#if defined(__SSE__)
    return (four)_mm_sqrt_ps((__m128)x);
#elif defined(__aarch64__)
    return (four)vsqrtq_f32((float32x4_t)x);
#else
    return (four){__builtin_sqrtf(x[0]), __builtin_sqrtf(x[1]),
                  __builtin_sqrtf(x[2]), __builtin_sqrtf(x[3])};
#endif
}

/// The nearest integers; |x| < 2^22.
LAT_RT static inline four
four_nearest(four x)
{
    return (x + 0x1.8p23F) - 0x1.8p23F;
}

/// 2^x, within 2e-7 of it; -126 to 126.
LAT_RT static inline four
four_exp2(four x)
{
    const four k = four_nearest(x);
    const four f = x - k;
    four q = f * 0.000154563508599F + 0.0013391204222F;
    q = q * f + 0.0096180642508F;
    q = q * f + 0.0555035646914F;
    q = q * f + 0.240226509278F;
    q = q * f + 0.693147188162F;
    q = q * f + 1.0F;
    const four_i scale = (__builtin_convertvector(k, four_i) + 127) << 23;
    return q * (four)scale;
}

/// @p a where @p is has all bits set, @p b where it has none.
LAT_RT static inline four
four_select(four_i is, four a, four b)
{
    return (four)((is & (four_i)a) | (~is & (four_i)b));
}

/// The lesser, or @p b where there is a NaN.
LAT_RT static inline four
four_min(four a, four b)
{
    return four_select(a < b, a, b);
}

/// The greater, or @p b where there is a NaN.
LAT_RT static inline four
four_max(four a, four b)
{
    return four_select(a > b, a, b);
}

/// log2(x) for a normal x > 0, within 3e-7, or 2e-7 of it: the exponent, and
/// 2 / ln 2 * artanh((m - 1) / (m + 1)) of the mantissa by its series.
LAT_RT static inline four
four_log2(four x)
{
    // The mantissa goes from sqrt(1/2) to sqrt(2).
    const four_i exponent = ((four_i)x - 0x3f3504f3) >> 23;
    const four m = (four)((four_u)x - ((four_u)exponent << 23U));
    const four t = (m - 1.0F) / (m + 1.0F);
    const four s = t * t;
    four q = s * 0.320598898F + 0.412198583F;
    q = q * s + 0.577078016F;
    q = q * s + 0.961796694F;
    q = q * s + 2.885390082F;
    return __builtin_convertvector(exponent, four) + t * q;
}

/// The linear gain of @p db decibels.
LAT_RT static inline four
four_from_db(four db)
{
    const four x = four_max(db * 0.166096404744368F, four_splat(-126.0F));
    return four_exp2(four_min(x, four_splat(126.0F)));
}

#endif // LAT_DSP_FOUR_H
