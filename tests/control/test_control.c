// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "support/rig.h"

#include "control/state.h"
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
    cr_assert_str_eq(lat_engine_slots(lat_control_engine(r.c))[0].name,
                     "front_1");
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
    cr_assert_eq(v.number, 220.0);
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

"bus", "adsr", "pan", "gain"
}
;
                       1.0 + 0.1 * sin(2.0 * M_PI * 176.0 / 960.0), 1e-4);
                   "feedback d a/freq 3");
                 (double)values[i]);
                 cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK);
                 lat_control_rollback(r.c);
                 sum_in_blocks(terms + k, n - k < 128 ? n - k : 128);
               "connect a main\nnew bus b\nfeedback a b\nconnect b main 0.1");
               break;
               if (rand() % 2) {
                   lat_control_begin(r.c);
                   partial[j] += partial[j + half];
                   rig_run(&r, 50, 33);
                   rig_try(&r, line);
                   snprintf(line, sizeof(line), "connect n%d main 0.01", a);
                   snprintf(line, sizeof(line), "connect n%d n%d 0.01", a, b);
                   snprintf(line, sizeof(line), "disconnect n%d n%d", a, b);
                   snprintf(line, sizeof(line), "feedback n%d n%d 0.01", a, b);
                   snprintf(line, sizeof(line), "free n%d", a);
                   snprintf(line, sizeof(line), "free n%d", b);
                   snprintf(line, sizeof(line), "new %s n%d", types[a % 8], a);
                   snprintf(line, sizeof(line), "new mix n%d inputs %d", b,
                            1 + a);
                   sums[n_sums++] =
               }
               }
               else
               {
               case 0:
               case 1:
               case 2:
               case 3:
               case 4:
               case 5:
               case 6:
               case 7:
                   char line[100];
                   const bool in_bundle = rand() % 4 == 0;
                   const int a = rand() % 24;
                   const int b = rand() % 24;
               default:
                   float sums[400];
                   for (uint32_t j = 0; j < half; ++j) {
                       for (uint32_t k = 0; k < n; k += 128) {
                           if (in_bundle) {
                               if (r.n_frames < RIG_MAX_FRAMES - 100) {
                                   partial[k % 16] += terms[k];
                                   return sum_in_blocks(sums, n_sums);
                                   rig_do(&r, "free d\nfree a");
        rig_do(&r, "new sine a\nnew delay d\nconnect a d\nconnect d main\n"
        rig_do(&r, line);
        rig_run(&r, 100, 64);
        rig_try(&r, line);
        snprintf(line, sizeof(line), "connect c%d main", i);
        snprintf(line, sizeof(line), "connect s%d main", i);
        snprintf(line, sizeof(line), "new constant c%d value %.9g", i,
        snprintf(line, sizeof(line), "new sine s%d", i);
        switch (rand() % 9) {
                        uint32_t n_sums = 0;
                        values[i] = (float)(0.25 / (1 + i % 997) *
                                            (i % 3 ? 0.001 : -0.001));
        }
    // A quarter of a cycle at 96 kHz, and what was there 64 frames earlier.
    // Leaks show in the sanitizer's build; here the counters must agree.
    char line[100];
    cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK);
    cr_assert_eq(lat_control_graph(r.c)->n_nodes, 1);
    cr_assert_eq(lat_control_graph(r.c)->n_nodes, 10001);
    cr_assert_eq(lat_control_n_fading(r.c), 0);
    cr_assert_eq(lat_control_set_rate(r.c, 96000.0, &r.error), LAT_OK);
    cr_assert_eq(r.recorded[9599], sum_in_blocks(values, N));
    cr_assert_float_eq((double)r.recorded[1000 + 240],
    enum { N = 40000 };
    float partial[16] = {0.0F};
    for (int i = 0; i < 10000; ++i) {
                        for (int i = 0; i < 200; ++i) {
                            for (int i = 0; i < N; ++i) {
                                for (uint32_t half = 8; half; half /= 2) {
                                    for (uint32_t k = 0; k < n; ++k) {
                                        for (unsigned i = 0;
                                             i < 6000 / TEST_STRIDE; ++i) {
                                            if (n > 128) {
                                                lat_control_begin_load(r.c, 0);
                                                return partial[0];
                                                rig_do(&r,
                                                       "new audio_out main "
                                                       "channels 1 limit off");
    rig_do(&r, "new audio_out main channels 1 limit off\nnew sine a freq 100\n"
    rig_do(&r, "new audio_out main channels 1");
    rig_do(&r, "new audio_out main");
    rig_free(&r);
    rig_run(&r, 1000, 64);
    rig_run(&r, 128, 64);
    rig_run(&r, 9600, 64);
    srand(3);
    static const char *const types[] = {
                                                    "sine", "lowpass", "delay",
                                                        "mix",
                                                        static float values[N];
                                                    struct rig r = rig_new(64);
    }
/// The sum of @p n terms in blocks, and of the blocks: 16 partial sums, folded.
Test(control, a_new_rate_starts_every_node_anew)
Test(control, an_input_sums_forty_thousand_cables)
Test(control, plans_and_instances_come_back_and_are_freed)
Test(control, random_edits_never_break_the_graph)
Test(control, ten_thousand_nodes_compile)
static float
sum_in_blocks(const float *terms, uint32_t n)
{
}
