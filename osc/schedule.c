// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "schedule.h"
#include "base/array.h"
#include "timeline.h"

#include <stdlib.h>
#include <string.h>

/// Behind all that are not later.
static uint32_t
place_of(const struct lat_osc_schedule *s, uint64_t tag)
{
    uint32_t low = 0;
    uint32_t high = s->n;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (lat_timeline_is_before(tag, s->at[middle]->tag)) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

enum lat_status
lat_osc_schedule_add(struct lat_osc_schedule *s,
                     const struct lat_osc_peer *peer, const void *packet,
                     size_t size, uint64_t tag, struct lat_osc_scheduled **out)
{
    if (s->n >= LAT_OSC_MAX_SCHEDULED ||
        s->bytes + size > LAT_OSC_MAX_SCHEDULED_BYTES) {
        return LAT_EFULL;
    }
    if (!lat_grow((void **)&s->at, &s->capacity, s->n, sizeof(*s->at))) {
        return LAT_ENOMEM;
    }
    struct lat_osc_scheduled *const e = malloc(sizeof(*e) + size);
    if (!e) {
        return LAT_ENOMEM;
    }
    e->tag = tag;
    e->frame = 0;
    e->peer = *peer;
    e->size = size;
    memcpy(e->bytes, packet, size);
    const uint32_t place = place_of(s, tag);
    memmove(s->at + place + 1, s->at + place, (s->n - place) * sizeof(*s->at));
    s->at[place] = e;
    ++s->n;
    s->bytes += size;
    *out = e;
    return LAT_OK;
}

struct lat_osc_scheduled *
lat_osc_schedule_take(struct lat_osc_schedule *s)
{
    if (!s->n) {
        return NULL;
    }
    struct lat_osc_scheduled *const e = s->at[0];
    --s->n;
    memmove(s->at, s->at + 1, s->n * sizeof(*s->at));
    s->bytes -= e->size;
    return e;
}

void
lat_osc_schedule_fini(struct lat_osc_schedule *s)
{
    for (uint32_t i = 0; i < s->n; ++i) {
        free(s->at[i]);
    }
    free(s->at);
    memset(s, 0, sizeof(*s));
}
