// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// How the reverb's lines are written and read: see reverb_run.c, the only one
/// that takes this in.  [audio, worker]
#ifndef LAT_DSP_REVERB_RINGS_H
#define LAT_DSP_REVERB_RINGS_H

#include "kernel.h"
#include "reverb_state.h"

/// Floats that come at once.
#define FETCHED 16U

/// A cell and what a vector may touch beyond it.
#define ROOM LAT_REVERB_ROOM

/// Ask for what the next cell has where this one reads or writes @p at, unless
/// a line begins anew there: several reverbs are larger than a processor's
/// nearer caches, and have more lines than it follows by itself.
DSP_INLINE void
fetch_next(const float *at)
{
    __builtin_prefetch(at + CELL + FETCHED);
    __builtin_prefetch(at + CELL + 2 * FETCHED);
}

/// Where the next frame goes in line @p k.
DSP_INLINE float *
ring_at(struct lat_reverb *r, int k)
{
    return r->memory + r->firsts[k] + r->places[k] + r->at;
}

/// The same of LINES lines from @p first on.
DSP_INLINE void
rings_at(struct lat_reverb *r, int first, float **to)
{
    for (int k = 0; k < LINES; k++) {
        to[k] = ring_at(r, first + k);
        fetch_next(to[k]);
    }
}

/// The first frames of a line stand behind its last ones once more, so that
/// every run can be read in one piece.
DSP_INLINE void
rings_mirror(struct lat_reverb *r, int first, int n_rings, uint32_t n)
{
    for (int k = first; k < first + n_rings; k++) {
        if (!r->places[k]) {
            float *const from = ring_at(r, k);
            memcpy(from + r->sizes[k], from, n * sizeof(float));
        }
    }
}

/// The frames of @p age frames ago, the first of them, in `memory`.
DSP_INLINE uint32_t
ring_before(const struct lat_reverb *r, int k, uint32_t age)
{
    const uint32_t before = r->places[k] + r->at - age;
    const bool is_far = r->places[k] + r->at < age;
    return r->firsts[k] + (is_far ? before + r->sizes[k] : before);
}

/// @p n of them.  Where they are older than the reset they are 0, put together
/// in @p room.
DSP_INLINE const float *
ring_read(const struct lat_reverb *r, int k, uint32_t age, uint32_t n,
          float *room)
{
    const float *from = r->memory + ring_before(r, k, age);
    if (age <= r->n_valid) {
        return from;
    }
    const uint32_t n_none = age - r->n_valid;
    for (uint32_t f = 0; f < ROOM; f++) {
        room[f] = f >= n_none && f < n ? from[f] : 0.0F;
    }
    return room;
}

/// The same of LINES places, those of the @p n_rings lines from @p first on in
/// turn.
DSP_INLINE void
rings_read(const struct lat_reverb *r, int first, int n_rings,
           const uint32_t *ages, uint32_t n, float (*room)[ROOM],
           const float **from)
{
    uint32_t before[LINES];
    for (int k = 0; k < LINES; k++) {
        before[k] = ring_before(r, first + k % n_rings, ages[k]);
    }
    for (int k = 0; k < LINES; k++) {
        from[k] = r->memory + before[k];
        if (n_rings == LINES) {
            fetch_next(from[k]);
        }
    }
    for (int k = 0; k < LINES && r->n_valid < r->longest; k++) {
        from[k] = ring_read(r, first + k % n_rings, ages[k], n, room[k]);
    }
}

#endif // LAT_DSP_REVERB_RINGS_H
