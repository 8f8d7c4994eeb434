// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Transactions that are sent ahead of their frame, and what is commanded in
// between.

#include "run/engine.h"
#include "run/engine_setup.h"
#include "support/rig.h"

#include <criterion/criterion.h>

#include <stdio.h>

static struct rig rig;

static void
make(void)
{
    rig = rig_new(64);
    rig_do(&rig, "new constant a value 1\nnew audio_out main channels 1 limit "
                 "off\nconnect a main");
    rig_run(&rig, 1024, 64);
}

static void
drop(void)
{
    rig_free(&rig);
}

TestSuite(ahead, .init = make, .fini = drop);

static double
value_of(const char *node)
{
    char text[1024];
    struct lat_value value;
    cr_assert_eq(lat_control_param_get(rig.c, node, "value", text, sizeof(text),
                                       &value, &rig.error),
                 LAT_OK);
    return value.number;
}

Test(ahead, a_value_is_heard_at_its_frame)
{
    rig_do_at(&rig, "set a value 2", 1500);
    rig_run(&rig, 1024, 64);
    rig_expect_sound(&rig, 1024, 1500, 1.0);
    rig_expect_sound(&rig, 1500, 2048, 2.0);
}

Test(ahead, frames_in_any_order_are_kept)
{
    static const uint32_t frames[] = {1500, 1200, 1700, 1201, 1600};
    char command[64];
    for (size_t i = 0; i < LAT_COUNT(frames); ++i) {
        snprintf(command, sizeof(command), "set a value %u", frames[i]);
        rig_do_at(&rig, command, frames[i]);
    }
    rig_run(&rig, 1024, 64);
    rig_expect_sound(&rig, 1024, 1200, 1.0);
    rig_expect_sound(&rig, 1200, 1201, 1200.0);
    rig_expect_sound(&rig, 1201, 1500, 1201.0);
    rig_expect_sound(&rig, 1500, 1600, 1500.0);
    rig_expect_sound(&rig, 1600, 1700, 1600.0);
    rig_expect_sound(&rig, 1700, 2048, 1700.0);
}

Test(ahead, what_has_no_frame_does_not_wait)
{
    rig_do(&rig, "new constant b\nconnect b main");
    rig_run(&rig, 1024, 64);
    rig_do_at(&rig, "set a value 2", 3000);
    rig_do(&rig, "set b value 10");
    rig_run(&rig, 2048, 64);
    rig_expect_sound(&rig, 2048, 3000, 11.0);
    rig_expect_sound(&rig, 3000, 4096, 12.0);
}

Test(ahead, the_later_frame_is_heard_and_kept)
{
    rig_do_at(&rig, "set a value 2", 1500);
    rig_do(&rig, "set a value 3");
    cr_expect_eq(value_of("a"), 2.0, "what sounds in the end");
    rig_run(&rig, 1024, 64);
    rig_expect_sound(&rig, 1024, 1500, 3.0);
    rig_expect_sound(&rig, 1500, 2048, 2.0);
    rig_do(&rig, "set a value 4");
    cr_expect_eq(value_of("a"), 4.0, "its frame is over");
    rig_run(&rig, 256, 64);
    rig_expect_sound(&rig, 2048, 2304, 4.0);
}

Test(ahead, of_two_with_frames_the_later_is_kept_too)
{
    rig_do_at(&rig, "set a value 2", 1500);
    rig_do_at(&rig, "set a value 3", 1300);
    cr_expect_eq(value_of("a"), 2.0);
    rig_do_at(&rig, "set a value 5", 1600);
    cr_expect_eq(value_of("a"), 5.0);
    rig_run(&rig, 1024, 64);
    rig_expect_sound(&rig, 1300, 1500, 3.0);
    rig_expect_sound(&rig, 1500, 1600, 2.0);
    rig_expect_sound(&rig, 1600, 2048, 5.0);
}

