// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Memory of sounds, which goes back to the system as soon as it is given back:
/// malloc() keeps what is freed, for each thread that has read a sound, so that
/// audio meets no page for the first time.
#ifndef LAT_NODES_SAMPLER_PAGES_H
#define LAT_NODES_SAMPLER_PAGES_H

#include <stddef.h>

/// Have @p bytes; what is got for NULL, of which there were 0, is all zeros.
/// [any but audio]
/// @return NULL when out of memory; what there was is as it was then.
void *
lat_pages_grow(void *pages, size_t had_bytes, size_t bytes);

/// Give them back.  [any but audio]
void
lat_pages_free(void *pages, size_t bytes);

#endif // LAT_NODES_SAMPLER_PAGES_H
