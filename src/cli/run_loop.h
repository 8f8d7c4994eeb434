// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The event loop of `lattice run`, and how it comes to its end.
/// All functions are [control].
#ifndef LAT_CLI_RUN_LOOP_H
#define LAT_CLI_RUN_LOOP_H

#include "run_state.h"

/// Begin to watch signals and time; the loop does not run yet.
/// @return an exit code; it has told what is wrong.
int
lat_run_start_loop(struct app *a);

/// Fade out, then let the loop stop.
void
lat_run_begin_end(struct app *a);

#endif // LAT_CLI_RUN_LOOP_H
