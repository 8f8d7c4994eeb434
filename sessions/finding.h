// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Finding a session by its name, in the folder, else among the examples.
/// All functions are [control].
#ifndef LAT_SESSION_FINDING_H
#define LAT_SESSION_FINDING_H

#include "session_state.h"

/// @return LAT_OK or LAT_EINVAL.
enum lat_status
lat_sessions_check_name(const char *name, struct lat_error *error);

/// Find a session for those who are far away: a file inside a folder.
/// @param[out] out  to be freed by lat_file_place_fini() after LAT_OK.
enum lat_status
lat_sessions_find(const struct lat_sessions *s, const char *name,
                  struct lat_file_place *out, bool *is_example,
                  struct lat_error *error);

/// The path of a session of that name, which may be a link to anywhere, to
/// free(); or NULL with a status.
char *
lat_sessions_path(const struct lat_sessions *s, const char *name,
                  bool *is_example, struct lat_error *error,
                  enum lat_status *status);

/// Is anything there, be it a link to nothing?
bool
lat_path_is_there(const char *path);

#endif // LAT_SESSION_FINDING_H
