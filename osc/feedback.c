// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "feedback.h"
#include "feedback_state.h"
#include "graph/voice.h"
#include "sessions/maps.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

static uint64_t
earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

// Changes.

/// Who made a change, or NULL.
static const struct lat_osc_peer *
find_sender(const struct lat_osc_feedback *f, struct lat_origin origin)
{
    const struct lat_osc_peer *const peer =
        &f->senders[origin.id % LAT_FEEDBACK_SENDERS];
    return origin.kind == LAT_ORIGIN_OSC && peer->address.ss_family &&
                   lat_osc_peer_origin(peer).id == origin.id
               ? peer
               : NULL;
}

/// A node of the pattern is called otherwise.  Without memory it means nothing
/// any more.
static void
rename_in(struct lat_subscriber *s, const char *from, const char *to)
{
    char *const pattern = lat_pattern_rename(s->pattern, from, to);
    if (pattern) {
        free(s->pattern);
        s->pattern = pattern;
    }
}

static void
follow_change(struct lat_osc_feedback *f, const struct lat_change *change)
{
    const struct lat_osc_peer *const sender = find_sender(f, change->origin);
    for (struct lat_subscriber *s = f->first; s; s = s->next) {
        if (change->kind == LAT_CHANGE_NODE_RENAMED && change->node) {
            rename_in(s, change->old_name, change->node->name);
        }
        if (sender && lat_feedback_is_of(s, sender)) {
            lat_feedback_moved(s, change, f->now_ns);
        }
    }
}

static void
on_changes(void *data, const struct lat_changes *changes)
{
    struct lat_osc_feedback *const f = data;
    const uint32_t finds =
        LAT_TOPIC_STRUCTURE | LAT_TOPIC_SETTINGS | LAT_TOPIC_PLACES;
    for (uint32_t i = 0; f->first && i < changes->n; ++i) {
        follow_change(f, &changes->entries[i]);
    }
    if (changes->is_session) {
        lat_osc_feedback_take_lines(f);
    }
    for (struct lat_subscriber *s = f->first; s; s = s->next) {
        s->is_changed = true;
        s->is_stale =
            s->is_stale || changes->is_whole || (changes->topics & finds) != 0;
    }
}

// Subscribers.

static void
set_port(struct sockaddr_storage *address, uint16_t port)
{
    struct sockaddr_in6 a6;
    struct sockaddr_in a;
    if (address->ss_family == AF_INET6) {
        memcpy(&a6, address, sizeof(a6));
        a6.sin6_port = htons(port);
        memcpy(address, &a6, sizeof(a6));
    } else {
        memcpy(&a, address, sizeof(a));
        a.sin_port = htons(port);
        memcpy(address, &a, sizeof(a));
    }
}

/// Is it what was asked for by this pattern?  One that followed a node to its
/// new name is renewed by the old one too, unless another node has that now.
static bool
is_asked_by(const struct lat_osc_feedback *f, const struct lat_subscriber *s,
            const char *pattern)
{
    struct lat_osc_words words;
    struct lat_voice v;
    return strcmp(s->pattern, pattern) == 0 ||
           (strcmp(s->asked, pattern) == 0 && lat_osc_split(&words, pattern) &&
            words.n > 1 &&
            lat_graph_find_voice(lat_control_graph(f->control), words.word[1],
                                 &v, NULL));
}

static struct lat_subscriber *
find_subscriber(const struct lat_osc_feedback *f, const struct lat_osc_peer *to,
                const char *pattern)
{
    struct lat_subscriber *s = f->first;
    while (s && !(lat_osc_is_same_peer(&s->peer, to) &&
                  is_asked_by(f, s, pattern))) {
        s = s->next;
    }
    return s;
}

