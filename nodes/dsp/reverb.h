// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// A stereo reverb: a feedback delay network of 16 modulated lines behind a
/// diffused early part.  It knows no graph.
///
/// It hears and gives frames in runs of any length; size, decay and damping
/// are taken every LAT_REVERB_CELL frames, counted from its first one, and only
/// then.
#ifndef LAT_DSP_REVERB_H
#define LAT_DSP_REVERB_H

#include "base/rt.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Frames between two looks at what is wished.
#define LAT_REVERB_CELL 32U

#define LAT_REVERB_LINES 16

/// Frames of a cell, and what a vector may touch beyond them.
#define LAT_REVERB_ROOM (LAT_REVERB_CELL + 16U)

/// Inputs of the node.
enum {
    LAT_REVERB_LEFT,
    LAT_REVERB_RIGHT,
    LAT_REVERB_SIZE,
    LAT_REVERB_DECAY,
    LAT_REVERB_DAMPING,
    LAT_REVERB_MIX,
};

struct lat_reverb;

struct lat_reverb_wish {
    float size;    ///< 0 to 1: the lengths of the lines, a factor of 2
    float decay;   ///< seconds in which the tail falls by 60 dB
    float damping; ///< 0 to 1: how much sooner the treble falls
};

/// Bytes of one, zeroed at first and aligned to LAT_ALIGNMENT.  [control]
size_t
lat_reverb_bytes(double rate);

/// Set up zeroed memory.  [control]
void
lat_reverb_init(struct lat_reverb *r, double rate);

/// As at first, in constant time.  [audio, worker]
LAT_RT void
lat_reverb_reset(struct lat_reverb *r);

/// Frames up to the next look, at most LAT_REVERB_CELL; that many at first.
/// [audio, worker]
LAT_RT uint32_t
lat_reverb_left(const struct lat_reverb *r);

/// Does the next frame begin a cell, for which there is something to wish?
/// [audio, worker]
LAT_RT bool
lat_reverb_asks(const struct lat_reverb *r);

/// Begin a cell.  [audio, worker]
LAT_RT void
lat_reverb_wish(struct lat_reverb *r, const struct lat_reverb_wish *wish);

/// @p n frames, no more than are left of the cell.  What comes out is the
/// reverb alone.  It is compiled once per instruction set, to the same bits;
/// this one runs everywhere.  [audio, worker]
/// @param in, out  left and right; each has LAT_REVERB_ROOM.
LAT_RT void
lat_reverb_run_baseline(struct lat_reverb *r, float *const in[2],
                        float *const out[2], uint32_t n);

#endif // LAT_DSP_REVERB_H
