// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Where session files lie, and how one takes the place of another.
#ifndef LAT_SESSION_STORE_H
#define LAT_SESSION_STORE_H

#include "status.h"

#include <stdbool.h>
#include <stddef.h>

/// Most bytes of a session's name, without ".ini".
#define LAT_SESSION_NAME_MAX 64

/// `$XDG_DATA_HOME/lattice/sessions`, or below ~/.local/share; to free().
char *
lat_store_default_folder(void);

/// Is @p name a session's: A-Z a-z 0-9 _ - and '.', but not at the start?
bool
lat_store_name_is_valid(const char *name);

/// FOLDER/NAME.ini, to free(); a NAME that ends in .ini already keeps it.
char *
lat_store_path(const char *folder, const char *name);

/// Put @p text in place of the file @p path: a temporary file beside it, fsync,
/// rename.  The old file stays as PATH.bak.  Its folder is made if it is
/// missing.  On failure the old file is as it was, and nothing else is left.
enum lat_status
lat_store_write(const char *path, const char *text, size_t length,
                struct lat_error *error);

/// Call @p each with the name of every session in @p folder, sorted; a folder
/// that is not there has none.
enum lat_status
lat_store_list(const char *folder, void (*each)(void *data, const char *name),
               void *data, struct lat_error *error);

#endif // LAT_SESSION_STORE_H
