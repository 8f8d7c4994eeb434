// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A record bears the instance that sent it.  Which node that is, and what its
// settings say, is put in order once for all of them when the graph has
// changed. An instance that is not found is one that is dying: it sends no
// more.

#include "sends.h"
#include "base/address.h"
#include "base/array.h"
#include "base/log.h"
#include "control/listen.h"
#include "control/watch.h"

#include <lo/lo.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

/// Records that may wait: some milliseconds of a hundred nodes at full rate.
#define MAX_RECORDS 2048

/// A node that sends.
struct outlet {
    const struct lat_instance *inst;
    const struct lat_node *node; ///< in the graph
    uint64_t node_id;
    bool may_send;
    char host[LAT_HOST_MAX + 8]; ///< as its setting says
    struct lat_osc_peer peer;
    bool is_found;
    uint64_t search; ///< its number, or 0
    bool is_waiting; ///< for the search, with a value:
    float value;
    bool has_told; ///< that events were lost
};

struct lat_osc_sends {
    struct lat_control *control;
    struct lat_osc_sends_hooks hooks;
    struct lat_reader *reader;
    struct outlet *all; ///< by instance
    uint32_t n;
    bool is_stale;
    uint64_t n_searches;
    uint64_t n_sent;
    uint64_t n_events_lost;
    uint64_t n_records_lost; ///< that were told
};

static void
on_changes(void *data, const struct lat_changes *changes)
{
    struct lat_osc_sends *const s = data;
    (void)changes;
    s->is_stale = true;
}

enum lat_status
lat_osc_sends_new(struct lat_control *control,
                  const struct lat_osc_sends_hooks *hooks,
                  struct lat_osc_sends **out)
{
    struct lat_osc_sends *const s = calloc(1, sizeof(*s));
    const struct lat_listener listener = {
        .data = s,
        .topics = LAT_TOPIC_STRUCTURE | LAT_TOPIC_SETTINGS,
        .changed = on_changes,
    };
    enum lat_status status = s ? LAT_OK : LAT_ENOMEM;
    if (!status) {
        s->control = control;
        s->hooks = *hooks;
        s->is_stale = true;
        status = lat_reader_new(control, MAX_RECORDS, 1U << LAT_RECORD_SENT,
                                &s->reader);
    }
    if (!status) {
        status = lat_control_listen(control, &listener);
    }
    if (status) {
        lat_osc_sends_free(s);
        return status;
    }
    *out = s;
    return LAT_OK;
}

void
lat_osc_sends_free(struct lat_osc_sends *s)
{
    if (s) {
        lat_control_unlisten(s->control, s);
        lat_reader_free(s->reader);
        free(s->all);
        free(s);
    }
}

// Who sends.

static const char *
setting_of(const struct lat_node *node, const char *name)
{
    return node->settings[lat_setting_index(node->type, name)].text;
}

static void
find_host(struct lat_osc_sends *s, struct outlet *o)
{
    struct lat_address a;
    if (!lat_address_read(o->host, &a)) {
        return;
    }
    o->peer = (struct lat_osc_peer){.socket = LAT_OSC_OUTGOING};
    o->is_found = lat_address_in_numbers(&a, &o->peer.address);
    if (!o->is_found && o->may_send) {
        char port[8];
        snprintf(port, sizeof(port), "%u", (unsigned)a.port);
        o->search = LAT_OSC_SENDS_ID | ++s->n_searches;
        s->hooks.find(s->hooks.data, a.host, port, o->search);
    }
}

static int
compare(const void *a, const void *b)
{
    const struct outlet *const x = a;
    const struct outlet *const y = b;
    return x->inst < y->inst ? -1 : x->inst > y->inst;
}

/// @return false without memory.
static bool
add(struct outlet **all, uint32_t *n, uint32_t *capacity,
    const struct lat_node *node, bool may_send)
{
    if (!lat_grow((void **)all, capacity, *n, sizeof(**all))) {
        return false;
    }
    struct outlet *const o = &(*all)[(*n)++];
    *o = (struct outlet){
        .inst = lat_control_instance(node),
        .node = node,
        .node_id = node->id,
        .may_send = may_send,
    };
    snprintf(o->host, sizeof(o->host), "%s", setting_of(node, "host"));
    return true;
}

/// What is known of hosts stays with the nodes that name the same as before.
static void
carry_over(struct lat_osc_sends *s, struct outlet *o)
{
    for (uint32_t i = 0; i < s->n; ++i) {
        const struct outlet *const old = &s->all[i];
        if (old->node_id == o->node_id) {
            o->has_told = old->has_told;
            if (old->may_send == o->may_send &&
                strcmp(old->host, o->host) == 0) {
                o->peer = old->peer;
                o->is_found = old->is_found;
                o->search = old->search;
                o->is_waiting = old->is_waiting;
                o->value = old->value;
                return;
            }
        }
    }
    find_host(s, o);
}

static void
refresh(struct lat_osc_sends *s)
{
    const struct lat_graph *const g = lat_control_graph(s->control);
    const struct lat_document *const d = lat_control_document(s->control);
    struct outlet *all = NULL;
    uint32_t n = 0;
    uint32_t capacity = 0;
    bool has_memory = true;
    for (const struct lat_node *node = g->first; node && has_memory;
         node = node->next) {
        if (node->type->flags & LAT_TYPE_SENDS) {
            has_memory =
                add(&all, &n, &capacity, node,
                    lat_document_may_send(d, setting_of(node, "host")));
        }
    }
    if (!has_memory) {
        free(all); // those of before go on
        return;
    }
    for (uint32_t i = 0; i < n; ++i) {
        carry_over(s, &all[i]);
    }
    if (n) {
        qsort(all, n, sizeof(*all), compare);
    }
    free(s->all);
    s->all = all;
    s->n = n;
    s->is_stale = false;
}

