// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// A session file as it grows: lines, with the comments that they had.
/// All functions are [control]; what goes wrong is in the writer's status.
#ifndef LAT_SESSION_WRITER_H
#define LAT_SESSION_WRITER_H

#include "draft.h"
#include "graph/document.h"
#include "lines.h"
#include "linking.h"

/// The file as it grows.  After an error nothing more is added.
struct writer {
    struct lat_buffer out;
    enum lat_status status;
    const struct lat_document *document;
    const struct lat_link_names *links; ///< or NULL
};

/// Write the lines of a comment, which may be NULL.
/// @return what stands behind the line itself.
const char *
lat_write_comment(struct writer *w, const char *comment);

/// Write LINE, of which more lines may follow the first, with its comments.  A
/// comment behind the line that has become too long goes above it.
void
lat_write_line(struct writer *w, const char *line, const char *comment);

/// Write `KEY = VALUE`; VALUE is as it stands in the file.  `KEY=VALUE` is for
/// what is too long else, or would be a comment behind a blank.
void
lat_write_value(struct writer *w, const char *key, const char *value,
                const char *comment);

/// Write a text, escaped and wrapped.
void
lat_write_text(struct writer *w, const char *key, const char *text,
               const char *comment);

/// Write a text as it was wrapped in the file, if that is still the text.
bool
lat_write_text_as_it_was(struct writer *w, const char *key, const char *text,
                         const char *raw, const char *comment);

/// Write a value that nobody here understands as it was.
void
lat_write_raw(struct writer *w, const char *key, const char *raw,
              const char *comment);

/// Begin a section; a blank line sets off those that were not in the file.
void
lat_write_section(struct writer *w, const char *name, const char *comment);

/// The comment of a section's @p key, or of the section where that is "".
const char *
lat_write_document_comment(const struct writer *w, enum lat_section_kind kind,
                           const char *key);

#endif // LAT_SESSION_WRITER_H
