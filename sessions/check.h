// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The lines that a session keeps as text: are they well formed?
///
/// Others act on them: the JACK client on [jack], the OSC server on [map] and
/// [osc].  Checking them here, while the file is read, gives an error its line.
#ifndef LAT_SESSION_CHECK_H
#define LAT_SESSION_CHECK_H

#include "base/status.h"
#include "graph/graph.h"

/// `OURPORT -> CLIENT:PORT` or `CLIENT:PORT -> OURPORT`; `physical:N` counts
/// the physical ports from 1, and `nothing` is none.
enum lat_status
lat_check_connect(const char *text, struct lat_error *error);

/// Are there the ports of ours that a well-formed line names?
///
/// @return LAT_ENOTFOUND if not.
enum lat_status
lat_check_connect_ports(const char *text, const struct lat_graph *graph,
                        struct lat_error *error);

/// `SOURCE -> NODE/INPUT [MIN MAX CURVE [MODE]]`, and the input exists.
///
/// @return LAT_ENOTFOUND if only the input does not.
enum lat_status
lat_check_map(const char *text, const struct lat_graph *graph,
              struct lat_error *error);

/// `HOST:PORT PATTERN [HZ]`.
enum lat_status
lat_check_feedback(const char *text, struct lat_error *error);

/// `HOST[:PORT]`.
enum lat_status
lat_check_send(const char *text, struct lat_error *error);

#endif // LAT_SESSION_CHECK_H
