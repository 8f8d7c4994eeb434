// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What is said of a name that nothing has, in the same words everywhere.
/// All functions are [control].
#ifndef LAT_GRAPH_UNKNOWN_H
#define LAT_GRAPH_UNKNOWN_H

#include "graph.h"

/// How names begin that nobody gave, and that nobody is shown.
#define LAT_MADE_UP "section.line_"

/// No node has this name: names the nearest, or some that there are.
/// @return LAT_ENOTFOUND.
enum lat_status
lat_unknown_node(const struct lat_graph *graph, const char *name,
                 struct lat_error *error);

/// No type has this name: names the nearest.
/// @return LAT_ENOTFOUND.
enum lat_status
lat_unknown_type(const char *name, struct lat_error *error);

#endif // LAT_GRAPH_UNKNOWN_H
