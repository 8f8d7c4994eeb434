// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Our ports on the server: those of slots, MIDI, the clock.
///
/// All functions are [link].
#ifndef LAT_JACK_PORTS_H
#define LAT_JACK_PORTS_H

#include "link_state.h"

/// Make the server's ports those of `todo`.
void
lat_ports_update(struct lat_link *l);

/// Register the MIDI input, or the clock's.
void
lat_ports_add_midi(struct lat_link *l);

/// Have a clock port, or none.
void
lat_ports_update_clock(struct lat_link *l, bool is_wanted);

/// Take what the server keeps about our ports out of its database.
void
lat_ports_forget(struct lat_link *l);

#endif // LAT_JACK_PORTS_H
