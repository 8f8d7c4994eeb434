// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "buffer_pool.h"
#include "base/arena.h"
#include "base/rt.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define SLAB_BUFFERS 32U

struct held {
    uint32_t got, index;
};

struct lat_buffer_pool {
    uint32_t n_floats; // of one buffer, rounded up to whole cache lines
    uint32_t limit;
    uint32_t n_buffers;
    bool is_holding;
    uint64_t gets, reused;
    uint32_t in_use, peak;

    uint32_t n_slabs;
    float **slabs;

    uint32_t capacity; // of the arrays below
    uint32_t *refs;
    uint32_t *got; // by buffer: the number of the get
    uint32_t *free_stack;
    struct held *held;
    uint32_t n_free, n_held;
};

enum lat_status
lat_buffer_pool_new(uint32_t n_floats, uint32_t limit,
                    struct lat_buffer_pool **out)
{
    if (!n_floats || !limit) {
        return LAT_EINVAL;
    }
    struct lat_buffer_pool *p = calloc(1, sizeof(*p));
    if (!p) {
        return LAT_ENOMEM;
    }
    const uint32_t line = LAT_ALIGNMENT / sizeof(float);
    p->n_floats = (n_floats + line - 1) / line * line;
    p->limit = limit;
    *out = p;
    return LAT_OK;
}

void
lat_buffer_pool_free(struct lat_buffer_pool *p)
{
    if (!p) {
        return;
    }
    for (uint32_t i = 0; i < p->n_slabs; ++i) {
        free(p->slabs[i]);
    }
    free(p->slabs);
    free(p->refs);
    free(p->got);
    free(p->free_stack);
    free(p->held);
    free(p);
}

static bool
grow_array(uint32_t **array, uint32_t n)
{
    uint32_t *grown = realloc(*array, n * sizeof(uint32_t));
    if (grown) {
        *array = grown;
    }
    return grown;
}

static bool
add_slab(struct lat_buffer_pool *p)
{
    const uint32_t capacity = (p->n_slabs + 1) * SLAB_BUFFERS;
    float **slabs = realloc(p->slabs, (p->n_slabs + 1) * sizeof(*slabs));
    if (!slabs) {
        return false;
    }
    p->slabs = slabs;
    struct held *held = realloc(p->held, capacity * sizeof(*held));
    if (!held) {
        return false;
    }
    p->held = held;
    if (!grow_array(&p->refs, capacity) || !grow_array(&p->got, capacity) ||
        !grow_array(&p->free_stack, capacity)) {
        return false;
    }
    p->capacity = capacity;
    const size_t bytes = (size_t)SLAB_BUFFERS * p->n_floats * sizeof(float);
    float *slab = aligned_alloc(LAT_ALIGNMENT, bytes);
    if (!slab) {
        return false;
    }
    lat_memory_prepare(slab, bytes);
    memset(slab, 0, bytes); // zeroed, and touched before the audio thread is
    p->slabs[p->n_slabs++] = slab;
    return true;
}

uint32_t
lat_buffer_pool_get(struct lat_buffer_pool *p, uint32_t n_readers)
{
    uint32_t index = 0;
    if (p->n_free) {
        index = p->free_stack[--p->n_free];
        ++p->reused;
    } else {
        if (p->n_buffers == p->limit ||
            (p->n_buffers == p->n_slabs * SLAB_BUFFERS && !add_slab(p))) {
            return LAT_NO_BUFFER;
        }
        index = p->n_buffers++;
    }
    p->refs[index] = n_readers ? n_readers : 1;
    p->got[index] = (uint32_t)++p->gets;
    ++p->in_use;
    if (p->in_use > p->peak) {
        p->peak = p->in_use;
    }
    return index;
}

enum lat_status
lat_buffer_pool_release(struct lat_buffer_pool *p, uint32_t index)
{
    if (index >= p->n_buffers || !p->refs[index]) {
        return LAT_EINVAL;
    }
    if (--p->refs[index]) {
        return LAT_OK;
    }
    --p->in_use;
    if (p->is_holding) {
        p->held[p->n_held++] = (struct held){p->got[index], index};
    } else {
        p->free_stack[p->n_free++] = index;
    }
    return LAT_OK;
}

void
lat_buffer_pool_again(struct lat_buffer_pool *p, uint32_t index)
{
    (void)index;
    ++p->gets;
    ++p->reused;
}

void
lat_buffer_pool_hold(struct lat_buffer_pool *p)
{
    p->is_holding = true;
}

static int
by_get(const void *a, const void *b)
{
    const struct held *x = a;
    const struct held *y = b;
    return (x->got > y->got) - (x->got < y->got);
}

static bool
is_in_order(const struct held *held, uint32_t n)
{
    for (uint32_t i = 1; i < n; ++i) {
        if (held[i - 1].got > held[i].got) {
            return false;
        }
    }
    return true;
}

void
lat_buffer_pool_let_go(struct lat_buffer_pool *p)
{
    p->is_holding = false;
    if (!is_in_order(p->held, p->n_held)) {
        qsort(p->held, p->n_held, sizeof(*p->held), by_get);
    }
    while (p->n_held) {
        p->free_stack[p->n_free++] = p->held[--p->n_held].index;
    }
}

float *
lat_buffer_pool_data(const struct lat_buffer_pool *p, uint32_t index)
{
    if (index >= p->n_buffers) {
        return NULL;
    }
    return p->slabs[index / SLAB_BUFFERS] +
           (size_t)(index % SLAB_BUFFERS) * p->n_floats;
}

void
lat_buffer_pool_clear(struct lat_buffer_pool *p, uint32_t index)
{
    float *data = lat_buffer_pool_data(p, index);
    if (data) {
        memset(data, 0, p->n_floats * sizeof(float));
    }
}

void
lat_buffer_pool_counters(const struct lat_buffer_pool *p,
                         struct lat_buffer_counters *out)
{
    *out = (struct lat_buffer_counters){
        .in_use = p->in_use,
        .peak = p->peak,
        .allocations = p->n_buffers,
        .gets = p->gets,
        .reuse = p->gets ? (double)p->reused / (double)p->gets : 0.0,
    };
}

size_t
lat_buffer_pool_bytes(const struct lat_buffer_pool *p)
{
    return (size_t)p->n_slabs * SLAB_BUFFERS * p->n_floats * sizeof(float);
}