// What comes with a plan waits for one before that is about the same.
Test(ahead, what_waits_for_a_plan_is_kept_as_if_it_had_a_frame)
{
    rig_do_at(&rig, "new constant b", 1500);
    lat_control_begin(rig.c);
    rig_do(&rig, "new constant d\nconnect b d/value\nset a value 2");
    cr_assert_eq(lat_control_commit(rig.c, &rig.error), LAT_OK);
    rig_do(&rig, "set a value 3");
    cr_expect_eq(value_of("a"), 2.0, "what sounds in the end");
    rig_run(&rig, 1024, 64);
    rig_expect_sound(&rig, 1024, 1500, 3.0);
    rig_expect_sound(&rig, 1500, 2048, 2.0);
}

// The cable waits for its plan, and so do both amounts.
Test(ahead, of_two_that_wait_for_a_plan_the_later_frame_is_heard)
{
    rig_do_at(&rig, "new constant b value 10\nconnect b main 1", 1600);
    rig_do_at(&rig, "connect b main 2\nset b value 20", 1500);
    rig_do(&rig, "connect b main 3\nset b value 30");
    cr_expect_eq(value_of("b"), 20.0);
    rig_run(&rig, 1024, 64);
    rig_expect_sound(&rig, 1024, 1600, 1.0);
    rig_run(&rig, 1024, 64);
    rig_expect_sound(&rig, 2048, 3072, 41.0);
}

Test(ahead, an_amount_is_kept_as_a_value_is)
{
    double amount = 0.0;
    rig_do_at(&rig, "connect a main 0.5", 1500);
    rig_do(&rig, "connect a main 0.25");
    cr_assert_eq(lat_control_cable_get(rig.c, "a", "out", "main", "in_1",
                                       &amount, &rig.error),
                 LAT_OK);
    cr_expect_eq(amount, 0.5);
    rig_run(&rig, 1024, 64);
    rig_expect_sound(&rig, 1400, 1500, 0.25);
    rig_expect_sound(&rig, 1800, 2048, 0.5);
}

Test(ahead, plans_and_values_of_one_frame_come_together)
{
    rig_do(&rig, "new constant b\nconnect b main");
    rig_run(&rig, 1024, 64);
    rig_do_at(&rig, "set b value 1\nnew constant c value 5\nconnect c a/value",
              3001);
    rig_run(&rig, 2048, 64);
    rig_expect_sound(&rig, 2048, 3001, 1.0);
    cr_expect_eq(rig.recorded[3001], 7.0F, "%g", (double)rig.recorded[3001]);
}

Test(ahead, a_plan_waits_for_one_about_the_same_and_values_do_not)
{
    rig_do(&rig, "new constant b\nconnect b main");
    rig_run(&rig, 1024, 64);
    rig_do_at(&rig, "new constant c value 5\nconnect c a/value", 3000);
    rig_do(&rig, "new constant d value 100\nconnect d c/value");
    rig_do(&rig, "set b value 1");
    rig_run(&rig, 2048, 64);
    rig_expect_sound(&rig, 2048, 3000, 2.0);
    rig_expect_sound(&rig, 3000, 4096, 107.0);
}

Test(ahead, what_acts_on_a_node_to_come_comes_behind_it)
{
    rig_do_at(&rig, "new constant c value 5\nconnect c a/value", 1500);
    rig_do(&rig, "set c value 6\nconnect c a/value 2");
    cr_expect_eq(value_of("c"), 6.0);
    rig_run(&rig, 1024, 64);
    rig_expect_sound(&rig, 1024, 1500, 1.0);
    rig_expect_sound(&rig, 1500, 2048, 13.0);
    cr_expect_eq(value_of("c"), 6.0);
}

Test(ahead, a_node_may_go_before_what_was_set_of_it)
{
    rig_do_at(&rig, "set a value 2", 1500);
    rig_do(&rig, "free a\nnew constant b value 7\nconnect b main");
    for (int i = 0; i < 20; ++i) {
        rig_run(&rig, 64, 64);
        lat_control_tick(rig.c);
    }
    rig_expect_sound(&rig, 1900, 2304, 7.0);
}

