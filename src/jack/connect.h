// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Connections between two ports, one at a time; names without client are our
/// own ports.  All functions are of the link's thread.
#ifndef LAT_JACK_CONNECT_H
#define LAT_JACK_CONNECT_H

#include "link_state.h"

/// Are both ports there?
bool
lat_link_are_there(const struct lat_link *l, const char *from, const char *to);

bool
lat_link_are_connected(const struct lat_link *l, const char *from,
                       const char *to);

/// Connect or disconnect.  @return false when the server refuses.
bool
lat_link_change(struct lat_link *l, const char *from, const char *to,
                bool is_connect);

/// Do what was ordered; what fails is logged.
void
lat_link_carry_out(struct lat_link *l, const struct order *o);

#endif // LAT_JACK_CONNECT_H
