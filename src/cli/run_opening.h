// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What `lattice run` opens before it plays.  All functions are [control].
#ifndef LAT_CLI_RUN_OPENING_H
#define LAT_CLI_RUN_OPENING_H

#include "run_state.h"

/// Open everything in its order, up to the audio; stop at the first thing that
/// cannot be.  What was opened then is open still.
/// @return an exit code; it has told what is wrong.
int
lat_run_open_all(struct app *a);

// The same under a session manager.  Errors are left in a->why, for it.

/// Open the control and its sessions, with nothing in them.
int
lat_run_open_sessions(struct app *a);

/// Open all else, for what is loaded.  On failure it may be tried again.
int
lat_run_open_rest(struct app *a);

/// Let the processes of nodes be called as the manager wants it.
void
lat_run_name_processes(struct app *a);

#endif // LAT_CLI_RUN_OPENING_H
