// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Packets kept in order, each with its peer. All functions are [control].
#ifndef LAT_OSC_QUEUE_H
#define LAT_OSC_QUEUE_H

#include "router.h"

/// Zero it to start.
struct lat_osc_queue {
    uint8_t *bytes;
    size_t size, capacity;
    uint32_t n; ///< packets
};

void
lat_osc_queue_fini(struct lat_osc_queue *q);

/// Add a copy.  @return false when out of memory.
bool
lat_osc_queue_add(struct lat_osc_queue *q, const struct lat_osc_peer *peer,
                  const void *packet, size_t size);

/// The packet at @p at, which starts at 0 and moves on to the next.
/// @return the packet, borrowed until the next change, or NULL at the end.
const void *
lat_osc_queue_next(const struct lat_osc_queue *q, size_t *at,
                   struct lat_osc_peer *peer, size_t *size);

/// Forget all packets, keep the memory.
void
lat_osc_queue_clear(struct lat_osc_queue *q);

#endif // LAT_OSC_QUEUE_H
