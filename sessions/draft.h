// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// A session file as it was read: sections, keys, values, comments, lines.
///
/// Nothing of it is in force yet.  Reading a file to its end first is what
/// allows cables to stand before the nodes they name, and one error to leave
/// everything as it was.  Lines that are wrong are left out, and their sections
/// remember it: what else seems to be missing may have stood there.
/// All functions are [control].
#ifndef LAT_SESSION_DRAFT_H
#define LAT_SESSION_DRAFT_H

#include "base/status.h"
#include "node/type.h"
#include "problems.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/// Most keys of a section in which a key may stand once.
#define LAT_SESSION_KEYS_MAX 300

/// Most bytes of a value, all of its lines together: every byte of the longest
/// setting may be an escape of four, and its lines have ends.
#define LAT_SESSION_VALUE_MAX (5 * LAT_SETTING_TEXT_MAX)

enum lat_section_kind {
    LAT_SECTION_SESSION,
    LAT_SECTION_TRANSPORT,
    LAT_SECTION_CABLES,
    LAT_SECTION_JACK,
    LAT_SECTION_MAP,
    LAT_SECTION_OSC,
    LAT_SECTION_NODE,
    LAT_SECTION_UNKNOWN,
};

/// The name of a kind's section; "node" for LAT_SECTION_NODE.
const char *
lat_section_name(enum lat_section_kind kind);

struct lat_draft_section;

/// What an unknown section was meant to be, by its name: "Session", "cable",
/// "Node a"; LAT_SECTION_UNKNOWN where that is not clear.
enum lat_section_kind
lat_section_guess(const struct lat_draft_section *section);

/// The kind that goes by what stands in the brackets, or LAT_SECTION_UNKNOWN.
enum lat_section_kind
lat_section_kind_of(const char *name);

/// Keys that may stand several times in a section of that kind, which is known;
/// NULL ends them.
const char *const *
lat_section_repeated(enum lat_section_kind kind);

/// May @p key stand several times there?
bool
lat_section_may_repeat(const struct lat_draft_section *section,
                       const char *key);

/// A comment is lines, each with its newline, then, without one, the comment
/// at the end of the line itself with the blanks before it.
struct lat_draft_entry {
    char *key;
    char *value;        ///< lines separated by '\n'
    char *comment;      ///< or NULL
    uint32_t line;      ///< from 1
    uint32_t more_line; ///< of the first continuation, or 0
};

struct lat_draft_section {
    enum lat_section_kind kind;
    char *name;    ///< of a node, else as it stands in the brackets
    char *comment; ///< or NULL
    uint32_t line;
    size_t first, n; ///< entries
    bool is_bad;     ///< its own line was refused already
    bool has_errors; ///< it, or something in it, was refused
};

struct lat_draft {
    struct lat_draft_section *sections;
    uint32_t n_sections, sections_capacity;
    struct lat_draft_entry *entries;
    uint32_t n_entries, entries_capacity;
    char *end_comment; ///< below everything, or NULL
    bool has_errors;   ///< above the first section
};

/// Read all of @p stream, and tell @p problems what is wrong with its lines.
/// @return LAT_OK when it was read to its end, else LAT_EINVAL, LAT_EIO or
///         LAT_ENOMEM, and @p out is empty.
enum lat_status
lat_draft_read(struct lat_draft *out, FILE *stream,
               struct lat_problems *problems);
void
lat_draft_fini(struct lat_draft *d);

/// The section of that kind, or NULL; not for nodes.
const struct lat_draft_section *
lat_draft_section(const struct lat_draft *d, enum lat_section_kind kind);

/// The entry of that key, or NULL.
const struct lat_draft_entry *
lat_draft_entry(const struct lat_draft *d,
                const struct lat_draft_section *section, const char *key);

#endif // LAT_SESSION_DRAFT_H
