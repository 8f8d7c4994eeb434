// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Bundles of a journal, as they grow, and changes as the messages that make
/// them again.  All functions are [control].
#ifndef LAT_OSC_JOURNAL_BUNDLE_H
#define LAT_OSC_JOURNAL_BUNDLE_H

#include "control/control.h"
#include "control/listen.h"
#include "run/stream.h"

#include <lo/lo_lowlevel.h>

/// Zero it to start.
struct lat_journal_bundle {
    uint8_t *bytes; ///< owned: "#bundle", room for a tag, messages
    size_t size, capacity;
    bool is_out_of_memory;
};

/// Add a message, which is taken over; NULL stands for one for which there was
/// no memory.
void
lat_journal_add(struct lat_journal_bundle *b, const char *path, lo_message m);

void
lat_journal_bundle_fini(struct lat_journal_bundle *b);

/// One transaction on its way into a journal.
struct lat_journal_changes {
    struct lat_control *control;
    const struct lat_changes *changes;
};

/// Add what makes a change again; nothing where no message does.
void
lat_journal_add_change(struct lat_journal_bundle *b,
                       const struct lat_journal_changes *c, uint32_t change);

/// Add what only audio knew: an event of MIDI, or how the transport was moved.
void
lat_journal_add_record(struct lat_journal_bundle *b,
                       const struct lat_record *record);

/// Take back the data of settings that is still on its way: its turn comes.
void
lat_journal_add_awaited(struct lat_journal_bundle *b,
                        const struct lat_control *control);

#endif // LAT_OSC_JOURNAL_BUNDLE_H
