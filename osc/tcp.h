// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The TCP side of the OSC server: connections of either framing.
///
/// A connection is named by its slot and a generation, so that an answer that
/// comes late never reaches somebody else.  Garbage, a packet that is too large
/// or a reader that does not read closes that connection alone.  Another side
/// that is gone without a word is found out within a minute; when all slots are
/// taken, a new connection gets that of who was silent for longest.  All
/// functions are [control].
#ifndef LAT_OSC_TCP_H
#define LAT_OSC_TCP_H

#include "listen.h"
#include "router.h"

#define LAT_OSC_MAX_CONNECTIONS 32

/// Who has so much under way is not answered further.
#define LAT_OSC_TCP_ROOM 262144U

struct lat_osc_tcp;

/// Called with each packet, borrowed.  @p peer names the connection; is_remote
/// is left to the caller.
/// @return bytes of this peer that are not handled yet, 0 for none; when they
///         are, lat_osc_tcp_done() tells.
typedef size_t (*lat_osc_tcp_fn)(void *data, struct lat_osc_peer *peer,
                                 const void *packet, size_t size);

enum lat_status
lat_osc_tcp_new(uv_loop_t *loop, lat_osc_tcp_fn receive, void *data,
                struct lat_osc_tcp **out);

/// Accept on @p fd, a listening socket, which is taken over, on failure too; at
/// most LAT_OSC_MAX_ADDRESSES of them.
enum lat_status
lat_osc_tcp_listen(struct lat_osc_tcp *t, int fd);

/// Everything that this connection sent is handled.
void
lat_osc_tcp_done(struct lat_osc_tcp *t, const struct lat_osc_peer *peer);

/// How much is under way to a connection.  @return false when it is gone.
bool
lat_osc_tcp_waiting(const struct lat_osc_tcp *t,
                    const struct lat_osc_peer *peer, size_t *bytes);

/// Send to the connection that @p peer names, if it is there still; borrowed.
void
lat_osc_tcp_send(struct lat_osc_tcp *t, const struct lat_osc_peer *peer,
                 const void *packet, size_t size);

/// Close everything; frees itself when the loop runs.
void
lat_osc_tcp_close(struct lat_osc_tcp *t);

#endif // LAT_OSC_TCP_H
