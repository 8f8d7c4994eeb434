// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "nsm_address.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

static uint16_t
port_of(const struct sockaddr *a)
{
    return a->sa_family == AF_INET6
               ? ((const struct sockaddr_in6 *)(const void *)a)->sin6_port
               : ((const struct sockaddr_in *)(const void *)a)->sin_port;
}

bool
lat_nsm_is_same_host(const struct sockaddr *a, const struct sockaddr_storage *b)
{
    if (a->sa_family != b->ss_family) {
        return false;
    }
    return a->sa_family == AF_INET6
               ? memcmp(
                     &((const struct sockaddr_in6 *)(const void *)a)->sin6_addr,
                     &((const struct sockaddr_in6 *)(const void *)b)->sin6_addr,
                     sizeof(struct in6_addr)) == 0
               : memcmp(
                     &((const struct sockaddr_in *)(const void *)a)->sin_addr,
                     &((const struct sockaddr_in *)(const void *)b)->sin_addr,
                     sizeof(struct in_addr)) == 0;
}

bool
lat_nsm_is_same_port(const struct sockaddr *a, const struct sockaddr_storage *b)
{
    return port_of(a) == port_of((const struct sockaddr *)(const void *)b);
}

static bool
is_loopback(const struct sockaddr_storage *a)
{
    if (a->ss_family == AF_INET6) {
        return IN6_IS_ADDR_LOOPBACK(
            &((const struct sockaddr_in6 *)(const void *)a)->sin6_addr);
    }
    const struct sockaddr_in *const v4 = (const void *)a;
    return ntohl(v4->sin_addr.s_addr) >> 24U == 127;
}

/// Those of one family: one socket sends to all of them.
static void
take_family(struct lat_nsm_addresses *out, const struct addrinfo *found,
            int family)
{
    for (const struct addrinfo *a = found; a; a = a->ai_next) {
        bool is_new = a->ai_family == family && out->n < LAT_NSM_MAX_ADDRESSES;
        for (uint32_t i = 0; is_new && i < out->n; ++i) {
            is_new = !lat_nsm_is_same_host(a->ai_addr, &out->at[i]);
        }
        if (is_new) {
            memcpy(&out->at[out->n++], a->ai_addr, a->ai_addrlen);
        }
    }
}

void
lat_nsm_addresses_take(struct lat_nsm_addresses *out,
                       const struct addrinfo *found)
{
    take_family(out, found, AF_INET);
    if (out->n == 0) {
        take_family(out, found, AF_INET6);
    }
}

int
lat_nsm_addresses_bind(const struct lat_nsm_addresses *a)
{
    const int family = a->at[0].ss_family;
    bool is_local = true;
    for (uint32_t i = 0; i < a->n; ++i) {
        is_local = is_local && is_loopback(&a->at[i]);
    }
    struct sockaddr_storage at = {.ss_family = (sa_family_t)family};
    socklen_t n_bytes = sizeof(struct sockaddr_in);
    if (family == AF_INET6) {
        n_bytes = sizeof(struct sockaddr_in6);
        ((struct sockaddr_in6 *)(void *)&at)->sin6_addr =
            is_local ? in6addr_loopback : in6addr_any;
    } else {
        ((struct sockaddr_in *)(void *)&at)->sin_addr.s_addr =
            htonl(is_local ? INADDR_LOOPBACK : INADDR_ANY);
    }
    const int fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0 && bind(fd, (const struct sockaddr *)&at, n_bytes)) {
        const int problem = errno;
        close(fd);
        errno = problem;
        return -1;
    }
    return fd;
}
