// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// `lattice top --json`.
#ifndef LAT_CLI_TOP_JSON_H
#define LAT_CLI_TOP_JSON_H

#include "top.h"

/// Print one object: the engine's numbers, and the first @p n rows of @p v.
/// [control]
/// @return false when out of memory, which is said.
bool
lat_top_print_json(const struct lat_top *t, const struct lat_top_view *v,
                   uint32_t n);

#endif // LAT_CLI_TOP_JSON_H
