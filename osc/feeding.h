// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Between the router and its feedback: the way out, and the sockets. [control]
#ifndef LAT_OSC_FEEDING_H
#define LAT_OSC_FEEDING_H

#include "router_state.h"

/// Make the router's feedback.  @return LAT_OK or LAT_ENOMEM.
enum lat_status
lat_osc_feeding_begin(struct lat_osc_router *r);

#endif // LAT_OSC_FEEDING_H
