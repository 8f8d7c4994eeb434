// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What the files that apply a draft share. All functions are [control].
#ifndef LAT_SESSION_APPLY_PRIVATE_H
#define LAT_SESSION_APPLY_PRIVATE_H

#include "apply.h"
#include "base/text.h"

struct lat_cable_ends;

struct lat_apply {
    struct lat_draft *draft;
    const struct lat_draft_target *target;
    bool is_newer;
    const struct lat_cable_ends *ends; ///< if it is newer
};

/// Tell the target's problems of an error.  @return @p status.
__attribute__((format(printf, 4, 5))) enum lat_status
lat_apply_fail(const struct lat_apply *a, enum lat_status status, uint32_t line,
               const char *format, ...);

/// Tell them of an error that lacks its line.
enum lat_status
lat_apply_fail_at(const struct lat_apply *a, uint32_t line,
                  const struct lat_error *error);

enum lat_status
lat_apply_fail_memory(const struct lat_apply *a, uint32_t line);

__attribute__((format(printf, 3, 4))) void
lat_apply_warn(const struct lat_apply *a, uint32_t line, const char *format,
               ...);

/// The text that an entry's value stands for, to free().
enum lat_status
lat_apply_text(const struct lat_apply *a, const struct lat_draft_entry *e,
               char **out);

/// Refuse a value that goes on in indented lines.
enum lat_status
lat_apply_one_line(const struct lat_apply *a, const struct lat_draft_entry *e);

/// The same for all entries of a section.
void
lat_apply_one_line_each(const struct lat_apply *a,
                        const struct lat_draft_section *s);

/// The entry of that key, if its value is on one line: of others it is told
/// elsewhere.  @p s may be NULL.
const struct lat_draft_entry *
lat_apply_plain_entry(const struct lat_apply *a,
                      const struct lat_draft_section *s, const char *key);

/// The section that is [session], or was meant to be; or NULL.
const struct lat_draft_section *
lat_draft_head_section(const struct lat_draft *d);

/// "PART.NAME", or NAME where there is no part, into @p out.
/// @return false if it does not fit.
bool
lat_apply_name(const struct lat_apply *a, const char *name, char *out,
               size_t size);

/// Tell them that there is no such WHAT, and what is nearest.
enum lat_status
lat_apply_unknown(const struct lat_apply *a, uint32_t line, const char *what,
                  const char *name, const struct lat_nearest *nearest);

/// Is the endpoint's node one whose section has errors?  Then what is said of
/// the node may be wrong for that reason only.
bool
lat_apply_is_doubtful(const struct lat_apply *a, const char *endpoint);

/// A key or section that comes in a later release: what to say, or NULL.
/// @p kind is the section's, the key NULL for the section itself.
const char *
lat_apply_later(enum lat_section_kind kind, const char *key);

// What a newer lattice wrote and this one does not know: newer.c, and
// newer_placeholder.c for nodes of its types.

/// Collect what the cables of the draft say of the ports of nodes; to free().
/// NULL when out of memory.
struct lat_cable_ends *
lat_cable_ends_new(const struct lat_draft *d);
void
lat_cable_ends_free(struct lat_cable_ends *ends);

/// Remember that the session holds what @p head's lattice wrote.
enum lat_status
lat_apply_keep_head(const struct lat_apply *a,
                    const struct lat_draft_head *head);

/// Keep a line of the section with a warning.  It is written after the others
/// of its section.  @p reason says what about it is unknown.
enum lat_status
lat_apply_keep_line(const struct lat_apply *a,
                    const struct lat_draft_section *s,
                    const struct lat_draft_entry *e, const char *reason);

/// The same with all of a section that is not known.
enum lat_status
lat_apply_keep_section(const struct lat_apply *a,
                       const struct lat_draft_section *s);

/// The same with a cable to or from a port that is not known; SRC and DST have
/// their part's name.
enum lat_status
lat_apply_keep_cable(const struct lat_apply *a, const struct lat_draft_entry *e,
                     const char *src, const char *dst, const char *reason);

/// The type of a node whose type is not known, with the ports that the file
/// speaks of.
enum lat_status
lat_apply_placeholder(const struct lat_apply *a,
                      const struct lat_draft_section *s, const char *type,
                      const struct lat_node_type **out);

/// Does the entry set an input of the placeholder, when it is one?
bool
lat_apply_is_input(const struct lat_node_type *type,
                   const struct lat_draft_entry *e);

/// Do the words of made_by name a lattice newer than those of @p other?
bool
lat_is_made_by_newer(const char *made_by, const char *other);

/// Refuse keys that are not in @p known, or keep those of a newer lattice.
enum lat_status
lat_apply_keys(const struct lat_apply *a, const struct lat_draft_section *s,
               const char *const *known, size_t n_known);

// Sections, each in a file: apply_head.c, apply_node.c, apply_cables.c,
// apply_lines.c.

void
lat_apply_session(const struct lat_apply *a, const struct lat_draft_head *head);

/// A file without [transport] has what a new session has.
void
lat_apply_transport(const struct lat_apply *a);

/// Make the node of a [node NAME] section.
void
lat_apply_node(const struct lat_apply *a, struct lat_draft_section *draft);

/// Connect what a [cables] section says; its nodes are there.
void
lat_apply_cables(const struct lat_apply *a, const struct lat_draft_section *s);

/// Put the lines of [jack], [map] or [osc] into the document.
void
lat_apply_lines(const struct lat_apply *a, const struct lat_draft_section *s);

// Keys that every node may have and the engine does not use: apply_kept.c.

/// Is it `at` or `note`?
bool
lat_apply_is_kept_key(const char *key);

/// Check the value of such a key.
enum lat_status
lat_apply_check_kept(const struct lat_apply *a,
                     const struct lat_draft_entry *e);

// What may not be sent: sends.c.

/// Warn of the nodes that would send where the session does not allow it.
void
lat_apply_warn_sends(const struct lat_apply *a);

/// Warn of lines of [jack] whose ports of ours no node has.
void
lat_apply_warn_portless(const struct lat_apply *a);

// What nobody hears: heard.c.

/// Warn of the nodes from which no path leads to anything that is heard.
void
lat_apply_warn_unheard(const struct lat_apply *a);

#endif // LAT_SESSION_APPLY_PRIVATE_H
