// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Bundles with time tags: which frame one is for, and when it is to be carried
/// out so that it gets there.
///
/// A bundle waits here until shortly before its frame.  How shortly follows
/// from what control needs (lat_control_lead()), and from how late the loop
/// lately woke up.  While no driver runs there are no frames: then it waits for
/// the wall clock.
///
/// All functions are [control].
#ifndef LAT_OSC_TIMED_H
#define LAT_OSC_TIMED_H

#include "schedule.h"
#include "timeline.h"

struct lat_osc_timed {
    struct lat_timeline line;
    struct lat_osc_schedule waiting;
    uint64_t n_late;   ///< bundles that came, or were carried out, too late
    uint64_t slack_ns; ///< for the loop to wake up in
    // Those who want to know were told:
    uint64_t n_told;
    uint64_t told_ns;
};

void
lat_osc_timed_init(struct lat_osc_timed *t);
void
lat_osc_timed_fini(struct lat_osc_timed *t);

/// Something is about to be sent by the line, which is set where it can be.
void
lat_osc_timed_pass(struct lat_osc_timed *t,
                   const struct lat_timeline_clock *clock);

/// Look at the clock: what waits follows.
void
lat_osc_timed_look(struct lat_osc_timed *t,
                   const struct lat_timeline_clock *clock);

/// What is to be done with a bundle that has come.
enum lat_osc_when {
    LAT_OSC_NOW,   ///< carry it out, for its frame, or 0: the next one
    LAT_OSC_LATER, ///< it waits
    LAT_OSC_NEVER, ///< there is no room
};

/// A bundle has come; it is copied if it waits.
/// @param lead  frames that carrying out must be ahead, lat_control_lead().
/// @param[out] frame  its own; 0: it has none, or is late.
enum lat_osc_when
lat_osc_timed_arrive(struct lat_osc_timed *t,
                     const struct lat_timeline_clock *clock, uint64_t lead,
                     const struct lat_osc_peer *peer, const void *packet,
                     size_t size, uint64_t tag, uint64_t *frame,
                     struct lat_error *error);

/// The next bundle that is to be carried out now, which the caller frees; NULL:
/// none.  Its frame is 0 where it is late, and while there are no frames.
struct lat_osc_scheduled *
lat_osc_timed_due(struct lat_osc_timed *t,
                  const struct lat_timeline_clock *clock, uint64_t lead);

/// Nanoseconds until lat_osc_timed_due() may have one; UINT64_MAX: never.
uint64_t
lat_osc_timed_wait_ns(const struct lat_osc_timed *t,
                      const struct lat_timeline_clock *clock, uint64_t lead);

#endif // LAT_OSC_TIMED_H
