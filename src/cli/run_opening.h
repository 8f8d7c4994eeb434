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

#endif // LAT_CLI_RUN_OPENING_H
