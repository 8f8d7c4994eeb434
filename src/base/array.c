// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "array.h"

#include <stdlib.h>

bool
lat_grow(void **array, uint32_t *capacity, uint32_t n, size_t element)
{
    return lat_grow_to(array, capacity, (size_t)n + 1, element);
}

bool
lat_grow_to(void **array, uint32_t *capacity, size_t n, size_t element)
{
    size_t wanted = *capacity ? *capacity : 64;
    while (wanted < n) {
        wanted *= 2;
    }
    if (wanted == *capacity) {
        return true;
    }
    void *grown =
        wanted <= UINT32_MAX ? realloc(*array, wanted * element) : NULL;
    if (!grown) {
        return false;
    }
    *array = grown;
    *capacity = (uint32_t)wanted;
    return true;
}
