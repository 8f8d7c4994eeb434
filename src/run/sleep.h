// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// When nodes that may be asleep are so, in a span.
///
/// Spans of a plan with such nodes end with cells of LAT_SLEEP_CELL absolute
/// frames.  So within one a node wakes once at the most, and falls asleep at
/// its end or not at all.  Frames at which a node is asleep give +0; its state
/// went back to the first frame's as it fell asleep.
/// All functions are [audio, worker].
#ifndef LAT_RUN_SLEEP_H
#define LAT_RUN_SLEEP_H

#include "plan/lanes.h"
#include "plan/sleep.h"
#include "span.h"

/// Find out when deciders wake.
LAT_RT void
lat_sleep_look(const struct lat_span *span, struct lat_plan_look *look,
               float *scratch);

/// Does a group sleep as it did, to the end of the span, so that there is
/// nothing to do?
LAT_RT bool
lat_sleep_goes_on(const struct lat_plan_lanes *g);

/// Have all of its nodes been awake, and will be?
LAT_RT bool
lat_sleep_is_over(const struct lat_plan_lanes *g);

/// Are the amplitudes of all lanes of a group, by @p a and @p b as struct
/// lat_sleep_rows has them, not 0?
LAT_RT bool
lat_sleep_is_loud(const struct lat_plan_lanes *g, const float *a,
                  const float *b);

/// Before a node is run: the first frame of the span at which it is awake, the
/// span's length if none.  One that has fallen asleep starts anew.
LAT_RT uint32_t
lat_sleep_begin(const struct lat_span *span, const struct lat_plan_sleep *s);

/// Has it to be told by lat_sleep_end() what came in, or out, in this span?
LAT_RT bool
lat_sleep_listens(const struct lat_span *span, const struct lat_plan_sleep *s);

/// What an amplitude is made of: row f is a[f * da], and the same of b.
struct lat_sleep_rows {
    const float *a, *b; ///< gain and cv, or gate and output
    size_t da, db;
};

/// After a span, of one that listens: at the end of a cell it may fall asleep.
LAT_RT void
lat_sleep_end(const struct lat_span *span, const struct lat_plan_sleep *s,
              const struct lat_sleep_rows *rows);

#endif // LAT_RUN_SLEEP_H