Test(ahead, gates_within_a_period_both_act)
{
    rig_do(&rig, "new adsr e attack 0 decay 0 sustain 1 release 0\nconnect e "
                 "main\nset a value 0");
    rig_run(&rig, 1024, 64);
    rig_do_at(&rig, "set e gate 1", 2100);
    rig_do_at(&rig, "set e gate 0", 2107);
    rig_do_at(&rig, "set e gate 1", 2110);
    rig_do_at(&rig, "set e gate 0", 2110);
    rig_run(&rig, 1024, 1024);
    rig_expect_sound(&rig, 2048, 2100, 0.0);
    cr_expect_eq(rig.recorded[2104], 1.0F);
    cr_expect_eq(rig.recorded[2109], 0.0F);
    rig_expect_sound(&rig, 2120, 3072, 0.0);
}

/// What the transport does, in the engine and for who asks.
static void
expect_time(double bpm, bool is_playing)
{
    struct lat_engine_status s;
    rig_run(&rig, 64, 64); // a period tells how it began
    lat_engine_status(lat_control_engine(rig.c), &s);
    cr_expect_eq(s.tempo_bpm, bpm, "%g at %u", s.tempo_bpm, rig.n_frames);
    cr_expect_eq(s.is_playing, is_playing, "at %u", rig.n_frames);
}

Test(ahead, tempo_does_not_wait_and_ends_as_the_later_frame_says)
{
    lat_control_begin(rig.c);
    lat_control_tempo(rig.c, 90.0, &rig.error);
    lat_control_play(rig.c, true, &rig.error);
    cr_assert_eq(lat_control_commit_at(rig.c, 1500, &rig.error), LAT_OK);
    cr_assert_eq(lat_control_tempo(rig.c, 60.0, &rig.error), LAT_OK);
    cr_assert_eq(lat_control_play(rig.c, false, &rig.error), LAT_OK);
    cr_expect_eq(lat_control_transport(rig.c)->tempo_bpm, 90.0);
    cr_expect(lat_control_transport(rig.c)->is_playing);
    rig_run(&rig, 64, 64);
    expect_time(60.0, false);
    rig_run(&rig, 1024, 64);
    expect_time(90.0, true);
    cr_assert_eq(lat_control_tempo(rig.c, 70.0, &rig.error), LAT_OK);
    cr_expect_eq(lat_control_transport(rig.c)->tempo_bpm, 70.0);
    rig_run(&rig, 64, 64);
    expect_time(70.0, true);
}

Test(ahead, of_two_tempos_with_frames_the_later_frame_is_kept)
{
    static const struct {
        double bpm;
        uint64_t frame;
    } all[] = {{90.0, 1700}, {80.0, 1300}, {70.0, 1500}};
    for (size_t i = 0; i < LAT_COUNT(all); ++i) {
        lat_control_begin(rig.c);
        lat_control_tempo(rig.c, all[i].bpm, &rig.error);
        cr_assert_eq(lat_control_commit_at(rig.c, all[i].frame, &rig.error),
                     LAT_OK);
    }
    cr_expect_eq(lat_control_transport(rig.c)->tempo_bpm, 90.0);
    rig_run(&rig, 1344 - rig.n_frames, 64);
    expect_time(80.0, true);
    rig_run(&rig, 1536 - rig.n_frames, 64);
    expect_time(70.0, true);
    rig_run(&rig, 1792 - rig.n_frames, 64);
    expect_time(90.0, true);
}

