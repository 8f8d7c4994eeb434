// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "answers.h"
#include "base/log.h"
#include "verbs.h"

#include <lo/lo.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <string.h>

/// Room for the /fail that says why an answer is cut.
#define CUT_BYTES 512

static void
send_message(struct lat_osc_out *out, const struct lat_osc_peer *peer,
             const char *path, lo_message m)
{
    size_t size = lo_message_length(m, path);
    if (size > sizeof(out->packet)) {
        lat_log_bounded(LAT_LOG_WARNING,
                        "OSC: an answer of %zu bytes is too long to send",
                        size);
        return;
    }
    lo_message_serialise(m, path, out->packet, &size);
    if (!out->held || !lat_osc_queue_add(out->held, peer, out->packet, size)) {
        out->send(out->data, peer, out->packet, size);
    }
}

/// Say that the answer ends here.
static void
tell_cut(struct lat_osc_out *out, const struct lat_osc_peer *peer,
         const char *path)
{
    static const char text[] = "the answer ends here: UDP to another machine "
                               "takes 16 KiB for one datagram; ask over TCP";
    char shown[200];
    lo_message m = lo_message_new();
    lat_osc_log_failure(peer, lat_osc_shorten(path, shown, sizeof(shown)),
                        text);
    if (m) {
        lo_message_add_string(m, shown);
        lo_message_add_string(m, text);
        send_message(out, peer, "/fail", m);
        lo_message_free(m);
    }
}

/// Does it fit what the packet may be answered with?  If not, that is told
/// once.
static bool
is_allowed(struct lat_osc_out *out, const struct lat_osc_peer *peer,
           const char *path, size_t size)
{
    if (out->allowance == SIZE_MAX) {
        return true;
    }
    if (!out->is_cut && size + CUT_BYTES <= out->allowance) {
        out->allowance -= size;
        return true;
    }
    if (!out->is_cut) {
        out->is_cut = true;
        tell_cut(out, peer, path);
    }
    return false;
}

void
lat_osc_out_message(struct lat_osc_out *out, const struct lat_osc_peer *peer,
                    const char *path, lo_message m)
{
    if (m && is_allowed(out, peer, path, lo_message_length(m, path))) {
        send_message(out, peer, path, m);
    }
    lo_message_free(m);
}

void
lat_osc_answer(const struct lat_osc_call *call, const char *path,
               const char *types, ...)
{
    lo_message m = lo_message_new();
    if (!m) {
        return;
    }
    // "$$" tells liblo that no marks of its own follow the values.
    char tags[24];
    snprintf(tags, sizeof(tags), "%s$$", types);
    va_list args;
    va_start(args, types);
    lo_message_add_varargs(m, tags, args);
    va_end(args);
    lat_osc_out_message(call->out, call->peer, path, m);
}

void
lat_osc_answer_message(const struct lat_osc_call *call, const char *path,
                       lo_message m)
{
    lat_osc_out_message(call->out, call->peer, path, m);
}

void
lat_osc_done_list(const struct lat_osc_call *call, uint32_t count)
{
    lat_osc_answer(call, "/done", "si", call->path, (int32_t)count);
}

static void
add_argument_names(lo_message m, const struct lat_osc_message *from,
                   uint32_t first, uint32_t end)
{
    size_t total = 0;
    for (uint32_t i = first; i < end && i < from->argc; ++i) {
        const char *const text = lat_osc_text(from, i);
        char name[128];
        if (text) {
            lo_message_add_string(m, lat_osc_shorten(text, name, sizeof(name)));
            total += strlen(name) + 5;
        }
        if (total > LAT_OSC_SCRATCH_BYTES - 2048) {
            break;
        }
    }
}

/// The nodes or endpoints of the request, as sent.
static void
add_names(lo_message m, const struct lat_osc_call *call)
{
    if (!call->verb) {
        return;
    }
    char endpoint[2 * LAT_OSC_PATH_MAX];
    const char *const *const word = call->words.word;
    switch (call->verb->names) {
    case LAT_NAMES_NONE:
        break;
    case LAT_NAMES_FIRST:
        add_argument_names(m, call->m, 0, 1);
        break;
    case LAT_NAMES_SECOND:
        add_argument_names(m, call->m, 1, 2);
        break;
    case LAT_NAMES_FIRST_TWO:
        add_argument_names(m, call->m, 0, 2);
        break;
    case LAT_NAMES_ALL:
        add_argument_names(m, call->m, 0, UINT32_MAX);
        break;
    case LAT_NAMES_NODE:
        lo_message_add_string(m, word[1]);
        break;
    case LAT_NAMES_CABLE:
        for (int i = 1; i < 5; i += 2) {
            snprintf(endpoint, sizeof(endpoint), "%s/%s", word[i], word[i + 1]);
            lo_message_add_string(m, endpoint);
        }
        break;
    }
}

