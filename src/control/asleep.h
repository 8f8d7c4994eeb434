// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Which nodes sleep.
#ifndef LAT_CONTROL_ASLEEP_H
#define LAT_CONTROL_ASLEEP_H

#include <stdint.h>

struct lat_node;

/// How many voices of a node are asleep, about.  [control]
uint32_t
lat_control_node_asleep(const struct lat_node *node);

#endif // LAT_CONTROL_ASLEEP_H
