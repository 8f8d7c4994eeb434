// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What a message does to what runs.  All functions are [audio].
#ifndef LAT_RUN_ENGINE_APPLY_H
#define LAT_RUN_ENGINE_APPLY_H

#include "base/rt.h"

struct lat_engine;
struct lat_message;
struct lat_plan;

/// Is there room for it in what the next span begins with?
LAT_RT bool
lat_engine_has_room(const struct lat_engine *e, const struct lat_message *m);

/// Apply one message at frame @p now.
LAT_RT void
lat_engine_apply(struct lat_engine *e, const struct lat_message *m,
                 uint64_t now);

/// Hand a plan back to control that runs no longer.
LAT_RT void
lat_engine_return_plan(struct lat_engine *e, struct lat_plan *plan);

/// Hand back plans that found no room before.
LAT_RT void
lat_engine_return_plans(struct lat_engine *e);

#endif // LAT_RUN_ENGINE_APPLY_H
