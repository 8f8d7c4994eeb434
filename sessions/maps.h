// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Lines of [map] follow the nodes that they lead to.  [control]
#ifndef LAT_SESSION_MAPS_H
#define LAT_SESSION_MAPS_H

#include "control/listen.h"
#include "graph/document.h"

/// A node that is renamed is so in the lines too; lines to one that is removed
/// go with it.
void
lat_maps_follow(struct lat_line **maps, const struct lat_changes *changes);

#endif // LAT_SESSION_MAPS_H
