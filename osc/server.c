// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "server.h"
#include "listen.h"
#include "router.h"
#include "tcp.h"
#include "udp.h"

#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct lat_osc {
    struct lat_osc_router *router;
    struct lat_osc_udp *udp;
    struct lat_osc_tcp *tcp;
    struct sockaddr_storage address;
    uint16_t port;
};

static void
send_answer(void *data, const struct lat_osc_peer *peer, const void *packet,
            size_t size)
{
    struct lat_osc *const o = data;
    if (peer->is_tcp) {
        lat_osc_tcp_send(o->tcp, peer, packet, size);
    } else {
        lat_osc_udp_send(o->udp, (const struct sockaddr *)&peer->address,
                         packet, size);
    }
}

static void
received_datagram(void *data, const struct sockaddr *from, const void *packet,
                  size_t size)
{
    struct lat_osc *const o = data;
    struct lat_osc_peer peer = {.is_tcp = false};
    memcpy(&peer.address, from,
           from->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
                                       : sizeof(struct sockaddr_in));
    peer.is_remote = !lat_osc_is_local(&peer.address, &o->address);
    lat_osc_router_handle(o->router, packet, size, &peer);
}

static void
received_from_stream(void *data, struct lat_osc_peer *peer, const void *packet,
                     size_t size)
{
    struct lat_osc *const o = data;
    peer->is_remote = !lat_osc_is_local(&peer->address, &o->address);
    lat_osc_router_handle(o->router, packet, size, peer);
}

static void
drained(void *data)
{
    struct lat_osc *const o = data;
    lat_osc_router_flush(o->router);
}

enum lat_status
lat_osc_new(uv_loop_t *loop, struct lat_control *control,
            struct lat_sessions *sessions,
            const struct lat_osc_options *options, struct lat_osc **out,
            struct lat_error *error)
{
    struct lat_osc_sockets sockets;
    enum lat_status status =
        lat_osc_listen(options->bind ? options->bind : "127.0.0.1",
                       options->port, &sockets, error);
    if (status) {
        return status;
    }
    // Writing to a connection that broke must not end the program.
    signal(SIGPIPE, SIG_IGN);
    struct lat_osc *const o = calloc(1, sizeof(*o));
    if (!o) {
        close(sockets.udp);
        close(sockets.tcp);
        return lat_error_set(error, LAT_ENOMEM, "out of memory");
    }
    o->port = sockets.port;
    o->address = sockets.address;
    status = lat_osc_udp_new(loop, sockets.udp, received_datagram, drained, o,
                             &o->udp);
    if (status) {
        close(sockets.tcp);
    } else {
        status = lat_osc_tcp_new(loop, sockets.tcp, received_from_stream,
                                 drained, o, &o->tcp);
    }
    if (!status) {
        status = lat_osc_router_new(control, sessions, options, send_answer, o,
                                    &o->router);
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

void
lat_osc_tell(struct lat_osc *o, const char *path, const char *name,
             const char *text)
{
    lat_osc_router_tell(o->router, path, name, text);
}

void
lat_osc_free(struct lat_osc *o)
{
    if (o) {
        lat_osc_udp_close(o->udp);
        lat_osc_tcp_close(o->tcp);
        lat_osc_router_free(o->router);
        free(o);
    }
}
