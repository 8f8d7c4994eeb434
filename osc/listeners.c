// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "listeners.h"

/// @return the place of @p peer, or LAT_OSC_MAX_LISTENERS.
static uint32_t
find(const struct lat_osc_listeners *l, const struct lat_osc_peer *peer)
{
    uint32_t i = 0;
    while (i < LAT_OSC_MAX_LISTENERS &&
           !(l->at[i].used && lat_osc_is_same_peer(&l->at[i].peer, peer))) {
        ++i;
    }
    return i;
}

int32_t
lat_osc_listeners_add(struct lat_osc_listeners *l,
                      const struct lat_osc_peer *peer, int32_t wish)
{
    uint32_t place = find(l, peer);
    if (place == LAT_OSC_MAX_LISTENERS) {
        place = 0;
        for (uint32_t i = 1; i < LAT_OSC_MAX_LISTENERS; ++i) {
            place = l->at[i].used < l->at[place].used ? i : place;
        }
        if (wish >= 0 && wish < LAT_OSC_MAX_LISTENERS && !l->at[wish].used) {
            place = (uint32_t)wish;
        }
        l->n += l->at[place].used == 0;
    }
    l->at[place].peer = *peer;
    l->at[place].used = ++l->now;
    return (int32_t)place;
}

int32_t
lat_osc_listeners_remove(struct lat_osc_listeners *l,
                         const struct lat_osc_peer *peer)
{
    const uint32_t place = find(l, peer);
    if (place == LAT_OSC_MAX_LISTENERS) {
        return 0;
    }
    l->at[place].used = 0;
    --l->n;
    return (int32_t)place;
}

void
lat_osc_listeners_touch(struct lat_osc_listeners *l,
                        const struct lat_osc_peer *peer)
{
    const uint32_t place = l->n > 0 ? find(l, peer) : LAT_OSC_MAX_LISTENERS;
    if (place < LAT_OSC_MAX_LISTENERS) {
        l->at[place].used = ++l->now;
    }
}
