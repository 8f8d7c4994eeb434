// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "tcp.h"
#include "base/log.h"
#include "framing.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/// Bytes that may wait for a reader: 8 MiB.
#define MAX_QUEUE 8388608U

/// Bytes of packets that wait to be handled before no more is read.
#define MAX_UNDONE 1048576U

/// Another side that is gone is found out so: probes begin after some seconds
/// of silence, and what is sent must be taken within the last time.
#define SILENCE_S 10
#define TAKEN_MS  30000U

#define READ_BYTES 65536
#define BACKLOG    16

struct connection {
    uv_tcp_t socket;
    struct lat_osc_tcp *tcp;
    struct lat_osc_peer peer;
    struct lat_osc_stream stream;
    size_t undone;    ///< bytes of packets that wait to be handled, about
    uint64_t used_ms; ///< when it last sent something
    bool is_paused;   ///< not read from: too much is undone
    bool is_ended;    ///< it will send no more
    bool is_closing;
};

struct listener {
    uv_tcp_t socket;
    struct lat_osc_tcp *tcp;
};

struct lat_osc_tcp {
    uv_loop_t *loop;
    struct listener listeners[LAT_OSC_MAX_ADDRESSES];
    uint32_t n_listeners;
    uint32_t n_handles; ///< that are not closed yet
    lat_osc_tcp_fn receive;
    void *data;
    uint32_t generation;
    struct connection *slots[LAT_OSC_MAX_CONNECTIONS];
    char buffer[READ_BYTES];
};

/// Bytes on their way to a slow reader.
struct write {
    uv_write_t request;
    struct connection *connection;
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
    struct write *const w = request->data;
    if (status < 0) {
        close_connection(w->connection, NULL);
    }
    free(w);
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
    w->connection = c;
    const uv_buf_t buffer = uv_buf_init((char *)w->bytes, (unsigned)size);
    if (uv_write(&w->request, stream, &buffer, 1, written)) {
        free(w);
        close_connection(c, "it cannot be written to");
    }
}

static struct connection *
find(const struct lat_osc_tcp *t, const struct lat_osc_peer *peer)
{
    struct connection *const c = t->slots[peer->connection];
    return c && !c->is_closing && c->peer.generation == peer->generation ? c
                                                                         : NULL;
}

void
lat_osc_tcp_send(struct lat_osc_tcp *t, const struct lat_osc_peer *peer,
                 const void *packet, size_t size)
{
    struct connection *const c = find(t, peer);
    if (!c) {
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
        if (rc < 0 && rc != UV_EAGAIN) {
            close_connection(c, NULL); // it left
        }
    }
    if (sent < n && !c->is_closing) {
        queue(c, frame + sent, n - sent);
    }
    free(frame);
}

