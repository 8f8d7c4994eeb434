// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The lines of a session file, checked before inih sees them.
///
/// inih cuts lines and section names that are too long, ends a line at a NUL,
/// and does not say which line it is on.  This reader refuses what inih would
/// cut, counts, and puts comments aside: inih gets an empty line for a comment
/// line, and a line without its inline comment, so that its own line numbers
/// stay right. All functions are [control].
#ifndef LAT_SESSION_LINES_H
#define LAT_SESSION_LINES_H

#include "base/status.h"
#include "problems.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/// Most bytes of a line that is not a comment: what inih can hold.
#define LAT_SESSION_LINE_MAX 199

/// Most bytes of a comment line.
#define LAT_SESSION_COMMENT_MAX 4000

/// Most bytes of a line of [cables]: of two long names.
#define LAT_SESSION_CABLE_MAX 400

/// Most bytes of a section's name.
#define LAT_SESSION_SECTION_MAX 160

/// Most bytes of a file.
#define LAT_SESSION_FILE_MAX (64L * 1024 * 1024)

/// Text that grows.
struct lat_buffer {
    char *text; ///< NULL while empty
    size_t length, capacity;
};

/// @return LAT_OK or LAT_ENOMEM.
enum lat_status
lat_buffer_append(struct lat_buffer *b, const char *text, size_t length);

/// The text, owned by the caller, or NULL while empty; @p b is empty after.
char *
lat_buffer_take(struct lat_buffer *b);

enum lat_line_kind {
    LAT_LINE_BLANK,   ///< blank, or a comment
    LAT_LINE_SECTION, ///< [name]
    LAT_LINE_ENTRY,   ///< key = value
    LAT_LINE_MORE,    ///< indented: more of the value above
};

struct lat_lines {
    FILE *stream;
    struct lat_problems *problems;
    long n_bytes;
    uint32_t number; ///< of the current line, from 1
    bool has_entry;  ///< the section has a key, which a line may continue
    enum lat_line_kind kind;
    bool is_bad; ///< the line was refused: its kind is what it seems to be
    char section[LAT_SESSION_SECTION_MAX + 1]; ///< of LAT_LINE_SECTION
    char text[LAT_SESSION_COMMENT_MAX + 1];    ///< the line, comment cut off
    const char *inline_comment; ///< with the blanks before it, or NULL
    char inline_buffer[LAT_SESSION_CABLE_MAX + 1];
    struct lat_buffer above; ///< comment lines since the last other line
    enum lat_status status;  ///< why reading ended before the file did
};

void
lat_lines_init(struct lat_lines *l, FILE *stream,
               struct lat_problems *problems);
void
lat_lines_fini(struct lat_lines *l);

/// Read the next line into @p l.
/// @return false at the end of the file, or with a status on an error after
///         which there is no going on.
bool
lat_lines_next(struct lat_lines *l);

/// Bytes of the UTF-8 character that @p text begins with, or 0 when that is
/// none.
size_t
lat_utf8_length(const char *text);

#endif // LAT_SESSION_LINES_H
