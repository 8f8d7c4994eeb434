// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A heap of places: the messages themselves stay where they are.

#include "ahead.h"

void
lat_ahead_init(struct lat_ahead *a)
{
    a->n = 0;
    a->n_ever = 0;
    for (uint32_t i = 0; i < LAT_MAX_AHEAD; ++i) {
        a->order[i] = (uint16_t)i;
    }
}

static bool
is_before(const struct lat_ahead *a, uint32_t i, uint32_t k)
{
    const uint32_t x = a->order[i];
    const uint32_t y = a->order[k];
    return a->messages[x].frame != a->messages[y].frame
               ? a->messages[x].frame < a->messages[y].frame
               : a->turns[x] < a->turns[y];
}

static void
swap(struct lat_ahead *a, uint32_t i, uint32_t k)
{
    const uint16_t place = a->order[i];
    a->order[i] = a->order[k];
    a->order[k] = place;
}

LAT_RT bool
lat_ahead_add(struct lat_ahead *a, const struct lat_message *m)
{
    if (a->n == LAT_MAX_AHEAD) {
        return false;
    }
    uint32_t i = a->n++;
    a->messages[a->order[i]] = *m;
    a->turns[a->order[i]] = a->n_ever++;
    for (; i > 0 && is_before(a, i, (i - 1) / 2); i = (i - 1) / 2) {
        swap(a, i, (i - 1) / 2);
    }
    return true;
}

LAT_RT const struct lat_message *
lat_ahead_first(const struct lat_ahead *a)
{
    return a->n ? &a->messages[a->order[0]] : NULL;
}

LAT_RT void
lat_ahead_drop(struct lat_ahead *a)
{
    swap(a, 0, --a->n);
    uint32_t i = 0;
    for (uint32_t child = 1; child < a->n; child = 2 * i + 1) {
        if (child + 1 < a->n && is_before(a, child + 1, child)) {
            ++child;
        }
        if (!is_before(a, child, i)) {
            break;
        }
        swap(a, i, child);
        i = child;
    }
}
