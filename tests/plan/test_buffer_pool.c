// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "base/rt.h"
#include "plan/buffer_pool.h"

#include <criterion/criterion.h>

#include <stdint.h>

static struct lat_buffer_pool *
pool_of(uint32_t n_floats, uint32_t limit)
{
    struct lat_buffer_pool *p = NULL;
    cr_assert_eq(lat_buffer_pool_new(n_floats, limit, &p), LAT_OK);
    return p;
}

Test(buffer_pool, gives_back_the_buffer_returned_last)
{
    struct lat_buffer_pool *p = pool_of(64, 8);
    const uint32_t a = lat_buffer_pool_get(p, 1);
    const uint32_t b = lat_buffer_pool_get(p, 1);
    cr_assert_neq(a, b);
    cr_assert_eq(lat_buffer_pool_release(p, a), LAT_OK);
    cr_assert_eq(lat_buffer_pool_release(p, b), LAT_OK);
    cr_assert_eq(lat_buffer_pool_get(p, 1), b);
    cr_assert_eq(lat_buffer_pool_get(p, 1), a);
    lat_buffer_pool_free(p);
}

Test(buffer_pool, buffers_are_aligned_and_apart)
{
    struct lat_buffer_pool *p = pool_of(65, 100);
    float *before = NULL;
    for (int i = 0; i < 100; ++i) {
        float *data = lat_buffer_pool_data(p, lat_buffer_pool_get(p, 1));
        cr_assert_eq((uintptr_t)data % LAT_ALIGNMENT, 0);
        cr_assert(!before || data >= before + 65 || data + 65 <= before);
        before = data;
    }
    lat_buffer_pool_free(p);
}

Test(buffer_pool, says_no_when_exhausted_and_recovers)
{
    struct lat_buffer_pool *p = pool_of(64, 2);
    const uint32_t a = lat_buffer_pool_get(p, 1);
    lat_buffer_pool_get(p, 1);
    cr_assert_eq(lat_buffer_pool_get(p, 1), LAT_NO_BUFFER);
    cr_assert_eq(lat_buffer_pool_release(p, a), LAT_OK);
    cr_assert_eq(lat_buffer_pool_get(p, 1), a);
    lat_buffer_pool_free(p);
}

Test(buffer_pool, refuses_a_return_too_many)
{
    struct lat_buffer_pool *p = pool_of(64, 2);
    const uint32_t a = lat_buffer_pool_get(p, 1);
    cr_assert_eq(lat_buffer_pool_release(p, a), LAT_OK);
    cr_assert_eq(lat_buffer_pool_release(p, a), LAT_EINVAL);
    cr_assert_eq(lat_buffer_pool_release(p, 77), LAT_EINVAL);
    lat_buffer_pool_free(p);
}

Test(buffer_pool, a_new_buffer_is_silent_and_clearing_makes_it_so)
{
    struct lat_buffer_pool *p = pool_of(64, 2);
    const uint32_t a = lat_buffer_pool_get(p, 1);
    float *data = lat_buffer_pool_data(p, a);
    for (int i = 0; i < 64; ++i) {
        cr_assert_eq(data[i], 0.0F);
        data[i] = (float)i;
    }
    lat_buffer_pool_clear(p, a);
    for (int i = 0; i < 64; ++i) {
        cr_assert_eq(data[i], 0.0F);
    }
    lat_buffer_pool_free(p);
}

Test(buffer_pool, shared_readers_keep_a_buffer_until_the_last)
{
    struct lat_buffer_pool *p = pool_of(64, 2);
    const uint32_t a = lat_buffer_pool_get(p, 3);
    lat_buffer_pool_release(p, a);
    lat_buffer_pool_release(p, a);
    cr_assert_neq(lat_buffer_pool_get(p, 1), a);
    lat_buffer_pool_release(p, a);
    cr_assert_eq(lat_buffer_pool_get(p, 1), a);
    lat_buffer_pool_free(p);
}

Test(buffer_pool, holding_keeps_released_buffers_out_of_reach)
{
    struct lat_buffer_pool *p = pool_of(64, 8);
    const uint32_t a = lat_buffer_pool_get(p, 1);
    lat_buffer_pool_hold(p);
    lat_buffer_pool_release(p, a);
    const uint32_t b = lat_buffer_pool_get(p, 1);
    cr_assert_neq(a, b);
    lat_buffer_pool_let_go(p);
    cr_assert_eq(lat_buffer_pool_get(p, 1), a);
    lat_buffer_pool_free(p);
}

Test(buffer_pool, what_was_held_comes_back_in_the_order_in_which_it_was_got)
{
    struct lat_buffer_pool *p = pool_of(64, 8);
    uint32_t got[3];
    for (uint32_t i = 0; i < LAT_COUNT(got); ++i) {
        got[i] = lat_buffer_pool_get(p, 1);
    }
    // In any order of release.
    static const uint32_t orders[][3] = {{0, 1, 2}, {2, 1, 0}, {1, 2, 0}};
    for (uint32_t k = 0; k < LAT_COUNT(orders); ++k) {
        lat_buffer_pool_hold(p);
        for (uint32_t i = 0; i < LAT_COUNT(got); ++i) {
            lat_buffer_pool_release(p, got[orders[k][i]]);
        }
        lat_buffer_pool_let_go(p);
        for (uint32_t i = 0; i < LAT_COUNT(got); ++i) {
            cr_assert_eq(lat_buffer_pool_get(p, 1), got[i]);
        }
    }
    lat_buffer_pool_free(p);
}

Test(buffer_pool, counts_what_it_does)
{
    struct lat_buffer_pool *p = pool_of(64, 8);
    const uint32_t a = lat_buffer_pool_get(p, 1);
    const uint32_t b = lat_buffer_pool_get(p, 1);
    lat_buffer_pool_release(p, a);
    lat_buffer_pool_release(p, b);
    lat_buffer_pool_get(p, 1);
    lat_buffer_pool_get(p, 1);
    struct lat_buffer_counters n;
    lat_buffer_pool_counters(p, &n);
    cr_assert_eq(n.in_use, 2);
    cr_assert_eq(n.peak, 2);
    cr_assert_eq(n.allocations, 2);
    cr_assert_eq(n.gets, 4);
    cr_assert_float_eq(n.reuse, 0.5, 1e-12);
    lat_buffer_pool_free(p);
}
