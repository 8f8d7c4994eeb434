// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What `lattice run` says when it plays.  All functions are [control].
#ifndef LAT_CLI_RUN_GREETING_H
#define LAT_CLI_RUN_GREETING_H

#include "run_state.h"

/// Print the line that says where it is to be found, and draw the meters if
/// they are wanted.
void
lat_run_greet(struct app *a);

/// Tell who started lattice what became of the server since it was told last.
/// Not for lattice-node: its parent has another way to know.
void
lat_run_tell_server(struct app *a);

#endif // LAT_CLI_RUN_GREETING_H
