// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What a lattice sends by itself, to whoever asked for it over TCP.

#include "client_state.h"
#include "print.h"

#include <string.h>

enum lat_status
lat_osc_client_subscribe(struct lat_osc_client *c, const char *pattern,
                         struct lat_error *error)
{
    return lat_osc_client_tell(c, "/subscribe", &pattern, 1, error);
}

enum lat_status
lat_osc_client_notify(struct lat_osc_client *c, struct lat_error *error)
{
    return lat_osc_client_tell(c, "/notify", (const char *const[]){"1"}, 1,
                               error);
}

/// Who takes the messages.
struct taker {
    lat_osc_message_fn each;
    void *data;
};

static bool
take_packet(void *data, const void *packet, size_t size)
{
    const struct taker *const t = data;
    struct lat_osc_bundle bundle;
    struct lat_osc_message m;
    if (!lat_osc_is_bundle(packet, size)) {
        if (!lat_osc_message_read(&m, packet, size, NULL)) {
            t->each(t->data, &m);
            lat_osc_message_fini(&m);
        }
    } else if (!lat_osc_bundle_read(&bundle, packet, size, NULL)) {
        for (uint32_t i = 0; i < bundle.n_messages; ++i) {
            t->each(t->data, &bundle.messages[i]);
        }
        lat_osc_bundle_fini(&bundle);
    }
    return true;
}

enum lat_status
lat_osc_client_receive(struct lat_osc_client *c, lat_osc_message_fn each,
                       void *data, bool *has_ended, struct lat_error *error)
{
    struct taker taker = {each, data};
    return lat_osc_client_receive_packets(c, take_packet, &taker, has_ended,
                                          error);
}

/// Who takes lines.
struct listener {
    struct lat_osc_client *client;
    lat_osc_line_fn each;
    void *data;
    struct lat_error *error;
    enum lat_status status;
};

static void
take_news(void *data, const struct lat_osc_message *m)
{
    struct listener *const l = data;
    if (l->status) {
        return;
    }
    if (strcmp(m->path, "/fail") == 0) {
        const char *const about = lat_osc_text(m, 0);
        const char *const text = lat_osc_text(m, 1);
        l->status =
            lat_error_set(l->error, LAT_EINVAL, "%s: %s",
                          about ? about : "/subscribe", text ? text : "failed");
    } else if (strcmp(m->path, "/done") != 0) {
        l->each(l->data,
                lat_osc_message_text(m, l->client->line, LAT_CLIENT_LINE_BYTES),
                false);
    }
}

enum lat_status
lat_osc_client_listen(struct lat_osc_client *c, lat_osc_line_fn each,
                      void *data, struct lat_error *error)
{
    struct listener l = {c, each, data, error, LAT_OK};
    enum lat_status status = LAT_OK;
    bool has_ended = false;
    while (!status && !l.status && !has_ended) {
        status = lat_osc_client_receive(c, take_news, &l, &has_ended, error);
    }
    return l.status ? l.status : status;
}
