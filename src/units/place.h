// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Where a node runs: in the engine, or in a process of its own.
#ifndef LAT_UNITS_PLACE_H
#define LAT_UNITS_PLACE_H

#include <stdbool.h>

/// Who runs the processes says so; the graph only has what the user wishes.
enum lat_place {
    LAT_PLACE_ENGINE,
    LAT_PLACE_LEAVING,   ///< in the engine; its process is about to have it
    LAT_PLACE_AWAY,      ///< in its process: no unit
    LAT_PLACE_RETURNING, ///< there still; the engine is about to have it
};

/// Has it a process, or is it about to?  [any]
static inline bool
lat_place_is_hosted(enum lat_place place)
{
    return place != LAT_PLACE_ENGINE;
}

/// Does it run there and not in the engine?  [any]
static inline bool
lat_place_is_away(enum lat_place place)
{
    return place >= LAT_PLACE_AWAY;
}

#endif // LAT_UNITS_PLACE_H
