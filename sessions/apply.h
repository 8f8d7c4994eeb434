// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// A draft put into force, through the commands of control.h.
#ifndef LAT_SESSION_APPLY_H
#define LAT_SESSION_APPLY_H

#include "control.h"
#include "sessions/draft.h"

/// What has to be known before the transaction begins.
struct lat_draft_head {
    uint32_t block; ///< 0: the file does not say
    uint32_t format;
    const char *made_by; ///< borrowed from the draft, or NULL
    /// Made by a newer lattice: what is unknown is kept, does nothing, and the
    /// file is not overwritten.
    bool is_newer;
};

/// Where a draft goes, and who hears about it.
struct lat_draft_target {
    struct lat_control *control;
    const char *file_name; ///< for messages
    const char *part;      ///< import nodes and cables as PART.NODE, or NULL
    void (*warn)(void *data, const char *line); ///< may be NULL
    void *data;
    struct lat_error *error; ///< "FILE:LINE: …"; may be NULL
};

/// Read [session].
enum lat_status
lat_draft_read_head(const struct lat_draft *d, const char *file_name,
                    struct lat_draft_head *out, struct lat_error *error);

/// Do everything the draft says.  The caller opened the transaction and rolls
/// it back on failure.  Comments move from the draft into the graph.
enum lat_status
lat_draft_apply(struct lat_draft *d, const struct lat_draft_head *head,
                const struct lat_draft_target *target);

#endif // LAT_SESSION_APPLY_H