enum lat_status
lat_osc_subscribe(struct lat_osc_feedback *f, const struct lat_osc_peer *peer,
                  const char *pattern, double hz, uint16_t port,
                  uint64_t now_ns, struct lat_error *error)
{
    struct lat_osc_peer to = *peer;
    if (!lat_feedback_is_pattern(pattern, error) ||
        lat_feedback_is_no_number(f, pattern, error)) {
        return error->status;
    }
    if (port) {
        set_port(&to.address, port);
    }
    if (f->hooks.is_us && !peer->is_tcp &&
        f->hooks.is_us(f->hooks.data, &to.address)) {
        return lat_error_set(error, LAT_EINVAL,
                             "PORT %u is where this lattice listens itself",
                             (unsigned)port);
    }
    struct lat_subscriber *s = find_subscriber(f, &to, pattern);
    if (!s) {
        s = lat_feedback_add(f, peer, &to, pattern, hz, error);
    }
    if (!s) {
        return error->status;
    }
    const uint64_t interval_ns = (uint64_t)(1e9 / hz);
    if (interval_ns != s->interval_ns) {
        lat_feedback_drop_items(f, s); // what is watched is so at its rate
    }
    s->from = *peer;
    s->interval_ns = interval_ns;
    s->expires_ns =
        peer->is_tcp ? UINT64_MAX : now_ns + LAT_OSC_FEEDBACK_LIFE_NS;
    s->next_ns = now_ns;
    s->wake_ns = UINT64_MAX;
    s->is_stale = !lat_feedback_find(f, s); // hands are on them from now on
    for (uint32_t i = 0; i < s->n_items; ++i) {
        s->items[i].is_due = true;
    }
    s->is_changed = true;
    return LAT_OK;
}

/// Is it one that @p peer may end?  Who names the port that it goes to may be
/// anybody of that host.
static bool
is_meant(const struct lat_osc_feedback *f, const struct lat_subscriber *s,
         const struct lat_osc_peer *peer, const char *pattern, uint16_t port)
{
    struct lat_osc_peer to = *peer;
    if (s->line || !is_asked_by(f, s, pattern)) {
        return false;
    }
    if (!port) {
        return lat_osc_is_same_peer(&s->from, peer);
    }
    set_port(&to.address, port);
    return lat_osc_is_same_peer(&s->peer, &to);
}

enum lat_status
lat_osc_unsubscribe(struct lat_osc_feedback *f, const struct lat_osc_peer *peer,
                    const char *pattern, uint16_t port, struct lat_error *error)
{
    uint32_t n = 0;
    for (struct lat_subscriber **at = &f->first; *at;) {
        if (is_meant(f, *at, peer, pattern, port)) {
            lat_feedback_drop(f, at);
            ++n;
        } else {
            at = &(*at)->next;
        }
    }
    return n > 0 ? LAT_OK
                 : lat_error_set(error, LAT_ENOTFOUND,
                                 "you have no subscription to %.100s from "
                                 "there; /unsubscribe PATTERN PORT ends one by "
                                 "the port that it goes to, and those that are "
                                 "not renewed end after 60 s",
                                 pattern);
}

void
lat_osc_feedback_heard(struct lat_osc_feedback *f,
                       const struct lat_osc_peer *peer, uint64_t now_ns)
{
    f->now_ns = now_ns;
    if (f->first) {
        const uint64_t id = lat_osc_peer_origin(peer).id;
        f->senders[id % LAT_FEEDBACK_SENDERS] = *peer;
        lat_feedback_wake_lines(f, peer, now_ns);
    }
}

// Looks.

static enum lat_osc_room
room(const struct lat_osc_feedback *f, const struct lat_subscriber *s)
{
    return f->hooks.room ? f->hooks.room(f->hooks.data, &s->peer)
                         : LAT_OSC_ROOM;
}

