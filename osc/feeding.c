// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "feeding.h"
#include "base/log.h"
#include "verbs.h"

static void
send_out(void *data, const struct lat_osc_peer *peer, const void *packet,
         size_t size)
{
    struct lat_osc_router *const r = data;
    r->out.send(r->out.data, peer, packet, size);
}

static enum lat_osc_room
room_for_feedback(void *data, const struct lat_osc_peer *peer)
{
    const struct lat_osc_router *const r = data;
    return r->net.room ? r->net.room(r->net.data, peer) : LAT_OSC_ROOM;
}

static void
find_host(void *data, const char *host, const char *port, uint64_t line)
{
    const struct lat_osc_router *const r = data;
    if (r->net.find) {
        r->net.find(r->net.data, host, port, line);
    }
}

static bool
is_us_for_feedback(void *data, const struct sockaddr_storage *address)
{
    const struct lat_osc_router *const r = data;
    return r->net.is_us && r->net.is_us(r->net.data, address);
}

static void
count_bundles(void *data, struct lat_osc_bundle_counts *out)
{
    lat_osc_count_bundles(data, out);
}

enum lat_status
lat_osc_feeding_begin(struct lat_osc_router *r)
{
    const struct lat_osc_feedback_hooks hooks = {
        .send = send_out,
        .room = room_for_feedback,
        .find = find_host,
        .is_us = is_us_for_feedback,
        .count = count_bundles,
        .data = r,
    };
    const struct lat_osc_sends_hooks sends = {
        .send = send_out, .find = find_host, .data = r};
    const enum lat_status status =
        r->options.start ? LAT_OK
                         : lat_osc_sends_new(r->control, &sends, &r->sends);
    return status ? status
                  : lat_osc_feedback_new(r->control, &r->options, &hooks,
                                         &r->feedback);
}

void
lat_osc_router_set_net(struct lat_osc_router *r, const struct lat_osc_net *net)
{
    r->net = *net;
    lat_osc_feedback_take_lines(r->feedback);
}

void
lat_osc_router_unsent(const struct lat_osc_router *r,
                      const struct sockaddr_storage *to, const char *why)
{
    const struct lat_osc_peer peer = {.address = *to};
    const struct lat_node *const node =
        r->sends ? lat_osc_sends_to(r->sends, to) : NULL;
    char name[LAT_OSC_PEER_NAME_MAX];
    lat_osc_peer_name(&peer, name, sizeof(name));
    if (node) {
        lat_log_bounded(LAT_LOG_WARNING,
                        "%s (osc_out) cannot send to %s: %s; see its setting "
                        "host, and whether the network leads there",
                        node->name, name, why);
    } else {
        lat_log_bounded(LAT_LOG_WARNING,
                        "OSC to %s was not sent: %s; see whether the network "
                        "leads there",
                        name, why);
    }
}

bool
lat_osc_router_seeks(const struct lat_osc_router *r, uint64_t line)
{
    return line & LAT_OSC_SENDS_ID ? lat_osc_sends_seek(r->sends, line)
                                   : lat_osc_feedback_seeks(r->feedback, line);
}

void
lat_osc_router_found(struct lat_osc_router *r, uint64_t line,
                     const struct sockaddr_storage *address)
{
    if (line & LAT_OSC_SENDS_ID) {
        lat_osc_sends_found(r->sends, line, address);
    } else {
        lat_osc_feedback_found(r->feedback, line, address);
    }
}