// When the server dies, all that waited has happened.
Test(ahead, nothing_waits_where_no_driver_runs)
{
    const struct lat_control_options options = {.rate = 48000, .block = 64};
    struct lat_control *c = NULL;
    struct lat_value value = {.number = 2.0};
    char text[64];
    cr_assert_eq(lat_control_new(&options, &c, &rig.error), LAT_OK);
    lat_engine_set_running(lat_control_engine(c), true);
    cr_assert_eq(
        lat_control_node_new(c, "constant", "a", false, NULL, 0, &rig.error),
        LAT_OK);
    for (int i = 0; i < 4; ++i) {
        const enum lat_role role = lat_thread_role;
        lat_thread_role = LAT_ROLE_AUDIO;
        lat_engine_process(lat_control_engine(c), 64);
        lat_thread_role = role;
        lat_control_tick(c);
    }
    lat_control_begin(c);
    lat_control_param_set(c, "a", "value", value, -1.0, &rig.error);
    lat_control_tempo(c, 90.0, &rig.error);
    cr_assert_eq(lat_control_commit_at(c, 100000, &rig.error), LAT_OK);
    lat_engine_set_running(lat_control_engine(c), false);
    lat_control_tick(c);
    value.number = 3.0;
    cr_assert_eq(
        lat_control_param_set(c, "a", "value", value, -1.0, &rig.error),
        LAT_OK);
    cr_assert_eq(lat_control_tempo(c, 80.0, &rig.error), LAT_OK);
    cr_assert_eq(lat_control_param_get(c, "a", "value", text, sizeof(text),
                                       &value, &rig.error),
                 LAT_OK);
    cr_expect_eq(value.number, 3.0, "%g", value.number);
    cr_expect_eq(lat_control_transport(c)->tempo_bpm, 80.0);
    lat_control_free(c);
}

Test(ahead, a_stamp_does_not_wait_for_what_is_ahead)
{
    rig_do_at(&rig, "set a value 2", 5000);
    cr_expect_lt(lat_control_stamp(rig.c), 2000);
    rig_run(&rig, 128, 64);
    cr_expect(lat_control_reached(rig.c, lat_control_stamp(rig.c)));
}

Test(ahead, more_than_is_kept_aside_is_not_lost)
{
    char command[64];
    for (uint32_t i = 0; i < 10000; ++i) {
        snprintf(command, sizeof(command), "set a value %u", i + 2);
        rig_do_at(&rig, command, 1100 + i / 16);
    }
    rig_run(&rig, 1024, 64);
    rig_expect_sound(&rig, 1024, 1100, 1.0);
    for (uint32_t i = 0; i < 625; ++i) {
        rig_expect_sound(&rig, 1100 + i, 1101 + i, 17.0 + 16.0 * i);
    }
}

/// Who asks is told what is heard, up to frame @p to.
static void
expect_told(uint32_t to)
{
    while (rig.n_frames < to) {
        const uint32_t at = rig.n_frames;
        const double told = value_of("a");
        rig_run(&rig, 64, 64);
        cr_assert_eq(told, (double)rig.recorded[at],
                     "told %g at frame %u, where it is %g", told, at,
                     (double)rig.recorded[at]);
    }
}

Test(ahead, a_glide_is_told_as_it_is_heard)
{
    rig_do(&rig, "set a value 3 0.1");
    expect_told(2048);
    cr_expect_gt(value_of("a"), 1.3);
    cr_expect_lt(value_of("a"), 1.7);
    rig_do(&rig, "set a value 0 0.2"); // out of it
    expect_told(4096);
    rig_do(&rig, "set a value 7");
    expect_told(8192);
    rig_do(&rig, "set a value 8 0.05\nset a value 9 0.01\nset a value 2 0.02");
    expect_told(16384);
    cr_expect_eq(value_of("a"), 2.0);
}

Test(ahead, a_bundle_ends_a_glide_that_began_behind_it)
{
    rig_do_at(&rig, "set a value 5", 1536);
    rig_do(&rig, "set a value 3 1");
    rig_run(&rig, 1024, 64);
    cr_expect_eq(value_of("a"), 5.0);
    expect_told(4096);
}

Test(ahead, a_glide_of_a_later_frame_goes_on_from_what_was_set_before)
{
    rig_do_at(&rig, "set a value 5 0.1", 1536);
    rig_do(&rig, "set a value 3");
    rig_run(&rig, 64, 64);
    expect_told(8192);
    cr_expect_eq(value_of("a"), 5.0);
}

