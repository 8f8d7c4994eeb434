// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Writing [cables], in the shortest form that means the same.  [control]
#ifndef LAT_SESSION_WRITE_CABLES_H
#define LAT_SESSION_WRITE_CABLES_H

#include "graph/model.h"
#include "writer.h"

/// Write the section, where there is anything in it.
void
lat_write_cables(struct writer *w, const struct lat_graph *graph);

#endif // LAT_SESSION_WRITE_CABLES_H
