// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What waits to be written into a journal, in the order in which it takes
/// effect.  All functions are [control].
#ifndef LAT_OSC_JOURNAL_ENTRIES_H
#define LAT_OSC_JOURNAL_ENTRIES_H

#include "journal_bundle.h"

/// Late transactions that are remembered.
#define LAT_JOURNAL_LATE 256U

struct lat_journal_entry {
    struct lat_journal_bundle bundle;
    uint64_t frame;   ///< at which it is carried out
    uint64_t at;      ///< for which it was sent ahead; 0: for that
    uint64_t wished;  ///< what it was sent for, whatever became of it
    uint64_t seen_at; ///< once so many frames are done, audio has seen it
    uint64_t number;  ///< in the order in which they came
    uint64_t faded;   ///< UINT64_MAX: it is no end of fades
    uint32_t turn;    ///< of its messages to audio; 0: there are none
    bool is_command;  ///< else it came in by itself, as MIDI does
    bool is_ordered;  ///< plans to come are not before it
    bool is_plain;    ///< values, amounts and notes alone
};

/// Zero it to start.
struct lat_journal_entries {
    struct lat_journal_entry *at; ///< owned
    uint32_t n, capacity;
    uint64_t n_ever;
    struct {
        uint64_t wished, frame;
    } late[LAT_JOURNAL_LATE]; ///< the last ones
    uint64_t n_late;
};

/// Add one for @p frame.
/// @return it, empty, until another is added; NULL when out of memory.
struct lat_journal_entry *
lat_journal_entry_add(struct lat_journal_entries *all, uint64_t frame);

/// Audio has seen the messages of @p turn at @p frame, too late for theirs.
void
lat_journal_entries_late(struct lat_journal_entries *all, uint32_t turn,
                         uint64_t frame);

/// What is over of what was removed by frame @p frame, as audio had it.
uint64_t
lat_journal_entries_faded(const struct lat_journal_entries *all,
                          uint64_t frame);

/// The first in the order in which they take effect, if it has done so by frame
/// @p until and audio has said when; NULL: there is none.
///
/// What was sent ahead comes at its own frame, where nothing came in between
/// that it may not change places with.
struct lat_journal_entry *
lat_journal_entries_first(struct lat_journal_entries *all, uint64_t until);

/// Forget that.
void
lat_journal_entries_drop(struct lat_journal_entries *all);

void
lat_journal_entries_fini(struct lat_journal_entries *all);

#endif // LAT_OSC_JOURNAL_ENTRIES_H
