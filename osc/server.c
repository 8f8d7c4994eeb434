// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "server.h"
#include "base/log.h"
#include "listen.h"
#include "router.h"
#include "search.h"
#include "tcp.h"
#include "turns.h"
#include "udp.h"

#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/// Bytes that wait to be sent over UDP before more is answered.
#define UDP_ROOM 65536U

struct lat_osc {
    struct lat_osc_router *router;
    struct lat_osc_turns *turns;
    struct receiving {
        struct lat_osc *osc;
        struct lat_osc_udp *udp;
        struct sockaddr_storage address;
        uint8_t index;
    } at[2 * LAT_OSC_MAX_ADDRESSES]; ///< SuperDirt's port behind the others
    uint32_t n;
    struct lat_osc_udp *outgoing[2]; ///< IPv4 and 6, when first needed
    uv_loop_t *loop;
    struct lat_osc_searches *searches; ///< for hosts that sessions name
    struct lat_osc_tcp *tcp;
    uint16_t port;
    bool has_dirt_port;
};

/// What comes to a socket from which lattice only sends.
static void
ignore_datagram(void *data, const struct sockaddr *from, const void *packet,
                size_t size)
{
    (void)data;
    (void)from;
    (void)packet;
    (void)size;
}

/// A datagram to @p to never leaves.
static void
tell_unsent(const struct lat_osc *o, const struct sockaddr *to, const char *why)
{
    struct sockaddr_storage address = {0};
    memcpy(&address, to,
           to->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
                                     : sizeof(struct sockaddr_in));
    lat_osc_router_unsent(o->router, &address, why);
}

static void
unsent_by_outgoing(void *data, const struct sockaddr *to, const char *why)
{
    tell_unsent(data, to, why);
}

static void
unsent_by_receiving(void *data, const struct sockaddr *to, const char *why)
{
    const struct receiving *const r = data;
    tell_unsent(r->osc, to, why);
}

/// The socket to write from to who has not written to us; NULL: there is none.
static struct lat_osc_udp *
outgoing(struct lat_osc *o, int family)
{
    struct lat_osc_udp **const udp = &o->outgoing[family == AF_INET6];
    if (!*udp) {
        const int fd =
            socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0 || lat_osc_udp_new(o->loop, fd, ignore_datagram,
                                      unsent_by_outgoing, o, udp)) {
            *udp = NULL;
        }
    }
    return *udp;
}

static struct lat_osc_udp *
udp_of(struct lat_osc *o, const struct lat_osc_peer *peer)
{
    return peer->socket == LAT_OSC_OUTGOING
               ? outgoing(o, peer->address.ss_family)
               : o->at[peer->socket].udp;
}

static void
send_answer(void *data, const struct lat_osc_peer *peer, const void *packet,
            size_t size)
{
    struct lat_osc *const o = data;
    if (peer->is_tcp) {
        lat_osc_tcp_send(o->tcp, peer, packet, size);
    } else {
        struct lat_osc_udp *const udp = udp_of(o, peer);
        if (udp) {
            lat_osc_udp_send(udp, (const struct sockaddr *)&peer->address,
                             packet, size);
        }
    }
}

static bool
is_remote(const struct lat_osc *o, const struct sockaddr_storage *from)
{
    uint32_t i = 0;
    while (i < o->n && !lat_osc_is_local(from, &o->at[i].address)) {
        ++i;
    }
    return i == o->n;
}

static void
received_datagram(void *data, const struct sockaddr *from, const void *packet,
                  size_t size)
{
    const struct receiving *const r = data;
    struct lat_osc_peer peer = {.is_tcp = false, .socket = r->index};
    memcpy(&peer.address, from,
           from->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
                                       : sizeof(struct sockaddr_in));
    peer.is_remote = is_remote(r->osc, &peer.address);
    lat_osc_turns_add(r->osc->turns, &peer, packet, size);
}

static size_t
received_from_stream(void *data, struct lat_osc_peer *peer, const void *packet,
                     size_t size)
{
    struct lat_osc *const o = data;
    peer->is_remote = is_remote(o, &peer->address);
    return lat_osc_turns_add(o->turns, peer, packet, size);
}

/// Is it one of ours: an address of this machine, and the port?
static bool
is_us(void *data, const struct sockaddr_storage *address)
{
    const struct lat_osc *const o = data;
    struct sockaddr_in a;
    struct sockaddr_in6 a6;
    memcpy(&a, address, sizeof(a));
    memcpy(&a6, address, sizeof(a6));
    const in_port_t port =
        address->ss_family == AF_INET6 ? a6.sin6_port : a.sin_port;
    const bool is_ours = ntohs(port) == o->port ||
                         (o->has_dirt_port && ntohs(port) == LAT_OSC_DIRT_PORT);
    return is_ours && !is_remote(o, address);
}

static enum lat_osc_room
room(void *data, const struct lat_osc_peer *peer)
{
    struct lat_osc *const o = data;
    size_t bytes = 0;
    const bool is_full = !lat_osc_router_has_room(o->router);
    if (!peer->is_tcp) {
        struct lat_osc_udp *const udp = udp_of(o, peer);
        bytes = udp ? lat_osc_udp_waiting(
                          udp, (const struct sockaddr *)&peer->address)
                    : UDP_ROOM;
        return bytes < UDP_ROOM && !is_full ? LAT_OSC_ROOM : LAT_OSC_NO_ROOM;
    }
    if (!lat_osc_tcp_waiting(o->tcp, peer, &bytes)) {
        return LAT_OSC_NOBODY;
    }
    return bytes < LAT_OSC_TCP_ROOM && !is_full ? LAT_OSC_ROOM
                                                : LAT_OSC_NO_ROOM;
}

