// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "base/rt.h"
#include "base/text.h"
#include "client_state.h"
#include "match.h"
#include "print.h"
#include "typing.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

/// How long a connection may take, seconds.
#define CONNECT_S 5

/// An id of our /sync that nobody else is likely to use.
#define SYNC_ID ((int32_t)getpid())

/// What is waited for, and what has come.
struct wait {
    struct lat_osc_client *client;
    const char *path; ///< that was sent
    const char *last; ///< the path of the last answer; NULL: /synced
    lat_osc_line_fn each;
    void *data;
    struct lat_error *error;
    enum lat_status status;
    bool is_over;
};

enum lat_status
lat_osc_client_no_answer(const struct lat_osc_client *c, const char *why,
                         struct lat_error *error)
{
    return lat_error_set(error, LAT_ESYSTEM,
                         "no lattice answers at %s (%s): does it run there? "
                         "See --osc-port and --host",
                         c->where, why);
}

/// Connect to one of the addresses that are IPv4, or that are not.
static int
connect_to(const struct addrinfo *list, bool is_v4)
{
    const struct timeval patience = {.tv_sec = CONNECT_S};
    int fd = -1;
    for (const struct addrinfo *a = list; a && fd < 0; a = a->ai_next) {
        if ((a->ai_family == AF_INET) != is_v4) {
            continue;
        }
        fd =
            socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
        if (fd < 0) {
            continue;
        }
        // Of a machine that is off nobody hears anything, for minutes.
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
        if (connect(fd, a->ai_addr, a->ai_addrlen) != 0) {
            const int problem = errno == EINPROGRESS ? ETIMEDOUT : errno;
            close(fd);
            fd = -1;
            errno = problem;
        }
    }
    return fd;
}

