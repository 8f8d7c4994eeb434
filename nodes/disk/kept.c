// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "kept.h"

#include <stdlib.h>
#include <string.h>

/// Frames of a piece.
#define PIECE UINT64_C(65536)

struct lat_kept_piece {
    struct lat_kept_piece *next;
    uint64_t first; ///< number of its first frame
    uint64_t n;     ///< frames that it has
    float frames[];
};

void
lat_kept_clear(struct lat_kept *k)
{
    while (k->first) {
        struct lat_kept_piece *const next = k->first->next;
        free(k->first);
        k->first = next;
    }
    k->last = NULL;
    k->n_first = k->n_ever;
}

/// A piece that has room.
static struct lat_kept_piece *
piece_with_room(struct lat_kept *k)
{
    if (k->last && k->last->n < PIECE) {
        return k->last;
    }
    struct lat_kept_piece *const p =
        malloc(sizeof(*p) + PIECE * k->n_channels * sizeof(p->frames[0]));
    if (!p) {
        return NULL;
    }
    p->next = NULL;
    p->first = k->n_ever;
    p->n = 0;
    if (k->last) {
        k->last->next = p;
    } else {
        k->first = p;
        k->n_first = k->n_ever;
    }
    k->last = p;
    return p;
}

static void
forget(struct lat_kept *k, uint64_t needed)
{
    while (k->first && k->first != k->last &&
           k->first->first + PIECE <= needed &&
           k->n_ever - k->first->first - PIECE >= k->n_most) {
        struct lat_kept_piece *const next = k->first->next;
        free(k->first);
        k->first = next;
        k->n_first = next->first;
    }
}

void
lat_kept_add(struct lat_kept *k, const float *frames, uint64_t n,
             uint64_t needed)
{
    while (n && k->n_most) {
        struct lat_kept_piece *const p = piece_with_room(k);
        if (!p) {
            k->n_ever += n;
            lat_kept_clear(k);
            return;
        }
        const uint64_t room = PIECE - p->n;
        const uint64_t some = n < room ? n : room;
        memcpy(p->frames + p->n * k->n_channels, frames,
               some * k->n_channels * sizeof(frames[0]));
        p->n += some;
        k->n_ever += some;
        frames += some * k->n_channels;
        n -= some;
    }
    forget(k, needed);
}

const float *
lat_kept_at(const struct lat_kept *k, uint64_t at, uint64_t *n)
{
    const struct lat_kept_piece *p = k->first;
    while (p->next && at >= p->first + p->n) {
        p = p->next;
    }
    const uint64_t there = p->first + p->n - at;
    *n = *n < there ? *n : there;
    return p->frames + (at - p->first) * k->n_channels;
}
