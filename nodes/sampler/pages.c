// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "pages.h"

#include <stdlib.h>
#include <sys/mman.h>

#ifdef __SANITIZE_ADDRESS__ // which is to see what is read beside them

void *
lat_pages_grow(void *pages, size_t had_bytes, size_t bytes)
{
    (void)had_bytes;
    return pages ? realloc(pages, bytes) : calloc(1, bytes);
}

void
lat_pages_free(void *pages, size_t bytes)
{
    (void)bytes;
    free(pages);
}

#else

void *
lat_pages_grow(void *pages, size_t had_bytes, size_t bytes)
{
    void *const grown = pages ? mremap(pages, had_bytes, bytes, MREMAP_MAYMOVE)
                              : mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return grown == MAP_FAILED ? NULL : grown;
}

void
lat_pages_free(void *pages, size_t bytes)
{
    if (pages) {
        munmap(pages, bytes);
    }
}

#endif
