// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "dump.h"
#include "answers.h"
#include "base/log.h"
#include "print.h"

#include <stdio.h>

/// Room for a message; more is cut.
#define LINE_BYTES 512

void
lat_osc_dump(const struct lat_osc_peer *peer, const struct lat_osc_message *m,
             struct lat_osc_outcome outcome)
{
    char name[LAT_OSC_PEER_NAME_MAX];
    char line[LINE_BYTES];
    lat_log(LAT_LOG_INFO, "OSC from %s: %s: %s%s%s",
            lat_osc_peer_name(peer, name, sizeof(name)),
            lat_osc_message_text(m, line, sizeof(line)), outcome.word,
            outcome.text ? ": " : "", outcome.text ? outcome.text : "");
}

void
lat_osc_dump_bundle(const struct lat_osc_peer *peer,
                    const struct lat_osc_bundle *b, uint64_t frame,
                    struct lat_osc_outcome outcome)
{
    char name[LAT_OSC_PEER_NAME_MAX];
    char when[48] = "";
    if (frame) {
        snprintf(when, sizeof(when), " for frame %llu",
                 (unsigned long long)frame);
    }
    for (uint32_t i = 0; i < b->n_messages; ++i) {
        lat_osc_dump(peer, &b->messages[i],
                     (struct lat_osc_outcome){.word = "in a bundle"});
    }
    lat_log(LAT_LOG_INFO, "OSC from %s: bundle of %u%s: %s%s%s",
            lat_osc_peer_name(peer, name, sizeof(name)), b->n_messages, when,
            outcome.word, outcome.text ? ": " : "",
            outcome.text ? outcome.text : "");
}
