// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Settings that nodes have whatever their type is, for lists of what can be
/// set.
#ifndef LAT_NODE_COMMON_SETTINGS_H
#define LAT_NODE_COMMON_SETTINGS_H

#include "type.h"

#define LAT_BYPASS_SETTING  "bypass"
#define LAT_PROCESS_SETTING "process"
#define LAT_POLY_SETTING    "poly"
#define LAT_SLEEP_SETTING   "sleep"

/// May nodes of this type have voices?  [any]
bool
lat_type_can_be_poly(const struct lat_node_type *type);

/// Is there a time when nodes of this type need not run?  Not for those that
/// listen to the outside, or to time.  [any]
bool
lat_type_can_sleep(const struct lat_node_type *type);

/// Setting @p i that nodes of @p type have beside those of the type, or NULL
/// after the last.  [any]
const struct lat_setting *
lat_common_setting(const struct lat_node_type *type, uint32_t i);

#endif // LAT_NODE_COMMON_SETTINGS_H
