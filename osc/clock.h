// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The clock that bundles go by: JACK's, as the engine has it, beside the wall
/// clock.
#ifndef LAT_OSC_CLOCK_H
#define LAT_OSC_CLOCK_H

#include "run/engine_setup.h"
#include "timeline.h"

/// [control]
void
lat_osc_clock_read(const struct lat_engine *e, struct lat_timeline_clock *out);

/// The frame of this very moment.  The clock is running.  [control]
uint64_t
lat_osc_clock_frame(const struct lat_timeline_clock *clock);

#endif // LAT_OSC_CLOCK_H
