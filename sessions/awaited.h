// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Lines of sessions whose data is on its way, so that what fails later is told
/// with its line.
///
/// All functions are [control].
#ifndef LAT_SESSION_AWAITED_H
#define LAT_SESSION_AWAITED_H

#include "control/control.h"

struct lat_awaited_line {
    uint64_t node; ///< its id
    uint32_t setting;
    uint32_t line;
    char *file; ///< as messages call it
};

struct lat_awaited {
    struct lat_awaited_line *lines;
    uint32_t n, capacity;
};

/// Remember a line; where there is no memory, it will be told without.
void
lat_awaited_add(struct lat_awaited *a, const struct lat_node *node,
                uint32_t setting, uint32_t line);

/// Those from @p first on are of @p file.
void
lat_awaited_name(struct lat_awaited *a, uint32_t first, const char *file);

/// Forget those from @p first on.
void
lat_awaited_forget(struct lat_awaited *a, uint32_t first);

/// Say in the log what could not be had, with its line where a session asked.
void
lat_awaited_tell(const struct lat_awaited *a,
                 const struct lat_unprepared *what);

#endif // LAT_SESSION_AWAITED_H
