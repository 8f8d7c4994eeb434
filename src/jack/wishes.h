// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Which ports and connections there should be: they follow the engine's slots
/// and the session.  All functions are [control].
#ifndef LAT_JACK_WISHES_H
#define LAT_JACK_WISHES_H

#include "client_state.h"

/// Bring the connections up to date with the engine's slots.
void
lat_client_follow_slots(struct lat_jack *j);

/// Another session is in force: want its connections.
void
lat_client_follow_session(struct lat_jack *j);

/// Before a session is saved: which ports only fade out.
void
lat_client_note_leaving(struct lat_jack *j);

/// Of the listener at the control; @p data is the struct lat_jack.
void
lat_client_on_changes(void *data, const struct lat_changes *changes);

/// Look at what the server shows, if that is newer than our last wish.
/// @param is_to_warn  of connections whose other end is absent.
/// @return true when it was looked at.
bool
lat_client_take_view(struct lat_jack *j, bool is_to_warn);

#endif // LAT_JACK_WISHES_H
