// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "base/ring.h"

#include <criterion/criterion.h>

#include <pthread.h>

static struct lat_ring *
ring_of(uint32_t n)
{
    struct lat_ring *ring = NULL;
    cr_assert_eq(lat_ring_new(n, sizeof(int), &ring), LAT_OK);
    return ring;
}

Test(ring, gives_records_in_order)
{
    struct lat_ring *ring = ring_of(4);
    for (int i = 0; i < 3; ++i) {
        cr_assert(lat_ring_push(ring, &i));
    }
    lat_ring_commit(ring);
    int x = -1;
    for (int i = 0; i < 3; ++i) {
        cr_assert(lat_ring_pop(ring, &x));
        cr_assert_eq(x, i);
    }
    cr_assert_not(lat_ring_pop(ring, &x));
    lat_ring_free(ring);
}

Test(ring, refuses_write_when_full)
{
    struct lat_ring *ring = ring_of(4);
    int x = 0;
    for (; x < 4; ++x) {
        cr_assert(lat_ring_push(ring, &x));
    }
    cr_assert_not(lat_ring_push(ring, &x));
    lat_ring_commit(ring);
    cr_assert(lat_ring_pop(ring, &x));
    cr_assert_eq(lat_ring_space(ring), 1);
    lat_ring_free(ring);
}

Test(ring, staged_records_are_invisible_and_can_be_dropped)
{
    struct lat_ring *ring = ring_of(4);
    int x = 1;
    lat_ring_push(ring, &x);
    cr_assert_not(lat_ring_peek(ring, &x));
    lat_ring_abort(ring);
    x = 2;
    lat_ring_push(ring, &x);
    lat_ring_commit(ring);
    cr_assert(lat_ring_pop(ring, &x));
    cr_assert_eq(x, 2);
    lat_ring_free(ring);
}

#define N_PASSED 200000

static void *
write_pairs(void *arg)
{
    for (int i = 0; i < N_PASSED; i += 2) {
        const int next = i + 1;
        while (!lat_ring_push(arg, &i)) {
        }
        while (!lat_ring_push(arg, &next)) {
        }
        lat_ring_commit(arg);
    }
    return NULL;
}

Test(ring, two_threads_pass_every_record_once)
{
    struct lat_ring *ring = ring_of(64);
    pthread_t writer;
    cr_assert_eq(pthread_create(&writer, NULL, write_pairs, ring), 0);
    for (int i = 0; i < N_PASSED; ++i) {
        int x = -1;
        while (!lat_ring_pop(ring, &x)) {
        }
        cr_assert_eq(x, i);
    }
    pthread_join(writer, NULL);
    lat_ring_free(ring);
}

Test(ring, refuses_sizes_of_nothing)
{
    struct lat_ring *ring = NULL;
    cr_assert_eq(lat_ring_new(0, 4, &ring), LAT_EINVAL);
    cr_assert_eq(lat_ring_new(4, 0, &ring), LAT_EINVAL);
    cr_assert_null(ring);
}

Test(ring, is_empty_until_a_commit_and_after_the_last_pop)
{
    struct lat_ring *ring = NULL;
    uint64_t record = 7;
    cr_assert_eq(lat_ring_new(4, sizeof(record), &ring), LAT_OK);
    cr_assert(lat_ring_is_empty(ring));
    cr_assert(lat_ring_push(ring, &record));
    cr_assert(lat_ring_is_empty(ring), "staged is not there yet");
    lat_ring_commit(ring);
    cr_assert(!lat_ring_is_empty(ring));
    cr_assert(lat_ring_pop(ring, &record));
    cr_assert(lat_ring_is_empty(ring));
    lat_ring_free(ring);
}