bool
lat_osc_is_same_peer(const struct lat_osc_peer *a, const struct lat_osc_peer *b)
{
    if (a->is_tcp || b->is_tcp) {
        return a->is_tcp && b->is_tcp && a->connection == b->connection &&
               a->generation == b->generation;
    }
    return a->socket == b->socket &&
           memcmp(&a->address, &b->address, sizeof(struct sockaddr_in6)) == 0;
}

static uint64_t
mix(uint64_t id, const void *data, size_t size)
{
    const uint8_t *bytes = data;
    for (size_t i = 0; i < size; ++i) {
        id = (id ^ bytes[i]) * UINT64_C(0x100000001b3); // FNV-1a
    }
    return id;
}

struct lat_origin
lat_osc_peer_origin(const struct lat_osc_peer *peer)
{
    uint64_t id = mix(UINT64_C(0xcbf29ce484222325), &peer->is_tcp, 1);
    if (peer->is_tcp) {
        id = mix(id, &peer->connection, sizeof(peer->connection));
        id = mix(id, &peer->generation, sizeof(peer->generation));
    } else {
        id = mix(id, &peer->socket, sizeof(peer->socket));
        id = mix(id, &peer->address, sizeof(struct sockaddr_in6));
    }
    return (struct lat_origin){.kind = LAT_ORIGIN_OSC, .id = id};
}

const char *
lat_osc_peer_name(const struct lat_osc_peer *peer, char *buffer, size_t size)
{
    char host[INET6_ADDRSTRLEN] = "somebody";
    unsigned port = 0;
    if (peer->address.ss_family == AF_INET) {
        struct sockaddr_in a;
        memcpy(&a, &peer->address, sizeof(a));
        inet_ntop(AF_INET, &a.sin_addr, host, sizeof(host));
        port = ntohs(a.sin_port);
    } else if (peer->address.ss_family == AF_INET6) {
        struct sockaddr_in6 a;
        memcpy(&a, &peer->address, sizeof(a));
        inet_ntop(AF_INET6, &a.sin6_addr, host, sizeof(host));
        port = ntohs(a.sin6_port);
    }
    snprintf(buffer, size, "%s port %u", host, port);
    return buffer;
}

void
lat_osc_log_failure(const struct lat_osc_peer *peer, const char *path,
                    const char *text)
{
    char name[LAT_OSC_PEER_NAME_MAX];
    struct lat_error line; // for its cleaning of control bytes
    lat_error_set(&line, LAT_EINVAL, "%s: %s", path, text);
    lat_log_bounded(LAT_LOG_WARNING, "OSC from %s: %s",
                    lat_osc_peer_name(peer, name, sizeof(name)), line.text);
}

void
lat_osc_out_fail(struct lat_osc_out *out, const struct lat_osc_peer *peer,
                 const char *path, const char *text,
                 const struct lat_osc_call *call)
{
    char shown[200];
    lat_osc_shorten(*path ? path : "/", shown, sizeof(shown));
    if (!out->dumps || !*out->dumps) {
        lat_osc_log_failure(peer, shown, text);
    }
    lo_message m = lo_message_new();
    if (m) {
        lo_message_add_string(m, shown);
        lo_message_add_string(m, text);
        if (call) {
            add_names(m, call);
        }
        lat_osc_out_message(out, peer, "/fail", m);
    }
}

void
lat_osc_out_fail_memory(struct lat_osc_out *out,
                        const struct lat_osc_peer *peer, const char *path)
{
    lat_osc_out_fail(out, peer, path, lat_strerror(LAT_ENOMEM), NULL);
}

void
lat_osc_out_done(struct lat_osc_out *out, const struct lat_osc_peer *peer,
                 const char *path, const struct lat_osc_call *call)
{
    lo_message m = lo_message_new();
    if (m) {
        lo_message_add_string(m, path);
        add_names(m, call);
        lat_osc_out_message(out, peer, "/done", m);
    }
}

char *
lat_osc_scratch(const struct lat_osc_call *call, size_t *size)
{
    *size = sizeof(call->out->scratch);
    return call->out->scratch;
}
