// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// A draft put into force, through the commands of control.h.
/// All functions are [control].
#ifndef LAT_SESSION_APPLY_H
#define LAT_SESSION_APPLY_H

#include "awaited.h"
#include "control/control.h"
#include "draft.h"
#include "problems.h"
#include "session.h"

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
    const char *part; ///< import nodes and cables as PART.NODE, or NULL
    bool wants_heard; ///< warn of nodes that nobody hears
    lat_pattern_judge_fn judge; ///< of [osc] feedback; NULL: any will do
    struct lat_problems *problems;
    struct lat_awaited *awaited; ///< gets lines whose data is on its way; or
                                 ///< NULL
};

/// Read [session]; what is wrong with it is left at its default.
void
lat_draft_read_head(const struct lat_draft *d, struct lat_draft_head *out,
                    struct lat_problems *problems);

/// Do everything the draft says, and tell the target's problems all that is
/// wrong.  The caller opened the transaction and rolls it back when there is an
/// error.  Comments move from the draft into the graph.
void
lat_draft_apply(struct lat_draft *d, const struct lat_draft_head *head,
                const struct lat_draft_target *target);

/// Has the draft a section that is [session], or was meant to be?
bool
lat_draft_is_session(const struct lat_draft *d);

#endif // LAT_SESSION_APPLY_H
