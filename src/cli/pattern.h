// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// `lattice pattern`: events of a cycle, and how they are written.
/// All functions are [control].
#ifndef LAT_CLI_PATTERN_H
#define LAT_CLI_PATTERN_H

#include "nodes/pattern/pattern.h"
#include "options.h"

/// The events of one cycle, in order of their begin, then place in the text.
struct lat_cli_events {
    struct lat_pattern_event *events;
    uint32_t n, room;
    bool is_full; ///< there was no memory for more
};

/// Read the command line of `lattice pattern`, without that word: the first
/// argument that is not just an option, or its value, is TEXT as it is.
/// @return what lat_options_parse() returns.
bool
lat_cli_pattern_options(int argc, char **argv, struct lat_options *o,
                        int *exit_code);

/// Draw the events of cycle @p cycle on standard output.
void
lat_cli_pattern_draw(const struct lat_pattern *p, int64_t cycle,
                     const struct lat_cli_events *events);

#endif // LAT_CLI_PATTERN_H
