// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Arrays that grow by doubling.
#ifndef LAT_BASE_ARRAY_H
#define LAT_BASE_ARRAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Grow @p array of @p capacity elements for one more than @p n.  [control]
///
/// @param element  bytes of one.
/// @return false where there is no memory; then all is as it was.
bool
lat_grow(void **array, uint32_t *capacity, uint32_t n, size_t element);

/// Grow it for @p n elements.  [control]
bool
lat_grow_to(void **array, uint32_t *capacity, size_t n, size_t element);

#endif // LAT_BASE_ARRAY_H
