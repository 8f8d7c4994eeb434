// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What those who sent /notify 1 are told of the graph, of sessions and of lost
/// periods.  All functions are [control].
#ifndef LAT_OSC_NEWS_H
#define LAT_OSC_NEWS_H

#include "router_state.h"

/// @return LAT_OK or LAT_ENOMEM.
enum lat_status
lat_osc_news_begin(struct lat_osc_router *r);

void
lat_osc_news_end(struct lat_osc_router *r);

/// Tell what is known only now: names of sessions, and counts.
void
lat_osc_news_tick(struct lat_osc_router *r);

#endif // LAT_OSC_NEWS_H
