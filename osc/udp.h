// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The UDP side of the OSC server.
///
/// Answers are paced: a list of thousands of nodes, sent at once, would overrun
/// the receiver's socket buffer, and UDP loses what does not fit.  Each
/// receiver has its own pace and its own line.  All functions are [control].
#ifndef LAT_OSC_UDP_H
#define LAT_OSC_UDP_H

#include "base/status.h"

#include <uv.h>

struct lat_osc_udp;

/// Called with each datagram, borrowed.
typedef void (*lat_osc_datagram_fn)(void *data, const struct sockaddr *from,
                                    const void *packet, size_t size);

/// Called with the reason why a datagram never leaves.
typedef void (*lat_osc_unsent_fn)(void *data, const struct sockaddr *to,
                                  const char *why);

/// Receive on @p fd, a bound socket, which is taken over, on failure too.
enum lat_status
lat_osc_udp_new(uv_loop_t *loop, int fd, lat_osc_datagram_fn receive,
                lat_osc_unsent_fn unsent, void *data, struct lat_osc_udp **out);

/// Send, now or a little later; borrowed.
void
lat_osc_udp_send(struct lat_osc_udp *u, const struct sockaddr *to,
                 const void *packet, size_t size);

/// Bytes that wait to be sent there.
size_t
lat_osc_udp_waiting(const struct lat_osc_udp *u, const struct sockaddr *to);

/// Close the socket, dropping what waits; frees itself when the loop runs.
void
lat_osc_udp_close(struct lat_osc_udp *u);

#endif // LAT_OSC_UDP_H
