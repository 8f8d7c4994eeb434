// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Comments of a session, kept until it is written again.
///
/// A node's list has a record for every key that its section in the file had,
/// in their order, with an empty text where there is no comment: so the writer
/// can put them back in that order, defaults too.  "" is the section's own
/// line.  "KEY=" holds a value as it stands in the file: a text, or one that
/// only a newer lattice knows.  The document's list has "SECTION/KEY", with
/// "SECTION/" for a section's own line, and "end/".
///
/// A comment's text is lines, each with its newline, then, without one, the
/// comment at the end of the line itself. All functions are [control].
#ifndef LAT_SESSION_COMMENTS_H
#define LAT_SESSION_COMMENTS_H

#include "base/status.h"
#include "graph/graph.h"

/// Add a record at the end.  @p prefix and @p key together are its key;
/// @p text moves into it, also on failure, and becomes NULL.
enum lat_status
lat_comments_add(struct lat_comment **list, const char *prefix, const char *key,
                 char **text);

/// The text of a record, or NULL.
const char *
lat_comments_find(const struct lat_comment *list, const char *prefix,
                  const char *key);

#endif // LAT_SESSION_COMMENTS_H
