// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What sessions ask of the autosave (autosave.h).
/// All functions are [control].
#ifndef LAT_SESSION_AUTOSAVE_STATE_H
#define LAT_SESSION_AUTOSAVE_STATE_H

#include "autosave.h"
#include "kept.h"

/// Write the work that is kept in memory (lat_sessions.unsaved), if there is
/// any; it is in memory no more then.  What a file has already is not written
/// again.
enum lat_status
lat_autosave_flush(struct lat_autosave *a, struct lat_error *error);

/// Read the newest whole file of what played last, to be freed by
/// lat_kept_fini().  @return LAT_OK or what is wrong with the oldest.
enum lat_status
lat_autosave_read_last(struct lat_autosave *a, struct lat_kept *out);

/// Does what plays lie among unsaved work, as it was loaded back from there?
bool
lat_autosave_has_it(struct lat_autosave *a);

/// Load the newest of unsaved work; where that plays, the one before it, and
/// after the oldest the newest.  Where there is none, what played last.
/// @param now  what plays, or nothing.
/// @return also LAT_ENOTFOUND where there is none.
enum lat_status
lat_autosave_load(struct lat_autosave *a, const struct lat_kept *now,
                  bool take_block, void (*warn)(void *data, const char *line),
                  void *data, struct lat_error *error);

#endif // LAT_SESSION_AUTOSAVE_STATE_H
