// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Lines of [map] and [osc] follow the nodes that they name.  [control]
#ifndef LAT_SESSION_MAPS_H
#define LAT_SESSION_MAPS_H

#include "control/listen.h"
#include "graph/document.h"

/// A node that is renamed is so in the lines too; maps to one that is removed
/// go with it, while feedback waits for another of its name.
void
lat_lines_follow(struct lat_document *d, const struct lat_changes *changes);

/// An address pattern in which a node that it spells out is called otherwise;
/// what stands behind the pattern stays.
/// @return to free(); NULL when out of memory.
char *
lat_pattern_rename(const char *pattern, const char *from, const char *to);

#endif // LAT_SESSION_MAPS_H
