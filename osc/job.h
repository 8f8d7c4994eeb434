// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// A packet that takes two passes, and what is left of it.
///
/// First run all edits, as one transaction that is committed or rolled back as
/// a whole; then, whichever it was, all questions, which so are answered as the
/// graph is afterwards.  Questions, and long lists, are answered a part at a
/// time, so that others need not wait.  Edits never wait.
///
/// lat_osc_job_go_on() and lat_osc_job_free(), for whoever gave the packet, are
/// in router.h.
///
/// All functions are [control].
#ifndef LAT_OSC_JOB_H
#define LAT_OSC_JOB_H

#include "packet.h"
#include "paths.h"
#include "router.h"
#include "running.h"
#include "verbs.h"

/// A packet that is not answered in full.
struct lat_osc_job {
    struct lat_osc_router *router;
    struct lat_osc_peer peer;
    struct lat_osc_bundle bundle;  ///< when it is one
    struct lat_osc_message single; ///< when it is not
    const struct lat_osc_message *messages;
    uint32_t n;
    uint64_t frame; ///< at which they take effect; 0: as soon as can be
    // What became of the edits.
    enum lat_status status;
    int32_t index; ///< of the message that failed; -1: none did
    struct lat_osc_pass pass;
    struct lat_osc_call edit;
    // How far the questions have come.
    uint32_t next;              ///< message
    struct lat_osc_paths paths; ///< of the message before, when a pattern
    struct lat_osc_paths list;  ///< of the address that is being answered
    struct lat_osc_call call;   ///< whose list it is
    bool is_listing;
    uint32_t n_told;
    size_t allowance;
    bool is_cut;
};

/// One without messages.  NULL when out of memory.
struct lat_osc_job *
lat_osc_job_new(struct lat_osc_router *r, const struct lat_osc_peer *peer);

/// Run the edits of all messages as one transaction.
void
lat_osc_job_run_edits(struct lat_osc_job *job);

/// Answer for a bundle as a whole.
void
lat_osc_job_finish_bundle(struct lat_osc_job *job);

#endif // LAT_OSC_JOB_H
