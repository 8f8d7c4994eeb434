// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Types that take something down.
#ifndef LAT_NODE_RECORDS_H
#define LAT_NODE_RECORDS_H

#include "type.h"

/// Is what it does of use where nothing hears it, and nothing ever can?  A
/// panic leaves such a node, and its gates, as they are: what runs goes on.
/// [any]
LAT_RT static inline bool
lat_type_records(const struct lat_node_type *type)
{
    return type->flags & LAT_TYPE_READABLE && !type->n_outputs;
}

#endif // LAT_NODE_RECORDS_H