Test(ahead, another_instance_does_not_go_on_with_a_glide)
{
    rig_do(&rig, "new delay d max_time 1\nconnect a d");
    rig_do(&rig, "set d time 0.5 1");
    rig_run(&rig, 2048, 64);
    char text[1024];
    struct lat_value value;
    lat_control_param_get(rig.c, "d", "time", text, sizeof(text), &value,
                          &rig.error);
    cr_expect_lt(value.number, 0.5);
    rig_do(&rig, "set d max_time 2");
    rig_run(&rig, 64, 64);
    lat_control_param_get(rig.c, "d", "time", text, sizeof(text), &value,
                          &rig.error);
    cr_expect_eq(value.number, 0.5);
}

// Settings and bypasses, while a plan waits for its frame.

static void
bypass(const char *node, bool is)
{
    cr_assert_eq(lat_control_bypass(rig.c, node, is, &rig.error), LAT_OK, "%s",
                 rig.error.text);
}

/// Frames in which a bypass is on its way.
#define FADE 241U

/// What enters the gain is 1, and leaves it as 8.
static void
make_gain(void)
{
    rig_do(&rig, "disconnect a main\nnew gain g gain 8\nconnect a g\n"
                 "connect g main");
    rig_run(&rig, 1024, 64);
}

/// What is heard is 2, of which a limit of 0 dB leaves 1.
static void
sound_2(void)
{
    rig_do(&rig, "set a value 2");
    rig_run(&rig, 64, 64);
}

Test(ahead, a_setting_does_not_wait)
{
    sound_2();
    rig_do_at(&rig, "new constant b", 3000);
    rig_do(&rig, "set main limit 0");
    const uint32_t from = rig.n_frames;
    rig_run(&rig, 4096, 64);
    rig_expect_sound(&rig, from - 1, from, 2.0);
    rig_expect_sound(&rig, from, rig.n_frames, 1.0);
}

Test(ahead, a_setting_that_is_taken_back_does_not_wait)
{
    sound_2();
    rig_do_at(&rig, "new constant b", 3000);
    rig_do(&rig, "set main limit 0");
    rig_run(&rig, 512, 64);
    rig_do(&rig, "set main limit off");
    const uint32_t from = rig.n_frames;
    rig_run(&rig, 64, 64);
    rig_expect_sound(&rig, from - 1, from, 1.0);
    rig_expect_sound(&rig, from, rig.n_frames, 2.0);
    rig_run(&rig, 4096, 64);
    rig_expect_sound(&rig, from, rig.n_frames, 2.0);
}

Test(ahead, a_setting_is_that_of_all_plans_that_wait)
{
    sound_2();
    rig_do_at(&rig, "new constant b", 2000);
    rig_do_at(&rig, "new constant d", 2500);
    rig_do_at(&rig, "new constant e", 3000);
    rig_do(&rig, "set main limit 0");
    const uint32_t from = rig.n_frames;
    rig_run(&rig, 4096, 64);
    rig_expect_sound(&rig, from, rig.n_frames, 1.0);
}

Test(ahead, a_bypass_does_not_wait)
{
    make_gain();
    rig_do_at(&rig, "new constant b", 4000);
    bypass("g", true);
    const uint32_t from = rig.n_frames;
    rig_run(&rig, 4096, 64);
    rig_expect_sound(&rig, from - 1, from, 8.0);
    rig_expect_sound(&rig, from + FADE, rig.n_frames, 1.0);
    rig_do_at(&rig, "new constant d", rig.n_frames + 2000);
    bypass("g", false);
    const uint32_t back = rig.n_frames;
    rig_run(&rig, 4096, 64);
    rig_expect_sound(&rig, back - 1, back, 1.0);
    rig_expect_sound(&rig, back + FADE, rig.n_frames, 8.0);
}

// The way around that has faded out is in plans that wait, or not, as it was
// when they were made.
Test(ahead, a_bypass_does_not_wait_for_what_another_has_left)
{
    make_gain();
    bypass("g", true);
    rig_run(&rig, 1024, 64);
    bypass("g", false);
    rig_do_at(&rig, "new constant b", 8000);
    rig_run(&rig, 512, 64);
    rig_do_at(&rig, "new constant d", 9000);
    bypass("g", true);
    const uint32_t from = rig.n_frames;
    rig_run(&rig, 1024, 64);
    rig_expect_sound(&rig, from - 1, from, 8.0);
    rig_expect_sound(&rig, from + FADE, rig.n_frames, 1.0);
}

