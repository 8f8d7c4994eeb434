// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The vectors that the lane kernels are written in, for the instruction set
/// that this file is compiled for: VEC_W floats, 4, 8 or 16.
///
/// The functions here are what C's operators on vectors lack: minimum, maximum,
/// selection by a comparison, conversion, and adding 64-bit numbers whose
/// halves travel as two vectors of words.  None crosses a call: they all vanish
/// into the kernels, which are compiled once per instruction set.
#ifndef LAT_DSP_VEC_H
#define LAT_DSP_VEC_H

#include "names.h"

#include <stdbool.h>
#include <stdint.h>

#if VEC_W > 4
# include <immintrin.h>
#elif defined(__SSE2__)
# include <emmintrin.h>
#elif defined(__aarch64__)
# include <arm_neon.h>
#endif

// Where each copy carries checks of its own, all of them take minutes to
// compile.
#ifdef __SANITIZE_ADDRESS__
# define DSP_INLINE static inline __attribute__((unused))
#else
# define DSP_INLINE static inline __attribute__((always_inline, unused))
#endif
/// For loops that are rare enough to be shared by several kernels.
#define DSP_APART static __attribute__((noinline, unused))

#define VEC_BYTES (4 * VEC_W)

typedef float vec_f __attribute__((vector_size(VEC_BYTES)));
typedef int32_t vec_i __attribute__((vector_size(VEC_BYTES)));
typedef uint32_t vec_u __attribute__((vector_size(VEC_BYTES)));
typedef uint64_t vec_u64 __attribute__((vector_size(VEC_BYTES)));

// The same in memory: aligned like a float, and of any type.
typedef float vec_f_memory
    __attribute__((vector_size(VEC_BYTES), aligned(4), may_alias));
typedef uint32_t vec_u_memory
    __attribute__((vector_size(VEC_BYTES), aligned(4), may_alias));

typedef double vec_d __attribute__((vector_size(VEC_BYTES)));

/// VEC_W numbers of 64 bits, in the order that unpacking the words leaves.
struct vec_wide {
    vec_u64 a, b;
};

#if VEC_W == 16
typedef __mmask16 vec_mask;
#else
typedef vec_i vec_mask;
#endif

DSP_INLINE vec_f
vec_load(const float *p)
{
    return (vec_f) * (const vec_f_memory *)p;
}

DSP_INLINE void
vec_store(float *p, vec_f v)
{
    *(vec_f_memory *)p = (vec_f_memory)v;
}

DSP_INLINE vec_u
vec_load_u(const uint32_t *p)
{
    return (vec_u) * (const vec_u_memory *)p;
}

DSP_INLINE vec_u
vec_splat_u(uint32_t x)
{
    return (vec_u){0} + x;
}

DSP_INLINE void
vec_store_u(uint32_t *p, vec_u v)
{
    *(vec_u_memory *)p = (vec_u_memory)v;
}

/// Toward zero; the value fits.
DSP_INLINE vec_i
vec_to_i(vec_f v)
{
    return __builtin_convertvector(v, vec_i);
}

DSP_INLINE vec_f
vec_to_f(vec_i v)
{
    return __builtin_convertvector(v, vec_f);
}

#if VEC_W == 16

DSP_INLINE vec_f
vec_splat(float x)
{
    return (vec_f)_mm512_set1_ps(x);
}

DSP_INLINE vec_f
vec_max(vec_f a, vec_f b)
{
    return (vec_f)_mm512_max_ps((__m512)a, (__m512)b);
}

DSP_INLINE vec_f
vec_min(vec_f a, vec_f b)
{
    return (vec_f)_mm512_min_ps((__m512)a, (__m512)b);
}

DSP_INLINE vec_mask
vec_lt(vec_f a, vec_f b)
{
    return _mm512_cmp_ps_mask((__m512)a, (__m512)b, _CMP_LT_OQ);
}

DSP_INLINE vec_mask
vec_le(vec_f a, vec_f b)
{
    return _mm512_cmp_ps_mask((__m512)a, (__m512)b, _CMP_LE_OQ);
}

