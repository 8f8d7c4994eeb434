// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "tcp.h"
#include "framing.h"
#include "log.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/// Bytes that may wait for a reader: 8 MiB.
#define MAX_QUEUE 8388608U

#define READ_BYTES 65536
#define BACKLOG    16

struct connection {
    uv_tcp_t socket;
    struct lat_osc_tcp *tcp;
    struct lat_osc_peer peer;
    struct lat_osc_stream stream;
    bool is_closing;
};

struct lat_osc_tcp {
    uv_loop_t *loop;
    uv_tcp_t listener;
    uint32_t n_handles; ///< that are not closed yet
    lat_osc_tcp_fn receive;
    lat_osc_tcp_drained_fn drained;
    void *data;
    uint32_t generation;
    struct connection *slots[LAT_OSC_MAX_CONNECTIONS];
    char buffer[READ_BYTES];
};

/// Bytes on their way to a slow reader.
struct write {
    uv_write_t request;
    uint8_t bytes[];
};

static void
release(struct lat_osc_tcp *t)
{
    if (--t->n_handles == 0) {
        free(t);
    }
}

static void
connection_closed(uv_handle_t *handle)
{
    struct connection *const c = handle->data;
    lat_osc_stream_fini(&c->stream);
    release(c->tcp);
    free(c);
}

static void
close_connection(struct connection *c, const char *why)
{
    if (c->is_closing) {
        return;
    }
    if (why) {
        lat_log_bounded(LAT_LOG_WARNING, "OSC: TCP connection closed: %s", why);
    }
    c->is_closing = true;
    if (c->tcp->slots[c->peer.connection] == c) {
        c->tcp->slots[c->peer.connection] = NULL;
    }
    uv_close((uv_handle_t *)&c->socket, connection_closed);
}

static void
written(uv_write_t *request, int status)
{
    (void)status; // a broken connection is noticed by its reading side
    free(request->data);
}

static void
queue(struct connection *c, const uint8_t *bytes, size_t size)
{
    uv_stream_t *const stream = (uv_stream_t *)&c->socket;
    if (uv_stream_get_write_queue_size(stream) + size > MAX_QUEUE) {
        close_connection(c, "its reader does not keep up");
        return;
    }
    struct write *const w = malloc(sizeof(*w) + size);
    if (!w) {
        close_connection(c, "out of memory");
        return;
    }
    memcpy(w->bytes, bytes, size);
    w->request.data = w;
    const uv_buf_t buffer = uv_buf_init((char *)w->bytes, (unsigned)size);
    if (uv_write(&w->request, stream, &buffer, 1, written)) {
        free(w);
        close_connection(c, "it cannot be written to");
    }
}

void
lat_osc_tcp_send(struct lat_osc_tcp *t, const struct lat_osc_peer *peer,
                 const void *packet, size_t size)
{
    struct connection *const c = t->slots[peer->connection];
    if (!c || c->is_closing || c->peer.generation != peer->generation) {
        return;
    }
    uint8_t *const frame = malloc(lat_osc_frame_bound(c->stream.framing, size));
    if (!frame) {
        close_connection(c, "out of memory");
        return;
    }
    size_t n = lat_osc_frame(c->stream.framing, packet, size, frame);
    size_t sent = 0;
    uv_stream_t *const stream = (uv_stream_t *)&c->socket;
    if (uv_stream_get_write_queue_size(stream) == 0) {
        const uv_buf_t buffer = uv_buf_init((char *)frame, (unsigned)n);
        const int rc = uv_try_write(stream, &buffer, 1);
        sent = rc > 0 ? (size_t)rc : 0;
    }
    if (sent < n) {
        queue(c, frame + sent, n - sent);
    }
    free(frame);
}

static bool
handle_packet(void *data, const void *packet, size_t size)
{
    struct connection *const c = data;
    struct lat_osc_peer peer = c->peer;
    c->tcp->receive(c->tcp->data, &peer, packet, size);
    return !c->is_closing;
}

static void
provide_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    struct connection *const c = handle->data;
    (void)suggested;
    *buffer = uv_buf_init(c->tcp->buffer, sizeof(c->tcp->buffer));
}

static void
shut_down(uv_shutdown_t *request, int status)
{
    struct connection *const c = request->data;
    (void)status;
    free(request);
    close_connection(c, NULL);
}

