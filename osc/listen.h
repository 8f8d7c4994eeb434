// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Getting a UDP and a TCP socket on the same port of one address.
/// All functions are [control].
#ifndef LAT_OSC_LISTEN_H
#define LAT_OSC_LISTEN_H

#include "base/status.h"

#include <sys/socket.h>

#include <stdbool.h>
#include <stdint.h>

#define LAT_OSC_MAX_ADDRESSES 8

/// Of one address.
struct lat_osc_bound {
    int udp; ///< bound
    int tcp; ///< listening
    struct sockaddr_storage address;
};

struct lat_osc_sockets {
    struct lat_osc_bound at[LAT_OSC_MAX_ADDRESSES];
    uint32_t n;
    uint16_t port; ///< of all of them
};

/// @param bind  an address of this machine, IPv4 or IPv6, or its name: then all
///              addresses that it has; "localhost" is 127.0.0.1 and ::1.  Those
///              that this machine lacks are left out where others are there.
/// @param port  0 looks for one that is free for all.
/// @return LAT_OK; LAT_EINVAL for no such address, LAT_ESYSTEM when the port is
///         not to be had; @p error says which and what to do.
enum lat_status
lat_osc_listen(const char *bind, uint16_t port, struct lat_osc_sockets *out,
               struct lat_error *error);

/// SuperDirt's port, over UDP alone, at the same addresses as @p sockets.
/// @return LAT_OK, or LAT_ESYSTEM when it is not to be had; @p error says what
///         to do.
enum lat_status
lat_osc_listen_dirt(const struct lat_osc_sockets *sockets,
                    struct lat_osc_sockets *out, struct lat_error *error);

/// Close them all.
void
lat_osc_sockets_close(struct lat_osc_sockets *sockets);

/// Is @p from on this machine: loopback, or the very address that @p bound is?
bool
lat_osc_is_local(const struct sockaddr_storage *from,
                 const struct sockaddr_storage *bound);

#endif // LAT_OSC_LISTEN_H
