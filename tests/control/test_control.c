// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "support/pace.h"
#include "support/rig.h"

#include "control/state.h"
#include "node/curve.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RATE 48000.0

static void
refused(struct rig *r, const char *command, const char *expected)
{
    const uint32_t nodes = lat_control_graph(r->c)->n_nodes;
    const uint32_t cables = lat_control_graph(r->c)->n_cables;
    cr_assert_neq(rig_try(r, command), LAT_OK, "%s", command);
    cr_assert(strstr(r->error.text, expected), "%s: %s", command,
              r->error.text);
    cr_assert_eq(lat_control_graph(r->c)->n_nodes, nodes);
    cr_assert_eq(lat_control_graph(r->c)->n_cables, cables);
}

Test(control, refusals_name_the_thing_and_the_remedy)
{
    struct rig r = rig_new(64);
    rig_do(&r, "new sine lfo\nnew lowpass filter\nnew audio_out main\n"
               "new pan p\nconnect lfo filter");
    refused(&r, "new sin x", "did you mean");
    refused(&r, "new sine 1x", "no name");
    refused(&r, "new sine set", "no name");
    refused(&r, "new sine a.b", "no name");
    refused(&r, "new saw lfo", "is a sine");
    refused(&r, "new sine x frek 3", "did you mean 'freq'");
    refused(&r, "new sine x freq abc", "needs a number");
    refused(&r, "new sine x freq nan", "needs a number");
    refused(&r, "new sine x freq 1e9", "must lie between");
    refused(&r, "new audio_out x channels 0", "must lie between");
    refused(&r, "new audio_out x channels 1.5", "whole number");
    refused(&r, "new audio_out x signal midi", "one of audio, cv");
    refused(&r, "new noise x color blue", "one of");
    refused(&r, "new sine x poly 4", "later release");
    refused(&r, "new sine x process alone", "own or engine");
    refused(&r, "new audio_out x process own", "always runs in the engine");
    refused(&r, "set lfp freq 3", "did you mean 'lfo'");
    refused(&r, "connect lfo filter/cut", "it has in, cutoff");
    refused(&r, "connect lfo/left filter", "has no output");
    refused(&r, "connect main lfo", "no outputs");
    refused(&r, "connect p filter", "is a pair");
    refused(&r, "disconnect filter main", "no cable leads");
    refused(&r, "free nobody", "there are lfo, filter");
    rig_free(&r);
}

Test(control, a_cycle_is_refused_with_its_path)
{
    struct rig r = rig_new(64);
    rig_do(&r, "new bus a\nnew bus b\nnew bus c\n"
               "connect a b\nconnect b c");
    refused(&r, "connect c a", "a -> b -> c -> a");
    refused(&r, "connect b b", "b -> b");
    rig_do(&r, "feedback c a 0.5");
    // A node made later may feed earlier ones, in whatever order.
    rig_do(&r, "new bus d\nconnect d a\nnew bus e\nconnect e d\nconnect e b");
    refused(&r, "connect c e", "-> b -> c -> e");
    rig_do(&r, "disconnect a b\nconnect b a");
    refused(&r, "connect a b", "b -> a -> b");
    rig_free(&r);
}

Test(control, a_name_that_only_begins_like_a_node_is_no_node)
{
    struct rig r = rig_new(64);
    rig_do(&r, "new sine abcdefghijklmnopqrstuvwxyz0123456789ABCD\nnew bus b");
    refused(&r, "connect abcdefghijklmnopqrstuvwxyz0123456789ABCDE b",
            "no node is called");
    refused(&r, "connect b abcdefghijklmnopqrstuvwxyz0123456789ABCDE/freq",
            "no node is called");
    rig_free(&r);
}

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

Test(control, plans_and_instances_come_back_and_are_freed)
{
    // Leaks show in the sanitizer's build; here the counters must agree.
    struct rig r = rig_new(64);
    rig_do(&r, "new audio_out main channels 1");
    for (int i = 0; i < 200; ++i) {
        rig_do(&r, "new sine a\nnew delay d\nconnect a d\nconnect d main\n"
                   "feedback d a/freq 3");
        rig_run(&r, 100, 64);
        rig_do(&r, "free d\nfree a");
        rig_run(&r, 100, 64);
    }
    rig_run(&r, 1000, 64);
    cr_assert_eq(lat_control_graph(r.c)->n_nodes, 1);
    cr_assert_eq(lat_control_n_fading(r.c), 0);
    rig_free(&r);
}

