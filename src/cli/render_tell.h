// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What `lattice render` tells its user, on standard error.
/// All functions are [control].
#ifndef LAT_CLI_RENDER_TELL_H
#define LAT_CLI_RENDER_TELL_H

#include "render_state.h"

/// @return the exit code for it.
int
lat_render_no_memory(void);

/// What went wrong with what the command line named.  @return an exit code.
int
lat_render_complain(const struct lat_error *error);

/// Does @p path mean standard output?  What goes there is for programs.
bool
lat_render_is_stdout(const char *path);

/// How far it has come, for a terminal, ten times a second at most.
void
lat_render_show_progress(struct render *r);

/// How it went, when all is written.
void
lat_render_tell_end(const struct render *r);

#endif // LAT_CLI_RENDER_TELL_H
