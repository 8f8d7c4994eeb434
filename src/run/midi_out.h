// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// MIDI on its way out: what nodes send in a period, for the driver.
///
/// Nodes post events with their thread; behind each span they come here, in the
/// order of their frames.  Whoever sends is remembered with the keys that are
/// down through it, so that they are let go in whatever way it ends: it is
/// freed, replaced, its session goes, all ends, or there is a panic.  Keys that
/// are down when the driver ends are so at whoever hears the port again: they
/// are let go there.
///
/// All functions are [audio].
#ifndef LAT_RUN_MIDI_OUT_H
#define LAT_RUN_MIDI_OUT_H

#include "engine.h"
#include "plan/plan.h"
#include "units/slots.h"

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
    /// Periods until who hears a slot since lately surely does, and one more.
    _Atomic uint8_t heard[LAT_MAX_DEVICE_SLOTS];
};

/// A period begins at @p frame: what was not put back is gone.
/// @param is_ending  everything is let go, and nothing sent any more.
LAT_RT void
lat_midi_outs_begin(struct lat_midi_outs *all, uint64_t frame, bool is_ending);

/// Somebody hears slot @p slot since now.  [any]
LAT_RT void
lat_midi_outs_heard(struct lat_midi_outs *all, uint32_t slot);

/// The first span of a period of @p plan comes at @p frame: keys that were lost
/// are let go where somebody hears them since lately.
LAT_RT void
lat_midi_outs_let_lost_go(struct lat_midi_outs *all,
                          const struct lat_plan *plan, uint64_t frame);

/// No driver runs any more: what is down in @p plan is lost.
LAT_RT void
lat_midi_outs_lose(const struct lat_plan *plan);

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
