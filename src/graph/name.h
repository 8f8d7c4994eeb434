// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Which names a node may have.
#ifndef LAT_GRAPH_NAME_H
#define LAT_GRAPH_NAME_H

#include <stdbool.h>

/// Is @p name a letter, then up to 39 of A-Z a-z 0-9 _, and not reserved?
/// With @p allow_dots, parts of that kind joined by dots (122 bytes in all).
/// [any]
bool
lat_name_is_valid(const char *name, bool allow_dots);

#endif // LAT_GRAPH_NAME_H
