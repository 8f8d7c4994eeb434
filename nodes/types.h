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
#define LAT_TYPE_KERNEL(name, NAME)      LAT_KERNEL_##NAME,
#define LAT_TYPE_TEST_KERNEL(name, NAME) LAT_TYPE_KERNEL(name, NAME)
#include "catalogue.def"
    LAT_N_KERNELS,
};

/// What struct lat_node_type's `loop` is one of.
enum lat_loop {
    LAT_LOOP_NONE,
#define LAT_TYPE_LOOP(name, NAME) LAT_LOOP_##NAME,
#include "catalogue.def"
    LAT_N_LOOPS,
};

#endif // LAT_TYPES_H
