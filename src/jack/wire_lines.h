// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Lines of the session's [jack] section: `OUR_PORT -> CLIENT:PORT` or
/// `CLIENT:PORT -> OUR_PORT`; two ports of ours may be connected too.
/// `nothing` stands for no port at all, `physical:N` for the N-th physical one.
/// All functions are [control].
#ifndef LAT_JACK_WIRE_LINES_H
#define LAT_JACK_WIRE_LINES_H

#include "graph/document.h"

#define PHYSICAL "physical:"
#define NOTHING  "nothing"

/// What a line says; strings are owned.
struct wire_ends {
    char *own, *other;
    bool is_output;
};

void
lat_wire_ends_fini(struct wire_ends *e);

/// Split a line at the first arrow that makes sense: other clients' names may
/// hold arrows, ours have no colon.
/// @param[out] out  to be freed by lat_wire_ends_fini(), where it is one.
/// @return false if it is not a connection.
bool
lat_wire_parse(const struct lat_line *line, struct wire_ends *out);

/// Our port @p own has the name @p name now.
void
lat_wire_rename_in_line(struct lat_line *line, const char *own,
                        const char *name);

/// Is this the N-th physical port?  @return N, or 0 if it is the name of one.
uint32_t
lat_wire_physical_number(const char *ask);

#endif // LAT_JACK_WIRE_LINES_H
