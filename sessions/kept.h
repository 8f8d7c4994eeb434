// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The whole state as text that lattice keeps by itself: a session file, and a
/// line at its end that says what no session file does.
///
///     # kept by lattice; unsaved; files in /home/ada
///
/// By it a text is known to be whole, whether no session file has it, and in
/// which folder the files lie that it names.
/// All functions are [control].
#ifndef LAT_SESSION_KEPT_H
#define LAT_SESSION_KEPT_H

#include "session_state.h"

/// Put what plays into @p out, which is then to be freed by lat_kept_fini().
/// @return LAT_OK or LAT_ENOMEM.
enum lat_status
lat_kept_write(const struct lat_sessions *s, struct lat_kept *out);

/// Read a file.  @return LAT_OK, LAT_ENOTFOUND, LAT_EIO or LAT_ENOMEM.
enum lat_status
lat_kept_read(const char *path, struct lat_kept *out, struct lat_error *error);

/// Is it whole?  @return LAT_OK or LAT_EINVAL.
enum lat_status
lat_kept_check(const struct lat_kept *kept, const char *name,
               struct lat_error *error);

/// Was it work that no session file has, and not an empty graph?  Not where it
/// is cut short.
bool
lat_kept_is_unsaved(const struct lat_kept *kept);

/// Are they the same state?  Not where one is cut short.
bool
lat_kept_is_same(const struct lat_kept *a, const struct lat_kept *b);

/// Put it in force in the place of everything; it has no session's name.
/// @param name  what messages call it.
enum lat_status
lat_kept_apply(struct lat_sessions *s, const struct lat_kept *kept,
               const char *name, bool take_block,
               void (*warn)(void *data, const char *line), void *data,
               struct lat_error *error);

void
lat_kept_fini(struct lat_kept *kept);

#endif // LAT_SESSION_KEPT_H
