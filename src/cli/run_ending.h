// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// How `lattice run` comes to its end.  All functions are [control].
#ifndef LAT_CLI_RUN_ENDING_H
#define LAT_CLI_RUN_ENDING_H

#include "run_state.h"

/// Fade out, then let the loop stop.
void
lat_run_begin_end(struct app *a);

#endif // LAT_CLI_RUN_ENDING_H
