// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Bundles that wait for their time, as they came: ordered by their tags, those
/// of one tag by arrival.
///
/// One sender may use all the room there is, until others want some: then the
/// last bundles of who has most are dropped for those of who has less.
///
/// All functions are [control].
#ifndef LAT_OSC_SCHEDULE_H
#define LAT_OSC_SCHEDULE_H

#include "router.h"

/// So many wait at most, with so many bytes.
#define LAT_OSC_MAX_SCHEDULED       4096U
#define LAT_OSC_MAX_SCHEDULED_BYTES 4194304U

/// What one sender has waiting.
struct lat_osc_share {
    struct lat_osc_share *next;
    struct lat_osc_peer peer;
    uint32_t n;
    size_t bytes;
};

struct lat_osc_scheduled {
    struct lat_osc_scheduled *next; ///< of those that were dropped
    struct lat_osc_share *share;    ///< while it waits
    uint64_t tag;
    uint64_t frame; ///< where the line is set
    struct lat_osc_peer peer;
    size_t size;
    uint8_t bytes[]; ///< the packet
};

/// Zero it to start.
struct lat_osc_schedule {
    struct lat_osc_scheduled **at; ///< owned
    uint32_t n, capacity;
    size_t bytes; ///< of all packets
    struct lat_osc_share *shares;
    struct lat_osc_scheduled *dropped; ///< for others: see below
};

/// Put a copy of a packet into its place.  Bundles of somebody else that are
/// dropped for it come to lat_osc_schedule_take_dropped().
/// @param[out] out  it, borrowed.
/// @return LAT_OK, LAT_EFULL or LAT_ENOMEM.
enum lat_status
lat_osc_schedule_add(struct lat_osc_schedule *s,
                     const struct lat_osc_peer *peer, const void *packet,
                     size_t size, uint64_t tag, struct lat_osc_scheduled **out);

/// Take out the first, which the caller frees; NULL: there is none.
struct lat_osc_scheduled *
lat_osc_schedule_take(struct lat_osc_schedule *s);

/// Take one that was dropped, which the caller frees when its sender is told;
/// NULL: there is none.
struct lat_osc_scheduled *
lat_osc_schedule_take_dropped(struct lat_osc_schedule *s);

void
lat_osc_schedule_fini(struct lat_osc_schedule *s);

#endif // LAT_OSC_SCHEDULE_H
