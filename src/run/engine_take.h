// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Which message is due, and when.  All functions are [audio].
#ifndef LAT_RUN_ENGINE_TAKE_H
#define LAT_RUN_ENGINE_TAKE_H

#include "base/rt.h"

struct lat_engine;
struct lat_message;
struct lat_plan;

/// Look at the message that is due first, in the ring or ahead of it.
/// @param[out] is_ahead  where it is, for lat_engine_drop().
/// @return false when there is none.
LAT_RT bool
lat_engine_next(struct lat_engine *e, struct lat_message *m, bool *is_ahead);
LAT_RT void
lat_engine_drop(struct lat_engine *e, bool is_ahead);

/// Where a span that begins at @p now has to end for a plan: at @p end, with
/// the quantum or, where nodes may sleep, with a cell of those.
LAT_RT uint64_t
lat_engine_plan_end(const struct lat_plan *plan, uint64_t now, uint64_t end);

/// Apply what is due at @p now.
/// @return where the span that begins there ends, at @p end or earlier.
LAT_RT uint64_t
lat_engine_take(struct lat_engine *e, uint64_t now, uint64_t end);

#endif // LAT_RUN_ENGINE_TAKE_H
