// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "flat.h"

void
lat_flat_free(struct lat_flat *flat)
{
    lat_arena_free(&flat->arena);
    *flat = (struct lat_flat){0};
}
