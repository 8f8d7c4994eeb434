// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Sessions under a session manager: it says which is loaded, and where all of
/// it lies.  Loading and saving under another name are refused; a new session
/// empties that of the manager.  All functions are [control].
#ifndef LAT_SESSION_MANAGED_H
#define LAT_SESSION_MANAGED_H

#include "session.h"

/// From now on a manager has the say; no project is open.
void
lat_sessions_set_managed(struct lat_sessions *s);

/// Make the folder of a project, and those above it, where they are missing.
/// @return LAT_OK, LAT_EIO or LAT_ENOMEM.
enum lat_status
lat_sessions_make_project(const char *folder, struct lat_error *error);

/// Load the project whose folder is @p folder, or begin an empty one where it
/// has no file yet.  From now on saving writes there.  On failure the graph is
/// what it was, and no project is open.
///
/// @param warn  as for lat_sessions_open().
/// @return LAT_OK; LAT_EIO where a file cannot be read, LAT_ENOMEM, or what is
///         wrong with it.
enum lat_status
lat_sessions_open_project(struct lat_sessions *s, const char *folder,
                          bool take_block,
                          void (*warn)(void *data, const char *line),
                          void *data, struct lat_error *error);

/// No project is open any more.
void
lat_sessions_close_project(struct lat_sessions *s);

#endif // LAT_SESSION_MANAGED_H
