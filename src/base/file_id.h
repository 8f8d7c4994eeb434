// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Which file a path means: two paths mean one file where what is written to
/// one of them is read from the other, whatever they look like.
///
/// A file that is there is known by its device and inode, so through symbolic
/// and hard links.  One that is not there yet is known by its folder and its
/// name in it, so through links that lead nowhere yet.
/// All functions are [any but audio].
#ifndef LAT_BASE_FILE_ID_H
#define LAT_BASE_FILE_ID_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

struct lat_file_id {
    dev_t device; ///< of the file, or of the folder of one that is not there
    ino_t inode;
    char name[NAME_MAX + 1]; ///< of one that is not there, else ""
};

/// Find out what @p path means.  [any but audio]
///
/// @return false where nothing can be destroyed there: it is a terminal or
///         another device, a folder, or in a folder that is not there.
bool
lat_file_id(const char *path, struct lat_file_id *out);

/// The same of an open file.
bool
lat_file_id_of_fd(int fd, struct lat_file_id *out);

/// Is it there, but neither a file nor a folder?  To open a pipe or a device
/// may take for ever, or do things.
bool
lat_file_is_special(const char *path);

bool
lat_file_id_is_same(const struct lat_file_id *a, const struct lat_file_id *b);

#endif // LAT_BASE_FILE_ID_H
