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

static struct lat_osc_share *
find_share(const struct lat_osc_schedule *s, const struct lat_osc_peer *peer)
{
    struct lat_osc_share *share = s->shares;
    while (share && !lat_osc_is_same_peer(&share->peer, peer)) {
        share = share->next;
    }
    return share;
}

static struct lat_osc_share *
need_share(struct lat_osc_schedule *s, const struct lat_osc_peer *peer)
{
    struct lat_osc_share *share = find_share(s, peer);
    if (!share && (share = calloc(1, sizeof(*share)))) {
        share->peer = *peer;
        share->next = s->shares;
        s->shares = share;
    }
    return share;
}

static void
forget_if_empty(struct lat_osc_schedule *s, struct lat_osc_share *share)
{
    struct lat_osc_share **link = &s->shares;
    if (share->n > 0) {
        return;
    }
    while (*link != share) {
        link = &(*link)->next;
    }
    *link = share->next;
    free(share);
}

/// How much of the room so many bundles with so many bytes take.
static size_t
weight(uint32_t n, size_t bytes)
{
    const size_t as_bytes =
        (size_t)n * (LAT_OSC_MAX_SCHEDULED_BYTES / LAT_OSC_MAX_SCHEDULED);
    return as_bytes > bytes ? as_bytes : bytes;
}

static struct lat_osc_scheduled *
take_at(struct lat_osc_schedule *s, uint32_t i)
{
    struct lat_osc_scheduled *const e = s->at[i];
    struct lat_osc_share *const share = e->share;
    --s->n;
    memmove(s->at + i, s->at + i + 1, (s->n - i) * sizeof(*s->at));
    s->bytes -= e->size;
    --share->n;
    share->bytes -= e->size;
    e->share = NULL;
    forget_if_empty(s, share);
    return e;
}

static bool
has_room(const struct lat_osc_schedule *s, size_t size)
{
    return s->n < LAT_OSC_MAX_SCHEDULED &&
           s->bytes + size <= LAT_OSC_MAX_SCHEDULED_BYTES;
}

/// Drop the last bundles of who has most, so that one of a sender who has less,
/// with it, fits.
static bool
make_room(struct lat_osc_schedule *s, const struct lat_osc_peer *peer,
          size_t size)
{
    const struct lat_osc_share *const own = find_share(s, peer);
    const size_t wanted =
        weight(own ? own->n + 1 : 1, (own ? own->bytes : 0) + size);
    const struct lat_osc_share *most = s->shares;
    for (const struct lat_osc_share *o = most; o; o = o->next) {
        most = weight(o->n, o->bytes) > weight(most->n, most->bytes) ? o : most;
    }
    const size_t over = s->bytes + size > LAT_OSC_MAX_SCHEDULED_BYTES
                            ? s->bytes + size - LAT_OSC_MAX_SCHEDULED_BYTES
                            : 0;
    if (!most || weight(most->n, most->bytes) <= wanted || most->bytes < over) {
        return false;
    }
    for (uint32_t i = s->n; i > 0 && !has_room(s, size); --i) {
        if (s->at[i - 1]->share == most) {
            struct lat_osc_scheduled *const e = take_at(s, i - 1);
            e->next = s->dropped;
            s->dropped = e;
        }
    }
    return true;
}

enum lat_status
lat_osc_schedule_add(struct lat_osc_schedule *s,
                     const struct lat_osc_peer *peer, const void *packet,
                     size_t size, uint64_t tag, struct lat_osc_scheduled **out)
{
    if (!has_room(s, size) && !make_room(s, peer, size)) {
        return LAT_EFULL;
    }
    if (!lat_grow((void **)&s->at, &s->capacity, s->n, sizeof(*s->at))) {
        return LAT_ENOMEM;
    }
    struct lat_osc_scheduled *const e = malloc(sizeof(*e) + size);
    struct lat_osc_share *const share = e ? need_share(s, peer) : NULL;
    if (!share) {
        free(e);
        return LAT_ENOMEM;
    }
    e->next = NULL;
    e->share = share;
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
    ++share->n;
    share->bytes += size;
    *out = e;
    return LAT_OK;
}

struct lat_osc_scheduled *
lat_osc_schedule_take(struct lat_osc_schedule *s)
{
    return s->n ? take_at(s, 0) : NULL;
}

struct lat_osc_scheduled *
lat_osc_schedule_take_dropped(struct lat_osc_schedule *s)
{
    struct lat_osc_scheduled *const e = s->dropped;
    if (e) {
        s->dropped = e->next;
    }
    return e;
}

void
lat_osc_schedule_fini(struct lat_osc_schedule *s)
{
    struct lat_osc_scheduled *e = NULL;
    while ((e = lat_osc_schedule_take_dropped(s))) {
        free(e);
    }
    while (s->n) {
        free(take_at(s, s->n - 1));
    }
    free(s->at);
    memset(s, 0, sizeof(*s));
}
