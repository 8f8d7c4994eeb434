// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What others connect to the ports of processes comes back with the process,
/// as it does with all of our ports when a server comes back.
///
/// All functions are of the link's thread.
#ifndef LAT_JACK_BY_HAND_H
#define LAT_JACK_BY_HAND_H

#include "link_state.h"

/// Learn of new connections, and make those again whose ends have come back.
/// Only behind the clock: or the engine might wait for a process.
void
lat_by_hand_keep(struct lat_link *l);

/// Forget all of them.
void
lat_by_hand_fini(struct lat_link *l);

#endif // LAT_JACK_BY_HAND_H
