// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What one change makes of what runs, made to what runs without another one.
///
/// A bundle that waits for its frame has changed what runs already, as the
/// control thread sees it; what is heard before that frame is without it.  A
/// change that comes meanwhile is made to both: here to the arrays of what is
/// heard before.  All functions are [control].
#ifndef LAT_UNITS_MERGE_H
#define LAT_UNITS_MERGE_H

#include "base/status.h"
#include "flat.h"

/// Change @p then as @p after was changed from @p before.
///
/// Units and leads of @p then that @p before does not have, or has otherwise,
/// stay as they are.  The order is that of @p then; what comes stands behind
/// what it stands behind in @p after.
///
/// @param[out] out  to be freed with lat_flat_free(), whatever comes back.
/// @param[out] fits  false: both concern the same, and @p out is of no use.
/// @return LAT_OK or LAT_ENOMEM.
enum lat_status
lat_flat_merge(const struct lat_flat *then, const struct lat_flat *before,
               const struct lat_flat *after, struct lat_flat *out, bool *fits);

#endif // LAT_UNITS_MERGE_H
