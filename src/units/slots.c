// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "slots.h"

#include <string.h>

static bool
is_same(const struct lat_slot *d, const struct lat_slot *wanted)
{
    return d->refs && d->is_output == wanted->is_output &&
           d->is_midi == wanted->is_midi &&
           (d->is_plain || d->is_cv == wanted->is_cv) &&
           !strcmp(d->name, wanted->name);
}

bool
lat_slots_have(const struct lat_slots *s, const struct lat_slot *wanted)
{
    uint32_t i = 0;
    while (i < LAT_MAX_DEVICE_SLOTS && !is_same(&s->all[i], wanted)) {
        ++i;
    }
    return i < LAT_MAX_DEVICE_SLOTS;
}

uint32_t
lat_slots_count_free(const struct lat_slots *s)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < LAT_MAX_DEVICE_SLOTS; ++i) {
        n += !s->all[i].refs;
    }
    return n;
}

enum lat_status
lat_slots_take(struct lat_slots *s, const struct lat_slot *wanted,
               uint16_t *slot)
{
    uint32_t vacant = LAT_MAX_DEVICE_SLOTS;
    for (uint32_t i = LAT_MAX_DEVICE_SLOTS; i-- > 0;) {
        struct lat_slot *d = &s->all[i];
        if (!d->refs) {
            vacant = i;
        } else if (is_same(d, wanted)) {
            ++d->refs;
            d->order = wanted->order;
            d->n_channels = wanted->n_channels;
            *slot = (uint16_t)i;
            return LAT_OK;
        }
    }
    if (vacant == LAT_MAX_DEVICE_SLOTS) {
        return LAT_EFULL;
    }
    s->all[vacant] = *wanted;
    s->all[vacant].refs = 1;
    s->all[vacant].generation = ++s->generation;
    *slot = (uint16_t)vacant;
    return LAT_OK;
}

void
lat_slots_drop(struct lat_slots *s, uint16_t slot)
{
    struct lat_slot *d = &s->all[slot];
    if (d->refs && !--d->refs) {
        d->generation = ++s->generation;
    }
}
