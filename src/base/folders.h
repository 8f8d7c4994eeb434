// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Where a user's files lie: the home and the folders of the XDG base directory
/// specification.
///
/// Every path is absolute.  A variable that is unset, empty or not absolute
/// counts for nothing; without HOME, the user database names the home.
/// All functions are [any but audio].
#ifndef LAT_BASE_FOLDERS_H
#define LAT_BASE_FOLDERS_H

#include "status.h"

enum lat_folder {
    LAT_FOLDER_DATA,    ///< $XDG_DATA_HOME, ~/.local/share
    LAT_FOLDER_STATE,   ///< $XDG_STATE_HOME, ~/.local/state
    LAT_FOLDER_CONFIG,  ///< $XDG_CONFIG_HOME, ~/.config
    LAT_FOLDER_RUNTIME, ///< $XDG_RUNTIME_DIR, /run/user/UID
};

/// The user's home, to free().  [any, but it may wait for a name service]
/// @return LAT_OK, LAT_ENOMEM, or LAT_ENOTFOUND where nobody knows it.
enum lat_status
lat_folders_home(char **out);

/// The path of @p name below a folder, to free().  Nothing is made, and nothing
/// need be there.
/// @return LAT_OK, LAT_ENOMEM, or LAT_ENOTFOUND where there is no such folder.
enum lat_status
lat_folders_path(enum lat_folder folder, const char *name, char **out);

/// $TMPDIR, or /tmp.  Borrowed from the environment.
const char *
lat_folders_temporary(void);

#endif // LAT_BASE_FOLDERS_H
