// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What the reverb's two files share: reverb.c, which sets up and says where it
/// goes, and reverb_run.c, the inner loops.
#ifndef LAT_DSP_REVERB_STATE_H
#define LAT_DSP_REVERB_STATE_H

#include "reverb.h"

#define LINES LAT_REVERB_LINES
#define CELL  LAT_REVERB_CELL

#define FADE_CELLS 32U

/// All-passes before the taps, two in series for each side.
#define SMEARS 4

/// A value of each line that goes in a straight line over the cell.
struct glide {
    float now[LINES];
    float step[LINES];
};

/// All lines, by where the first of a kind is.
enum {
    RING_SMEARS = 0,
    RING_TAPS = RING_SMEARS + SMEARS,
    RING_SPREAD = RING_TAPS + 2,
    RING_LINES = RING_SPREAD + LINES,
    RINGS = RING_LINES + LINES,
};

struct lat_reverb {
    // Fixed.
    /// The frames of each line, whole cells and no more than can be read of it:
    /// several reverbs are larger than a processor's nearer caches.
    uint32_t sizes[RINGS];
    uint32_t firsts[RINGS]; ///< floats of `memory` at which they begin
    uint32_t longest;       ///< frames of the largest
    uint32_t smear_frames[SMEARS];
    uint32_t tap_frames[LINES], spread_frames[LINES];
    uint32_t wander_turn[LINES]; ///< of 2^32 a turn, per cell
    float wander_frames;
    float rate;
    float corner; ///< tan(pi * DAMPING_HZ / rate)

    // Zero at first.  What comes before `memory` is cleared by a reset.
    uint32_t cell;          ///< that is running
    uint32_t at;            ///< frames of it that are done
    uint32_t places[RINGS]; ///< of its first frame
    uint32_t n_valid;       ///< frames since the reset, as far as they matter
    uint32_t n_fade;        ///< cells left of the fade to `next_whole`
    uint32_t n_quiet;       ///< cells
    bool is_begun, is_idle, is_moving;
    bool is_elsewhere; ///< lines are not read on from where the last cell was
    float peak;        ///< of the cell
    float slope, damping; ///< 1 / decay, and damping, as they come to be
    float next_size;
    uint32_t whole[LINES];      ///< frames read from memory
    uint32_t next_whole[LINES]; ///< after the fade
    uint32_t was_whole[LINES];  ///< in the cell before
    uint32_t length[LINES];     ///< whole lengths, without wandering
    uint32_t next_length[LINES];
    struct glide eta, b0, b1, a1;
    float to_b0[LINES], to_b1[LINES], to_a1[LINES];
    float x1[LINES], y1[LINES], w1[LINES];

    _Alignas(LAT_ALIGNMENT) float memory[];
};

#endif // LAT_DSP_REVERB_STATE_H
