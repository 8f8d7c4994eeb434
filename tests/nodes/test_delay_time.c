// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What a delay makes of a time that changes while it sounds.

#include "support/effects.h"
#include "support/patches.h"

#include "base/rt.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

TestSuite(delay_time, .timeout = 60);

#define RATE 48000.0
#define PI   3.14159265358979323846
#define TONE 440.0

static void
patch_echo(struct rig *r)
{
    rig_do(r, "new sine tone freq 440\n"
              "new gain half gain 0.5\n"
              "new delay echo mix 1 feedback 0 time 0.1\n"
              "new audio_out main channels 1\n"
              "connect tone half\n"
              "connect half echo\n"
              "connect echo main");
}

/// How far frames [begin, end) are from a tone of @p hz where they are
/// farthest: a tone gives 0, a click or another pitch does not.
static double
strangest(const struct rig *r, uint32_t begin, uint32_t end, double hz)
{
    const double k = 2 * cos(2 * PI * hz / RATE);
    double most = 0;
    for (uint32_t f = begin + 2; f < end; ++f) {
        const float *x = &r->recorded[f];
        most =
            fmax(most, fabs((double)x[0] - k * (double)x[-1] + (double)x[-2]));
    }
    return most;
}

static struct rig
started(uint32_t block)
{
    struct rig r = rig_new(block);
    rig_build(&r, patch_echo);
    rig_run(&r, 24000, 64);
    return r;
}

Test(delay_time, goes_on_under_another_longest_time)
{
    const char *const types[] = {"delay", "pingpong"};
    for (size_t i = 0; i < LAT_COUNT(types); ++i) {
        char text[200];
        snprintf(text, sizeof(text),
                 "new sine tone freq 440\n"
                 "new %s echo mix 1 feedback 0 time 0.1 max_time 1\n"
                 "connect tone echo 0.5\n"
                 "connect echo%s main",
                 types[i], i ? "/left" : "");
        struct rig r = effects_rig(64, text);
        rig_run(&r, 24000, 64);
        rig_do(&r, "set echo max_time 3");
        rig_run(&r, 24000, 64);
        rig_do(&r, "set echo max_time 0.11");
        rig_run(&r, 24000, 64);
        rig_do(&r, "set echo max_time 60");
        rig_run(&r, 24000, 64);
        cr_expect_lt(strangest(&r, 5000, 96000, TONE), 1e-5, "%s: %g", types[i],
                     strangest(&r, 5000, 96000, TONE));
        rig_free(&r);
    }
}

Test(delay_time, fades_to_a_longest_time_below_it)
{
    const char *const changes[] = {"crossfade", "tape"};
    const double limits[] = {3e-4, 1.5e-3}; // a tape bends the pitch at last
    for (size_t i = 0; i < LAT_COUNT(changes); ++i) {
        char text[200];
        snprintf(text, sizeof(text),
                 "new sine tone freq 440\n"
                 "new delay echo mix 1 feedback 0 time 0.4 max_time 1 "
                 "change %s\n"
                 "connect tone echo 0.5\n"
                 "connect echo main",
                 changes[i]);
        struct rig r = effects_rig(64, text);
        rig_run(&r, 48000, 64);
        rig_do(&r, "set echo max_time 0.1009");
        rig_run(&r, 24000, 64);
        rig_do(&r, "set echo max_time 0.0909");
        rig_run(&r, 320, 64);
        rig_do(&r, "set echo max_time 0.0818");
        rig_run(&r, 320, 64);
        rig_do(&r, "set echo max_time 0.4");
        rig_run(&r, 12000, 64);
        const double most = strangest(&r, 40000, r.n_frames, TONE);
        cr_expect_lt(most, limits[i], "%s: %g", changes[i], most);
        rig_free(&r);
    }
}

