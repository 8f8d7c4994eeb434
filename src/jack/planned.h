// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What the plan of cables says of names: which ports are those of processes,
/// what a session calls them, and which connections are cables.
///
/// All functions are [link].
#ifndef LAT_JACK_PLANNED_H
#define LAT_JACK_PLANNED_H

#include "link_state.h"

/// Learn the names of the plan that the link has taken.
void
lat_planned_learn(struct lat_link *l);

void
lat_planned_fini(struct lat_link *l);

/// Is a connection between these (CLIENT:PORT) a cable?  Where that is not
/// known for want of memory, every one is.
bool
lat_planned_has(const struct lat_link *l, const char *from, const char *to);

/// What a session calls the port CLIENT:PORT of a process: NODE/PORT, or NULL
/// where it is none.
const char *
lat_planned_own(const struct lat_link *l, const char *full);

/// CLIENT:PORT of what a session calls @p name.
/// @return false where that is a port of a process that is not there.
bool
lat_planned_full(const struct lat_link *l, const char *name, char *out,
                 size_t size);

#endif // LAT_JACK_PLANNED_H