static bool
handle_packet(void *data, const void *packet, size_t size)
{
    struct connection *const c = data;
    struct lat_osc_peer peer = c->peer;
    c->used_ms = uv_now(c->tcp->loop);
    c->undone = c->tcp->receive(c->tcp->data, &peer, packet, size);
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

/// So much is undone that nothing more is read.
static void
pause_reading(struct connection *c)
{
    uv_stream_t *const stream = (uv_stream_t *)&c->socket;
    if (uv_stream_get_write_queue_size(stream) >= LAT_OSC_TCP_ROOM) {
        close_connection(c, "its reader does not keep up");
    } else {
        uv_read_stop(stream);
        c->is_paused = true;
    }
}

static void
received(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
    struct connection *const c = stream->data;
    if (n == UV_EOF && c->undone > 0) {
        uv_read_stop(stream);
        c->is_ended = true;
    } else if (n == UV_EOF) {
        end_of_stream(c);
    } else if (n < 0) {
        // A client that leaves without reading its answers is nothing to tell.
        close_connection(c, n == UV_ECONNRESET ? NULL : uv_strerror((int)n));
    } else if (n > 0) {
        const char *const error =
            lat_osc_stream_feed(&c->stream, (const uint8_t *)buffer->base,
                                (size_t)n, handle_packet, c);
        if (error) {
            close_connection(c, error);
        } else if (c->undone > MAX_UNDONE) {
            pause_reading(c);
        }
    }
}

bool
lat_osc_tcp_waiting(const struct lat_osc_tcp *t,
                    const struct lat_osc_peer *peer, size_t *bytes)
{
    struct connection *const c = find(t, peer);
    if (c) {
        *bytes = uv_stream_get_write_queue_size((uv_stream_t *)&c->socket);
    }
    return c;
}

void
lat_osc_tcp_done(struct lat_osc_tcp *t, const struct lat_osc_peer *peer)
{
    struct connection *const c = find(t, peer);
    if (!c) {
        return;
    }
    c->undone = 0;
    if (c->is_ended) {
        end_of_stream(c);
    } else if (c->is_paused) {
        c->is_paused = false;
        uv_read_start((uv_stream_t *)&c->socket, provide_buffer, received);
    }
}

/// A free slot; when there is none, that of who was silent for longest.
static uint32_t
make_room(const struct lat_osc_tcp *t)
{
    uint32_t idlest = 0;
    for (uint32_t i = 0; i < LAT_OSC_MAX_CONNECTIONS; ++i) {
        if (!t->slots[i]) {
            return i;
        }
        if (t->slots[i]->used_ms < t->slots[idlest]->used_ms) {
            idlest = i;
        }
    }
    close_connection(t->slots[idlest], "there are 32, and another one comes");
    return idlest;
}

/// Find out when the other side is gone without a word.
static void
watch(struct connection *c)
{
    const unsigned taken_ms = TAKEN_MS;
    int fd = -1;
    uv_tcp_keepalive(&c->socket, 1, SILENCE_S);
    if (uv_fileno((uv_handle_t *)&c->socket, &fd) == 0) {
        setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &taken_ms,
                   sizeof(taken_ms));
    }
    uv_tcp_nodelay(&c->socket, 1);
}

static void
connected(uv_stream_t *listener, int status)
{
    struct lat_osc_tcp *const t = ((struct listener *)listener->data)->tcp;
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
    c->peer.connection = make_room(t);
    c->used_ms = uv_now(t->loop);
    c->peer.generation = ++t->generation;
    int length = sizeof(c->peer.address);
    const int rc = uv_accept(listener, (uv_stream_t *)&c->socket);
    t->slots[c->peer.connection] = c;
    if (rc ||
        uv_tcp_getpeername(&c->socket, (struct sockaddr *)&c->peer.address,
                           &length) ||
        uv_read_start((uv_stream_t *)&c->socket, provide_buffer, received)) {
        close_connection(c, "it broke at once");
        return;
    }
    watch(c);
}

static void
listener_closed(uv_handle_t *handle)
{
    release(((struct listener *)handle->data)->tcp);
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
    for (uint32_t i = 0; i < t->n_listeners; ++i) {
        uv_close((uv_handle_t *)&t->listeners[i].socket, listener_closed);
    }
    release(t);
}

enum lat_status
lat_osc_tcp_new(uv_loop_t *loop, lat_osc_tcp_fn receive, void *data,
                struct lat_osc_tcp **out)
{
    struct lat_osc_tcp *const t = calloc(1, sizeof(*t));
    if (!t) {
        return LAT_ENOMEM;
    }
    t->loop = loop;
    t->receive = receive;
    t->data = data;
    t->n_handles = 1; // itself, until it is closed
    *out = t;
    return LAT_OK;
}

enum lat_status
lat_osc_tcp_listen(struct lat_osc_tcp *t, int fd)
{
    struct listener *const l = &t->listeners[t->n_listeners];
    if (uv_tcp_init(t->loop, &l->socket)) {
        close(fd);
        return LAT_ENOMEM;
    }
    ++t->n_listeners;
    ++t->n_handles;
    l->tcp = t;
    l->socket.data = l;
    if (uv_tcp_open(&l->socket, fd)) {
        close(fd);
        return LAT_ESYSTEM;
    }
    return uv_listen((uv_stream_t *)&l->socket, BACKLOG, connected)
               ? LAT_ESYSTEM
               : LAT_OK;
}
