// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What the files that apply a draft share.
#ifndef LAT_SESSION_APPLY_PRIVATE_H
#define LAT_SESSION_APPLY_PRIVATE_H

#include "sessions/apply.h"

struct lat_apply {
    struct lat_draft *draft;
    const struct lat_draft_target *target;
    bool is_newer;
};

/// Set the target's error.  @return @p status.
__attribute__((format(printf, 4, 5))) enum lat_status
lat_apply_fail(const struct lat_apply *a, enum lat_status status, uint32_t line,
               const char *format, ...);

/// The target's error from one that lacks its line.
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

/// "PART.NAME", or NAME where there is no part, into @p out.
/// @return false if it does not fit.
bool
lat_apply_name(const struct lat_apply *a, const char *name, char *out,
               size_t size);

/// Make the node of a [node NAME] section.
enum lat_status
lat_apply_node(const struct lat_apply *a, struct lat_draft_section *draft);

#endif // LAT_SESSION_APPLY_PRIVATE_H
