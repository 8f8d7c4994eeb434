// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The folder in which lattice keeps what plays: one for each name of a JACK
/// client, $XDG_STATE_HOME/lattice/NAME, which one process holds at a time.
///
/// Files are N.ini, the newest with the highest number; unsaved-N.ini hold work
/// that another session took the place of.  What is no whole file of ours is
/// called N.ini.broken from then on.  Of each the last LAT_AUTOSAVE_KEPT stay.
/// All functions are [any but audio], one at a time for each folder.
#ifndef LAT_SESSION_AUTOSAVE_FOLDER_H
#define LAT_SESSION_AUTOSAVE_FOLDER_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LAT_AUTOSAVE_KEPT 5

enum lat_autosave_kind {
    LAT_AUTOSAVE_LAST,    ///< what played last
    LAT_AUTOSAVE_UNSAVED, ///< what another session took the place of
    LAT_N_AUTOSAVE_KINDS,
};

struct lat_autosave_folder {
    char *path;
    int lock;                              ///< a descriptor, or -1
    bool is_counted;                       ///< what is there is known
    uint64_t newest[LAT_N_AUTOSAVE_KINDS]; ///< the highest numbers, or 0
};

/// Make the folder, lock it, and see what is in it.
///
/// @param name  of the JACK client, any text.
/// @return LAT_OK; LAT_EIO where it cannot be written to yet: what can be read
///         is read, and each write tries again; LAT_EEXIST when another process
///         holds it; LAT_ENOTFOUND, LAT_ENOMEM.  With these three @p out is
///         empty.
enum lat_status
lat_autosave_folder_open(const char *name, struct lat_autosave_folder *out,
                         struct lat_error *error);
void
lat_autosave_folder_fini(struct lat_autosave_folder *f);

/// Write a file with the next number, whole and to the disk.  A folder that was
/// removed or moved away is made again.
enum lat_status
lat_autosave_folder_write(struct lat_autosave_folder *f,
                          enum lat_autosave_kind kind, const char *text,
                          size_t length, struct lat_error *error);

void
lat_autosave_folder_remove(const struct lat_autosave_folder *f,
                           enum lat_autosave_kind kind, uint64_t number);

/// Remove all files of a kind but the last LAT_AUTOSAVE_KEPT.
void
lat_autosave_folder_remove_old(const struct lat_autosave_folder *f,
                               enum lat_autosave_kind kind);

/// Rename a file that is of no use, so that somebody may look into it.
/// @return its new path, to free(), or NULL: it is still there.
char *
lat_autosave_folder_set_apart(const struct lat_autosave_folder *f,
                              enum lat_autosave_kind kind, uint64_t number);

/// The path of the file with that number, to free(); NULL when out of memory.
char *
lat_autosave_folder_path(const struct lat_autosave_folder *f,
                         enum lat_autosave_kind kind, uint64_t number);

/// The highest number below @p below of a file that is there, or 0.
uint64_t
lat_autosave_folder_before(const struct lat_autosave_folder *f,
                           enum lat_autosave_kind kind, uint64_t below);

#endif // LAT_SESSION_AUTOSAVE_FOLDER_H
