// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "arena.h"
#include "rt.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/// Small enough to come from the heap, which keeps it, not from the kernel.
#define SLAB_BYTES ((size_t)1 << 16U)

struct lat_arena_slab {
    struct lat_arena_slab *next;
    size_t used, size; // bytes, this header included
};

static size_t
round_up(size_t bytes)
{
    return (bytes + LAT_ALIGNMENT - 1) / LAT_ALIGNMENT * LAT_ALIGNMENT;
}

void
lat_memory_prepare(void *memory, size_t bytes)
{
#ifdef MADV_POPULATE_WRITE // Linux 5.14; in vain where it is unknown
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    const uintptr_t before = (uintptr_t)memory % page; // its first page begins
    madvise((char *)memory - before, bytes + before, MADV_POPULATE_WRITE);
#else
    (void)memory;
    (void)bytes;
#endif
}

void
lat_memory_expect(size_t bytes)
{
    // The heap keeps what it was given back.
    void *memory = bytes >= SLAB_BYTES ? malloc(bytes) : NULL;
    if (memory) {
        lat_memory_prepare(memory, bytes);
        free(memory);
    }
}

static struct lat_arena_slab *
new_slab(struct lat_arena *a, size_t size)
{
    struct lat_arena_slab *slab = aligned_alloc(LAT_ALIGNMENT, size);
    if (!slab) {
        return NULL;
    }
    lat_memory_prepare(slab, size);
    memset(slab, 0, size);
    slab->next = a->slabs;
    slab->used = round_up(sizeof(*slab));
    slab->size = size;
    a->slabs = slab;
    return slab;
}

void
lat_arena_reserve(struct lat_arena *a, size_t bytes)
{
    if (bytes > SLAB_BYTES) {
        new_slab(a, round_up(bytes));
    }
}

void *
lat_arena_take(struct lat_arena *a, size_t n, size_t bytes)
{
    if (bytes && n > ((size_t)1 << 40U) / bytes) {
        return NULL;
    }
    const size_t wanted = round_up(n * bytes + 1);
    struct lat_arena_slab *slab = a->slabs;
    if (!slab || slab->size - slab->used < wanted) {
        const size_t header = round_up(sizeof(*slab));
        slab =
            new_slab(a, header + (wanted > SLAB_BYTES ? wanted : SLAB_BYTES));
        if (!slab) {
            return NULL;
        }
    }
    void *piece = (unsigned char *)slab + slab->used;
    slab->used += wanted;
    return piece;
}

void
lat_arena_free(struct lat_arena *a)
{
    while (a->slabs) {
        struct lat_arena_slab *next = a->slabs->next;
        free(a->slabs);
        a->slabs = next;
    }
}
