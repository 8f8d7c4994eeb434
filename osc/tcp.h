// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The TCP side of the OSC server: connections of either framing.
///
/// A connection is named by its slot and a generation, so that an answer that
/// comes late never reaches somebody else.  Garbage, a packet that is too large
/// or a reader that does not read closes that connection alone.  All functions
/// are [control].
#ifndef LAT_OSC_TCP_H
#define LAT_OSC_TCP_H

#include "router.h"

#define LAT_OSC_MAX_CONNECTIONS 32

struct lat_osc_tcp;

/// Called with each packet, borrowed.  @p peer names the connection; is_remote
/// is left to the caller.
typedef void (*lat_osc_tcp_fn)(void *data, struct lat_osc_peer *peer,
                               const void *packet, size_t size);

/// Called when all packets that arrived together have been given.
typedef void (*lat_osc_tcp_drained_fn)(void *data);

/// Accept on @p fd, a listening socket, which is taken over, on failure too.
enum lat_status
lat_osc_tcp_new(uv_loop_t *loop, int fd, lat_osc_tcp_fn receive,
                lat_osc_tcp_drained_fn drained, void *data,
                struct lat_osc_tcp **out);

/// Send to the connection that @p peer names, if it is there still; borrowed.
void
lat_osc_tcp_send(struct lat_osc_tcp *t, const struct lat_osc_peer *peer,
                 const void *packet, size_t size);

/// Close everything; frees itself when the loop runs.
void
lat_osc_tcp_close(struct lat_osc_tcp *t);

#endif // LAT_OSC_TCP_H
