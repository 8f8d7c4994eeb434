// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// osc_in: numbers at their frames.

#include "graph/graph.h"
#include "nodes/osc_path.h"
#include "support/rig.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

static const char patch[] = "new audio_out main channels 1 limit off\n"
                            "new osc_in in path /in\n"
                            "connect in main\n";

static void
give(struct rig *r, const char *name, double value)
{
    struct lat_node *const node = lat_graph_find(lat_control_graph(r->c), name);
    cr_assert_not_null(node);
    cr_assert_eq(lat_control_give(r->c, &node, 1, value, &r->error), LAT_OK,
                 "%s", r->error.text);
}

/// At a frame that is to come.
static void
give_at(struct rig *r, const char *name, double value, uint64_t frame)
{
    lat_control_begin(r->c);
    give(r, name, value);
    cr_assert_eq(lat_control_commit_at(r->c, frame, &r->error), LAT_OK);
}

Test(osc_in, is_0_before_its_first_number_and_steps_at_its_frame)
{
    struct rig r = rig_new(64);
    rig_do(&r, patch);
    rig_do(&r, "set in smooth no");
    rig_run(&r, 64, 64);
    give_at(&r, "in", 0.25, 1000);
    give_at(&r, "in", -3.5, 1001);
    rig_run(&r, 1984, 64);
    for (uint32_t f = 0; f < 2048; ++f) {
        const float expected = f < 1000 ? 0.0F : f < 1001 ? 0.25F : -3.5F;
        cr_assert_eq(r.recorded[f], expected, "frame %u: %g", f,
                     (double)r.recorded[f]);
    }
    rig_free(&r);
}

// A gain that is set and a number that is given at the same frame move by the
// same curve, to the bit; also where the second comes in the midst of the
// first.
Test(osc_in, smooths_as_a_knob_does)
{
    struct rig given = rig_new(64);
    struct rig set = rig_new(64);
    rig_do(&given, patch);
    rig_do(&set, "new audio_out main channels 1 limit off\n"
                 "new constant one value 1\n"
                 "new gain in gain 0\n"
                 "connect one in\n"
                 "connect in main\n");
    rig_run(&given, 2000, 64);
    rig_run(&set, 2000, 64);
    const double values[] = {1.0, 0.25, 0.5};
    const uint32_t frames[] = {100, 700, 2000};
    for (size_t i = 0; i < LAT_COUNT(values); ++i) {
        char line[64];
        snprintf(line, sizeof(line), "set in gain %g", values[i]);
        give(&given, "in", values[i]);
        rig_do(&set, line);
        rig_run(&given, frames[i], 64);
        rig_run(&set, frames[i], 64);
    }
    for (uint32_t f = 2000; f < given.n_frames; ++f) {
        cr_assert_eq(given.recorded[f], set.recorded[f], "frame %u", f);
    }
    cr_expect_eq(given.recorded[given.n_frames - 1], 0.5F);
    rig_free(&given);
    rig_free(&set);
}

Test(osc_in, hears_the_last_number_of_a_frame)
{
    struct rig r = rig_new(64);
    rig_do(&r, patch);
    rig_do(&r, "set in smooth no");
    rig_run(&r, 640, 64); // the cable fades in
    lat_control_begin(r.c);
    for (int i = 1; i <= 5000; ++i) {
        give(&r, "in", i);
    }
    cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK);
    rig_run(&r, 640, 64);
    uint32_t n = 0;
    for (uint32_t f = 1; f < r.n_frames; ++f) {
        n += r.recorded[f] != r.recorded[f - 1];
    }
    cr_expect_eq(n, 1);
    cr_expect_eq(r.recorded[r.n_frames - 1], 5000.0F);
    rig_free(&r);
}

// The table of a frame holds 256; the others come a frame later.
Test(osc_in, hundreds_at_once_all_hear)
{
    enum { N = 600 };
    struct rig r = rig_new(64);
    rig_do(&r, "new audio_out main channels 1 limit off\nnew bus sum\n"
               "connect sum main");
    lat_control_begin(r.c);
    for (int i = 0; i < N; ++i) {
        char lines[100];
        snprintf(lines, sizeof(lines),
                 "new osc_in in%d path /in smooth no\nconnect in%d sum", i, i);
        rig_do(&r, lines);
    }
    cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK);
    rig_run(&r, 640, 64);
    lat_control_begin(r.c);
    for (int i = 0; i < N; ++i) {
        char name[16];
        snprintf(name, sizeof(name), "in%d", i);
        give(&r, name, 1.0);
    }
    cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK);
    rig_run(&r, 640, 64);
    cr_expect_eq(r.recorded[r.n_frames - 1], (float)N);
    rig_free(&r);
}

Test(osc_in, keeps_its_value_when_its_settings_change)
{
    struct rig r = rig_new(64);
    rig_do(&r, patch);
    give(&r, "in", 0.75);
    rig_run(&r, 640, 64);
    rig_do(&r, "set in path /other\nset in smooth no");
    rig_run(&r, 640, 64);
    for (uint32_t f = 600; f < r.n_frames; ++f) {
        cr_assert_eq(r.recorded[f], 0.75F, "frame %u", f);
    }
    rig_free(&r);
}

Test(osc_in, a_panic_leads_back_to_0)
{
    struct rig r = rig_new(64);
    rig_do(&r, patch);
    give(&r, "in", 0.75);
    rig_run(&r, 640, 64);
    cr_assert_eq(lat_control_panic(r.c, &r.error), LAT_OK);
    rig_run(&r, 640, 64);
    cr_expect_eq(r.recorded[r.n_frames - 1], 0.0F);
    rig_free(&r);
}

Test(osc_in, takes_free_paths_only)
{
    static const struct {
        const char *path, *says;
    } cases[] = {
        {"/a", NULL},
        {"/1/fader1", NULL},
        {"/1/fader1/z", NULL},
        {"/nodes/x", NULL},
        {"/a/b/c/d/e/f", NULL},
        {"/node/x/freq", "begins with /node"},
        {"/status", "begins with /status"},
        {"/midi/1", "begins with /midi"},
        {"/dirt/play", "begins with /dirt"},
        {"a", "no OSC address"},
        {"/", "no OSC address"},
        {"/a/", "no OSC address"},
        {"/a//b", "no OSC address"},
        {"/a b", "no OSC address"},
        {"/a*", "no OSC address"},
        {"/a#2", "no OSC address"},
        {"/a/b/c/d/e/f/g", "no OSC address"},
    };
    for (size_t i = 0; i < LAT_COUNT(cases); ++i) {
        struct lat_error error = {0};
        const enum lat_status status =
            lat_osc_path_check_free(cases[i].path, &error);
        cr_expect_eq(!status, !cases[i].says, "%s: %s", cases[i].path,
                     error.text);
        cr_expect(!cases[i].says || strstr(error.text, cases[i].says), "%s: %s",
                  cases[i].path, error.text);
    }
}
