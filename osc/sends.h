// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What nodes send to the outside (osc_out): read from the audio thread's
/// records, and sent where the session allows it.
///
/// Values are plain messages.  Events are bundles with the time tag that the
/// line gives their frame, and the node's latency.  Hosts that are names are
/// looked up elsewhere; what comes meanwhile is left out, but for the last
/// value.  All functions are [control].
#ifndef LAT_OSC_SENDS_H
#define LAT_OSC_SENDS_H

#include "router.h"
#include "timeline.h"

struct lat_osc_sends;

struct lat_osc_sends_hooks {
    lat_osc_send_fn send;
    /// Look a host up, and call lat_osc_sends_found() then, later or never.
    void (*find)(void *data, const char *host, const char *port, uint64_t id);
    void *data;
};

/// Numbers of searches have this bit.
#define LAT_OSC_SENDS_ID (UINT64_C(1) << 63U)

/// @param hooks  copied.
/// @return LAT_OK or LAT_ENOMEM.
enum lat_status
lat_osc_sends_new(struct lat_control *control,
                  const struct lat_osc_sends_hooks *hooks,
                  struct lat_osc_sends **out);

/// Before the control is freed.  NULL does nothing.
void
lat_osc_sends_free(struct lat_osc_sends *s);

/// Is there something to be sent?
bool
lat_osc_sends_are_due(const struct lat_osc_sends *s);

/// Send it.
/// @param line  set, or events have no other time than now.
void
lat_osc_sends_tick(struct lat_osc_sends *s, const struct lat_timeline *line);

/// A node that sends to @p address, or NULL.
const struct lat_node *
lat_osc_sends_to(const struct lat_osc_sends *s,
                 const struct sockaddr_storage *address);

/// Is a host still looked for, under that number?
bool
lat_osc_sends_seek(const struct lat_osc_sends *s, uint64_t id);

void
lat_osc_sends_found(struct lat_osc_sends *s, uint64_t id,
                    const struct sockaddr_storage *address);

struct lat_osc_sends_counts {
    uint64_t n_sent; ///< messages
    uint64_t n_lost; ///< events and values that had to be left out
};

struct lat_osc_sends_counts
lat_osc_sends_count(const struct lat_osc_sends *s);

#endif // LAT_OSC_SENDS_H
