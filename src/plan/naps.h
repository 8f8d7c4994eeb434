// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Tasks in a row that are not even asked while all that they run sleeps.
///
/// Where looks and groups of sleepers follow each other in a chunk, they are a
/// *nap*.  It holds from a span in which all of them rested until a message
/// comes for one of them, or something changes that its looks see of others.
/// While it holds, only what others read of it is written: zeros.
#ifndef LAT_PLAN_NAPS_H
#define LAT_PLAN_NAPS_H

#include "lanes.h"
#include "sleep.h"

/// What a look sees of somebody else: constant, as long as the nap holds.
struct lat_nap_seen {
    const struct lat_signal *signal;
    float was;
};

struct lat_plan_nap {
    bool holds;        ///< [audio, worker] all of it rested, and will
    bool is_watched;   ///< others follow its deciders
    uint32_t first, n; ///< tasks of the plan
    uint32_t n_frames; ///< of the span in which it was last run
    uint32_t n_seen, n_looks, n_rows;
    struct lat_nap_seen *seen;
    const struct lat_plan_look **looks; ///< outside, which its groups wait for
    float **rows; ///< of LAT_LANES floats, which others read
};

/// Something came for a group.  [audio]
LAT_RT static inline void
lat_nap_end(struct lat_plan_lanes *g)
{
    if (g->nap) {
        g->nap->holds = false;
    }
}

#endif // LAT_PLAN_NAPS_H
