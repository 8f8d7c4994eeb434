// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What `lattice run` keeps of what it plays, and what it begins with.
/// All functions are [control].
#ifndef LAT_CLI_RUN_AUTOSAVE_H
#define LAT_CLI_RUN_AUTOSAVE_H

#include "run_state.h"

/// Keep what plays under the name that was asked for: another may be given to
/// us.  Where that cannot be, a warning says why.
void
lat_run_open_autosave(struct app *a);

/// Begin with SESSION, with what was played last, or empty.
enum lat_status
lat_run_begin_session(struct app *a, struct lat_error *error);

/// All is open, and something else plays than the last time: keep what played
/// then, if no session file has it.
void
lat_run_set_aside(struct app *a);

#endif // LAT_CLI_RUN_AUTOSAVE_H