static bool
is_wanted(void *data, uint64_t line)
{
    const struct lat_osc *const o = data;
    return lat_osc_router_seeks(o->router, line);
}

static void
found_host(void *data, uint64_t line, const struct sockaddr_storage *address)
{
    const struct lat_osc *const o = data;
    lat_osc_router_found(o->router, line, address);
}

static void
find_host(void *data, const char *host, const char *port, uint64_t line)
{
    const struct lat_osc *const o = data;
    lat_osc_searches_begin(o->searches, host, port, line);
}

static void
all_done(void *data, const struct lat_osc_peer *peer)
{
    const struct lat_osc *const o = data;
    if (peer->is_tcp) {
        lat_osc_tcp_done(o->tcp, peer);
    }
}

static bool
leave_to_turns(void *data, const struct lat_osc_peer *peer,
               struct lat_osc_job *job, void *memory)
{
    const struct lat_osc *const o = data;
    return lat_osc_turns_add_job(o->turns, peer, job, memory);
}

/// Hand the sockets over, which are closed on failure.
static enum lat_status
open_sockets(struct lat_osc *o, uv_loop_t *loop, struct lat_osc_sockets *s)
{
    enum lat_status status =
        o->tcp ? LAT_OK
               : lat_osc_tcp_new(loop, received_from_stream, o, &o->tcp);
    for (uint32_t i = 0; i < s->n && !status; ++i) {
        struct receiving *const r = &o->at[o->n];
        *r = (struct receiving){
            .osc = o, .address = s->at[i].address, .index = (uint8_t)o->n};
        ++o->n;
        status = lat_osc_udp_new(loop, s->at[i].udp, received_datagram,
                                 unsent_by_receiving, r, &r->udp);
        s->at[i].udp = -1;
        if (!status && s->at[i].tcp >= 0) {
            status = lat_osc_tcp_listen(o->tcp, s->at[i].tcp);
            s->at[i].tcp = -1;
        }
    }
    lat_osc_sockets_close(s);
    return status;
}

enum lat_status
lat_osc_new(uv_loop_t *loop, struct lat_control *control,
            struct lat_sessions *sessions,
            const struct lat_osc_options *options, struct lat_osc **out,
            struct lat_error *error)
{
    struct lat_osc_sockets sockets;
    struct lat_osc_sockets dirt = {.n = 0};
    enum lat_status status =
        lat_osc_listen(options->bind ? options->bind : "127.0.0.1",
                       options->port, &sockets, error);
    if (status) {
        return status;
    }
    if (options->superdirt) {
        status = lat_osc_listen_dirt(&sockets, &dirt, error);
    }
    if (status) {
        lat_osc_sockets_close(&sockets);
        return status;
    }
    // Writing to a connection that broke must not end the program.
    signal(SIGPIPE, SIG_IGN);
    struct lat_osc *const o = calloc(1, sizeof(*o));
    if (!o) {
        lat_osc_sockets_close(&sockets);
        lat_osc_sockets_close(&dirt);
        return lat_error_set(error, LAT_ENOMEM, "out of memory");
    }
    const struct lat_osc_turns_hooks hooks = {
        .room = room, .idle = all_done, .data = o};
    o->port = sockets.port;
    o->has_dirt_port = options->superdirt;
    o->loop = loop;
    status = open_sockets(o, loop, &sockets);
    if (!status) {
        status = open_sockets(o, loop, &dirt);
    } else {
        lat_osc_sockets_close(&dirt);
    }
    if (!status) {
        status = lat_osc_router_new(control, sessions, options, send_answer, o,
                                    &o->router);
    }
    if (!status) {
        const struct lat_osc_search_hooks search = {is_wanted, found_host, o};
        status = lat_osc_searches_new(loop, &search, &o->searches);
    }
    if (!status) {
        lat_osc_router_set_net(
            o->router,
            &(struct lat_osc_net){
                .room = room, .find = find_host, .is_us = is_us, .data = o});
        status = lat_osc_turns_new(loop, o->router, &hooks, &o->turns);
    }
    if (!status) {
        lat_osc_router_leave(o->router, leave_to_turns, o);
    }
    if (status) {
        lat_osc_free(o);
        return lat_error_set(error, status, "OSC cannot start: %s",
                             lat_strerror(status));
    }
    *out = o;
    return LAT_OK;
}

uint16_t
lat_osc_port(const struct lat_osc *o)
{
    return o->port;
}

void
lat_osc_tick(struct lat_osc *o)
{
    lat_osc_router_tick(o->router);
}

uint64_t
lat_osc_awaited(const struct lat_osc *o)
{
    return lat_osc_router_awaited(o->router);
}

uint64_t
lat_osc_next_ns(const struct lat_osc *o)
{
    return lat_osc_router_next_ns(o->router);
}

void
lat_osc_tell(struct lat_osc *o, const char *path, const char *name,
             const char *text)
{
    lat_osc_router_tell(o->router, path, name, text);
}

bool
lat_osc_unprepared(struct lat_osc *o, const struct lat_unprepared *what)
{
    return lat_osc_router_unprepared(o->router, what);
}

void
lat_osc_free(struct lat_osc *o)
{
    if (o) {
        lat_osc_turns_close(o->turns);
        for (uint32_t i = 0; i < o->n; ++i) {
            lat_osc_udp_close(o->at[i].udp);
        }
        lat_osc_udp_close(o->outgoing[0]);
        lat_osc_udp_close(o->outgoing[1]);
        lat_osc_searches_free(o->searches);
        lat_osc_tcp_close(o->tcp);
        lat_osc_router_free(o->router);
        free(o);
    }
}
