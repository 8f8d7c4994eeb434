// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Ports that are there because a node has a process: the process's own, which
/// a session calls NODE/PORT, and those of the engine through which its cables
/// go, send/NODE/PORT and return/NODE/PORT.
///
/// What others connect to them is remembered as long as the node is there, also
/// while it has no process.  One is noted when a line or a connection names it.
/// All functions are [control].
#ifndef LAT_JACK_HOSTED_H
#define LAT_JACK_HOSTED_H

#include "client_state.h"

/// Nodes may have been renamed or freed: their ports are, too.
void
lat_hosted_follow(struct lat_jack *j);

/// Note the ports that lines of the session name.
/// @param is_to_warn  of those whose node runs in the engine.
void
lat_hosted_meet_lines(struct lat_jack *j, bool is_to_warn);

/// Note the ports that have connections.
void
lat_hosted_meet_view(struct lat_jack *j, const struct lat_jack_view *view);

/// Lines and wires may call the ports of processes as the server does: call
/// them as the session does.
void
lat_hosted_settle_names(struct lat_jack *j);

void
lat_hosted_fini(struct lat_jack *j);

#endif // LAT_JACK_HOSTED_H
