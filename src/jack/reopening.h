// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// From one life of the client to the next, up and down: see client_state.h.
/// All functions are [control].
#ifndef LAT_JACK_REOPENING_H
#define LAT_JACK_REOPENING_H

#include "client_state.h"

/// Let go of the link that is dying, if there still is one.
void
lat_client_leave_behind(struct lat_jack *j);

/// Make a link, which tries to open a client.
enum lat_status
lat_client_start_opening(struct lat_jack *j);

/// The link is open: want ports, and activate it.
void
lat_client_start_setting_up(struct lat_jack *j);

/// Workers run at the audio thread's own priority; like it they have none
/// while the server is freewheeling.
void
lat_client_follow_priority(struct lat_jack *j, const struct lat_link_status *s);

/// There is no sound from now on: say and note @p why, a literal.
void
lat_client_note_loss(struct lat_jack *j, const char *why);

/// The server is not there any more: the same, and close the link.
void
lat_client_lose(struct lat_jack *j, const char *why);

/// In each state, look whether it is time for the next.  None waits.
void
lat_client_step_opening(struct lat_jack *j);
void
lat_client_step_setting_up(struct lat_jack *j);
void
lat_client_step_connecting(struct lat_jack *j);
void
lat_client_step_held(struct lat_jack *j);
void
lat_client_step_lost(struct lat_jack *j);
void
lat_client_step_waiting(struct lat_jack *j);

#endif // LAT_JACK_REOPENING_H
