// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// One message, run under its address, or under all that a pattern means.
/// All functions are [control].
#ifndef LAT_OSC_RUNNING_H
#define LAT_OSC_RUNNING_H

#include "verbs.h"

/// Which part of a packet runs now.
struct lat_osc_pass {
    bool does_edits;
    bool does_questions;
    bool is_grouped; ///< edits go into one transaction
    bool is_bundle;
    bool is_alone;               ///< the one message of a score's bundle
    const struct lat_verb *loud; ///< the last edit that deserves a /done
    uint64_t n_set, n_looked;    ///< by patterns
    uint32_t n_unanswered;       ///< edits of which nobody wants to hear
};

/// Run one message under one address.  Questions answer for themselves; a
/// failed edit, or an address that leads nowhere, is left in call->error.
enum lat_status
lat_osc_run_path(struct lat_osc_router *r, const struct lat_osc_peer *peer,
                 const struct lat_osc_message *m, const char *path,
                 struct lat_osc_pass *pass, struct lat_osc_call *call);

/// The edits of all addresses that a pattern means.
enum lat_status
lat_osc_run_pattern(struct lat_osc_router *r, const struct lat_osc_peer *peer,
                    const struct lat_osc_message *m, struct lat_osc_pass *pass,
                    struct lat_osc_call *call);

/// Name the address that failed, of all that a pattern means.
/// @return @p status.
enum lat_status
lat_osc_pattern_failed(struct lat_osc_call *call,
                       const struct lat_osc_message *m, enum lat_status status);

/// Tell in the log what became of a message.
void
lat_osc_dump_call(const struct lat_osc_peer *peer,
                  const struct lat_osc_message *m,
                  const struct lat_osc_call *call, enum lat_status status,
                  bool is_loud);

#endif // LAT_OSC_RUNNING_H
