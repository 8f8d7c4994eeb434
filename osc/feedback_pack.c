// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "base/rt.h"
#include "feedback_state.h"

#include <stdlib.h>

/// What a datagram holds that is not cut on its way.
#define MAX_BYTES 1400U

/// Of a bundle, before its messages.
#define HEAD_BYTES 16U

static void
send_packet(const struct lat_feedback_pack *p, void *packet, size_t size)
{
    if (packet) {
        p->hooks->send(p->hooks->data, p->peer, packet, size);
        free(packet);
    }
}

void
lat_feedback_pack_send(struct lat_feedback_pack *p)
{
    size_t size = 0;
    if (p->n == 1) {
        void *const packet =
            lo_message_serialise(p->at[0].message, p->at[0].path, NULL, &size);
        send_packet(p, packet, size);
        lo_message_free(p->at[0].message);
    } else if (p->n > 1) {
        lo_bundle bundle = lo_bundle_new(LO_TT_IMMEDIATE);
        for (uint32_t i = 0; i < p->n; ++i) {
            if (!bundle || lo_bundle_add_message(bundle, p->at[i].path,
                                                 p->at[i].message)) {
                lo_message_free(p->at[i].message);
            }
        }
        if (bundle) {
            void *const packet = lo_bundle_serialise(bundle, NULL, &size);
            send_packet(p, packet, size);
            lo_bundle_free_recursive(bundle);
        }
    }
    p->n = 0;
}

void
lat_feedback_pack_add(struct lat_feedback_pack *p, const char *path,
                      lo_message message)
{
    const size_t bytes = lo_message_length(message, path) + 4;
    if (p->n == LAT_COUNT(p->at) ||
        (p->n > 0 && p->bytes + bytes > MAX_BYTES)) {
        lat_feedback_pack_send(p);
    }
    p->bytes = p->n > 0 ? p->bytes : HEAD_BYTES;
    p->at[p->n].path = path;
    p->at[p->n].message = message;
    ++p->n;
    p->bytes += bytes;
}
