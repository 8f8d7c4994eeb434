// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// While the client lives: cycles, rate, period and latencies.
/// All functions are [control].
#ifndef LAT_JACK_LIVING_H
#define LAT_JACK_LIVING_H

#include "client_state.h"

/// Follow what the server changed, and show it what we did; the way down begins
/// where it has gone, or stands still.
void
lat_client_step_live(struct lat_jack *j);

/// When there is something to do, in lat_now_ns(); 0 is at once.
uint64_t
lat_client_live_next_ns(const struct lat_jack *j);

#endif // LAT_JACK_LIVING_H
