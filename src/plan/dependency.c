// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Kahn's algorithm: a node's batch is one more than that of the source that
// made it ready, the last one, which is the highest.  Links are collected as
// pairs and sorted by source when needed; the order is a counting sort by
// batch.

#include "dependency.h"
#include "base/arena.h"

#include <stdlib.h>
#include <string.h>

struct link {
    uint32_t source;
    uint32_t reader;
};

struct lat_dependency {
    uint32_t n_nodes;
    uint32_t n_links, capacity;
    uint32_t n_batches;
    struct link *links;
    uint32_t *first; // n_nodes + 1: where a node's readers begin, if sorted
    uint32_t *readers;
    uint32_t *batch;
    uint32_t *order;
    uint32_t *starts; // n_nodes + 1
    uint32_t *scratch;
};

enum lat_status
lat_dependency_new(uint32_t n_nodes, uint32_t n_links,
                   struct lat_dependency **out)
{
    struct lat_dependency *d = calloc(1, sizeof(*d));
    // One block: batch, order, scratch, first, starts.
    const size_t n = (size_t)n_nodes;
    const size_t bytes = (5 * n + 3) * sizeof(uint32_t);
    const uint32_t capacity = n_links ? n_links : 1;
    uint32_t *block = malloc(bytes);
    struct link *links = malloc(capacity * sizeof(*links));
    if (!d || !block || !links) {
        free(d);
        free(block);
        free(links);
        return LAT_ENOMEM;
    }
    lat_memory_prepare(block, bytes);
    memset(block, 0, bytes);
    lat_memory_prepare(links, capacity * sizeof(*links));
    d->n_nodes = n_nodes;
    d->links = links;
    d->capacity = capacity;
    d->batch = block;
    d->order = block + n;
    d->scratch = block + 2 * n;
    d->first = block + 3 * n;
    d->starts = block + 4 * n + 2;
    *out = d;
    return LAT_OK;
}

void
lat_dependency_free(struct lat_dependency *d)
{
    if (d) {
        free(d->batch);
        free(d->readers);
        free(d->links);
        free(d);
    }
}

enum lat_status
lat_dependency_link(struct lat_dependency *d, uint32_t source, uint32_t reader)
{
    if (source >= d->n_nodes || reader >= d->n_nodes) {
        return LAT_EINVAL;
    }
    if (d->n_links == d->capacity) {
        const uint32_t capacity = 2 * d->capacity;
        struct link *links = realloc(d->links, capacity * sizeof(*links));
        if (!links) {
            return LAT_ENOMEM;
        }
        d->links = links;
        d->capacity = capacity;
    }
    d->links[d->n_links++] = (struct link){source, reader};
    return LAT_OK;
}

static enum lat_status
sort_links(struct lat_dependency *d)
{
    uint32_t *readers = malloc((d->n_links + (size_t)1) * sizeof(*readers));
    if (!readers) {
        return LAT_ENOMEM;
    }
    lat_memory_prepare(readers, d->n_links * sizeof(*readers));
    free(d->readers);
    d->readers = readers;
    memset(d->first, 0, (d->n_nodes + (size_t)2) * sizeof(uint32_t));
    for (uint32_t i = 0; i < d->n_links; ++i) {
        ++d->first[d->links[i].source + 2];
    }
    for (uint32_t i = 2; i < d->n_nodes + 2; ++i) {
        d->first[i] += d->first[i - 1];
    }
    // Entry i + 1 is where node i's readers are filled in, and in the end where
    // the next one's begin.
    for (uint32_t i = 0; i < d->n_links; ++i) {
        readers[d->first[d->links[i].source + 1]++] = d->links[i].reader;
    }
    return LAT_OK;
}

enum lat_status
lat_dependency_sort(struct lat_dependency *d)
{
    const uint32_t n = d->n_nodes;
    uint32_t *pending = d->scratch;
    if (sort_links(d)) {
        return LAT_ENOMEM;
    }
    memset(pending, 0, n * sizeof(uint32_t));
    for (uint32_t i = 0; i < d->n_links; ++i) {
        ++pending[d->links[i].reader];
    }

    uint32_t head = 0;
    uint32_t tail = 0;
    for (uint32_t i = 0; i < n; ++i) {
        if (!pending[i]) {
            d->batch[i] = 0;
            d->order[tail++] = i;
        }
    }
    d->n_batches = n ? 1 : 0;
    while (head < tail) {
        const uint32_t node = d->order[head++];
        for (uint32_t l = d->first[node]; l < d->first[node + 1]; ++l) {
            const uint32_t reader = d->readers[l];
            if (!--pending[reader]) {
                d->batch[reader] = d->batch[node] + 1;
                d->n_batches = d->batch[reader] + 1;
                d->order[tail++] = reader;
            }
        }
    }
    if (tail < n) {
        return LAT_ECYCLE;
    }

    memset(d->starts, 0, (n + (size_t)1) * sizeof(uint32_t));
    for (uint32_t i = 0; i < n; ++i) {
        ++d->starts[d->batch[i] + 1];
    }
    for (uint32_t b = 0; b < d->n_batches; ++b) {
        d->starts[b + 1] += d->starts[b];
    }
    uint32_t *fill = d->scratch;
    memcpy(fill, d->starts, d->n_batches * sizeof(uint32_t));
    for (uint32_t i = 0; i < n; ++i) {
        d->order[fill[d->batch[i]]++] = i;
    }
    return LAT_OK;
}

uint32_t
lat_dependency_n_batches(const struct lat_dependency *d)
{
    return d->n_batches;
}

uint32_t
lat_dependency_batch(const struct lat_dependency *d, uint32_t node)
{
    return d->batch[node];
}

const uint32_t *
lat_dependency_order(const struct lat_dependency *d)
{
    return d->order;
}

uint32_t
lat_dependency_batch_start(const struct lat_dependency *d, uint32_t batch)
{
    return d->starts[batch];
}

uint32_t
lat_dependency_readers(const struct lat_dependency *d, uint32_t node,
                       const uint32_t **out)
{
    *out = d->readers + d->first[node];
    return d->first[node + 1] - d->first[node];
}

uint32_t
lat_dependency_dependants(const struct lat_dependency *d, uint32_t node,
                          uint32_t *out, uint32_t capacity)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < d->n_links; ++i) {
        if (d->links[i].source != node) {
            continue;
        }
        bool is_new = true;
        for (uint32_t k = 0; is_new && k < n && k < capacity; ++k) {
            is_new = out[k] != d->links[i].reader;
        }
        if (is_new) {
            if (n < capacity) {
                out[n] = d->links[i].reader;
            }
            ++n;
        }
    }
    return n;
}

bool
lat_dependency_reaches(const struct lat_dependency *d, uint32_t source,
                       uint32_t node)
{
    uint8_t *seen = calloc(d->n_nodes + (size_t)1, 1);
    bool grew = seen;
    if (seen) {
        seen[source] = 1;
    }
    while (grew && !seen[node]) {
        grew = false;
        for (uint32_t i = 0; i < d->n_links; ++i) {
            const struct link *l = &d->links[i];
            if (seen[l->source] && !seen[l->reader]) {
                seen[l->reader] = 1;
                grew = true;
            }
        }
    }
    const bool found = seen && seen[node] && source != node;
    free(seen);
    return found;
}
