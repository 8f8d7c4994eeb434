// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Lists of addresses and names.  [control]
#ifndef LAT_OSC_PATHS_H
#define LAT_OSC_PATHS_H

#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

/// Texts, each with its NUL.  Zero it to start.
struct lat_osc_paths {
    char *text;
    size_t size, capacity;
    size_t at; ///< of the one that comes next
    uint32_t n;
    enum lat_status
        status; ///< LAT_EFULL, LAT_ENOMEM: nothing is added any more
};

void
lat_osc_paths_fini(struct lat_osc_paths *p);
void
lat_osc_paths_add(struct lat_osc_paths *out, const char *path);

/// @return the next one, or NULL at the end.
const char *
lat_osc_paths_next(struct lat_osc_paths *p);

#endif // LAT_OSC_PATHS_H
