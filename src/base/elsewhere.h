// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Work that may take its time: files that are read or written.
/// All functions are [control].
#ifndef LAT_BASE_ELSEWHERE_H
#define LAT_BASE_ELSEWHERE_H

#include <stdbool.h>

/// Where work is done that may take its time.
struct lat_elsewhere {
    void *data;
    /// Call @p work on some other thread and then, on the control thread and
    /// not before this returns, @p done; or @p done alone, where it is given
    /// up.  @return false when that cannot be: then neither is called.
    bool (*run)(void *data, void (*work)(void *job), void (*done)(void *job),
                void *job);
};

#endif // LAT_BASE_ELSEWHERE_H
