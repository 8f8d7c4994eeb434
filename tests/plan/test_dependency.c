// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "plan/dependency.h"

#include <criterion/criterion.h>

#include <stdlib.h>

static struct lat_dependency *
linked(uint32_t n, const uint32_t (*links)[2], size_t n_links)
{
    struct lat_dependency *d = NULL;
    cr_assert_eq(lat_dependency_new(n, 0, &d), LAT_OK);
    for (size_t i = 0; i < n_links; ++i) {
        cr_assert_eq(lat_dependency_link(d, links[i][0], links[i][1]), LAT_OK);
    }
    return d;
}

static void
expect_batches(const struct lat_dependency *d, const uint32_t *batches,
               uint32_t n)
{
    for (uint32_t i = 0; i < n; ++i) {
        cr_assert_eq(lat_dependency_batch(d, i), batches[i], "node %u", i);
    }
}

Test(dependency, a_line_has_a_batch_for_each_node)
{
    const uint32_t links[][2] = {{0, 1}, {1, 2}, {2, 3}};
    struct lat_dependency *d = linked(4, links, 3);
    cr_assert_eq(lat_dependency_sort(d), LAT_OK);
    cr_assert_eq(lat_dependency_n_batches(d), 4);
    expect_batches(d, (const uint32_t[]){0, 1, 2, 3}, 4);
    lat_dependency_free(d);
}

Test(dependency, branches_share_a_batch)
{
    // 0 feeds 1, 2 and 3, which feed 4.
    const uint32_t links[][2] = {{0, 1}, {0, 2}, {0, 3},
                                 {1, 4}, {2, 4}, {3, 4}};
    struct lat_dependency *d = linked(5, links, 6);
    cr_assert_eq(lat_dependency_sort(d), LAT_OK);
    expect_batches(d, (const uint32_t[]){0, 1, 1, 1, 2}, 5);
    cr_assert_eq(lat_dependency_batch_start(d, 1), 1);
    cr_assert_eq(lat_dependency_batch_start(d, 2), 4);
    lat_dependency_free(d);
}

Test(dependency, a_complex_graph_takes_the_longest_way)
{
    // A short cut from 0 to 5 does not lift it; node 6 stands alone.
    const uint32_t links[][2] = {{0, 1}, {1, 2}, {2, 5}, {0, 5},
                                 {3, 4}, {4, 5}, {4, 2}};
    struct lat_dependency *d = linked(7, links, 7);
    cr_assert_eq(lat_dependency_sort(d), LAT_OK);
    expect_batches(d, (const uint32_t[]){0, 1, 2, 0, 1, 3, 0}, 7);
    const uint32_t order[] = {0, 3, 6, 1, 4, 2, 5};
    cr_assert_arr_eq(lat_dependency_order(d), order, sizeof(order));
    lat_dependency_free(d);
}

Test(dependency, finds_a_cycle)
{
    const uint32_t links[][2] = {{0, 1}, {1, 2}, {2, 0}, {3, 0}};
    struct lat_dependency *d = linked(4, links, 4);
    cr_assert_eq(lat_dependency_sort(d), LAT_ECYCLE);
    lat_dependency_free(d);
}

Test(dependency, a_node_that_reads_itself_is_a_cycle)
{
    const uint32_t links[][2] = {{1, 1}};
    struct lat_dependency *d = linked(2, links, 1);
    cr_assert_eq(lat_dependency_sort(d), LAT_ECYCLE);
    lat_dependency_free(d);
}

Test(dependency, refuses_a_reference_to_no_node)
{
    struct lat_dependency *d = linked(3, NULL, 0);
    cr_assert_eq(lat_dependency_link(d, 0, 3), LAT_EINVAL);
    cr_assert_eq(lat_dependency_link(d, 7, 0), LAT_EINVAL);
    cr_assert_eq(lat_dependency_sort(d), LAT_OK);
    cr_assert_eq(lat_dependency_n_batches(d), 1);
    lat_dependency_free(d);
}

Test(dependency, tells_who_reads_a_node)
{
    const uint32_t links[][2] = {{0, 1}, {0, 2}, {1, 3}, {0, 2}};
    struct lat_dependency *d = linked(4, links, 4);
    uint32_t readers[4];
    cr_assert_eq(lat_dependency_dependants(d, 0, readers, 4), 2);
    cr_assert_eq(readers[0], 1);
    cr_assert_eq(readers[1], 2);
    cr_assert_eq(lat_dependency_dependants(d, 3, readers, 4), 0);
    cr_assert(lat_dependency_reaches(d, 0, 3));
    cr_assert_not(lat_dependency_reaches(d, 2, 3));
    lat_dependency_free(d);
}

Test(dependency, an_empty_graph_has_no_batches)
{
    struct lat_dependency *d = linked(0, NULL, 0);
    cr_assert_eq(lat_dependency_sort(d), LAT_OK);
    cr_assert_eq(lat_dependency_n_batches(d), 0);
    lat_dependency_free(d);
}

Test(dependency, random_graphs_keep_the_rule_of_batches)
{
    srand(7);
    for (int round = 0; round < 200; ++round) {
        const uint32_t n = 2 + (uint32_t)rand() % 60;
        struct lat_dependency *d = linked(n, NULL, 0);
        uint32_t highest[64] = {0};
        // Links lead from lower to higher numbers, so the rule can be applied
        // in that order.
        for (uint32_t to = 1; to < n; ++to) {
            for (uint32_t k = 0; k < 3; ++k) {
                const uint32_t from = (uint32_t)rand() % to;
                lat_dependency_link(d, from, to);
                if (highest[from] + 1 > highest[to]) {
                    highest[to] = highest[from] + 1;
                }
            }
        }
        cr_assert_eq(lat_dependency_sort(d), LAT_OK);
        expect_batches(d, highest, n);
        lat_dependency_free(d);
    }
}
