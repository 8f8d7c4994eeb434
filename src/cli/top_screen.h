// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// `lattice top` in a terminal.
#ifndef LAT_CLI_TOP_SCREEN_H
#define LAT_CLI_TOP_SCREEN_H

#include "options.h"
#include "top.h"
#include "top_source.h"

/// Show what comes until a key or a signal ends it, and give the terminal back
/// as it was.  [control]
///
/// @param v  what is seen at first.
enum lat_exit
lat_top_show(struct lat_top_source *s, struct lat_top *top,
             struct lat_top_view *v);

#endif // LAT_CLI_TOP_SCREEN_H
