// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Pacing is a bucket of tokens, one a datagram, filled at a steady rate.  While
// there are tokens and nothing waits, a datagram leaves at once; otherwise it
// waits in line and a timer sends it.

#include "udp.h"
#include "log.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/// A default receive buffer (208 KiB) holds some 270 small datagrams: the
/// kernel charges 768 bytes for each.  A receiver may so be busy with something
/// else for 12 ms, and we may be, too: time lost is not made up for at once.
#define BURST         64
#define WAITING_BURST 32
#define TOKENS_PER_MS 16

/// Bytes that may wait: 8 MiB.
#define MAX_WAITING 8388608U

/// Largest UDP datagram.
#define DATAGRAM_BYTES 65536

struct waiting {
    struct waiting *next;
    struct sockaddr_storage to;
    size_t size;
    uint8_t packet[];
};

struct lat_osc_udp {
    uv_udp_t socket;
    uv_timer_t timer;
    uint32_t n_handles; ///< that are not closed yet
    lat_osc_datagram_fn receive;
    void *data;
    uint32_t tokens;
    uint64_t filled_ms; ///< when tokens were last given
    struct waiting *first, *last;
    size_t waiting_bytes;
    char buffer[DATAGRAM_BYTES];
};

static socklen_t
address_bytes(const struct sockaddr *a)
{
    return a->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
                                    : sizeof(struct sockaddr_in);
}

static void
fill(struct lat_osc_udp *u)
{
    const uint64_t now_ms = uv_hrtime() / 1000000;
    const uint64_t passed_ms = now_ms - u->filled_ms;
    const uint64_t tokens = u->tokens + passed_ms * TOKENS_PER_MS;
    const uint32_t most = u->first ? WAITING_BURST : BURST;
    u->tokens = tokens < most ? (uint32_t)tokens : most;
    u->filled_ms = now_ms;
}

/// @return false when the socket is busy: try again later.
static bool
try_send(struct lat_osc_udp *u, const struct sockaddr *to, const void *packet,
         size_t size)
{
    // libuv only reads, whatever the type of its buffers says.
    const uv_buf_t buffer = uv_buf_init((char *)packet, (unsigned)size);
    const int rc = uv_udp_try_send(&u->socket, &buffer, 1, to);
    if (rc == UV_EAGAIN || rc == UV_ENOBUFS) {
        return false;
    }
    if (rc < 0) {
        lat_log_bounded(LAT_LOG_WARNING, "OSC: an answer was not sent: %s",
                        uv_strerror(rc));
    }
    return true;
}

static void
send_waiting(uv_timer_t *timer)
{
    struct lat_osc_udp *const u = timer->data;
    fill(u);
    while (u->first && u->tokens > 0) {
        struct waiting *const w = u->first;
        if (!try_send(u, (const struct sockaddr *)&w->to, w->packet, w->size)) {
            return;
        }
        --u->tokens;
        u->first = w->next;
        u->waiting_bytes -= w->size;
        free(w);
    }
    if (!u->first) {
        u->last = NULL;
        uv_timer_stop(timer);
    }
}

static void
wait_in_line(struct lat_osc_udp *u, const struct sockaddr *to,
             const void *packet, size_t size)
{
    struct waiting *const w = u->waiting_bytes + size <= MAX_WAITING
                                  ? calloc(1, sizeof(*w) + size)
                                  : NULL;
    if (!w) {
        lat_log_bounded(LAT_LOG_WARNING,
                        "OSC: too many answers wait to be sent over UDP; one "
                        "is dropped (long lists are better asked for over "
                        "TCP)");
        return;
    }
    memcpy(&w->to, to, address_bytes(to));
    memcpy(w->packet, packet, size);
    w->size = size;
    u->waiting_bytes += size;
    if (u->last) {
        u->last->next = w;
    } else {
        u->first = w;
    }
    u->last = w;
    if (!uv_is_active((uv_handle_t *)&u->timer)) {
        uv_timer_start(&u->timer, send_waiting, 1, 1);
    }
}

void
lat_osc_udp_send(struct lat_osc_udp *u, const struct sockaddr *to,
                 const void *packet, size_t size)
{
    if (!u->first) {
        fill(u);
        if (u->tokens > 0 && try_send(u, to, packet, size)) {
            --u->tokens;
            return;
        }
    }
    wait_in_line(u, to, packet, size);
}

static void
provide_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    struct lat_osc_udp *const u = handle->data;
    (void)suggested;
    *buffer = uv_buf_init(u->buffer, sizeof(u->buffer));
}

static void
received(uv_udp_t *socket, ssize_t n, const uv_buf_t *buffer,
         const struct sockaddr *from, unsigned flags)
{
    struct lat_osc_udp *const u = socket->data;
    if (n < 0) {
        lat_log_bounded(LAT_LOG_WARNING, "OSC: receiving failed: %s",
                        uv_strerror((int)n));
    } else if (from && !(flags & UV_UDP_PARTIAL)) {
        u->receive(u->data, from, buffer->base, (size_t)n);
    }
}

static void
closed(uv_handle_t *handle)
{
    struct lat_osc_udp *const u = handle->data;
    if (--u->n_handles > 0) {
        return;
    }
    while (u->first) {
        struct waiting *const w = u->first;
        u->first = w->next;
        free(w);
    }
    free(u);
}

void
lat_osc_udp_close(struct lat_osc_udp *u)
{
    if (u) {
        uv_close((uv_handle_t *)&u->timer, closed);
        uv_close((uv_handle_t *)&u->socket, closed);
    }
}

enum lat_status
lat_osc_udp_new(uv_loop_t *loop, int fd, lat_osc_datagram_fn receive,
                void *data, struct lat_osc_udp **out)
{
    struct lat_osc_udp *const u = calloc(1, sizeof(*u));
    if (!u || uv_udp_init(loop, &u->socket)) {
        free(u);
        close(fd);
        return LAT_ENOMEM;
    }
    u->receive = receive;
    u->data = data;
    u->tokens = BURST;
    u->filled_ms = uv_hrtime() / 1000000;
    uv_timer_init(loop, &u->timer); // cannot fail
    u->n_handles = 2;
    u->socket.data = u;
    u->timer.data = u;
    int rc = uv_udp_open(&u->socket, fd);
    if (rc) {
        close(fd);
    } else {
        rc = uv_udp_recv_start(&u->socket, provide_buffer, received);
    }
    if (rc) {
        lat_osc_udp_close(u);
        return LAT_ESYSTEM;
    }
    *out = u;
    return LAT_OK;
}
