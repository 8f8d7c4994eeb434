// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Who may be asleep in a plan, and with whom.
///
/// A *decider* has an amplitude (enum lat_amplitude).  A *follower* sleeps
/// while all of its *keepers* do: the deciders that it reaches through
/// followers alone.  A gain that follows is both, and asleep by either. Whether
/// a decider wakes in a span is found out by a task of its own, the *look*,
/// before anything runs that follows it.
#ifndef LAT_PLAN_SLEEP_H
#define LAT_PLAN_SLEEP_H

#include "plan.h"

/// Cells of absolute frames at whose ends deciders fall asleep.
#define LAT_SLEEP_CELL 64U

struct lat_plan_sleep;

/// What keeps a follower awake.
struct lat_plan_keeper {
    const struct lat_plan_sleep *decider; ///< NULL: something that is awake
    /// Of the cable that goes, or of what goes: it counts to the end of the
    /// cell in which this is over.  NULL: it stays.
    const struct lat_ramp *fade;
};

struct lat_plan_sleep {
    struct lat_plan_node *node;
    bool decides;
    uint32_t n_keepers; ///< 0: it decides for itself alone
    const struct lat_plan_keeper *keepers;
    /// A decider's inputs as it sees them asleep: what sleeps with it alone
    /// gives 0.
    struct lat_plan_input *seen;
    struct lat_plan_look *look; ///< of a decider
    // Of a decider, written by its look in each span.
    uint32_t from;   ///< first frame of the span in which it is awake, or n
    bool was_idle;   ///< by its own amplitude, before that
    bool was_asleep; ///< before that
};

/// Deciders that are looked at together.
struct lat_plan_look {
    uint32_t n;
    struct lat_plan_sleep **sleeps;
    struct lat_plan_lanes *lanes; ///< that they are, or NULL: one alone
    bool follows;                 ///< one of them does, too
    bool sees_all; ///< what they read is as it is while they sleep, too
    /// Written in each span: all of them sleep, for themselves, to its end.
    bool rests;
    uint32_t n_frames; ///< of the span in which they were last told that
    bool runs; ///< all of them were awake in the last span, from its begin
    bool has_fallen;          ///< one of them is asleep behind that
    struct lat_plan_nap *nap; ///< that it is in, or NULL
};

#endif // LAT_PLAN_SLEEP_H