static struct outlet *
outlet_of(struct lat_osc_sends *s, const struct lat_instance *inst)
{
    const struct outlet key = {.inst = inst};
    return s->n ? bsearch(&key, s->all, s->n, sizeof(*s->all), compare) : NULL;
}

// Sending.

/// A bundle of @p m, which is taken over.  @return bytes to free(), or NULL.
static void *
in_bundle(const char *path, lo_message m, uint64_t tag, size_t *size)
{
    const lo_timetag at = {.sec = (uint32_t)(tag >> 32U),
                           .frac = (uint32_t)tag};
    lo_bundle bundle = lo_bundle_new(at);
    if (!bundle || lo_bundle_add_message(bundle, path, m)) {
        lo_message_free(m);
        if (bundle) {
            lo_bundle_free(bundle);
        }
        return NULL;
    }
    void *const packet = lo_bundle_serialise(bundle, NULL, size);
    lo_bundle_free_recursive(bundle);
    return packet;
}

static void
send_float(struct lat_osc_sends *s, const struct outlet *o, float value,
           const uint64_t *tag)
{
    const char *const path = setting_of(o->node, "path");
    lo_message m = lo_message_new();
    void *packet = NULL;
    size_t size = 0;
    if (!m || lo_message_add_float(m, value)) {
        lo_message_free(m);
        return;
    }
    if (tag) {
        packet = in_bundle(path, m, *tag, &size);
    } else {
        packet = lo_message_serialise(m, path, NULL, &size);
        lo_message_free(m);
    }
    if (packet) {
        s->hooks.send(s->hooks.data, &o->peer, packet, size);
        ++s->n_sent;
        free(packet);
    }
}

/// Told once for each node: it may happen a thousand times a second.
static void
count_lost(struct lat_osc_sends *s, struct outlet *o, uint32_t n)
{
    s->n_events_lost += n;
    if (n && !o->has_told) {
        o->has_told = true;
        lat_log(
            LAT_LOG_WARNING,
            "%s: events came faster than %g a second, and some were not "
            "sent; raise its rate (it is told once, and counted as "
            "osc_out_lost)",
            o->node->name,
            o->node->settings[lat_setting_index(o->node->type, "rate")].number);
    }
}

static void
send_record(struct lat_osc_sends *s, const struct lat_record *r,
            const struct lat_timeline *line)
{
    struct outlet *const o = outlet_of(s, r->sent.inst);
    if (!o || !o->may_send || !*setting_of(o->node, "path")) {
        return;
    }
    count_lost(s, o, r->sent.n_lost);
    if (!o->is_found) {
        o->is_waiting = o->search != 0;
        o->value = r->sent.value;
        return;
    }
    if (r->sent.is_event) {
        const int latency = lat_setting_index(o->node->type, "latency");
        const double seconds = o->node->settings[latency].number;
        const uint64_t tag = line->is_set ? lat_timeline_tag(line, r->frame) +
                                                (uint64_t)(seconds * 0x1p32)
                                          : LAT_TIMELINE_NOW;
        send_float(s, o, r->sent.value, &tag);
    } else {
        send_float(s, o, r->sent.value, NULL);
    }
}

bool
lat_osc_sends_are_due(const struct lat_osc_sends *s)
{
    return !lat_reader_is_empty(s->reader);
}

static void
tell_lost_records(struct lat_osc_sends *s)
{
    const uint64_t n = lat_reader_lost(s->reader);
    if (n && !s->n_records_lost) {
        lat_log(LAT_LOG_WARNING,
                "more was to be sent by osc_out than there was time for; some "
                "of it was not (it is told once, and counted as osc_out_lost)");
    }
    s->n_records_lost = n;
}

void
lat_osc_sends_tick(struct lat_osc_sends *s, const struct lat_timeline *line)
{
    struct lat_record r;
    if (s->is_stale) {
        refresh(s);
    }
    while (lat_reader_next(s->reader, &r)) {
        send_record(s, &r, line);
    }
    tell_lost_records(s);
}

const struct lat_node *
lat_osc_sends_to(const struct lat_osc_sends *s,
                 const struct sockaddr_storage *address)
{
    const size_t size = address->ss_family == AF_INET6
                            ? sizeof(struct sockaddr_in6)
                            : sizeof(struct sockaddr_in);
    for (uint32_t i = 0; i < s->n && !s->is_stale; ++i) {
        const struct outlet *const o = &s->all[i];
        if (o->is_found && memcmp(&o->peer.address, address, size) == 0) {
            return o->node;
        }
    }
    return NULL;
}

bool
lat_osc_sends_seek(const struct lat_osc_sends *s, uint64_t id)
{
    uint32_t i = 0;
    while (i < s->n && s->all[i].search != id) {
        ++i;
    }
    return i < s->n;
}

void
lat_osc_sends_found(struct lat_osc_sends *s, uint64_t id,
                    const struct sockaddr_storage *address)
{
    for (uint32_t i = 0; i < s->n; ++i) {
        struct outlet *const o = &s->all[i];
        if (o->search != id) {
            continue;
        }
        o->peer.address = *address;
        o->is_found = true;
        o->search = 0;
        if (o->is_waiting && !s->is_stale) {
            send_float(s, o, o->value, NULL);
        }
        o->is_waiting = false;
    }
}

struct lat_osc_sends_counts
lat_osc_sends_count(const struct lat_osc_sends *s)
{
    return (struct lat_osc_sends_counts){
        .n_sent = s->n_sent,
        .n_lost = s->n_events_lost + lat_reader_lost(s->reader),
    };
}
