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

#endif // LAT_DSP_FOUR_H
