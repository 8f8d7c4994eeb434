// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The names by which a session's files are found from where it is saved.
///
/// What lies elsewhere than beside it, or in a folder for samples, is named by
/// its whole path.  Where the folder is to hold all of it, links inside stand
/// for such files, so that what is moved or packed with its links followed is
/// whole.  All functions are [control].
#ifndef LAT_SESSION_LINKING_H
#define LAT_SESSION_LINKING_H

#include "file_finder.h"

/// What a setting is called in the file, where that is not what it is called
/// while it plays.
struct lat_link_name {
    uint64_t node; ///< its id, or LAT_LINK_SESSION
    uint32_t setting;
    char *name; ///< inside the folder, or a whole path
};

/// Files that the session itself names: its tuning.
#define LAT_LINK_SESSION UINT64_MAX

/// Zeroed: none.
struct lat_link_names {
    struct lat_link_name *list;
    uint32_t n, capacity;
};

/// Note by which names all files that are read are found from @p folder, where
/// those that they have now lead elsewhere.  What is not there keeps its name.
/// @param f  which looks in folders for samples, too.
/// @param folder  a path through no links.
/// @return LAT_OK or LAT_ENOMEM.
enum lat_status
lat_links_place(struct lat_control *c, const struct lat_finder *f,
                const char *folder, struct lat_link_names *out);

/// Link to every such file that lies elsewhere, in @p folder, and note by which
/// names they are to be written.  A link that is there is taken again; of one
/// that cannot be made a warning is logged, and the file is named as by
/// lat_links_place().
/// @return LAT_OK or LAT_ENOMEM.
enum lat_status
lat_links_make(struct lat_control *c, const struct lat_finder *f,
               const char *folder, struct lat_link_names *out);

/// The name for a setting of a node, by its id, or for a file of the session;
/// NULL: as it is.
const char *
lat_links_find(const struct lat_link_names *l, uint64_t node, uint32_t setting);

void
lat_links_fini(struct lat_link_names *l);

#endif // LAT_SESSION_LINKING_H
