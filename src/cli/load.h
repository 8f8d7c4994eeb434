// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// A session loaded without JACK, for the commands that only look or render.
///
/// All functions are [control].
#ifndef LAT_CLI_LOAD_H
#define LAT_CLI_LOAD_H

#include "control/control.h"
#include "options.h"
#include "sessions/session.h"

struct lat_cli_session {
    struct lat_control *control;
    struct lat_sessions *sessions;
};

/// Let sessions look for files in each --sample-dir.
/// @return LAT_OK or LAT_ENOMEM.
enum lat_status
lat_cli_add_sample_dirs(const struct lat_options *o, struct lat_sessions *s);

/// Load o->session; without one it is empty.  Warnings and errors go to @p
/// print, one line each without newline.
///
/// @param[out] out  untouched on failure; else lat_cli_unload() it.
/// @return an exit code.
int
lat_cli_load(const struct lat_options *o,
             void (*print)(void *data, const char *line, bool is_error),
             void *data, struct lat_cli_session *out);

/// The usual @p print: through the log, with the program's name.
void
lat_cli_print_log(void *data, const char *line, bool is_error);

void
lat_cli_unload(struct lat_cli_session *s);

/// Say so where the last bits of the sound are not those of other processors.
void
lat_cli_tell_arithmetic(const struct lat_options *o);

#endif // LAT_CLI_LOAD_H
