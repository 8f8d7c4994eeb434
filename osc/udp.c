// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Pacing is a bucket of tokens, one a datagram, filled at a steady rate.  While
// there are tokens and nothing waits, a datagram leaves at once; otherwise it
// waits in line and a timer sends it.
//
// The socket is polled and read here rather than by libuv, which does not say
// when nothing more is waiting.

#include "udp.h"
#include "log.h"

#include <errno.h>
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

/// Datagrams that are read before others get their turn.
#define MAX_READ 4096

/// Largest UDP datagram.
#define DATAGRAM_BYTES 65536

struct waiting {
    struct waiting *next;
    struct sockaddr_storage to;
    size_t size;
    uint8_t packet[];
};

struct lat_osc_udp {
    int fd;
    uv_poll_t poll;
    uv_timer_t timer;
    uint32_t n_handles; ///< that are not closed yet
    bool is_closing;
    lat_osc_datagram_fn receive;
    lat_osc_drained_fn drained;
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
    if (sendto(u->fd, packet, size, 0, to, address_bytes(to)) >= 0) {
        return true;
    }
    if (errno == EAGAIN || errno == ENOBUFS || errno == EINTR) {
        return false;
    }
    lat_log_bounded(LAT_LOG_WARNING, "OSC: an answer was not sent: %s",
                    strerror(errno));
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

/// Read one datagram and hand it on.  @return false when none is waiting.
static bool
receive_one(struct lat_osc_udp *u)
{
    struct sockaddr_storage from;
    struct iovec vector = {.iov_base = u->buffer, .iov_len = sizeof(u->buffer)};
    struct msghdr message = {.msg_name = &from,
                             .msg_namelen = sizeof(from),
                             .msg_iov = &vector,
                             .msg_iovlen = 1};
    const ssize_t n = recvmsg(u->fd, &message, MSG_DONTWAIT);
    if (n >= 0) {
        u->receive(u->data, (const struct sockaddr *)&from, u->buffer,
                   (size_t)n);
        return true;
    }
    if (errno != EAGAIN && errno != EINTR) {
        lat_log_bounded(LAT_LOG_WARNING, "OSC: receiving failed: %s",
                        strerror(errno));
    }
    return false;
}

static void
readable(uv_poll_t *poll, int status, int events)
{
    struct lat_osc_udp *const u = poll->data;
    (void)events;
    if (status < 0) {
        lat_log_bounded(LAT_LOG_WARNING, "OSC: receiving failed: %s",
                        uv_strerror(status));
    }
    int n = 0;
    while (n < MAX_READ && !u->is_closing && receive_one(u)) {
        ++n;
    }
    if (!u->is_closing) {
        u->drained(u->data);
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
    close(u->fd);
    free(u);
}

void
lat_osc_udp_close(struct lat_osc_udp *u)
{
    if (u) {
        u->is_closing = true;
        uv_close((uv_handle_t *)&u->timer, closed);
        uv_close((uv_handle_t *)&u->poll, closed);
    }
}

enum lat_status
lat_osc_udp_new(uv_loop_t *loop, int fd, lat_osc_datagram_fn receive,
                lat_osc_drained_fn drained, void *data,
                struct lat_osc_udp **out)
{
    struct lat_osc_udp *const u = calloc(1, sizeof(*u));
    if (!u || uv_poll_init(loop, &u->poll, fd)) {
        free(u);
        close(fd);
        return LAT_ENOMEM;
    }
    u->fd = fd;
    u->receive = receive;
    u->drained = drained;
    u->data = data;
    u->tokens = BURST;
    u->filled_ms = uv_hrtime() / 1000000;
    uv_timer_init(loop, &u->timer); // cannot fail
    u->n_handles = 2;
    u->poll.data = u;
    u->timer.data = u;
    if (uv_poll_start(&u->poll, UV_READABLE, readable)) {
        lat_osc_udp_close(u);
        return LAT_ESYSTEM;
    }
    *out = u;
    return LAT_OK;
}
