// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The OSC server of `lattice run`, and what it asks the other parts.
/// All functions are [control].
#ifndef LAT_CLI_RUN_OSC_H
#define LAT_CLI_RUN_OSC_H

#include "run_state.h"

/// Listen.  @return as lat_osc_new().
enum lat_status
lat_run_open_osc(struct app *a, struct lat_error *error);

#endif // LAT_CLI_RUN_OSC_H