/// The other side will send no more; let what is under way arrive.
static void
end_of_stream(struct connection *c)
{
    uv_stream_t *const stream = (uv_stream_t *)&c->socket;
    uv_shutdown_t *const request = uv_stream_get_write_queue_size(stream) > 0
                                       ? malloc(sizeof(*request))
                                       : NULL;
    if (request) {
        request->data = c;
        uv_read_stop(stream);
        if (uv_shutdown(request, stream, shut_down) == 0) {
            return;
        }
        free(request);
    }
    close_connection(c, NULL);
}

static void
received(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
    struct connection *const c = stream->data;
    if (n == UV_EOF) {
        end_of_stream(c);
    } else if (n < 0) {
        // A client that leaves without reading its answers is nothing to tell.
        close_connection(c, n == UV_ECONNRESET ? NULL : uv_strerror((int)n));
    } else if (n > 0) {
        const char *const error =
            lat_osc_stream_feed(&c->stream, (const uint8_t *)buffer->base,
                                (size_t)n, handle_packet, c);
        c->tcp->drained(c->tcp->data);
        if (error) {
            close_connection(c, error);
        }
    }
}

static uint32_t
free_slot(const struct lat_osc_tcp *t)
{
    uint32_t i = 0;
    while (i < LAT_OSC_MAX_CONNECTIONS && t->slots[i]) {
        ++i;
    }
    return i;
}

static void
connected(uv_stream_t *listener, int status)
{
    struct lat_osc_tcp *const t = listener->data;
    struct connection *const c = status == 0 ? calloc(1, sizeof(*c)) : NULL;
    if (!c || uv_tcp_init(t->loop, &c->socket)) {
        lat_log_bounded(LAT_LOG_WARNING, "OSC: a connection was not taken: %s",
                        status ? uv_strerror(status) : "out of memory");
        free(c);
        return;
    }
    ++t->n_handles;
    c->tcp = t;
    c->socket.data = c;
    c->peer.is_tcp = true;
    c->peer.connection = free_slot(t);
    c->peer.generation = ++t->generation;
    int length = sizeof(c->peer.address);
    const int rc = uv_accept(listener, (uv_stream_t *)&c->socket);
    if (c->peer.connection == LAT_OSC_MAX_CONNECTIONS) {
        c->peer.connection = 0; // not its own: it is closed at once
        close_connection(c, "there are 32 already");
        return;
    }
    t->slots[c->peer.connection] = c;
    if (rc ||
        uv_tcp_getpeername(&c->socket, (struct sockaddr *)&c->peer.address,
                           &length) ||
        uv_read_start((uv_stream_t *)&c->socket, provide_buffer, received)) {
        close_connection(c, "it broke at once");
        return;
    }
    uv_tcp_nodelay(&c->socket, 1);
}

static void
listener_closed(uv_handle_t *handle)
{
    release(handle->data);
}

void
lat_osc_tcp_close(struct lat_osc_tcp *t)
{
    if (!t) {
        return;
    }
    for (uint32_t i = 0; i < LAT_OSC_MAX_CONNECTIONS; ++i) {
        if (t->slots[i]) {
            close_connection(t->slots[i], NULL);
        }
    }
    uv_close((uv_handle_t *)&t->listener, listener_closed);
}

enum lat_status
lat_osc_tcp_new(uv_loop_t *loop, int fd, lat_osc_tcp_fn receive,
                lat_osc_tcp_drained_fn drained, void *data,
                struct lat_osc_tcp **out)
{
    struct lat_osc_tcp *const t = calloc(1, sizeof(*t));
    if (!t || uv_tcp_init(loop, &t->listener)) {
        free(t);
        close(fd);
        return LAT_ENOMEM;
    }
    t->loop = loop;
    t->receive = receive;
    t->drained = drained;
    t->data = data;
    t->n_handles = 1;
    t->listener.data = t;
    int rc = uv_tcp_open(&t->listener, fd);
    if (rc) {
        close(fd);
    } else {
        rc = uv_listen((uv_stream_t *)&t->listener, BACKLOG, connected);
    }
    if (rc) {
        lat_osc_tcp_close(t);
        return LAT_ESYSTEM;
    }
    *out = t;
    return LAT_OK;
}