enum lat_status
lat_osc_client_new(const char *host, uint16_t port, bool is_tcp,
                   struct lat_osc_client **out, struct lat_error *error)
{
    struct lat_osc_client *const c = calloc(1, sizeof(*c));
    if (!c) {
        return lat_error_set(error, LAT_ENOMEM, "out of memory");
    }
    const struct addrinfo hints = {
        .ai_socktype = is_tcp ? SOCK_STREAM : SOCK_DGRAM,
        .ai_flags = AI_NUMERICSERV,
    };
    struct addrinfo *list = NULL;
    char service[16];
    snprintf(service, sizeof(service), "%u", (unsigned)port);
    snprintf(c->where, sizeof(c->where), "%.120s port %s%s", host, service,
             is_tcp ? " (TCP)" : "");
    c->is_tcp = is_tcp;
    c->socket = -1;
    const int rc = getaddrinfo(host, service, &hints, &list);
    if (rc == 0) {
        // Where lattice listens by itself comes first: with UDP nobody hears
        // that it was the wrong one of two.
        c->socket = connect_to(list, true);
        c->socket = c->socket < 0 ? connect_to(list, false) : c->socket;
        freeaddrinfo(list);
    }
    if (c->socket < 0) {
        lat_osc_client_no_answer(c, rc ? gai_strerror(rc) : strerror(errno),
                                 error);
        lat_osc_client_free(c);
        return LAT_ESYSTEM;
    }
    // Long lists come fast.
    const int bytes = 4 << 20;
    setsockopt(c->socket, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
    if (is_tcp) {
        // A question behind a message that is not answered would wait for its
        // acknowledgement.
        const int yes = 1;
        setsockopt(c->socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
    }
    *out = c;
    return LAT_OK;
}

void
lat_osc_client_free(struct lat_osc_client *c)
{
    if (c) {
        if (c->socket >= 0) {
            close(c->socket);
        }
        lat_osc_stream_fini(&c->stream);
        free(c);
    }
}

// Sending.

static bool
write_all(int fd, const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        const ssize_t n = send(fd, bytes, size, MSG_NOSIGNAL);
        if (n < 0 && errno != EINTR) {
            return false;
        }
        bytes += n > 0 ? n : 0;
        size -= n > 0 ? (size_t)n : 0;
    }
    return true;
}

enum lat_status
lat_osc_client_send_packet(struct lat_osc_client *c, const void *packet,
                           size_t size, struct lat_error *error)
{
    if (!c->is_tcp) {
        return send(c->socket, packet, size, 0) >= 0 ? LAT_OK
               : errno == EMSGSIZE
                   ? lat_error_set(error, LAT_EINVAL,
                                   "the message is too long for a datagram; "
                                   "send it with --tcp")
                   : lat_osc_client_no_answer(c, strerror(errno), error);
    }
    uint8_t *const frame = malloc(lat_osc_frame_bound(LAT_FRAMING_SIZE, size));
    if (!frame) {
        return lat_error_set(error, LAT_ENOMEM, "out of memory");
    }
    const size_t n = lat_osc_frame(LAT_FRAMING_SIZE, packet, size, frame);
    const enum lat_status status =
        write_all(c->socket, frame, n)
            ? LAT_OK
            : lat_osc_client_no_answer(c, strerror(errno), error);
    free(frame);
    return status;
}

enum lat_status
lat_osc_client_send(struct lat_osc_client *c, const char *path, lo_message m,
                    struct lat_error *error)
{
    size_t size = 0;
    void *const packet = m ? lo_message_serialise(m, path, NULL, &size) : NULL;
    lo_message_free(m);
    const enum lat_status status =
        packet ? lat_osc_client_send_packet(c, packet, size, error)
               : lat_error_set(error, LAT_ENOMEM, "out of memory");
    free(packet);
    return status;
}

int
lat_osc_client_fd(const struct lat_osc_client *c)
{
    return c->socket;
}

enum lat_status
lat_osc_client_tell(struct lat_osc_client *c, const char *path,
                    const char *const *arguments, uint32_t n,
                    struct lat_error *error)
{
    struct lat_osc_call probe = {.path = path};
    const struct lat_verb *const verb =
        lat_osc_find_verb(&probe) ? NULL : probe.verb;
    lo_message m = lo_message_new();
    for (uint32_t i = 0; m && i < n; ++i) {
        if (!lat_osc_add_typed(m, verb, i, arguments[i])) {
            lo_message_free(m);
            m = NULL;
        }
    }
    return lat_osc_client_send(c, path, m, error);
}

static enum lat_status
send_sync(struct lat_osc_client *c, struct lat_error *error)
{
    lo_message m = lo_message_new();
    if (m) {
        lo_message_add_int32(m, SYNC_ID);
    }
    return lat_osc_client_send(c, "/sync", m, error);
}

// Answers.

static bool
is_about(const struct lat_osc_message *m, const char *path)
{
    const char *const about = lat_osc_text(m, 0);
    return about && strcmp(about, path) == 0;
}

static void
take_failure(struct wait *w, const struct lat_osc_message *m)
{
    const char *const about = lat_osc_text(m, 0);
    const char *const text = lat_osc_text(m, 1);
    w->status = lat_error_set(w->error, LAT_EINVAL, "%s: %s",
                              about ? about : w->path, text ? text : "failed");
    w->is_over = w->is_over || w->last != NULL || is_about(m, "/sync");
}

/// @return whether it goes on.
static bool
take_answer(void *data, const void *packet, size_t size)
{
    struct wait *const w = data;
    struct lat_osc_message m;
    if (lat_osc_is_bundle(packet, size) ||
        lat_osc_message_read(&m, packet, size, NULL)) {
        return true;
    }
    double id = 0.0;
    const bool is_done = strcmp(m.path, "/done") == 0;
    if (!w->last && strcmp(m.path, "/synced") == 0) {
        w->is_over = lat_osc_number(&m, 0, &id) && id == SYNC_ID;
    } else if (strcmp(m.path, "/fail") == 0) {
        take_failure(w, &m);
    } else {
        w->each(
            w->data,
            lat_osc_message_text(&m, w->client->line, LAT_CLIENT_LINE_BYTES),
            is_done);
        w->is_over = w->last && strcmp(m.path, w->last) == 0 &&
                     (!is_done || is_about(&m, w->path));
    }
    lat_osc_message_fini(&m);
    return !w->is_over;
}

enum lat_status
lat_osc_client_receive_packets(struct lat_osc_client *c, lat_osc_packet_fn each,
                               void *data, bool *has_ended,
                               struct lat_error *error)
{
    const char *why = NULL;
    const ssize_t n = recv(c->socket, c->packet, sizeof(c->packet), 0);
    *has_ended = c->is_tcp && n == 0;
    if (!c->is_tcp && n > 0) {
        each(data, c->packet, (size_t)n);
    } else if (n > 0) {
        why = lat_osc_stream_feed(&c->stream, c->packet, (size_t)n, each, data);
    } else if (n < 0 && errno != EINTR) {
        why = strerror(errno);
    }
    return why ? lat_osc_client_no_answer(c, why, error) : LAT_OK;
}

static enum lat_status
receive(struct wait *w)
{
    bool has_ended = false;
    const enum lat_status status = lat_osc_client_receive_packets(
        w->client, take_answer, w, &has_ended, w->error);
    return has_ended
               ? lat_osc_client_no_answer(w->client, "it hung up", w->error)
               : status;
}

static enum lat_status
wait_for_it(struct wait *w, double timeout_s)
{
    const uint64_t end_ns = lat_now_ns() + (uint64_t)(timeout_s * 1e9);
    enum lat_status status = LAT_OK;
    while (!w->is_over && !status) {
        const uint64_t now_ns = lat_now_ns();
        struct pollfd fd = {.fd = w->client->socket, .events = POLLIN};
        const int ms =
            now_ns < end_ns ? (int)((end_ns - now_ns) / 1000000) + 1 : 0;
        const int n = ms > 0 ? poll(&fd, 1, ms) : 0;
        if (n > 0) {
            status = receive(w);
        } else if (n == 0) {
            status =
                lat_osc_client_no_answer(w->client, "not in time", w->error);
        } else if (errno != EINTR) {
            status =
                lat_osc_client_no_answer(w->client, strerror(errno), w->error);
        }
    }
    return status ? status : w->status;
}

/// Which path tells that all is said; NULL where nothing does when all is well.
static const char *
last_answer(const char *path, const struct lat_verb *verb, uint32_t n)
{
    if (lat_osc_is_pattern(path) || !verb || !*verb->path) {
        return NULL;
    }
    if ((verb->asks_when_bare && n == 0) ||
        (verb->reply && strcmp(verb->reply, verb->path) == 0)) {
        return path; // whichever node's it is
    }
    if (verb->reply) {
        return verb->reply;
    }
    // A list ends in /done, though nothing else of it is said.
    return verb->is_silent && verb->kind != LAT_VERB_ALONE ? NULL : "/done";
}

enum lat_status
lat_osc_client_ask(struct lat_osc_client *c, const char *path,
                   char *const *arguments, uint32_t n, double timeout_s,
                   lat_osc_line_fn each, void *data, struct lat_error *error)
{
    struct lat_osc_call probe = {.path = path};
    const struct lat_verb *const verb =
        lat_osc_find_verb(&probe) ? NULL : probe.verb;
    struct wait w = {
        .client = c,
        .path = path,
        .last = last_answer(path, verb, n),
        .each = each,
        .data = data,
        .error = error,
    };
    enum lat_status status =
        lat_osc_client_tell(c, path, (const char *const *)arguments, n, error);
    if (!status && !w.last) {
        status = send_sync(c, error);
    }
    return status ? status : wait_for_it(&w, timeout_s);
}
