// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Cables of nodes in processes: JACK connections, wanted of the JACK client.
/// All functions are [control].
#ifndef LAT_PROCESS_WIRING_H
#define LAT_PROCESS_WIRING_H

#include "process_state.h"

/// How many cables of the graph are a period late?
uint32_t
lat_processes_count_late(const struct lat_processes *s);

/// Want the connections, and the clock, that the graph has now.
void
lat_processes_update_cables(struct lat_processes *s);

#endif // LAT_PROCESS_WIRING_H