// Sixteen of a kind run in lanes; the one that is bypassed does not.
Test(ahead, a_bypass_of_one_in_lanes_does_not_wait)
{
    char commands[128];
    rig_do(&rig, "disconnect a main");
    for (uint32_t i = 0; i < 16; ++i) {
        snprintf(commands, sizeof(commands),
                 "new gain g%u gain 8\nconnect a g%u\nconnect g%u main", i, i,
                 i);
        rig_do(&rig, commands);
    }
    rig_run(&rig, 1024, 64);
    rig_expect_sound(&rig, rig.n_frames - 1, rig.n_frames, 128.0);
    rig_do_at(&rig, "new constant b", 4000);
    bypass("g3", true);
    const uint32_t from = rig.n_frames;
    rig_run(&rig, 4096, 64);
    rig_expect_sound(&rig, from - 1, from, 128.0);
    rig_expect_sound(&rig, from + FADE, rig.n_frames, 121.0);
}

// The last command is what sounds in the end.
Test(ahead, a_setting_waits_for_one_of_the_same_node)
{
    sound_2();
    rig_do_at(&rig, "set main limit 6", 3000);
    rig_do(&rig, "set main limit 0");
    const uint32_t from = rig.n_frames;
    rig_run(&rig, 4096, 64);
    rig_expect_sound(&rig, from, 3000, 2.0);
    rig_expect_sound(&rig, 3000, rig.n_frames, 1.0);
}

// Of one node, what the bundle leaves alone does not wait for it.
Test(ahead, a_setting_does_not_wait_for_a_bypass_of_its_node)
{
    sound_2();
    rig_do_at(&rig, "set main bypass yes", 4000);
    rig_do(&rig, "set main limit 0");
    const uint32_t from = rig.n_frames;
    rig_run(&rig, 4096, 64);
    rig_expect_sound(&rig, from - 1, from, 2.0);
    rig_expect_sound(&rig, from, 4000, 1.0);
    rig_expect_sound(&rig, 4000 + FADE, rig.n_frames, 0.0);
    bypass("main", false);
    rig_run(&rig, 1024, 64);
    rig_expect_sound(&rig, rig.n_frames - 64, rig.n_frames, 1.0);
}

Test(ahead, a_bypass_does_not_wait_for_a_setting_of_its_node)
{
    sound_2();
    rig_do_at(&rig, "set main limit 0", 4000);
    bypass("main", true);
    const uint32_t from = rig.n_frames;
    rig_run(&rig, 1024, 64);
    rig_expect_sound(&rig, from - 1, from, 2.0);
    rig_expect_sound(&rig, from + FADE, rig.n_frames, 0.0);
    bypass("main", false);
    const uint32_t back = rig.n_frames;
    rig_run(&rig, 4096, 64);
    rig_expect_sound(&rig, back + FADE, 4000, 2.0);
    rig_expect_sound(&rig, 4000, rig.n_frames, 1.0);
}

Test(ahead, a_bypass_of_a_node_to_come_comes_with_it)
{
    rig_do_at(&rig,
              "disconnect a main\nnew gain g gain 8\nconnect a g\n"
              "connect g main",
              3000);
    bypass("g", true);
    rig_run(&rig, 4096, 64);
    rig_expect_sound(&rig, 1024, 3000, 1.0);
    rig_expect_sound(&rig, 3000 + FADE, rig.n_frames, 1.0);
}

Test(ahead, the_transport_does_not_wait_for_a_plan)
{
    rig_do_at(&rig, "new constant b", 3000);
    cr_assert_eq(lat_control_tempo(rig.c, 60.0, &rig.error), LAT_OK);
    cr_assert_eq(lat_control_play(rig.c, false, &rig.error), LAT_OK);
    rig_run(&rig, 64, 64);
    expect_time(60.0, false);
}
