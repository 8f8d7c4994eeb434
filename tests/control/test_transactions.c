// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "support/rig.h"

#include <criterion/criterion.h>

#include <stdlib.h>

Test(control, a_failed_transaction_leaves_everything_as_it_was)
{
    struct rig r = rig_new(64);
    rig_do(&r, "new sine a freq 100\nnew bus b\nnew audio_out main channels 1\n"
               "connect a b 0.5\nconnect b main");
    rig_run(&r, 640, 64);
    char *before = lat_control_print_plan(r.c, LAT_PLAN_JSON);
    lat_control_begin(r.c);
    rig_do(&r, "free a\nnew saw a\nconnect a b 0.1\nset b in 0.5\n"
               "disconnect b main\nconnect a main\nnew audio_out main "
               "channels 4\n");
    cr_assert_neq(rig_try(&r, "connect b a/freq"), LAT_OK);
    lat_control_rollback(r.c);
    char *after = lat_control_print_plan(r.c, LAT_PLAN_JSON);
    cr_assert_str_eq(before, after);
    const struct lat_node *a = lat_graph_find(lat_control_graph(r.c), "a");
    cr_assert_str_eq(a->type->name, "sine");
    cr_assert_eq(a->in[0].value, 100.0F);
    rig_run(&r, 640, 64);
    free(before);
    free(after);
    rig_free(&r);
}

Test(control, a_transaction_that_makes_and_frees_a_node_leaves_nothing)
{
    struct rig r = rig_new(64);
    rig_do(&r, "new audio_out main channels 1");
    lat_control_begin(r.c);
    rig_do(&r, "new sine a\nconnect a main\nset a freq 3\nfree a");
    cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK);
    cr_assert_eq(lat_control_graph(r.c)->n_nodes, 1);
    rig_run(&r, 640, 64);
    rig_free(&r);
}

Test(control, settings_change_twice_in_a_transaction)
{
    struct rig r = rig_new(64);
    rig_do(&r, "new audio_out main channels 2\nnew sine a\nconnect a main");
    rig_run(&r, 100, 50);
    lat_control_begin(r.c);
    rig_do(&r, "set main limit off\nset main channels 1\nset main limit -3");
    cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK);
    cr_assert_eq(lat_control_graph(r.c)->n_cables, 1);
    rig_run(&r, 1000, 50);
    rig_do(&r, "set main channels 3\nconnect a main/in_3");
    rig_run(&r, 1000, 50);
    lat_control_begin(r.c);
    rig_do(&r, "set main limit off\nset main channels 1\nfree main");
    lat_control_rollback(r.c);
    cr_assert_eq(lat_control_graph(r.c)->n_cables, 2);
    lat_control_begin(r.c);
    rig_do(&r, "set main limit off\nset main channels 1\nfree main");
    cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK);
    cr_assert_eq(lat_control_graph(r.c)->n_cables, 0);
    rig_run(&r, 1000, 50);
    rig_free(&r);
}
