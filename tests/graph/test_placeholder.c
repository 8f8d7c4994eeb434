// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "graph/placeholder.h"

#include <criterion/criterion.h>

static const char *const names[] = {"a", "b"};

static const struct lat_node_type *
find(struct lat_placeholders *all, uint32_t n_in)
{
    return lat_placeholder_type(all, "warble",
                                (struct lat_placeholder_ports){names, n_in},
                                (struct lat_placeholder_ports){names, 1});
}

Test(placeholder, those_with_equal_ports_are_one_and_live_with_their_list)
{
    struct lat_placeholders all = {NULL};
    struct lat_placeholders others = {NULL};
    const struct lat_node_type *const one = find(&all, 1);
    const struct lat_node_type *const two = find(&all, 2);
    cr_assert(one && two);
    cr_expect_neq(one, two);
    cr_expect_eq(find(&all, 1), one);
    cr_expect_neq(find(&others, 1), one);
    lat_placeholders_fini(&others);
    cr_expect(lat_placeholder_is(two));
    cr_expect_str_eq(two->inputs[1].name, "b");
    lat_placeholders_fini(&all);
    cr_expect_null(all.first);
}
