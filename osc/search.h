// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Looking up hosts that are names, until they are found.
///
/// The system's resolver runs on a thread of the loop's pool, so nobody waits
/// for it.  A host that is not found is told of once, and looked for again
/// after a second, then after twice as long each time, up to half a minute. All
/// functions are [control].
#ifndef LAT_OSC_SEARCH_H
#define LAT_OSC_SEARCH_H

#include "base/status.h"

#include <uv.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

struct lat_osc_searches;

struct lat_osc_search_hooks {
    /// Does anybody still want what search @p id is for?  It ends otherwise.
    bool (*is_wanted)(void *data, uint64_t id);
    void (*found)(void *data, uint64_t id,
                  const struct sockaddr_storage *address);
    void *data;
};

/// @param loop  lives on until it has closed all handles of freed searches.
/// @param hooks  copied.
/// @return LAT_OK or LAT_ENOMEM.
enum lat_status
lat_osc_searches_new(uv_loop_t *loop, const struct lat_osc_search_hooks *hooks,
                     struct lat_osc_searches **out);

/// Look for a host; without memory, or on a loop that ends, for none.
void
lat_osc_searches_begin(struct lat_osc_searches *all, const char *host,
                       const char *port, uint64_t id);

/// Nobody hears of any of them any more.  NULL does nothing.
void
lat_osc_searches_free(struct lat_osc_searches *all);

#endif // LAT_OSC_SEARCH_H
