// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What the server's database says of ports: ours, and those of processes,
/// which must not write it themselves.  All functions are of the link's thread.
#ifndef LAT_JACK_METADATA_H
#define LAT_JACK_METADATA_H

#include "link_state.h"

/// May we write to the server's metadata?  A process that may be killed at any
/// moment leaves it to who started it.
bool
lat_metadata_are_ours(const struct lat_link *l);

/// Say of a port what people see.
void
lat_metadata_set(struct lat_link *l, jack_uuid_t uuid,
                 const struct lat_port_label *label);

/// Take out what is said of a port that goes.
void
lat_metadata_forget(struct lat_link *l, jack_uuid_t uuid);

/// Say it of the port of a process, where it is there.
void
lat_metadata_label(struct lat_link *l, const struct lat_port_label *label);

/// Take out what is said of ports of processes that stay away; one that comes
/// back soon finds it.
void
lat_metadata_forget_dead(struct lat_link *l);

#endif // LAT_JACK_METADATA_H
