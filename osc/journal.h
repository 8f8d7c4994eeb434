// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// A journal: all that is played, as a score that renders to the same bits.
///
/// It holds what reached the engine, at the frame at which it took effect: the
/// session, and then every transaction as a bundle, whoever made it.  What only
/// the audio thread knows, MIDI and what came too late for its frame, comes
/// back through a stream of records.  All files are written here, by the
/// control thread; a bundle is written once nothing earlier can come.
///
/// All functions are [control].
#ifndef LAT_OSC_JOURNAL_H
#define LAT_OSC_JOURNAL_H

#include "control/control.h"
#include "sessions/session.h"

struct lat_journal;

/// Make the file, which must not be there yet.
/// @param path  borrowed.
/// @return LAT_OK; LAT_EEXIST; LAT_ESYSTEM where it cannot be written; or
///         LAT_ENOMEM.
enum lat_status
lat_journal_new(const char *path, struct lat_journal **out,
                struct lat_error *error);

/// Write what is in force, and from now on what changes.  No driver runs yet.
/// @return LAT_OK, LAT_ESYSTEM or LAT_ENOMEM.
enum lat_status
lat_journal_begin(struct lat_journal *j, struct lat_control *control,
                  struct lat_sessions *sessions, struct lat_error *error);

/// Write what is known to be complete.  What cannot be written is told once,
/// and the journal ends there.
void
lat_journal_tick(struct lat_journal *j);

/// When lat_journal_tick() has something to do, in lat_now_ns(); UINT64_MAX:
/// nobody knows.
uint64_t
lat_journal_next_ns(const struct lat_journal *j);

/// Write the rest, and how long it was.  NULL does nothing.
void
lat_journal_free(struct lat_journal *j);

#endif // LAT_OSC_JOURNAL_H
