// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Pacing is a bucket of tokens for each receiver, one a datagram, filled at a
// steady rate.  While there are tokens and nothing waits, a datagram leaves at
// once; otherwise it waits in that receiver's line and a timer sends it.  A
// receiver whose bucket is full again is forgotten.
//
// The socket is polled and read here rather than by libuv, which does not say
// when nothing more is waiting.

#include "udp.h"
#include "base/log.h"

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
#define FILLED_MS     (BURST / TOKENS_PER_MS + 1) // an empty bucket is full

/// Bytes that may wait for one receiver, and receivers.
#define MAX_WAITING   1048576U
#define MAX_RECEIVERS 256

/// Sending and reading stop after so long, for others to get their turn.
#define TURN_NS UINT64_C(2000000)

/// Largest UDP datagram.
#define DATAGRAM_BYTES 65536

struct waiting {
    struct waiting *next;
    size_t size;
    uint8_t packet[];
};

struct receiver {
    struct receiver *next;
    struct sockaddr_storage to;
    uint32_t tokens;
    uint64_t filled_ms; ///< when tokens were last given
    struct waiting *first, *last;
    size_t bytes; ///< that wait
};

struct lat_osc_udp {
    int fd;
    uv_poll_t poll;
    uv_timer_t timer;
    uint32_t n_handles; ///< that are not closed yet
    bool is_closing;
    lat_osc_datagram_fn receive;
    lat_osc_unsent_fn unsent;
    void *data;
    struct receiver *receivers; ///< who came first is served next
    uint32_t n_receivers;
    char buffer[DATAGRAM_BYTES];
};

static socklen_t
address_bytes(const struct sockaddr *a)
{
    return a->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
                                    : sizeof(struct sockaddr_in);
}

static void
fill(struct receiver *r)
{
    const uint64_t now_ms = uv_hrtime() / 1000000;
    const uint64_t passed_ms = now_ms - r->filled_ms;
    const uint64_t tokens = r->tokens + passed_ms * TOKENS_PER_MS;
    const uint32_t most = r->first ? WAITING_BURST : BURST;
    r->tokens = tokens < most ? (uint32_t)tokens : most;
    r->filled_ms = now_ms;
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
    u->unsent(u->data, to, strerror(errno));
    return true;
}

static void
drop_first(struct receiver *r)
{
    struct waiting *const w = r->first;
    r->first = w->next;
    r->last = r->first ? r->last : NULL;
    r->bytes -= w->size;
    free(w);
}

/// Send what a receiver has tokens for.  @return false when the socket is busy.
static bool
send_to(struct lat_osc_udp *u, struct receiver *r)
{
    fill(r);
    for (; r->first && r->tokens > 0; --r->tokens) {
        if (!try_send(u, (const struct sockaddr *)&r->to, r->first->packet,
                      r->first->size)) {
            return false;
        }
        drop_first(r);
    }
    return true;
}

/// Forget those that could be sent to at once again.
static void
forget_idle(struct lat_osc_udp *u)
{
    struct receiver **link = &u->receivers;
    while (*link) {
        struct receiver *const r = *link;
        fill(r);
        if (!r->first && r->tokens == BURST) {
            *link = r->next;
            --u->n_receivers;
            free(r);
        } else {
            link = &r->next;
        }
    }
}

static void
send_waiting(uv_timer_t *timer);

/// Come back when tokens are needed, or when all that are missing are there.
static void
plan_next(struct lat_osc_udp *u)
{
    bool is_waiting = false;
    for (const struct receiver *r = u->receivers; r; r = r->next) {
        is_waiting = is_waiting || r->first;
    }
    if (u->receivers) {
        uv_timer_start(&u->timer, send_waiting, is_waiting ? 1 : FILLED_MS, 0);
    } else {
        uv_timer_stop(&u->timer);
    }
}

