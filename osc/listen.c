// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The sockets are made by hand rather than by libuv, so that both can be tried
// and dropped again before anything depends on them.

#include "listen.h"
#include "server.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/// A burst of fader moves waits here while the control thread is busy.
#define RECEIVE_BYTES (4 * 1024 * 1024)

/// Ports that are free for UDP but not for TCP, before giving up.
#define MAX_TRIES 64

#define BACKLOG 16

static socklen_t
address_bytes(const struct sockaddr_storage *a)
{
    return a->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6)
                                    : sizeof(struct sockaddr_in);
}

static uint16_t
get_port(const struct sockaddr_storage *a)
{
    // sin_port and sin6_port are at the same place.
    struct sockaddr_in in;
    memcpy(&in, a, sizeof(in));
    return ntohs(in.sin_port);
}

static void
set_port(struct sockaddr_storage *a, uint16_t port)
{
    struct sockaddr_in in;
    memcpy(&in, a, sizeof(in));
    in.sin_port = htons(port);
    memcpy(a, &in, sizeof(in));
}

static void
add_address(struct lat_osc_sockets *out, const struct addrinfo *a)
{
    struct sockaddr_storage address = {0};
    memcpy(&address, a->ai_addr, a->ai_addrlen);
    for (uint32_t i = 0; i < out->n; ++i) {
        if (memcmp(&out->at[i].address, &address, sizeof(address)) == 0) {
            return;
        }
    }
    if (out->n < LAT_OSC_MAX_ADDRESSES) {
        out->at[out->n++] =
            (struct lat_osc_bound){.udp = -1, .tcp = -1, .address = address};
    }
}

/// Add the addresses of a name.  @return as getaddrinfo().
static int
resolve_one(const char *name, struct lat_osc_sockets *out)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC,
                                   .ai_socktype = SOCK_DGRAM,
                                   .ai_flags = AI_PASSIVE};
    struct addrinfo *found = NULL;
    const int rc = getaddrinfo(name, NULL, &hints, &found);
    if (rc == 0) {
        for (const struct addrinfo *a = found; a; a = a->ai_next) {
            add_address(out, a);
        }
        freeaddrinfo(found);
    }
    return rc;
}

static enum lat_status
resolve(const char *name, struct lat_osc_sockets *out, struct lat_error *error)
{
    int rc = 0;
    *out = (struct lat_osc_sockets){0};
    if (strcmp(name, "localhost") == 0) {
        // Whatever the file of hosts says of it.
        resolve_one("127.0.0.1", out);
        resolve_one("::1", out);
    } else {
        rc = resolve_one(name, out);
    }
    if (out->n == 0) {
        return lat_error_set(error, LAT_EINVAL,
                             "\"%.60s\" is no address of this machine (%s); "
                             "give --bind one, such as 127.0.0.1 or 0.0.0.0",
                             name, rc ? gai_strerror(rc) : "none found");
    }
    return LAT_OK;
}

/// A socket of @p type bound to @p a, or -1.
/// @param is_one  of several: IPv6 is no IPv4 besides.
static int
bound_socket(int type, const struct sockaddr_storage *a, bool is_one)
{
    const int fd = socket(a->ss_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return -1;
    }
    const int on = 1;
    const int size = RECEIVE_BYTES;
    if (type == SOCK_STREAM) {
        // Connections of an earlier run that linger do not hold the port.
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    } else {
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
    }
    if (is_one && a->ss_family == AF_INET6) {
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
    }
    if (bind(fd, (const struct sockaddr *)a, address_bytes(a)) ||
        (type == SOCK_STREAM && listen(fd, BACKLOG))) {
        const int why = errno;
        close(fd);
        errno = why;
        return -1;
    }
    return fd;
}

static enum lat_status
refused(const char *name, uint16_t port, const char *protocol, int why,
        struct lat_error *error)
{
    if (why == EADDRINUSE) {
        return lat_error_set(error, LAT_ESYSTEM,
                             "OSC port %u is taken (%s on %.60s); is another "
                             "lattice running? choose another with "
                             "--osc-port N, or --osc-port 0 for a free one",
                             (unsigned)port, protocol, name);
    }
    if (why == EADDRNOTAVAIL) {
        return lat_error_set(error, LAT_EINVAL,
                             "this machine has no address \"%.60s\"; give "
                             "--bind one of its own, such as 127.0.0.1, or "
                             "0.0.0.0 for all",
                             name);
    }
    if (why == EACCES) {
        return lat_error_set(error, LAT_ESYSTEM,
                             "no right to use OSC port %u; choose one above "
                             "1023 with --osc-port N",
                             (unsigned)port);
    }
    return lat_error_set(error, LAT_ESYSTEM,
                         "OSC cannot use port %u (%s on %.60s): %s; try "
                         "--osc-port N or --bind ADDR",
                         (unsigned)port, protocol, name, strerror(why));
}

void
lat_osc_sockets_close(struct lat_osc_sockets *sockets)
{
    for (uint32_t i = 0; i < sockets->n; ++i) {
        if (sockets->at[i].udp >= 0) {
            close(sockets->at[i].udp);
        }
        if (sockets->at[i].tcp >= 0) {
            close(sockets->at[i].tcp);
        }
        sockets->at[i].udp = -1;
        sockets->at[i].tcp = -1;
    }
}

/// Which socket could not be had, and why.
struct refusal {
    const char *protocol;
    int why;
    uint16_t port;
};

