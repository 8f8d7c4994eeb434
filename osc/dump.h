// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Lines in the log about messages as they come: --verbose and /dumpOSC.
/// All functions are [control].
#ifndef LAT_OSC_DUMP_H
#define LAT_OSC_DUMP_H

#include "packet.h"
#include "router.h"

/// What became of a message.
struct lat_osc_outcome {
    const char *word; ///< "done", "answered", …
    const char *text; ///< the reason of a failure, or NULL
};

/// "OSC from HOST port N: /path arguments: done"
void
lat_osc_dump(const struct lat_osc_peer *peer, const struct lat_osc_message *m,
             struct lat_osc_outcome outcome);

/// The messages of a bundle, then one line about the whole.
void
lat_osc_dump_bundle(const struct lat_osc_peer *peer,
                    const struct lat_osc_bundle *b, uint64_t frame,
                    struct lat_osc_outcome outcome);

#endif // LAT_OSC_DUMP_H
