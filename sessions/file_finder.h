// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Where the files lie that settings name: beside the session, then in the
/// folders for samples, in their order.
///
/// All functions are [control].
#ifndef LAT_SESSION_FILE_FINDER_H
#define LAT_SESSION_FILE_FINDER_H

#include "control/control.h"

struct lat_finder {
    char *folder; ///< of the session; NULL: the working directory
    char **dirs;
    uint32_t n_dirs;
};

/// @return LAT_OK or LAT_ENOMEM.
enum lat_status
lat_finder_add_dir(struct lat_finder *f, const char *dir);

/// Begin at the folder that @p path lies in (NULL: the working directory).
/// @param[out] old  the folder so far, to be put back or freed.
/// @return LAT_OK or LAT_ENOMEM.
enum lat_status
lat_finder_begin_at(struct lat_finder *f, const char *path, char **old);

/// Number @p i of the folders that are looked through, from 0; NULL after the
/// last.
const char *
lat_finder_folder(const struct lat_finder *f, uint32_t i);

/// What lat_file_finder has: @p data is a struct lat_finder.  Where no folder
/// has the file, its place is beside the session.  Who names one over OSC gets
/// none outside of the folders, and behind a link only a sound file, no folder.
enum lat_status
lat_finder_find(void *data, const struct lat_setting *setting, const char *name,
                struct lat_origin by, char **path, struct lat_error *error);

/// What lat_sessions_sounds() tells.  @return LAT_OK or LAT_ENOMEM.
enum lat_status
lat_finder_sounds(const struct lat_finder *f,
                  void (*each)(void *data, const char *name, uint32_t n),
                  void *data);

/// What lat_file_finder has: @p data is a struct lat_finder.
enum lat_status
lat_finder_list(void *data, void (*each)(void *data, const char *name),
                void *each_data);

void
lat_finder_fini(struct lat_finder *f);

#endif // LAT_SESSION_FILE_FINDER_H
