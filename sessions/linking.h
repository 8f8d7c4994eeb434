// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Files that a session names and that lie outside of its folder, where that
/// folder is to hold all of it: links inside stand for them, so that what is
/// moved or packed with its links followed is whole.  All functions are
/// [control].
#ifndef LAT_SESSION_LINKING_H
#define LAT_SESSION_LINKING_H

#include "control/control.h"

/// What a setting is called in the file, where that is not what it is called
/// while it plays.
struct lat_link_name {
    uint64_t node; ///< its id
    uint32_t setting;
    char *name; ///< inside the folder
};

/// Zeroed: none.
struct lat_link_names {
    struct lat_link_name *list;
    uint32_t n, capacity;
};

/// Link to every sound file that the graph names and that lies elsewhere, in
/// @p folder, and note by which names they are to be written.  A link that is
/// there is taken again; of one that cannot be made a warning is logged, and
/// the file is written as it was named.
/// @param folder  a path through no links.
/// @return LAT_OK or LAT_ENOMEM.
enum lat_status
lat_links_make(const struct lat_graph *g, const char *folder,
               struct lat_link_names *out);

/// The name for a setting, or NULL: as it is.
const char *
lat_links_find(const struct lat_link_names *l, const struct lat_node *node,
               uint32_t setting);

void
lat_links_fini(struct lat_link_names *l);

#endif // LAT_SESSION_LINKING_H
