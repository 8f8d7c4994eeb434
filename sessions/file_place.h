// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// A file's place: its folder, held open, and its name there.
///
/// Links are resolved when a place is found.  From then on nothing is followed:
/// whoever swaps the file or a folder for a link meanwhile is refused, or
/// loses the link, and what lies outside is neither read nor written.
/// All functions are [control].
#ifndef LAT_SESSION_FILE_PLACE_H
#define LAT_SESSION_FILE_PLACE_H

#include "base/status.h"

#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>

struct lat_file_place {
    int folder;       ///< a descriptor
    const char *leaf; ///< part of `path`
    char *path;       ///< through no link
};

/// The place of @p leaf in @p folder, or of what it links to.  The folder may
/// be a link itself; where the file leads out of it, that is an error.  A link
/// to nothing is a place, that of the link.
///
/// @param name  what messages call the file.
/// @param elsewhere  what to do where the folder cannot be entered, for the
///                   message.
/// @param[out] out  lat_file_place_fini() it after LAT_OK.
/// @return LAT_OK, also where no such file is there; LAT_ENOTFOUND where the
///         folder is not; LAT_EIO, LAT_ENOMEM.
enum lat_status
lat_file_place_inside(const char *folder, const char *leaf, const char *name,
                      const char *elsewhere, struct lat_file_place *out,
                      struct lat_error *error);

/// The place of a file by its path, which leads through no links.
enum lat_status
lat_file_place_of(const char *path, const char *elsewhere,
                  struct lat_file_place *out, struct lat_error *error);

void
lat_file_place_fini(struct lat_file_place *place);

/// What is there.  @return whether anything is, be it a link.
bool
lat_file_place_look(const struct lat_file_place *place, struct stat *out);

/// Open an ordinary file to read, without waiting.
/// @return a stream to fclose(), or NULL with an error.
FILE *
lat_file_place_open(const struct lat_file_place *place, const char *name,
                    struct lat_error *error);

#endif // LAT_SESSION_FILE_PLACE_H
