// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Where session files lie, and how one takes the place of another.
/// All functions are [control].
#ifndef LAT_SESSION_STORE_H
#define LAT_SESSION_STORE_H

#include "base/status.h"
#include "file_place.h"

#include <stdbool.h>
#include <stddef.h>

/// Most bytes of a session's name, without ".ini".
#define LAT_SESSION_NAME_MAX 64

/// Is @p name a session's: UTF-8 without '/' and control characters, and no '.'
/// at its start?
bool
lat_store_name_is_valid(const char *name);

/// Is it what stands for unsaved work (LAT_SESSION_AUTOSAVE), with or without
/// its suffix, and so no session's?
bool
lat_store_is_autosave(const char *name);

/// NAME.ini; a NAME that ends in .ini already keeps it.
void
lat_store_leaf(const char *name, char *out, size_t size);

/// The other way: NAME without its suffix, but NAME.ini for NAME.ini.ini keeps
/// both.
void
lat_store_name(const char *leaf, char *out, size_t size);

/// How to have sessions in another folder.
#define LAT_STORE_ELSEWHERE "choose another folder with --session-dir"
/// The same where a session manager chooses.
#define LAT_STORE_MANAGED                                                      \
 "let lattice write there, or choose another place in the session manager"

/// Make a folder and those above it, where they are missing.  [any but audio]
enum lat_status
lat_store_make_folder(const char *folder, const char *elsewhere,
                      struct lat_error *error);

/// Put @p text in place of the file: a temporary file beside it, fsync,
/// rename.  The old file stays as LEAF.bak.  No link is followed.  On failure
/// the old file is as it was, and nothing else is left.  [any but audio]
///
/// @param elsewhere  how to have it in another folder, for the error.
enum lat_status
lat_store_write(const struct lat_file_place *place, const char *text,
                size_t length, const char *elsewhere, struct lat_error *error);

/// Remove the temporary files in @p folder that saving has left behind when it
/// was killed: ours, and only when their process is gone.
void
lat_store_clean(const char *folder);

/// Call @p each with the name of every session in @p folder, sorted; a folder
/// that is not there has none.  What leads out of the folder is left out.
enum lat_status
lat_store_list(const char *folder, void (*each)(void *data, const char *name),
               void *data, struct lat_error *error);

#endif // LAT_SESSION_STORE_H
