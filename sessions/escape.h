// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// How text stands in a session file.
///
/// `\\`, `\n` and `\xHH` are the only escapes.  A text that does not fit on a
/// line goes on in indented lines, which are joined by one blank, or by nothing
/// where a line ends in a single `\`. All functions are [control].
#ifndef LAT_SESSION_ESCAPE_H
#define LAT_SESSION_ESCAPE_H

#include "lines.h"

/// Read a value as it stands in the file, its lines separated by '\n'.
///
/// @param[out] out  to free().
/// @param[out] reason  what is wrong, static storage.
/// @return LAT_OK, LAT_EINVAL or LAT_ENOMEM.
enum lat_status
lat_text_unescape(const char *raw, char **out, const char **reason);

/// Append @p text as it stands in the file after "KEY = ", in lines that are
/// short enough.  @p column is where the first line begins.
enum lat_status
lat_text_escape(struct lat_buffer *out, const char *text, size_t column);

#endif // LAT_SESSION_ESCAPE_H
