// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Writing what only a newer lattice knows.  All functions are [control].
#ifndef LAT_SESSION_WRITE_UNKNOWN_H
#define LAT_SESSION_WRITE_UNKNOWN_H

#include "graph/model.h"
#include "writer.h"

/// Is there anything that a lattice like ours would refuse?
bool
lat_write_has_unknown(const struct writer *w, const struct lat_graph *graph);

/// Write the lines of a section whose keys are not known.
void
lat_write_unknown_keys(struct writer *w, enum lat_section_kind kind);

bool
lat_write_has_unknown_keys(const struct writer *w, enum lat_section_kind kind);

void
lat_write_unknown_sections(struct writer *w);

#endif // LAT_SESSION_WRITE_UNKNOWN_H
