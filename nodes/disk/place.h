// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Where a recording goes: a new file, always.  Where a name is taken, NAME-2
/// is tried, then NAME-3; whoever makes one in between is not overwritten
/// either.
#ifndef LAT_NODES_DISK_PLACE_H
#define LAT_NODES_DISK_PLACE_H

#include "base/status.h"

/// Make a new file in the folder for recordings, and that folder.  No link is
/// followed below it.  [any but audio]
///
/// @param name  as lat_recording_check_name() wants it.
/// @param[out] path  that was free, to be freed; untouched on failure.
/// @return a descriptor, or -1 with an error.
int
lat_disk_place_in_folder(const char *name, char **path,
                         struct lat_error *error);

/// Make a new file at @p path, whose folder is there.  [any but audio]
/// @return the same.
int
lat_disk_place_at(const char *path, char **taken, struct lat_error *error);

#endif // LAT_NODES_DISK_PLACE_H
