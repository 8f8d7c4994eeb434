// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Messages that were sent ahead of their frame, by frame.
///
/// What is behind them in the ring need not wait for them: audio takes them out
/// of it and keeps them here until their time comes.  Those of one frame stay
/// in the order in which they came.  Room is bounded and there from the start.
#ifndef LAT_RUN_AHEAD_H
#define LAT_RUN_AHEAD_H

#include "base/rt.h"
#include "messages.h"

#define LAT_MAX_AHEAD 8192U

struct lat_ahead {
    struct lat_message messages[LAT_MAX_AHEAD];
    uint64_t turns[LAT_MAX_AHEAD]; ///< numbers them as they come
    /// Where they lie: a heap of the n that there are, then the free places.
    uint16_t order[LAT_MAX_AHEAD];
    uint32_t n;
    uint64_t n_ever;
};

/// Empty it.  [control, no driver]
void
lat_ahead_init(struct lat_ahead *a);

/// @return false when it is full.  [audio]
LAT_RT bool
lat_ahead_add(struct lat_ahead *a, const struct lat_message *m);

/// The one whose frame comes first, or NULL; valid until the next change.
/// [audio]
LAT_RT const struct lat_message *
lat_ahead_first(const struct lat_ahead *a);

/// Forget the first, which is there.  [audio]
LAT_RT void
lat_ahead_drop(struct lat_ahead *a);

#endif // LAT_RUN_AHEAD_H
