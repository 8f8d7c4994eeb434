// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The event loop of `lattice run`.  All functions are [control].
#ifndef LAT_CLI_RUN_LOOP_H
#define LAT_CLI_RUN_LOOP_H

#include "run_state.h"

/// Begin to watch signals and time; the loop does not run yet.  Ending signals
/// stay held, as they are.
/// @return an exit code; it has told what is wrong.
int
lat_run_start_loop(struct app *a);

#endif // LAT_CLI_RUN_LOOP_H
