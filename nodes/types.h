// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Every node type there is and the numbers of the kernels, from catalogue.def.
#ifndef LAT_TYPES_H
#define LAT_TYPES_H

#include "node/type.h"

#define LAT_TYPE(name)      extern const struct lat_node_type lat_type_##name;
#define LAT_TYPE_PORT(name) LAT_TYPE(name)
#define LAT_TYPE_TEST(name) LAT_TYPE(name)
#include "catalogue.def"

/// What struct lat_node_type's `kernel` is one of.
enum lat_kernel {
    LAT_KERNEL_NONE,
#define LAT_TYPE_KERNEL(name, NAME) LAT_KERNEL_##NAME,
#include "catalogue.def"
    LAT_N_KERNELS,
};

#endif // LAT_TYPES_H