/// Send what is new; note when to look again.
static void
look(struct lat_osc_feedback *f, struct lat_subscriber *s, uint64_t now_ns)
{
    struct lat_feedback_pack pack = {.hooks = &f->hooks, .peer = &s->peer};
    bool is_moving = false;
    s->wake_ns = UINT64_MAX;
    if (s->is_stale) {
        s->is_stale = !lat_feedback_find(f, s);
    }
    for (uint32_t i = 0; i < s->n_items; ++i) {
        struct lat_feedback_item *const item = &s->items[i];
        const uint64_t until_ns = item->quiet_ns > item->touched_ns
                                      ? item->quiet_ns
                                      : item->touched_ns;
        if (until_ns > now_ns) {
            s->wake_ns = earlier(s->wake_ns, until_ns);
            continue;
        }
        lo_message m = lat_feedback_read(f, item, now_ns, &is_moving);
        if (m) {
            lat_feedback_pack_add(&pack, item->path, m);
        }
    }
    lat_feedback_pack_send(&pack);
    s->is_changed = is_moving || s->is_stale;
    // Along a grid where it is late by little.
    s->next_ns += now_ns >= s->next_ns ? s->interval_ns : 0;
    if (s->next_ns <= now_ns) {
        s->next_ns = now_ns + s->interval_ns;
    }
}

static uint64_t
next_look_ns(const struct lat_subscriber *s)
{
    if (s->line && !s->peer.address.ss_family) {
        return UINT64_MAX; // its host is not known yet
    }
    return s->is_changed || s->has_streams ? earlier(s->next_ns, s->wake_ns)
                                           : s->wake_ns;
}

void
lat_osc_feedback_tick(struct lat_osc_feedback *f, uint64_t now_ns)
{
    f->now_ns = now_ns;
    if (f->first) {
        lat_feedback_take_records(f);
    }
    for (struct lat_subscriber **at = &f->first; *at;) {
        struct lat_subscriber *const s = *at;
        const bool is_due = next_look_ns(s) <= now_ns;
        const enum lat_osc_room is_room = is_due ? room(f, s) : LAT_OSC_NO_ROOM;
        if (s->expires_ns <= now_ns || is_room == LAT_OSC_NOBODY) {
            lat_feedback_drop(f, at);
            continue;
        }
        if (is_room == LAT_OSC_ROOM) {
            look(f, s, now_ns);
        } else if (is_due) {
            s->next_ns = now_ns + s->interval_ns;
        }
        at = &s->next;
    }
}

uint64_t
lat_osc_feedback_next_ns(const struct lat_osc_feedback *f)
{
    uint64_t next_ns = UINT64_MAX;
    for (const struct lat_subscriber *s = f->first; s; s = s->next) {
        next_ns = earlier(next_ns, earlier(next_look_ns(s), s->expires_ns));
    }
    return next_ns;
}

enum lat_status
lat_osc_feedback_new(struct lat_control *control,
                     const struct lat_osc_options *options,
                     const struct lat_osc_feedback_hooks *hooks,
                     struct lat_osc_feedback **out)
{
    struct lat_osc_feedback *const f = calloc(1, sizeof(*f));
    if (!f) {
        return LAT_ENOMEM;
    }
    f->control = control;
    f->options = options;
    f->hooks = *hooks;
    const struct lat_listener listener = {
        .data = f,
        .topics = LAT_TOPIC_STRUCTURE | LAT_TOPIC_VALUES | LAT_TOPIC_AMOUNTS |
                  LAT_TOPIC_SETTINGS | LAT_TOPIC_PLACES | LAT_TOPIC_TRANSPORT |
                  LAT_TOPIC_FOLLOWED_TEMPO,
        .changed = on_changes};
    const enum lat_status status = lat_control_listen(control, &listener);
    if (status) {
        free(f);
        return status;
    }
    *out = f;
    return LAT_OK;
}

void
lat_osc_feedback_free(struct lat_osc_feedback *f)
{
    if (f) {
        lat_control_unlisten(f->control, f);
        while (f->first) {
            lat_feedback_drop(f, &f->first);
        }
        lat_reader_free(f->reader);
        free(f);
    }
}
