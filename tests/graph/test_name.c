// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "graph/name.h"

#include <criterion/criterion.h>

#include <stddef.h>

TestSuite(name, .timeout = 20);

Test(name, takes_node_names_of_the_right_form)
{
    cr_assert(lat_name_is_valid("a", false));
    cr_assert(lat_name_is_valid("Filter_2", false));
    cr_assert(
        lat_name_is_valid("a234567890123456789012345678901234567890", false));
    cr_assert_not(
        lat_name_is_valid("a2345678901234567890123456789012345678901", false));
    cr_assert_not(lat_name_is_valid("", false));
    cr_assert_not(lat_name_is_valid(NULL, false));
    cr_assert_not(lat_name_is_valid("2osc", false));
    cr_assert_not(lat_name_is_valid("_x", false));
    cr_assert_not(lat_name_is_valid("a b", false));
    cr_assert_not(lat_name_is_valid("a-b", false));
    cr_assert_not(lat_name_is_valid("\xc3\xa4", false));
    cr_assert_not(lat_name_is_valid("drums.kick", false));
}

Test(name, keeps_the_words_of_the_osc_tree_free)
{
    static const char *const reserved[] = {"new",  "free", "set", "rename",
                                           "info", "list", "all"};
    for (size_t i = 0; i < 7; ++i) {
        cr_assert_not(lat_name_is_valid(reserved[i], false));
    }
    cr_assert(lat_name_is_valid("newer", false));
    cr_assert(lat_name_is_valid("al", false));
    cr_assert_not(lat_name_is_valid("drums.new", true));
}

Test(name, takes_dots_only_where_they_are_allowed)
{
    cr_assert(lat_name_is_valid("drums.kick", true));
    cr_assert(lat_name_is_valid("a.b.c", true));
    cr_assert_not(lat_name_is_valid(".a", true));
    cr_assert_not(lat_name_is_valid("a.", true));
    cr_assert_not(lat_name_is_valid("a..b", true));
    cr_assert_not(lat_name_is_valid("lead.3", true));
#define LONG "a234567890123456789012345678901234567890"
    cr_assert(lat_name_is_valid(LONG "." LONG "." LONG, true));
    cr_assert(lat_name_is_valid("a.b.c.d.e", true));
    cr_assert_not(lat_name_is_valid("drums." LONG "1", true));
    cr_assert_not(lat_name_is_valid(LONG "." LONG "." LONG ".a", true));
}
