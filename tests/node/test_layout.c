// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "node/layout.h"
#include "nodes/types.h"

#include <criterion/criterion.h>

#include <string.h>

static const struct lat_layout *
mix_of(struct lat_layouts *all, double inputs)
{
    const struct lat_node_type *const type = lat_node_type_find("mix");
    struct lat_setting_value *const settings = lat_settings_copy(type, NULL);
    settings[lat_setting_index(type, "inputs")].number = inputs;
    const struct lat_layout *const layout = lat_layout_get(all, type, settings);
    lat_settings_free(type, settings);
    return layout;
}

Test(layout, equal_ones_are_one_and_live_with_their_list)
{
    struct lat_layouts all = {NULL};
    const struct lat_layout *const three = mix_of(&all, 3);
    const struct lat_layout *const four = mix_of(&all, 4);
    cr_assert(three && four);
    cr_expect_eq(three->n_in + 2, four->n_in);
    cr_expect_eq(mix_of(&all, 3), three);
    cr_expect_eq(mix_of(&all, 4), four);
    cr_expect_str_eq(four->in[3].name, "in_4");
    lat_layouts_fini(&all);
    cr_expect_null(all.first);
}

Test(layout, lists_share_nothing)
{
    struct lat_layouts here = {NULL};
    struct lat_layouts there = {NULL};
    const struct lat_layout *const layout = mix_of(&here, 2);
    cr_expect_neq(mix_of(&there, 2), layout);
    lat_layouts_fini(&there);
    cr_expect_eq(mix_of(&here, 2), layout);
    cr_expect_str_eq(layout->in[1].name, "in_2");
    lat_layouts_fini(&here);
}
