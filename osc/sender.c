// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "sender.h"
#include "base/log.h"
#include "packet.h"
#include "strike.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/// A bundle this large leaves in several.
#define MAX_BUNDLE 32768

struct lat_osc_sender {
    int fd;
    lo_bundle bundle;
    uint64_t frame;
};

enum lat_status
lat_osc_sender_new(struct lat_osc_sender **out)
{
    struct lat_osc_sender *const s = calloc(1, sizeof(*s));
    if (!s) {
        return LAT_ENOMEM;
    }
    s->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (s->fd < 0) {
        free(s);
        return LAT_ESYSTEM;
    }
    *out = s;
    return LAT_OK;
}

void
lat_osc_sender_free(struct lat_osc_sender *s)
{
    if (s) {
        if (s->bundle) {
            lo_bundle_free_recursive(s->bundle);
        }
        close(s->fd);
        free(s);
    }
}

/// @return a message in the bundle, to be filled, or NULL.
static lo_message
add(struct lat_osc_sender *s, const char *path)
{
    if (!s->bundle) {
        s->bundle = lo_bundle_new(LO_TT_IMMEDIATE);
    }
    lo_message m = lo_message_new();
    if (!s->bundle || !m) {
        lat_log(LAT_LOG_ERROR, "out of memory: %s is not sent", path);
        lo_message_free(m);
        return NULL;
    }
    lo_bundle_add_message(s->bundle, path, m);
    return m;
}

void
lat_osc_sender_add(struct lat_osc_sender *s, const char *path,
                   const char *types, ...)
{
    lo_message m = add(s, path);
    if (!m) {
        return;
    }
    va_list values;
    va_start(values, types);
    for (; *types; ++types) {
        if (*types == 's') {
            lo_message_add_string(m, va_arg(values, const char *));
        } else if (*types == 'h') {
            lo_message_add_int64(m, va_arg(values, int64_t));
        } else {
            lo_message_add_double(m, va_arg(values, double));
        }
    }
    va_end(values);
}

void
lat_osc_sender_strike(struct lat_osc_sender *s, const char *name,
                      const struct lat_strike *strike)
{
    lo_message m = add(s, "/strike");
    if (m) {
        lat_osc_strike_put(m, name, strike);
    }
}

static void
send_part(struct lat_osc_sender *s, lo_bundle bundle, uint16_t port)
{
    size_t size = 0;
    void *const packet = lo_bundle_serialise(bundle, NULL, &size);
    const struct sockaddr_in to = {
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr = {htonl(INADDR_LOOPBACK)},
    };
    if (!packet || sendto(s->fd, packet, size, 0, (const struct sockaddr *)&to,
                          sizeof(to)) < 0) {
        lat_log_bounded(LAT_LOG_WARNING, "OSC: port %u gets no message: %s",
                        port, strerror(packet ? errno : ENOMEM));
    }
    free(packet);
}

void
lat_osc_sender_set_frame(struct lat_osc_sender *s, uint64_t frame)
{
    s->frame = frame;
}

static lo_bundle
begin_part(const struct lat_osc_sender *s)
{
    lo_bundle part = lo_bundle_new(LO_TT_IMMEDIATE);
    lo_message m = part && s->frame ? lo_message_new() : NULL;
    if (m) {
        lo_message_add_double(m, (double)s->frame);
        lo_bundle_add_message(part, "/process/at", m);
    }
    return part;
}

void
lat_osc_sender_flush(struct lat_osc_sender *s, uint16_t port)
{
    if (!s->bundle) {
        return;
    }
    const unsigned n = lo_bundle_count(s->bundle);
    lo_bundle part = NULL;
    for (unsigned i = 0; i < n; ++i) {
        const char *path = NULL;
        lo_message m = lo_bundle_get_message(s->bundle, (int)i, &path);
        if (!part) {
            part = begin_part(s);
        }
        if (part) {
            lo_bundle_add_message(part, path, m);
        }
        if (part && (i + 1 == n || lo_bundle_length(part) > MAX_BUNDLE)) {
            send_part(s, part, port);
            lo_bundle_free_recursive(part); // its hold on them
            part = NULL;
        }
    }
    lo_bundle_free_recursive(s->bundle);
    s->bundle = NULL;
}

void
lat_osc_sender_read(struct lat_osc_sender *s)
{
    char packet[4096];
    ssize_t n = 0;
    while ((n = recv(s->fd, packet, sizeof(packet), 0)) > 0) {
        struct lat_osc_message m;
        if (lat_osc_message_read(&m, packet, (size_t)n, NULL) != LAT_OK) {
            continue;
        }
        const char *const text = lat_osc_text(&m, 1);
        if (strcmp(m.path, "/fail") == 0 && text) {
            lat_log_bounded(LAT_LOG_WARNING, "a node's process refuses: %s",
                            text);
        }
        lat_osc_message_fini(&m);
    }
}
