// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// MIDI on its way out: what nodes send in a period, for the driver.
///
/// Nodes post events with their thread; behind each span they come here, in the
/// order of their frames.  Whoever sends is remembered with the keys that are
/// down through it, so that they are let go in whatever way it ends: it is
/// freed, replaced, its session goes, all ends, or there is a panic.
///
/// All functions are [audio].
#ifndef LAT_RUN_MIDI_OUT_H
#define LAT_RUN_MIDI_OUT_H

#include "engine.h"
#include "plan/plan.h"

#include <stdatomic.h>

/// Most events of a period.  The last half of it only takes what lets go.
#define LAT_MAX_OUTGOING 8192U

struct lat_midi_outs {
    uint64_t begin; ///< first frame of the period
    uint32_t n;
    uint32_t n_back; ///< the first of them, put back for the next period
    uint64_t turn;   ///< of the plans that were compared
    bool is_ending;  ///< nothing is sent any more
    struct lat_outgoing events[LAT_MAX_OUTGOING];
    _Atomic uint64_t n_lost;
};

/// A period begins at @p frame: what was not put back is gone.
/// @param is_ending  everything is let go, and nothing sent any more.
LAT_RT void
lat_midi_outs_begin(struct lat_midi_outs *all, uint64_t frame, bool is_ending);

/// Before a span of @p plan at @p frame: who is fading out lets go.
LAT_RT void
lat_midi_outs_watch(struct lat_midi_outs *all, const struct lat_plan *plan,
                    uint64_t frame);

/// Take what a thread posted in a span that began at @p frame.
LAT_RT void
lat_midi_outs_take(struct lat_midi_outs *all, const struct lat_posted *posted,
                   uint64_t frame);

/// Who is in @p old alone lets go at @p frame.
LAT_RT void
lat_midi_outs_move(struct lat_midi_outs *all, const struct lat_plan *old,
                   const struct lat_plan *plan, uint64_t frame);

/// Let all keys go; clocks go on.
LAT_RT void
lat_midi_outs_panic(struct lat_midi_outs *all, const struct lat_plan *plan,
                    uint64_t frame);

#endif // LAT_RUN_MIDI_OUT_H
