// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Who is told about processes: those that sent /notify 1.
///
/// A number names each of them while it is there.  There is always room: when
/// all places are taken, the one makes room that was not heard of for longest.
/// All functions are [control].
#ifndef LAT_OSC_LISTENERS_H
#define LAT_OSC_LISTENERS_H

#include "router.h"

/// SuperCollider takes no server that has more.
#define LAT_OSC_MAX_LISTENERS 32

/// Zero it to start.
struct lat_osc_listeners {
    struct {
        struct lat_osc_peer peer;
        uint64_t used; ///< when a packet of it came last; 0: nobody
    } at[LAT_OSC_MAX_LISTENERS];
    uint32_t n;
    uint64_t now; ///< counts packets
};

/// @param wish  the number that the peer would like, if it is free.
/// @return its number.
int32_t
lat_osc_listeners_add(struct lat_osc_listeners *l,
                      const struct lat_osc_peer *peer, int32_t wish);

/// @return the number that it had; 0: it had none.
int32_t
lat_osc_listeners_remove(struct lat_osc_listeners *l,
                         const struct lat_osc_peer *peer);

/// A packet of this peer came.
void
lat_osc_listeners_touch(struct lat_osc_listeners *l,
                        const struct lat_osc_peer *peer);

#endif // LAT_OSC_LISTENERS_H