Test(delay_time, of_a_step_gives_no_click_and_no_squeal)
{
    const char *const steps[] = {"0.35", "0.05", "0.1003", "0"};
    struct rig r = started(64);
    for (size_t i = 0; i < LAT_COUNT(steps); ++i) {
        char line[64];
        snprintf(line, sizeof(line), "set echo time %s", steps[i]);
        const uint32_t begin = r.n_frames;
        rig_do(&r, line);
        rig_run(&r, 9600, 64);
        cr_expect_lt(strangest(&r, begin, r.n_frames, TONE), 3e-4, "%s: %g",
                     steps[i], strangest(&r, begin, r.n_frames, TONE));
    }
    rig_free(&r);
}

Test(delay_time, that_moves_by_less_than_a_second_in_a_second_bends_the_pitch)
{
    struct rig r = started(64);
    rig_do(&r, "set echo time 0.35 1");
    rig_run(&r, 48000, 64);
    // A quarter of a second in one second: three quarters of the frequency.
    cr_expect_lt(strangest(&r, 30000, 60000, 0.75 * TONE), 3e-4);
    cr_expect_gt(strangest(&r, 30000, 60000, TONE), 6e-4);
    rig_free(&r);
}

Test(delay_time, that_moves_faster_fades_and_keeps_the_pitch)
{
    struct rig r = started(64);
    rig_do(&r, "set echo time 0.35 0.1");
    rig_run(&r, 9600, 64);
    cr_expect_lt(strangest(&r, 24000, r.n_frames, TONE), 3e-4);
    rig_free(&r);
}

Test(delay_time, is_the_latest_that_was_set)
{
    struct rig r = started(64);
    struct rig s = rig_new(64);
    rig_build(&s, patch_echo);
    rig_do(&s, "set echo time 0.35");
    rig_run(&s, 24000, 64);
    const char *const times[] = {"0.2", "1.9", "0.01", "0.35"};
    for (size_t i = 0; i < LAT_COUNT(times); ++i) { // within one fade
        char line[64];
        snprintf(line, sizeof(line), "set echo time %s", times[i]);
        rig_do(&r, line);
        rig_run(&r, 64, 64);
    }
    rig_run(&s, 256, 64);
    rig_run(&r, 4800, 64);
    rig_run(&s, 4800, 64);
    const uint32_t settled = 24000 + 64 + 2 * 960;
    for (uint32_t f = settled; f < r.n_frames; ++f) {
        cr_assert_eq(r.recorded[f], s.recorded[f], "frame %u", f);
    }
    rig_free(&r);
    rig_free(&s);
}

static void
play_changes(struct rig *r, uint32_t period)
{
    rig_do(r, "new sine lfo freq 3\n"
              "connect lfo echo/time 0.02");
    rig_run(r, 6144, period);
    rig_do(r, "set echo time 0.35");
    rig_run(r, 1024, period);
    rig_do(r, "set echo time 0.01 0.02");
    rig_run(r, 6144, period);
    rig_do(r, "set echo feedback 0.9");
    rig_do(r, "set lfo freq 300");
    rig_run(r, 6144, period);
}

Test(delay_time, gives_the_same_bits_at_any_block_and_period)
{
    const struct {
        uint32_t block, period;
    } rows[] = {{1, 64}, {16, 64}, {64, 1024}, {256, 128}, {4096, 1024}};
    struct rig a = started(64);
    play_changes(&a, 64);
    for (size_t i = 0; i < LAT_COUNT(rows); ++i) {
        struct rig b = started(rows[i].block);
        play_changes(&b, rows[i].period);
        rig_same_bits(&a, &b);
        rig_free(&b);
    }
    rig_free(&a);
}

Test(delay_time, changes_in_the_ways_that_there_are)
{
    struct rig r = rig_new(64);
    rig_do(&r, "new delay a change crossfade\nset a change tape");
    cr_assert_neq(rig_try(&r, "set a change glue"), LAT_OK);
    cr_assert(strstr(r.error.text, "crossfade"), "%s", r.error.text);
    rig_free(&r);
}
