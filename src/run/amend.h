// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What a plan that runs is given of a later one, before that one's frame: the
/// configurations of instances, and ways around them.
#ifndef LAT_RUN_AMEND_H
#define LAT_RUN_AMEND_H

#include "messages.h"
#include "plan/plan.h"

/// Do as a message of kind CONFIG or AROUND says, if @p plan has its instance.
/// [audio]
LAT_RT void
lat_amend(struct lat_plan *plan, const struct lat_message *m);

#endif // LAT_RUN_AMEND_H
