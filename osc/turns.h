// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Everybody who sends packets gets served in turn.
///
/// Each peer has a lane: its packets wait there in order, and its first one is
/// worked on for about 2 ms; then others have their turn, and so has the loop.
/// Who has just come goes before those that keep it busy.  A peer whose answers
/// pile up on their way out is passed over until they have left.
///
/// All functions are [control].
#ifndef LAT_OSC_TURNS_H
#define LAT_OSC_TURNS_H

#include "router.h"

#include <uv.h>

struct lat_osc_turns;

struct lat_osc_turns_hooks {
    /// May more be sent to this peer now?
    enum lat_osc_room (*room)(void *data, const struct lat_osc_peer *peer);
    /// Everything that waited of this peer is done.
    void (*idle)(void *data, const struct lat_osc_peer *peer);
    void *data;
};

/// @param hooks  copied.
enum lat_status
lat_osc_turns_new(uv_loop_t *loop, struct lat_osc_router *router,
                  const struct lat_osc_turns_hooks *hooks,
                  struct lat_osc_turns **out);

/// Put a copy of a packet into the lane of its peer.
/// @return the bytes in that lane.  A datagram that does not fit is dropped,
///         which the log tells; a packet of TCP always fits.
size_t
lat_osc_turns_add(struct lat_osc_turns *t, const struct lat_osc_peer *peer,
                  const void *packet, size_t size);

/// Put what is left of a packet, begun elsewhere, at the end of the lane of its
/// peer.
/// @param memory  freed when it is done.
/// @return false when there is no room: nothing was taken over.
bool
lat_osc_turns_add_job(struct lat_osc_turns *t, const struct lat_osc_peer *peer,
                      struct lat_osc_job *job, void *memory);

/// Drop everything that waits; frees itself when the loop runs.  Call it before
/// the router is freed.
void
lat_osc_turns_close(struct lat_osc_turns *t);

#endif // LAT_OSC_TURNS_H
