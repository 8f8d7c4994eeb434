// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// E(k, n): k groups [1] in front and n - k groups [0] behind; as long as there
// is more than one behind, each in front takes one from behind, and what is
// left over, from whichever side had more, is the new behind.  Groups are equal
// on either side, so that what is at a slot follows from the sizes of each
// round; and rounds that take from a behind which stays the same are counted
// together.

#include "tree.h"

struct round {
    int64_t front, behind; ///< slots of a group
    int64_t n;             ///< groups from behind that one in front took
    bool is_swapped;       ///< what was in front is behind from then on
};

// Each round, but the first, leaves less than half of two rounds before.
#define MOST_ROUNDS 64

static uint32_t
play_rounds(int64_t k, int64_t n, struct round *rounds, int64_t *n_front,
            struct round *last)
{
    int64_t front = k;
    int64_t behind = n - k;
    uint32_t n_rounds = 0;
    *last = (struct round){1, 1, 0, false};
    while (behind > 1 && n_rounds < MOST_ROUNDS) {
        struct round *const r = &rounds[n_rounds++];
        *r = *last;
        if (front > behind) {
            const int64_t taken = behind;
            *r = (struct round){last->front, last->behind, 1, true};
            *last = (struct round){r->front + r->behind, r->front, 0, false};
            behind = front - taken;
            front = taken;
        } else {
            // All rounds in which those in front all get one, and more than one
            // stays.
            const int64_t least = front > 2 ? front : 2;
            const int64_t times = (behind - least) / front + 1;
            *r = (struct round){last->front, last->behind, times, false};
            last->front += times * last->behind;
            behind -= times * front;
        }
    }
    *n_front = front;
    return n_rounds;
}

LAT_RT bool
lat_euclid_hits(int64_t k, int64_t n, int64_t slot)
{
    const bool is_turned = k < 0;
    k = is_turned ? -k : k;
    if (k >= n || k == 0) {
        return (k != 0) != is_turned;
    }
    struct round rounds[MOST_ROUNDS];
    struct round last;
    int64_t n_front;
    const uint32_t n_rounds = play_rounds(k, n, rounds, &n_front, &last);
    bool is_front = slot < n_front * last.front;
    int64_t at = is_front ? slot % last.front
                          : (slot - n_front * last.front) % last.behind;
    for (uint32_t i = n_rounds; i-- > 0;) {
        const struct round *const r = &rounds[i];
        if (is_front) {
            is_front = at < r->front;
            at = is_front ? at : (at - r->front) % r->behind;
        } else {
            is_front = r->is_swapped;
        }
    }
    return is_front != is_turned;
}
