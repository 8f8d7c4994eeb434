// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Subscriptions that stand in a session: [osc] feedback = HOST:PORT PATTERN
// [HZ]. They never end.  A host that was silent for 10 s and comes back is sent
// everything again: it may have slept, or been switched on just now.

#include "base/address.h"
#include "base/log.h"
#include "base/text.h"
#include "feedback_state.h"

#include <stdlib.h>
#include <string.h>

#define SILENT_NS UINT64_C(10000000000)

static void
add_line(struct lat_osc_feedback *f, const char *text)
{
    char address[300] = "";
    char pattern[LAT_OSC_PATH_MAX] = "";
    char rate[32] = "";
    struct lat_address to;
    double hz = LAT_OSC_FEEDBACK_HZ;
    struct lat_error error = {0};
    if (sscanf(text, "%299s %383s %31s", address, pattern, rate) < 2 ||
        !lat_address_read(address, &to) || !to.port) {
        return; // of a newer lattice
    }
    if (*rate && (!lat_parse_number(rate, &hz) || !(hz > 0.0))) {
        hz = LAT_OSC_FEEDBACK_HZ;
    }
    if (!lat_feedback_is_pattern(pattern, &error)) {
        lat_log(LAT_LOG_WARNING, "feedback %s: %s", text, error.text);
        return;
    }
    const struct lat_osc_peer nobody = {.socket = LAT_OSC_OUTGOING};
    struct lat_subscriber *const s =
        lat_feedback_add(f, &nobody, &nobody, pattern, hz, &error);
    if (!s) {
        lat_log(LAT_LOG_WARNING, "feedback %s: %s", text, error.text);
        return;
    }
    s->line = ++f->n_lines;
    s->expires_ns = UINT64_MAX;
    s->is_stale = true;
    if (f->hooks.find) {
        char port[8];
        snprintf(port, sizeof(port), "%u", (unsigned)to.port);
        f->hooks.find(f->hooks.data, to.host, port, s->line);
    }
}

void
lat_osc_feedback_take_lines(struct lat_osc_feedback *f)
{
    lat_feedback_drop_lines(f);
    for (const struct lat_line *line = lat_control_document(f->control)->osc;
         line; line = line->next) {
        if (strcmp(line->key, "feedback") == 0) {
            add_line(f, line->text);
        }
    }
}

bool
lat_osc_feedback_seeks(const struct lat_osc_feedback *f, uint64_t line)
{
    const struct lat_subscriber *s = f->first;
    while (s && s->line != line) {
        s = s->next;
    }
    return s;
}

void
lat_osc_feedback_found(struct lat_osc_feedback *f, uint64_t line,
                       const struct sockaddr_storage *address)
{
    if (f->hooks.is_us && f->hooks.is_us(f->hooks.data, address)) {
        lat_log(LAT_LOG_WARNING, "a line of [osc] sends feedback to this "
                                 "lattice itself: it is left out");
        return;
    }
    for (struct lat_subscriber *s = f->first; s; s = s->next) {
        if (s->line == line) {
            s->peer.address = *address;
            s->from = s->peer;
            s->is_changed = true;
        }
    }
}

void
lat_feedback_wake_lines(struct lat_osc_feedback *f,
                        const struct lat_osc_peer *peer, uint64_t now_ns)
{
    for (struct lat_subscriber *s = f->first; s; s = s->next) {
        if (!s->line || !s->peer.address.ss_family ||
            !lat_feedback_is_of(s, peer)) {
            continue;
        }
        const bool was_silent =
            s->heard_ns == 0 || now_ns - s->heard_ns >= SILENT_NS;
        s->heard_ns = now_ns;
        for (uint32_t i = 0; was_silent && i < s->n_items; ++i) {
            s->items[i].is_due = true;
            s->is_changed = true;
        }
    }
}
