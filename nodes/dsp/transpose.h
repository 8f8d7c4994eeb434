// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Rows become columns, VEC_W by VEC_W, for the instruction set that this file
/// is compiled for.
#ifndef LAT_DSP_TRANSPOSE_H
#define LAT_DSP_TRANSPOSE_H

#include "four.h"
#include "vec.h"

#if VEC_W == 16
# define ROWS_(op, a, b) ((vec_f)_mm512_##op((__m512)(a), (__m512)(b)))
# define PIECES_(a, b, which)                                                  \
  ((vec_f)_mm512_shuffle_f32x4((__m512)(a), (__m512)(b), which))
#elif VEC_W == 8
# define ROWS_(op, a, b) ((vec_f)_mm256_##op((__m256)(a), (__m256)(b)))
# define PIECES_(a, b, which)                                                  \
  ((vec_f)_mm256_permute2f128_ps((__m256)(a), (__m256)(b), which))
#endif

#if VEC_W > 4

/// In each piece of 128 bits, rows 4 i to 4 i + 3 become columns.
DSP_INLINE void
vec_transpose_pieces(vec_f v[VEC_W])
{
# pragma GCC unroll 4
    for (int i = 0; i < VEC_W; i += 4) {
        const vec_f a = ROWS_(unpacklo_ps, v[i], v[i + 1]);
        const vec_f b = ROWS_(unpacklo_ps, v[i + 2], v[i + 3]);
        const vec_f c = ROWS_(unpackhi_ps, v[i], v[i + 1]);
        const vec_f d = ROWS_(unpackhi_ps, v[i + 2], v[i + 3]);
        v[i] = (vec_f)VEC_PACK(a, b, 0x44);
        v[i + 1] = (vec_f)VEC_PACK(a, b, 0xee);
        v[i + 2] = (vec_f)VEC_PACK(c, d, 0x44);
        v[i + 3] = (vec_f)VEC_PACK(c, d, 0xee);
    }
}
#endif

DSP_INLINE void
vec_transpose(vec_f v[VEC_W])
{
#if VEC_W == 16
    vec_transpose_pieces(v);
# pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
        const vec_f a = PIECES_(v[i], v[4 + i], 0x44);
        const vec_f b = PIECES_(v[i], v[4 + i], 0xee);
        const vec_f c = PIECES_(v[8 + i], v[12 + i], 0x44);
        const vec_f d = PIECES_(v[8 + i], v[12 + i], 0xee);
        v[i] = PIECES_(a, c, 0x88);
        v[4 + i] = PIECES_(a, c, 0xdd);
        v[8 + i] = PIECES_(b, d, 0x88);
        v[12 + i] = PIECES_(b, d, 0xdd);
    }
#elif VEC_W == 8
    vec_transpose_pieces(v);
# pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
        const vec_f a = v[i];
        const vec_f b = v[4 + i];
        v[i] = PIECES_(a, b, 0x20);
        v[4 + i] = PIECES_(a, b, 0x31);
    }
#else
    four_transpose(v);
#endif
}

#undef ROWS_
#undef PIECES_

#endif // LAT_DSP_TRANSPOSE_H
