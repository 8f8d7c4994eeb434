// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Tasks in a row that are not run while all that is in them sleeps.
/// All functions are [audio, worker].
#ifndef LAT_RUN_NAP_H
#define LAT_RUN_NAP_H

#include "plan/naps.h"
#include "span.h"

/// Does a nap hold throughout this span?
LAT_RT bool
lat_nap_goes_on(const struct lat_span *span, const struct lat_plan_nap *nap);

/// Write what others read of one that does.
LAT_RT void
lat_nap_write(const struct lat_plan_nap *nap);

/// Its tasks were run: may it hold from the next span on?
LAT_RT void
lat_nap_note(const struct lat_span *span, const struct lat_plan *plan,
             struct lat_plan_nap *nap);

#endif // LAT_RUN_NAP_H
