// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "queue.h"

#include <stdlib.h>
#include <string.h>

struct header {
    struct lat_osc_peer peer;
    size_t size;
};

void
lat_osc_queue_fini(struct lat_osc_queue *q)
{
    free(q->bytes);
    memset(q, 0, sizeof(*q));
}

bool
lat_osc_queue_add(struct lat_osc_queue *q, const struct lat_osc_peer *peer,
                  const void *packet, size_t size)
{
    const struct header header = {.peer = *peer, .size = size};
    const size_t needed = q->size + sizeof(header) + size;
    if (needed > q->capacity) {
        const size_t capacity = needed < 4096 ? 4096 : 2 * needed;
        uint8_t *const bytes = realloc(q->bytes, capacity);
        if (!bytes) {
            return false;
        }
        q->bytes = bytes;
        q->capacity = capacity;
    }
    memcpy(q->bytes + q->size, &header, sizeof(header));
    memcpy(q->bytes + q->size + sizeof(header), packet, size);
    q->size = needed;
    ++q->n;
    return true;
}

const void *
lat_osc_queue_next(const struct lat_osc_queue *q, size_t *at,
                   struct lat_osc_peer *peer, size_t *size)
{
    struct header header;
    if (*at == q->size) {
        return NULL;
    }
    memcpy(&header, q->bytes + *at, sizeof(header));
    const void *const packet = q->bytes + *at + sizeof(header);
    *at += sizeof(header) + header.size;
    *peer = header.peer;
    *size = header.size;
    return packet;
}

void
lat_osc_queue_clear(struct lat_osc_queue *q)
{
    q->size = 0;
    q->n = 0;
}