static void
send_waiting(uv_timer_t *timer)
{
    struct lat_osc_udp *const u = timer->data;
    const uint64_t end_ns = uv_hrtime() + TURN_NS;
    struct receiver **link = &u->receivers;
    while (*link && send_to(u, *link) && uv_hrtime() < end_ns) {
        link = &(*link)->next;
    }
    // Who was not reached is the first the next time.
    struct receiver *const rest = *link;
    *link = NULL;
    struct receiver **end = rest ? &rest->next : NULL;
    while (end && *end) {
        end = &(*end)->next;
    }
    if (end) {
        *end = u->receivers;
        u->receivers = rest;
    }
    forget_idle(u);
    plan_next(u);
}

static struct receiver *
find_receiver(const struct lat_osc_udp *u, const struct sockaddr *to)
{
    struct receiver *r = u->receivers;
    while (r && memcmp(&r->to, to, address_bytes(to)) != 0) {
        r = r->next;
    }
    return r;
}

static struct receiver *
need_receiver(struct lat_osc_udp *u, const struct sockaddr *to)
{
    struct receiver *r = find_receiver(u, to);
    if (r) {
        return r;
    }
    r = u->n_receivers < MAX_RECEIVERS ? calloc(1, sizeof(*r)) : NULL;
    if (r) {
        memcpy(&r->to, to, address_bytes(to));
        r->tokens = BURST;
        r->filled_ms = uv_hrtime() / 1000000;
        r->next = u->receivers;
        u->receivers = r;
        ++u->n_receivers;
        if (!uv_is_active((uv_handle_t *)&u->timer)) {
            uv_timer_start(&u->timer, send_waiting, FILLED_MS, 0);
        }
    }
    return r;
}

size_t
lat_osc_udp_waiting(const struct lat_osc_udp *u, const struct sockaddr *to)
{
    const struct receiver *const r = find_receiver(u, to);
    return r ? r->bytes : 0;
}

static void
wait_in_line(struct lat_osc_udp *u, struct receiver *r, const void *packet,
             size_t size)
{
    struct waiting *const w =
        r && r->bytes + size <= MAX_WAITING ? malloc(sizeof(*w) + size) : NULL;
    if (!w) {
        lat_log_bounded(LAT_LOG_WARNING,
                        "OSC: too many answers wait to be sent over UDP; one "
                        "is dropped (long lists are better asked for over "
                        "TCP)");
        return;
    }
    w->next = NULL;
    memcpy(w->packet, packet, size);
    w->size = size;
    r->bytes += size;
    if (r->last) {
        r->last->next = w;
    } else {
        r->first = w;
        if (uv_timer_get_due_in(&u->timer) > 1) {
            uv_timer_start(&u->timer, send_waiting, 1, 0);
        }
    }
    r->last = w;
}

void
lat_osc_udp_send(struct lat_osc_udp *u, const struct sockaddr *to,
                 const void *packet, size_t size)
{
    struct receiver *const r = need_receiver(u, to);
    if (r && !r->first) {
        fill(r);
        if (r->tokens > 0 && try_send(u, to, packet, size)) {
            --r->tokens;
            return;
        }
    }
    wait_in_line(u, r, packet, size);
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
    const uint64_t end_ns = uv_hrtime() + TURN_NS;
    while (!u->is_closing && receive_one(u) && uv_hrtime() < end_ns) {
    }
}

static void
closed(uv_handle_t *handle)
{
    struct lat_osc_udp *const u = handle->data;
    if (--u->n_handles > 0) {
        return;
    }
    while (u->receivers) {
        struct receiver *const r = u->receivers;
        u->receivers = r->next;
        while (r->first) {
            drop_first(r);
        }
        free(r);
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
                lat_osc_unsent_fn unsent, void *data, struct lat_osc_udp **out)
{
    struct lat_osc_udp *const u = calloc(1, sizeof(*u));
    if (!u || uv_poll_init(loop, &u->poll, fd)) {
        free(u);
        close(fd);
        return LAT_ENOMEM;
    }
    u->fd = fd;
    u->receive = receive;
    u->unsent = unsent;
    u->data = data;
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