DSP_INLINE vec_mask
vec_eq(vec_f a, vec_f b)
{
    return _mm512_cmp_ps_mask((__m512)a, (__m512)b, _CMP_EQ_OQ);
}

DSP_INLINE vec_mask
vec_eq_u(vec_u a, vec_u b)
{
    return _mm512_cmpeq_epu32_mask((__m512i)a, (__m512i)b);
}

DSP_INLINE vec_mask
vec_lt_u(vec_u a, vec_u b)
{
    return _mm512_cmplt_epu32_mask((__m512i)a, (__m512i)b);
}

DSP_INLINE vec_mask
vec_and(vec_mask a, vec_mask b)
{
    return (vec_mask)(a & b);
}

DSP_INLINE vec_mask
vec_or(vec_mask a, vec_mask b)
{
    return (vec_mask)(a | b);
}

DSP_INLINE vec_mask
vec_not(vec_mask a)
{
    return (vec_mask)~a;
}

DSP_INLINE bool
vec_all(vec_mask a)
{
    return a == 0xffff;
}

DSP_INLINE bool
vec_any(vec_mask a)
{
    return a != 0;
}

DSP_INLINE vec_f
vec_select(vec_mask m, vec_f a, vec_f b)
{
    return (vec_f)_mm512_mask_blend_ps(m, (__m512)b, (__m512)a);
}

DSP_INLINE vec_u
vec_select_u(vec_mask m, vec_u a, vec_u b)
{
    return (vec_u)_mm512_mask_blend_epi32(m, (__m512i)b, (__m512i)a);
}

#else // masks are vectors of all ones or all zeros

DSP_INLINE vec_mask
vec_lt(vec_f a, vec_f b)
{
    return a < b;
}

DSP_INLINE vec_mask
vec_le(vec_f a, vec_f b)
{
    return a <= b;
}

DSP_INLINE vec_mask
vec_eq(vec_f a, vec_f b)
{
    return a == b;
}

DSP_INLINE vec_mask
vec_eq_u(vec_u a, vec_u b)
{
    return a == b;
}

DSP_INLINE vec_mask
vec_lt_u(vec_u a, vec_u b)
{
    return (vec_i)(a ^ 0x80000000U) < (vec_i)(b ^ 0x80000000U);
}

DSP_INLINE vec_mask
vec_and(vec_mask a, vec_mask b)
{
    return a & b;
}

DSP_INLINE vec_mask
vec_or(vec_mask a, vec_mask b)
{
    return a | b;
}

DSP_INLINE vec_mask
vec_not(vec_mask a)
{
    return ~a;
}

DSP_INLINE bool
vec_any(vec_mask a)
{
# if VEC_W == 8
    return _mm256_movemask_ps((__m256)a) != 0;
# elif defined(__SSE2__)
    return _mm_movemask_ps((__m128)a) != 0;
# else
    return (a[0] | a[1] | a[2] | a[3]) < 0;
# endif
}

DSP_INLINE bool
vec_all(vec_mask a)
{
    return !vec_any(~a);
}

DSP_INLINE vec_u
vec_select_u(vec_mask m, vec_u a, vec_u b)
{
# if VEC_W == 8
    return (vec_u)_mm256_blendv_ps((__m256)b, (__m256)a, (__m256)m);
# elif defined(__aarch64__)
    return (vec_u)vbslq_u32((uint32x4_t)m, (uint32x4_t)a, (uint32x4_t)b);
# else
    return ((vec_u)m & a) | (~(vec_u)m & b);
# endif
}

DSP_INLINE vec_f
vec_select(vec_mask m, vec_f a, vec_f b)
{
    return (vec_f)vec_select_u(m, (vec_u)a, (vec_u)b);
}

DSP_INLINE vec_f
vec_splat(float x)
{
# if VEC_W == 8
    return (vec_f)_mm256_set1_ps(x);
# else
    return (vec_f){x, x, x, x};
# endif
}

