// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Addresses of the host that a session manager runs on, and a socket for them.
/// All functions are [any].
#ifndef LAT_OSC_NSM_ADDRESS_H
#define LAT_OSC_NSM_ADDRESS_H

#include <netdb.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#define LAT_NSM_MAX_ADDRESSES 5

/// All of one family, with the manager's port.
struct lat_nsm_addresses {
    struct sockaddr_storage at[LAT_NSM_MAX_ADDRESSES];
    uint32_t n;
};

/// Take the host's addresses: those of IPv4, which managers speak, or, without
/// any, those of IPv6.
/// @param out  zeroed.
void
lat_nsm_addresses_take(struct lat_nsm_addresses *out,
                       const struct addrinfo *found);

/// A UDP socket that sends to them; only this machine reaches it where all of
/// them are of this machine.
/// @return a descriptor, or -1 with errno set.
int
lat_nsm_addresses_bind(const struct lat_nsm_addresses *a);

bool
lat_nsm_is_same_host(const struct sockaddr *a,
                     const struct sockaddr_storage *b);
bool
lat_nsm_is_same_port(const struct sockaddr *a,
                     const struct sockaddr_storage *b);

#endif // LAT_OSC_NSM_ADDRESS_H
