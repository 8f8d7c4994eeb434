// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Writing [node NAME].  [control]
#ifndef LAT_SESSION_WRITE_NODE_H
#define LAT_SESSION_WRITE_NODE_H

#include "graph/model.h"
#include "writer.h"

/// Write what the file had, in its order, then what has changed since.
void
lat_write_node(struct writer *w, const struct lat_node *node);

#endif // LAT_SESSION_WRITE_NODE_H