DSP_INLINE vec_f
vec_max(vec_f a, vec_f b)
{
# if VEC_W == 8
    return (vec_f)_mm256_max_ps((__m256)a, (__m256)b);
# elif defined(__SSE2__)
    return (vec_f)_mm_max_ps((__m128)a, (__m128)b);
# else
    return vec_select(a > b, a, b);
# endif
}

DSP_INLINE vec_f
vec_min(vec_f a, vec_f b)
{
# if VEC_W == 8
    return (vec_f)_mm256_min_ps((__m256)a, (__m256)b);
# elif defined(__SSE2__)
    return (vec_f)_mm_min_ps((__m128)a, (__m128)b);
# else
    return vec_select(a < b, a, b);
# endif
}

#endif

/// a b + c, rounded once where KERNELS_FUSE.
DSP_INLINE vec_f
vec_fma(vec_f a, vec_f b, vec_f c)
{
#if !KERNELS_FUSE
    return a * b + c;
#elif VEC_W == 16
    return (vec_f)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#elif VEC_W == 8
    return (vec_f)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#else
    return (vec_f)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
#endif
}

/// @p v, computed where this stands among others of its kind: compilers would
/// begin all long operations of a loop at once, and then wait for them.
DSP_INLINE vec_f
vec_in_turn(vec_f v)
{
#if VEC_W == 16
    __asm__ volatile("" : "+v"(v));
#endif
    return v;
}

/// Whether any lane has its sign bit set.
DSP_INLINE bool
vec_any_sign(vec_u v)
{
#if VEC_W == 16
    return _mm512_movepi32_mask((__m512i)v) != 0;
#else
    return vec_any((vec_mask)v);
#endif
}

/// The lanes that have their sign bit set.
DSP_INLINE vec_mask
vec_signs(vec_u v)
{
#if VEC_W == 16
    return _mm512_movepi32_mask((__m512i)v);
#else
    return (vec_i)v >> 31;
#endif
}

/// Make compilers forget where @p pointer, a variable, points to: with 16
/// registers constants that are read there are better operands in memory than
/// in the way of what changes.
#if defined(__x86_64__) && VEC_W < 16
# define VEC_STAYS_IN_MEMORY(pointer) __asm__ volatile("" : "+r"(pointer))
#else
# define VEC_STAYS_IN_MEMORY(pointer) (void)(pointer)
#endif

/// Words of the low (high) halves of the 128-bit pieces of @p lo and @p hi,
/// interleaved: VEC_W / 2 numbers of 64 bits.
#if VEC_W == 16
# define VEC_UNPACK_LOW(lo, hi)                                                \
  ((vec_u64)_mm512_unpacklo_epi32((__m512i)(lo), (__m512i)(hi)))
# define VEC_UNPACK_HIGH(lo, hi)                                               \
  ((vec_u64)_mm512_unpackhi_epi32((__m512i)(lo), (__m512i)(hi)))
# define VEC_PACK(a, b, which)                                                 \
  ((vec_u)_mm512_shuffle_ps((__m512)(a), (__m512)(b), which))
#elif VEC_W == 8
# define VEC_UNPACK_LOW(lo, hi)                                                \
  ((vec_u64)_mm256_unpacklo_epi32((__m256i)(lo), (__m256i)(hi)))
# define VEC_UNPACK_HIGH(lo, hi)                                               \
  ((vec_u64)_mm256_unpackhi_epi32((__m256i)(lo), (__m256i)(hi)))
# define VEC_PACK(a, b, which)                                                 \
  ((vec_u)_mm256_shuffle_ps((__m256)(a), (__m256)(b), which))
#elif defined(__SSE2__)
# define VEC_UNPACK_LOW(lo, hi)                                                \
  ((vec_u64)_mm_unpacklo_epi32((__m128i)(lo), (__m128i)(hi)))
# define VEC_UNPACK_HIGH(lo, hi)                                               \
  ((vec_u64)_mm_unpackhi_epi32((__m128i)(lo), (__m128i)(hi)))
# define VEC_PACK(a, b, which)                                                 \
  ((vec_u)_mm_shuffle_ps((__m128)(a), (__m128)(b), which))
#else
# define VEC_UNPACK_LOW(lo, hi)                                                \
  ((vec_u64)(vec_u){(lo)[0], (hi)[0], (lo)[1], (hi)[1]})
