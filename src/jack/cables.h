// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Cables that are JACK connections, kept as the plan wants them.
///
/// All functions are of the link's thread.
#ifndef LAT_JACK_CABLES_H
#define LAT_JACK_CABLES_H

#include "link_state.h"

/// Take the newest plan, and make its connections and labels.
void
lat_cables_keep(struct lat_link *l);

/// Forget all plans.  [any, the link's thread has ended]
void
lat_cables_fini(struct lat_link *l);

#endif // LAT_JACK_CABLES_H
