// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Hosts and ports as people write them: `host:9000`, `[::1]:9000`, `host`.
///
/// Nothing here looks a name up.  All functions are [any].
#ifndef LAT_BASE_ADDRESS_H
#define LAT_BASE_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/// A name, or an address in numbers, with its NUL.
#define LAT_HOST_MAX 256

struct lat_address {
    char host[LAT_HOST_MAX]; ///< without brackets
    uint16_t port;           ///< 0: none was given
};

/// Read HOST, HOST:PORT or, for IPv6, [HOST]:PORT.
/// @return false, with @p out untouched, for anything else.
bool
lat_address_read(const char *text, struct lat_address *out);

/// Where that is, if nobody need look it up: of a host in numbers, and of
/// `localhost`.
/// @return false, with @p out zeroed, for any other.
bool
lat_address_in_numbers(const struct lat_address *a,
                       struct sockaddr_storage *out);

/// Is it this machine, by what is written: `localhost`, 127.x.y.z or ::1?
bool
lat_host_is_here(const char *host);

/// Are both the same, as names in any case or as numbers?
bool
lat_host_is(const char *host, const char *other);

#endif // LAT_BASE_ADDRESS_H