Test(control, random_edits_never_break_the_graph)
{
    srand(3);
    struct rig r = rig_new(64);
    rig_do(&r, "new audio_out main");
    static const char *const types[] = {"sine", "lowpass", "delay", "mix",
                                        "bus",  "adsr",    "pan",   "gain"};
    for (unsigned i = 0; i < 6000 / TEST_STRIDE; ++i) {
        char line[100];
        const int a = rand() % 24;
        const int b = rand() % 24;
        switch (rand() % 9) {
        case 0:
        case 1:
            snprintf(line, sizeof(line), "new %s n%d", types[a % 8], a);
            break;
        case 2:
        case 3:
        case 4:
            snprintf(line, sizeof(line), "connect n%d n%d 0.01", a, b);
            break;
        case 5:
            snprintf(line, sizeof(line), "feedback n%d n%d 0.01", a, b);
            break;
        case 6:
            snprintf(line, sizeof(line), "free n%d", a);
            break;
        case 7:
            snprintf(line, sizeof(line), "disconnect n%d n%d", a, b);
            break;
        default:
            snprintf(line, sizeof(line), "connect n%d main 0.01", a);
            break;
        }
        const bool in_bundle = rand() % 4 == 0;
        if (in_bundle) {
            lat_control_begin(r.c);
        }
        rig_try(&r, line);
        if (in_bundle) {
            snprintf(line, sizeof(line), "free n%d", b);
            rig_try(&r, line);
            snprintf(line, sizeof(line), "new mix n%d inputs %d", b, 1 + a);
            rig_try(&r, line);
            if (rand() % 2) {
                lat_control_rollback(r.c);
            } else {
                cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK);
            }
        }
        if (r.n_frames < RIG_MAX_FRAMES - 100) {
            rig_run(&r, 50, 33);
        }
    }
    rig_free(&r);
}

Test(control, ten_thousand_nodes_compile)
{
    struct rig r = rig_new(64);
    lat_control_begin_load(r.c, 0);
    rig_do(&r, "new audio_out main channels 1");
    char line[100];
    for (int i = 0; i < 10000; ++i) {
        snprintf(line, sizeof(line), "new sine s%d", i);
        rig_do(&r, line);
        snprintf(line, sizeof(line), "connect s%d main", i);
        rig_do(&r, line);
    }
    cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK);
    cr_assert_eq(lat_control_graph(r.c)->n_nodes, 10001);
    rig_run(&r, 128, 64);
    rig_free(&r);
}

/// The sum of @p n terms in blocks, and of the blocks: 16 partial sums, folded.
static float
sum_in_blocks(const float *terms, uint32_t n)
{
    if (n > 128) {
        float sums[400];
        uint32_t n_sums = 0;
        for (uint32_t k = 0; k < n; k += 128) {
            sums[n_sums++] =
                sum_in_blocks(terms + k, n - k < 128 ? n - k : 128);
        }
        return sum_in_blocks(sums, n_sums);
    }
    float partial[16] = {0.0F};
    for (uint32_t k = 0; k < n; ++k) {
        partial[k % 16] += terms[k];
    }
    for (uint32_t half = 8; half; half /= 2) {
        for (uint32_t j = 0; j < half; ++j) {
            partial[j] += partial[j + half];
        }
    }
    return partial[0];
}

Test(control, an_input_sums_forty_thousand_cables)
{
    enum { N = 40000 };
    static float values[N];
    struct rig r = rig_new(64);
    lat_control_begin_load(r.c, 0);
    rig_do(&r, "new audio_out main channels 1 limit off");
    char line[100];
    for (int i = 0; i < N; ++i) {
        values[i] = (float)(0.25 / (1 + i % 997) * (i % 3 ? 0.001 : -0.001));
        snprintf(line, sizeof(line), "new constant c%d value %.9g", i,
                 (double)values[i]);
        rig_do(&r, line);
        snprintf(line, sizeof(line), "connect c%d main", i);
        rig_do(&r, line);
    }
    cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK);
    rig_run(&r, 9600, 64);
    cr_assert_eq(r.recorded[9599], sum_in_blocks(values, N));
    rig_free(&r);
}

Test(control, a_new_rate_starts_every_node_anew)
{
    struct rig r = rig_new(64);
    rig_do(&r, "new audio_out main channels 1 limit off\nnew sine a freq 100\n"
               "connect a main\nnew bus b\nfeedback a b\nconnect b main 0.1");
    rig_run(&r, 1000, 64);
    cr_assert_eq(lat_control_set_rate(r.c, 96000.0, &r.error), LAT_OK);
    rig_run(&r, 1000, 64);
    // A quarter of a cycle at 96 kHz, and what was there 64 frames earlier.
    cr_assert_float_eq((double)r.recorded[1000 + 240],
                       1.0 + 0.1 * sin(2.0 * M_PI * 176.0 / 960.0), 1e-4);
    rig_free(&r);
}
