// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Kahn's algorithm, wave by wave: the nodes that become ready in one wave are
// one batch, which is exactly "one more than the highest batch among the
// inputs".  Readers of a node are a linked list of links in two flat arrays;
// the order is a counting sort by batch.

#include "dependency.h"

#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX

struct link {
    uint32_t reader;
    uint32_t next;
};

struct lat_dependency {
    uint32_t n_nodes;
    uint32_t n_links, capacity;
    uint32_t n_batches;
    struct link *links;
    uint32_t *first; // per node: its first link, newest first
    uint32_t *batch;
    uint32_t *order;
    uint32_t *starts; // n_nodes + 1
    uint32_t *scratch;
};

enum lat_status
lat_dependency_new(uint32_t n_nodes, struct lat_dependency **out)
{
    struct lat_dependency *d = calloc(1, sizeof(*d));
    // One block: first, batch, order, scratch, starts.
    const size_t n = (size_t)n_nodes;
    uint32_t *block = calloc(5 * n + 1, sizeof(uint32_t));
    if (!d || !block) {
        free(d);
        free(block);
        return LAT_ENOMEM;
    }
    d->n_nodes = n_nodes;
    d->first = block;
    d->batch = block + n;
    d->order = block + 2 * n;
    d->scratch = block + 3 * n;
    d->starts = block + 4 * n;
    memset(d->first, 0xff, n * sizeof(uint32_t));
    *out = d;
    return LAT_OK;
}

void
lat_dependency_free(struct lat_dependency *d)
{
    if (d) {
        free(d->first);
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
    // Only the newest link is compared: enough to drop the usual repeats, and
    // a repeat costs nothing but its place.
    if (d->first[source] != NONE &&
        d->links[d->first[source]].reader == reader) {
        return LAT_OK;
    }
    if (d->n_links == d->capacity) {
        const uint32_t capacity = d->capacity ? 2 * d->capacity : 64;
        struct link *links = realloc(d->links, capacity * sizeof(*links));
        if (!links) {
            return LAT_ENOMEM;
        }
        d->links = links;
        d->capacity = capacity;
    }
    d->links[d->n_links] = (struct link){reader, d->first[source]};
    d->first[source] = d->n_links++;
    return LAT_OK;
}

enum lat_status
lat_dependency_sort(struct lat_dependency *d)
{
    const uint32_t n = d->n_nodes;
    uint32_t *pending = d->scratch;
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
        for (uint32_t l = d->first[node]; l != NONE; l = d->links[l].next) {
            const uint32_t reader = d->links[l].reader;
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
lat_dependency_dependants(const struct lat_dependency *d, uint32_t node,
                          uint32_t *out, uint32_t capacity)
{
    uint32_t n = 0;
    for (uint32_t l = d->first[node]; l != NONE; l = d->links[l].next) {
        if (n < capacity) {
            out[n] = d->links[l].reader;
        }
        ++n;
    }
    return n;
}

bool
lat_dependency_reaches(const struct lat_dependency *d, uint32_t source,
                       uint32_t node)
{
    uint8_t *seen = calloc(d->n_nodes, 1);
    uint32_t *stack = malloc(d->n_nodes * sizeof(*stack));
    bool found = false;
    uint32_t n = 0;
    if (seen && stack) {
        stack[n++] = source;
        seen[source] = 1;
    }
    while (n && !found) {
        const uint32_t top = stack[--n];
        for (uint32_t l = d->first[top]; l != NONE; l = d->links[l].next) {
            const uint32_t reader = d->links[l].reader;
            found = found || reader == node;
            if (!seen[reader]) {
                seen[reader] = 1;
                stack[n++] = reader;
            }
        }
    }
    free(seen);
    free(stack);
    return found;
}
