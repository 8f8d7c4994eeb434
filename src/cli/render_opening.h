// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What `lattice render` reads, and the files and memory that it writes to.
/// All functions are [control].
#ifndef LAT_CLI_RENDER_OPENING_H
#define LAT_CLI_RENDER_OPENING_H

#include "render_state.h"

/// Open session, input and output; what was opened stays so when another thing
/// cannot be.
/// @return an exit code; it has told what is wrong.
int
lat_render_open_all(struct render *r);

#endif // LAT_CLI_RENDER_OPENING_H
