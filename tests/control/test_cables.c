// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "support/rig.h"

#include <criterion/criterion.h>

Test(control, pairs_connect_left_to_left)
{
    struct rig r = rig_new(64);
    rig_do(&r, "new pan p\nnew audio_out main\nnew sine s\nconnect p main\n"
               "connect s main\nconnect s p\n");
    const struct lat_graph *g = lat_control_graph(r.c);
    cr_assert_eq(g->n_cables, 5);
    const struct lat_node *p = lat_graph_find(g, "p");
    const struct lat_node *m = lat_graph_find(g, "main");
    cr_assert_not_null(lat_graph_find_cable(p, 0, m, 0));
    cr_assert_not_null(lat_graph_find_cable(p, 1, m, 1));
    cr_assert_null(lat_graph_find_cable(p, 0, m, 1));
    rig_free(&r);
}

Test(control, connecting_again_sets_the_amount)
{
    struct rig r = rig_new(64);
    rig_do(&r, "new sine s\nnew bus b\nconnect s b 0.5\nconnect s b 0.25");
    double amount = 0.0;
    cr_assert_eq(
        lat_control_cable_get(r.c, "s", "out", "b", "in", &amount, &r.error),
        LAT_OK);
    cr_assert_eq(amount, 0.25);
    cr_assert_eq(lat_control_graph(r.c)->n_cables, 1);
    rig_free(&r);
}

Test(control, a_feedback_cable_fades_though_its_source_starts_anew)
{
    struct rig r = rig_new(64);
    lat_control_begin(r.c);
    rig_do(&r, "new audio_out main channels 1 limit off\nnew sine s\n"
               "new delay d max_time 1\nnew gain g\nconnect s d\n"
               "feedback d g\nconnect g main\nconnect s main 0.1");
    cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK);
    rig_run(&r, 1000, 64);
    lat_control_begin(r.c);
    rig_do(&r, "disconnect d g\nset d max_time 2");
    cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK);
    rig_run(&r, 1000, 64);
    for (uint32_t i = 0; i < r.n_frames; ++i) {
        cr_assert(r.recorded[i] < 1.2F && r.recorded[i] > -1.2F);
    }
    rig_free(&r);
}
