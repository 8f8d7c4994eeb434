// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "support/rig.h"

#include "node/curve.h"

#include <criterion/criterion.h>

Test(control, settings_change_ports_and_keep_values_and_cables)
{
    struct rig r = rig_new(64);
    rig_do(&r, "new mix m inputs 3 level_2 0.5\nnew sine s\n"
               "connect s m/in_2 0.7\nconnect s m/in_3");
    rig_run(&r, 100, 64);
    rig_do(&r, "new mix m inputs 2");
    const struct lat_graph *g = lat_control_graph(r.c);
    const struct lat_node *m = lat_graph_find(g, "m");
    cr_assert_eq(m->layout->n_in, 4);
    cr_assert_eq(g->n_cables, 1);
    cr_assert_eq(m->in[3].value, 0.5F);
    rig_run(&r, 100, 64);
    rig_do(&r, "set m inputs 5\nconnect s m/in_5");
    rig_run(&r, 1000, 64);
    cr_assert_eq(lat_control_graph(r.c)->n_cables, 2);
    rig_free(&r);
}

Test(control, a_rename_moves_cables_and_ports_along)
{
    struct rig r = rig_new(64);
    rig_do(&r, "new sine a\nnew audio_out main channels 1\nconnect a main");
    cr_assert_eq(lat_control_node_rename(r.c, "main", "front", &r.error),
                 LAT_OK);
    cr_assert_null(lat_graph_find(lat_control_graph(r.c), "main"));
    cr_assert_not_null(lat_graph_find(lat_control_graph(r.c), "front"));
    cr_assert_str_eq(lat_control_slots(r.c)[0].name, "front_1");
    cr_assert_eq(lat_control_node_rename(r.c, "front", "a", &r.error),
                 LAT_EEXIST);
    rig_free(&r);
}

Test(control, values_are_asked_for_as_they_were_set)
{
    struct rig r = rig_new(64);
    rig_do(&r, "new sine a freq 440\nnew noise n color pink\n"
               "set a freq 220 3\nset a sync 1");
    struct lat_value v;
    char text[1024];
    cr_assert_eq(lat_control_param_get(r.c, "a", "freq", text, sizeof(text), &v,
                                       &r.error),
                 LAT_OK);
    cr_assert_eq(v.number, 440.0, "its glide begins there");
    cr_assert_eq(lat_graph_find(lat_control_graph(r.c), "a")->in[0].saved,
                 220.0F);
    cr_assert_eq(lat_control_param_get(r.c, "a", "sync", text, sizeof(text), &v,
                                       &r.error),
                 LAT_OK);
    cr_assert_eq(v.number, 0.0);
    cr_assert_eq(lat_control_param_get(r.c, "n", "color", text, sizeof(text),
                                       &v, &r.error),
                 LAT_OK);
    cr_assert(v.is_text);
    cr_assert_str_eq(v.text, "pink");
    rig_free(&r);
}

Test(control, a_fader_covers_its_range_and_back)
{
    struct rig r = rig_new(64);
    rig_do(&r, "new lowpass f\nnew audio_out main\nnew pan p");
    const char *const params[][2] = {
        {"f", "cutoff"}, {"f", "q"}, {"main", "level"}, {"p", "pan"}};
    for (size_t i = 0; i < LAT_COUNT(params); ++i) {
        for (int k = 0; k <= 20; ++k) {
            const double x = k / 20.0;
            double back = -1.0;
            cr_assert_eq(lat_control_param_set_norm(r.c, params[i][0],
                                                    params[i][1], x, &r.error),
                         LAT_OK, "%s", r.error.text);
            cr_assert_eq(lat_control_param_get_norm(
                             r.c, params[i][0], params[i][1], &back, &r.error),
                         LAT_OK);
            cr_assert_float_eq(back, x, 1e-5, "%s %g", params[i][1], x);
        }
    }
    // The console law: 0 silence, 1/4 -30, 1/2 -10, 3/4 0, 1 +10 dB.
    const struct lat_port *level =
        lat_graph_find(lat_control_graph(r.c), "main")->layout->in[2].port;
    cr_assert_eq(lat_curve_to_value(level, 0.0), 0.0);
    cr_assert_float_eq(lat_curve_to_value(level, 0.25), 0.0316228, 1e-6);
    cr_assert_float_eq(lat_curve_to_value(level, 0.5), 0.316228, 1e-6);
    cr_assert_float_eq(lat_curve_to_value(level, 0.75), 1.0, 1e-9);
    cr_assert_float_eq(lat_curve_to_value(level, 1.0), 3.16228, 1e-5);
    rig_free(&r);
}
