// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Types whose process is compiled once per instruction set: what is to be said
/// of it in their descriptors.
#ifndef LAT_DSP_LOOPS_H
#define LAT_DSP_LOOPS_H

#include "nodes/types.h"

#define LAT_TYPE_LOOP(name, NAME)                                              \
 LAT_RT uint64_t lat_##name##_loop_baseline(const struct lat_context *context, \
                                            const struct lat_io *io);
#include "nodes/catalogue.def"

/// Fields of struct lat_node_type.
#define LAT_LOOP(name, NAME)                                                   \
 .loop = LAT_LOOP_##NAME, .process = lat_##name##_loop_baseline

#endif // LAT_DSP_LOOPS_H