# define VEC_UNPACK_HIGH(lo, hi)                                               \
  ((vec_u64)(vec_u){(lo)[2], (hi)[2], (lo)[3], (hi)[3]})
# define VEC_PACK(a, b, which)                                                 \
  ((vec_u){((vec_u)(a))[(which)&3], ((vec_u)(a))[2 + ((which)&1)],             \
           ((vec_u)(b))[(which)&3], ((vec_u)(b))[2 + ((which)&1)]})
#endif

DSP_INLINE struct vec_wide
vec_wide_make(vec_u hi, vec_u lo)
{
    return (struct vec_wide){VEC_UNPACK_LOW(lo, hi), VEC_UNPACK_HIGH(lo, hi)};
}

#if VEC_W > 4
/// 2^@p n, or 0 where that is 64 or more.
DSP_INLINE struct vec_wide
vec_wide_bits(vec_u n)
{
# if VEC_W == 16
    const __m512i one = _mm512_set1_epi32(1);
    return vec_wide_make((vec_u)_mm512_sllv_epi32(one, (__m512i)(n - 32)),
                         (vec_u)_mm512_sllv_epi32(one, (__m512i)n));
# else
    const __m256i one = _mm256_set1_epi32(1);
    return vec_wide_make((vec_u)_mm256_sllv_epi32(one, (__m256i)(n - 32)),
                         (vec_u)_mm256_sllv_epi32(one, (__m256i)n));
# endif
}
#endif

DSP_INLINE struct vec_wide
vec_wide_add(struct vec_wide p, struct vec_wide q)
{
    return (struct vec_wide){p.a + q.a, p.b + q.b};
}

DSP_INLINE struct vec_wide
vec_wide_times(struct vec_wide p, uint64_t n)
{
    return (struct vec_wide){p.a * n, p.b * n};
}

DSP_INLINE vec_u
vec_wide_hi(struct vec_wide p)
{
    return VEC_PACK(p.a, p.b, 0xdd);
}

DSP_INLINE vec_u
vec_wide_lo(struct vec_wide p)
{
    return VEC_PACK(p.a, p.b, 0x88);
}

/// Where a double's fraction of 1 ends up in the low 48 bits of its mantissa;
/// what is added must be below 8.
#define WIDE_MAGIC 24.0
#define WIDE_SHIFT 16U

/// @p v * @p factor cycles, below 8 in size, as 64-bit fractions of a cycle; by
/// plain operations, so that phases are the same on every processor.
DSP_INLINE struct vec_wide
vec_wide_of(vec_f v, double factor)
{
    vec_d a;
    vec_d b;
#if VEC_W == 16
    const __m512i order = _mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7);
    const __m512d pairs = _mm512_permutexvar_pd(order, (__m512d)v);
    a = (vec_d)_mm512_cvtps_pd((__m256)_mm512_castpd512_pd256(pairs));
    b = (vec_d)_mm512_cvtps_pd((__m256)_mm512_extractf64x4_pd(pairs, 1));
#elif VEC_W == 8
    const __m256d pairs = _mm256_permute4x64_pd((__m256d)v, 0xd8);
    a = (vec_d)_mm256_cvtps_pd((__m128)_mm256_castpd256_pd128(pairs));
    b = (vec_d)_mm256_cvtps_pd((__m128)_mm256_extractf128_pd(pairs, 1));
#elif defined(__SSE2__)
    a = (vec_d)_mm_cvtps_pd((__m128)v);
    b = (vec_d)_mm_cvtps_pd(_mm_movehl_ps((__m128)v, (__m128)v));
#else
    a = (vec_d){(double)v[0], (double)v[1]};
    b = (vec_d){(double)v[2], (double)v[3]};
#endif
    a = a * factor + WIDE_MAGIC;
    b = b * factor + WIDE_MAGIC;
    return (struct vec_wide){(vec_u64)a << WIDE_SHIFT,
                             (vec_u64)b << WIDE_SHIFT};
}

#endif // LAT_DSP_VEC_H
