// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Nobody's fader is moved against the finger on it.  Who moves a value hears
// nothing of it until 200 ms after its last message, then what it is, once; and
// while its control is touched, as …/z 1 tells, nothing at all.  Since a …/z 0
// may get lost, that ends 10 s after its last message.

#include "feedback_state.h"
#include "graph/voice.h"
#include "words.h"

#include <netinet/in.h>
#include <string.h>

#define QUIET_NS   UINT64_C(200000000)
#define TOUCHED_NS UINT64_C(10000000000)

/// The same host?  On this machine there are many, each with its port.
static bool
is_same_host(const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
    struct sockaddr_in x;
    struct sockaddr_in y;
    struct sockaddr_in6 x6;
    struct sockaddr_in6 y6;
    if (a->ss_family != b->ss_family) {
        return false;
    }
    if (a->ss_family == AF_INET) {
        memcpy(&x, a, sizeof(x));
        memcpy(&y, b, sizeof(y));
        const bool is_loopback = ntohl(x.sin_addr.s_addr) >> 24U == 127;
        return x.sin_addr.s_addr == y.sin_addr.s_addr &&
               (!is_loopback || x.sin_port == y.sin_port);
    }
    memcpy(&x6, a, sizeof(x6));
    memcpy(&y6, b, sizeof(y6));
    return memcmp(&x6.sin6_addr, &y6.sin6_addr, sizeof(x6.sin6_addr)) == 0 &&
           (!IN6_IS_ADDR_LOOPBACK(&x6.sin6_addr) ||
            x6.sin6_port == y6.sin6_port);
}

bool
lat_feedback_is_of(const struct lat_subscriber *s,
                   const struct lat_osc_peer *peer)
{
    if (s->from.is_tcp && peer->is_tcp) {
        return lat_osc_is_same_peer(&s->from, peer);
    }
    return is_same_host(&s->from.address, &peer->address);
}

static bool
is_about(const struct lat_feedback_item *item, const struct lat_change *change)
{
    switch (change->kind) {
    case LAT_CHANGE_VALUE:
        return lat_feedback_is_input(item, change->node->id, change->input,
                                     change->voice);
    case LAT_CHANGE_SETTINGS:
    case LAT_CHANGE_BYPASS:
        return (item->kind == LAT_ADDRESS_SETTING ||
                item->kind == LAT_ADDRESS_BYPASS) &&
               item->node_id == change->node->id;
    case LAT_CHANGE_PLACE:
        return item->kind == LAT_ADDRESS_PROCESS &&
               item->node_id == change->node->id;
    case LAT_CHANGE_AMOUNT:
        return item->kind == LAT_ADDRESS_AMOUNT && item->cable == change->cable;
    case LAT_CHANGE_TEMPO:
        return item->kind == LAT_ADDRESS_TEMPO;
    case LAT_CHANGE_PLAY:
        return item->kind == LAT_ADDRESS_PLAYING;
    default:
        return false;
    }
}

static void
keep_quiet(struct lat_feedback_item *item, uint64_t now_ns)
{
    item->is_due = true;
    item->quiet_ns = now_ns + QUIET_NS;
    if (item->touched_ns > now_ns) {
        item->touched_ns = now_ns + TOUCHED_NS;
    }
}

void
lat_feedback_moved(struct lat_subscriber *s, const struct lat_change *change,
                   uint64_t now_ns)
{
    for (uint32_t i = 0; i < s->n_items; ++i) {
        if (is_about(&s->items[i], change)) {
            keep_quiet(&s->items[i], now_ns);
        }
    }
}

/// An input is one control, whether it is written as it is or as /norm.
struct control {
    uint64_t node_id; ///< 0: it is the address alone
    uint32_t input, voice;
    const char *path;
};

static struct control
find_control(const struct lat_osc_feedback *f, const char *path)
{
    struct control out = {.path = path};
    struct lat_osc_words w;
    struct lat_osc_address a;
    if (!lat_osc_split(&w, path) || w.n < 3 || w.n > 4 ||
        strcmp(w.word[0], "node") != 0) {
        return out;
    }
    struct lat_voice v;
    if (!lat_graph_find_voice(lat_control_graph(f->control), w.word[1], &v,
                              NULL) &&
        lat_osc_address_find(v.node, w.word[2], w.n == 4 ? w.word[3] : "",
                             LAT_ACCESS_SET, &a) &&
        (a.kind == LAT_ADDRESS_INPUT || a.kind == LAT_ADDRESS_NORM)) {
        out.node_id = v.node->id;
        out.input = a.index;
        out.voice = v.number;
    }
    return out;
}

static bool
is_control(const struct lat_feedback_item *item, const struct control *c)
{
    if (c->node_id) {
        return lat_feedback_is_input(item, c->node_id, c->input, c->voice);
    }
    return strcmp(item->path, c->path) == 0;
}

void
lat_osc_feedback_touch(struct lat_osc_feedback *f,
                       const struct lat_osc_peer *peer, const char *path,
                       bool is_down, uint64_t now_ns)
{
    const struct control c = find_control(f, path);
    for (struct lat_subscriber *s = f->first; s; s = s->next) {
        for (uint32_t i = 0; lat_feedback_is_of(s, peer) && i < s->n_items;
             ++i) {
            struct lat_feedback_item *const item = &s->items[i];
            if (!is_control(item, &c)) {
                continue;
            }
            item->touched_ns = is_down ? now_ns + TOUCHED_NS : 0;
            item->is_due = true;
            item->quiet_ns = now_ns + QUIET_NS;
            s->is_changed = true;
        }
    }
}