/// Both sockets of one address.
static bool
bind_both(struct lat_osc_bound *b, uint16_t port, bool is_one,
          struct refusal *refusal)
{
    set_port(&b->address, port);
    *refusal = (struct refusal){.protocol = "UDP", .port = port};
    b->udp = bound_socket(SOCK_DGRAM, &b->address, is_one);
    if (b->udp >= 0) {
        socklen_t length = sizeof(b->address);
        getsockname(b->udp, (struct sockaddr *)&b->address, &length);
        refusal->protocol = "TCP";
        refusal->port = get_port(&b->address);
        b->tcp = bound_socket(SOCK_STREAM, &b->address, is_one);
    }
    refusal->why = errno;
    return b->udp >= 0 && b->tcp >= 0;
}

static bool
is_lacking(int why)
{
    return why == EADDRNOTAVAIL || why == EAFNOSUPPORT;
}

/// All addresses at one port; those that this machine lacks are dropped, where
/// others are there.
static bool
bind_all(struct lat_osc_sockets *s, uint16_t port, struct refusal *refusal)
{
    uint32_t n = 0;
    const bool is_one = s->n > 1;
    for (uint32_t i = 0; i < s->n; ++i) {
        struct lat_osc_bound b = s->at[i];
        if (bind_both(&b, n > 0 ? s->port : port, is_one, refusal)) {
            s->port = get_port(&b.address);
            s->at[n++] = b;
            continue;
        }
        if (b.udp >= 0) {
            close(b.udp);
        }
        if (!is_lacking(refusal->why)) {
            n = 0;
            break;
        }
    }
    if (n > 0) {
        s->n = n;
    } else {
        lat_osc_sockets_close(s);
    }
    return n > 0;
}

enum lat_status
lat_osc_listen(const char *bind_name, uint16_t port,
               struct lat_osc_sockets *out, struct lat_error *error)
{
    struct lat_osc_sockets all;
    const enum lat_status status = resolve(bind_name, &all, error);
    if (status) {
        return status;
    }
    for (int i = 0; i < MAX_TRIES; ++i) {
        struct refusal refusal;
        *out = all;
        if (bind_all(out, port, &refusal)) {
            return LAT_OK;
        }
        if (port != 0 || refusal.why != EADDRINUSE || i == MAX_TRIES - 1) {
            return refused(bind_name, refusal.port, refusal.protocol,
                           refusal.why, error);
        }
    }
    return LAT_ESYSTEM; // not reached
}

enum lat_status
lat_osc_listen_dirt(const struct lat_osc_sockets *sockets,
                    struct lat_osc_sockets *out, struct lat_error *error)
{
    *out = (struct lat_osc_sockets){.n = sockets->n, .port = LAT_OSC_DIRT_PORT};
    for (uint32_t i = 0; i < out->n; ++i) {
        out->at[i] = (struct lat_osc_bound){
            .udp = -1, .tcp = -1, .address = sockets->at[i].address};
    }
    for (uint32_t i = 0; i < out->n; ++i) {
        struct lat_osc_bound *const b = &out->at[i];
        set_port(&b->address, LAT_OSC_DIRT_PORT);
        b->udp = bound_socket(SOCK_DGRAM, &b->address, out->n > 1);
        if (b->udp < 0) {
            const int why = errno;
            lat_osc_sockets_close(out);
            return why == EADDRINUSE
                       ? lat_error_set(error, LAT_ESYSTEM,
                                       "UDP port %d is taken, as a rule by "
                                       "sclang, which may run SuperDirt; end "
                                       "it, or start lattice without "
                                       "--superdirt",
                                       LAT_OSC_DIRT_PORT)
                       : lat_error_set(error, LAT_ESYSTEM,
                                       "UDP port %d cannot be used: %s; start "
                                       "lattice without --superdirt",
                                       LAT_OSC_DIRT_PORT, strerror(why));
        }
    }
    return LAT_OK;
}

/// The IPv4 address in @p a, also one dressed as IPv6.
static bool
as_ipv4(const struct sockaddr_storage *a, struct in_addr *out)
{
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    if (a->ss_family == AF_INET) {
        memcpy(&in, a, sizeof(in));
        *out = in.sin_addr;
        return true;
    }
    memcpy(&in6, a, sizeof(in6));
    if (a->ss_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr)) {
        return false;
    }
    memcpy(out, in6.sin6_addr.s6_addr + 12, sizeof(*out));
    return true;
}

bool
lat_osc_is_local(const struct sockaddr_storage *from,
                 const struct sockaddr_storage *bound)
{
    struct in_addr a;
    struct in_addr b;
    if (as_ipv4(from, &a)) {
        // The kernel lets nobody else send from our own address.
        return ntohl(a.s_addr) >> 24U == 127 ||
               (as_ipv4(bound, &b) && a.s_addr == b.s_addr);
    }
    struct sockaddr_in6 from6;
    struct sockaddr_in6 bound6;
    memcpy(&from6, from, sizeof(from6));
    memcpy(&bound6, bound, sizeof(bound6));
    return from->ss_family == AF_INET6 &&
           (IN6_IS_ADDR_LOOPBACK(&from6.sin6_addr) ||
            (bound->ss_family == AF_INET6 &&
             IN6_ARE_ADDR_EQUAL(&from6.sin6_addr, &bound6.sin6_addr)));
}
