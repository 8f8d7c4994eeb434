// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What sessions ask of the autosave (autosave.h).
/// All functions are [control].
#ifndef LAT_SESSION_AUTOSAVE_STATE_H
#define LAT_SESSION_AUTOSAVE_STATE_H

#include "autosave.h"
#include "kept.h"

/// Write work that another session has taken the place of.
void
lat_autosave_write_unsaved(struct lat_autosave *a, const struct lat_kept *kept);

/// Load the newest of unsaved work, or what played last.
/// @return also LAT_ENOTFOUND where there is none.
enum lat_status
lat_autosave_load(struct lat_autosave *a, bool take_block,
                  void (*warn)(void *data, const char *line), void *data,
                  struct lat_error *error);

#endif // LAT_SESSION_AUTOSAVE_STATE_H
