// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Work that no session file has, when another session takes its place: it is
/// kept, in memory and with the autosaves, and can be loaded back by the name
/// LAT_SESSION_AUTOSAVE.  All functions are [control].
#ifndef LAT_SESSION_UNSAVED_H
#define LAT_SESSION_UNSAVED_H

#include "kept.h"

/// Before something else is put in force: note what plays, if no file has it.
/// @return LAT_OK or LAT_ENOMEM.
enum lat_status
lat_unsaved_note(const struct lat_sessions *s, struct lat_kept *out,
                 struct lat_error *error);

/// Something else is in force: keep what was noted, in a file or, where that
/// cannot be, in memory; and say so.
void
lat_unsaved_keep(struct lat_sessions *s, struct lat_kept *noted);

/// Load it back, or what played last where there is none.
enum lat_status
lat_unsaved_load(struct lat_sessions *s, struct lat_error *error);

#endif // LAT_SESSION_UNSAVED_H
