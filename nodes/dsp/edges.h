// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What makes a wave of straight lines band-limited.
///
/// The wave goes through a low-pass, in exact time (edge_shape.h): of each of
/// its edges, a step or a change of slope, it leaves something in EDGE_TAPS
/// frames, which is added to those.  What comes out is the wave itself, of
/// which slopes are late by EDGE_LATE, and what edges have left.  Nothing
/// before an edge knows of it, so edges may come at any time, by sync and
/// modulation too.
#ifndef LAT_DSP_EDGES_H
#define LAT_DSP_EDGES_H

#include "edge_shape.h"
#include "one.h"
#include "vec.h"

/// Words of state for what edges have left in the frames to come, by absolute
/// frame.
#define EDGE_FRAMES ((size_t)32)

_Static_assert(EDGE_ROW % VEC_W == 0, "rows of whole vectors");

/// What an edge of size 1 leaves in VEC_W frames from the @p k th on.
DSP_INLINE vec_f
edge_taps(const float row[][EDGE_ROW], size_t k, vec_f z)
{
    vec_f y = vec_load(row[0] + k);
    for (size_t j = 1; j <= EDGE_DEGREE; j++) {
        y = vec_fma(y, z, vec_load(row[j] + k));
    }
    return y;
}

/// How many of EDGE_TAPS frames, from place @p first on, come before the places
/// begin again.
DSP_INLINE size_t
edge_taps_before_end(size_t first)
{
    const size_t whole = EDGE_FRAMES - first;
    return whole < EDGE_TAPS ? whole : EDGE_TAPS;
}

/// Add to what is left in frames what an edge of @p size leaves there.
/// @param left   EDGE_FRAMES numbers, @p pitch apart
/// @param frame  the first behind it
/// @param row    of the shape, by the part of a frame in which it was
/// @param z      when in that part
DSP_APART void
edge_add(float *left, size_t pitch, uint64_t frame, const float row[][EDGE_ROW],
         float z, float size)
{
    float taps[EDGE_ROW];
    for (size_t k = 0; k < EDGE_TAPS; k += VEC_W) {
        vec_store(taps + k, edge_taps(row, k, vec_splat(z)));
    }
    const size_t first = frame % EDGE_FRAMES;
    const size_t n = edge_taps_before_end(first);
    float *at = left + first * pitch;
    _Pragma("GCC unroll 8") for (size_t k = 0; k < n; k++, at += pitch)
    {
        *at = one_fma(taps[k], size, *at);
    }
    at = left;
    _Pragma("GCC unroll 8") for (size_t k = n; k < EDGE_TAPS; k++, at += pitch)
    {
        *at = one_fma(taps[k], size, *at);
    }
}

#endif // LAT_DSP_EDGES_H
