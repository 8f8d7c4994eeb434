// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ring.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct lat_ring {
    uint32_t mask;
    size_t record_bytes;
    unsigned char *records;

    _Alignas(LAT_ALIGNMENT) _Atomic uint32_t head; // written by the writer
    uint32_t staged;                               // writer only
    _Alignas(LAT_ALIGNMENT) _Atomic uint32_t tail; // written by the reader
};

enum lat_status
lat_ring_new(uint32_t n_records, size_t record_bytes, struct lat_ring **out)
{
    if (!n_records || n_records > (1U << 30U) || !record_bytes) {
        return LAT_EINVAL;
    }
    uint32_t size = 1;
    while (size < n_records) {
        size *= 2;
    }
    struct lat_ring *ring =
        aligned_alloc(LAT_ALIGNMENT, sizeof(struct lat_ring));
    unsigned char *records = calloc(size, record_bytes);
    if (!ring || !records) {
        free(ring);
        free(records);
        return LAT_ENOMEM;
    }
    memset(ring, 0, sizeof(*ring));
    ring->mask = size - 1;
    ring->record_bytes = record_bytes;
    ring->records = records;
    *out = ring;
    return LAT_OK;
}

void
lat_ring_free(struct lat_ring *ring)
{
    if (ring) {
        free(ring->records);
        free(ring);
    }
}

static unsigned char *
slot(const struct lat_ring *ring, uint32_t index)
{
    return ring->records + (size_t)(index & ring->mask) * ring->record_bytes;
}

LAT_RT uint32_t
lat_ring_space(const struct lat_ring *ring)
{
    const uint32_t tail =
        atomic_load_explicit(&ring->tail, memory_order_acquire);
    return ring->mask + 1 - (ring->staged - tail);
}

LAT_RT bool
lat_ring_push(struct lat_ring *ring, const void *record)
{
    if (!lat_ring_space(ring)) {
        return false;
    }
    memcpy(slot(ring, ring->staged), record, ring->record_bytes);
    ++ring->staged;
    return true;
}

LAT_RT void
lat_ring_commit(struct lat_ring *ring)
{
    // Release: the records are written before the reader sees the index.
    atomic_store_explicit(&ring->head, ring->staged, memory_order_release);
}

LAT_RT void
lat_ring_abort(struct lat_ring *ring)
{
    ring->staged = atomic_load_explicit(&ring->head, memory_order_relaxed);
}

LAT_RT bool
lat_ring_peek(struct lat_ring *ring, void *record)
{
    const uint32_t tail =
        atomic_load_explicit(&ring->tail, memory_order_relaxed);
    // Acquire pairs with the release in lat_ring_commit().
    if (tail == atomic_load_explicit(&ring->head, memory_order_acquire)) {
        return false;
    }
    memcpy(record, slot(ring, tail), ring->record_bytes);
    return true;
}

LAT_RT bool
lat_ring_pop(struct lat_ring *ring, void *record)
{
    if (!lat_ring_peek(ring, record)) {
        return false;
    }
    const uint32_t tail =
        atomic_load_explicit(&ring->tail, memory_order_relaxed);
    atomic_store_explicit(&ring->tail, tail + 1, memory_order_release);
    return true;
}

LAT_RT bool
lat_ring_is_empty(const struct lat_ring *ring)
{
    return atomic_load_explicit(&ring->head, memory_order_acquire) ==
           atomic_load_explicit(&ring->tail, memory_order_acquire);
}
