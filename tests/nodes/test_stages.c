// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// ar, line, envelope: every stage to the frame.

#include "support/effects.h"
#include "support/patches.h"

#include "base/rt.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

TestSuite(stages, .timeout = 60);

/// The level of a curve @p c at part @p p of the way.
static double
curved(double from, double to, double c, double p)
{
    return from + (to - from) * (c == 0 ? p : expm1(c * p) / expm1(c));
}

static void
expect_stage(const struct rig *r, uint32_t first, uint32_t n, double from,
             double to, double c)
{
    for (uint32_t i = 0; i <= n; ++i) {
        cr_assert_float_eq(
            (double)r->recorded[first + i], curved(from, to, c, (double)i / n),
            2e-6, "frame %u of %u: %g, not %g", i, n,
            (double)r->recorded[first + i], curved(from, to, c, (double)i / n));
    }
}

Test(stages, of_ar_take_their_whole_time_from_wherever_they_begin)
{
    struct rig r =
        effects_rig(64, "new ar e attack 0.02 release 0.1\nconnect e main");
    rig_run(&r, 100, 50);
    rig_do(&r, "set e gate 1");
    rig_run(&r, 2000, 50);
    rig_do(&r, "set e gate 0");
    rig_run(&r, 2400, 50);
    rig_do(&r, "set e gate 1");
    rig_run(&r, 500, 50);
    rig_do(&r, "set e gate 0");
    rig_run(&r, 6000, 50);
    cr_assert_eq(r.recorded[100], 0.0F); // the old level
    expect_stage(&r, 100, 960, 0, 1, 0);
    cr_assert_eq(r.recorded[1060], 1.0F);
    const double half = curved(1, 0, -4, 0.5);
    const double then = curved(half, 1, 0, 500 / 960.0);
    expect_stage(&r, 2100, 2400, 1, half, -2);
    expect_stage(&r, 4500, 500, half, then, 0);
    expect_stage(&r, 5000, 4800, then, 0, -4);
    cr_assert_eq(r.recorded[9800], 0.0F);
    rig_free(&r);
}

Test(stages, begin_with_a_gate_of_one_frame)
{
    struct rig r = effects_rig(
        64, "new impulse i freq 0\nnew ar e attack 0.001 release 0.01\n"
            "connect i e/gate\nconnect e main");
    rig_run(&r, 960, 64);
    cr_assert_eq(r.recorded[0], 0.0F);
    cr_assert_float_eq((double)r.recorded[1], 1 / 48.0, 1e-6);
    expect_stage(&r, 1, 480, 1 / 48.0, 0, -4);
    rig_free(&r);
}

Test(stages, of_a_minute_end_on_their_frame)
{
    struct rig r = effects_rig(
        1024, "new line l trigger 0 from 2 to -1 time 9\nconnect l main");
    rig_run(&r, 100, 100);
    cr_assert_eq(r.recorded[99], 2.0F);
    rig_do(&r, "set l trigger 1");
    rig_run(&r, 440000, 1000);
    expect_stage(&r, 100, 432000, 2, -1, 0);
    cr_assert_eq(r.recorded[100 + 432000], -1.0F);
    cr_assert_gt(r.recorded[100 + 431999], -1.0F);
    cr_assert_eq(r.recorded[435000], -1.0F);
    rig_free(&r);
}

Test(stages, of_an_envelope_come_one_after_the_other)
{
    struct rig r = effects_rig(64, "new envelope e\nconnect e main");
    rig_do(&r, "free e");
    const struct lat_assignment a[] = {
        {"levels", {.is_text = true, .text = "0.25 1 -0.5 0.5 0"}},
        {"times", {.is_text = true, .text = "0.01 0.02 0.005 0.01"}},
        {"curves", {.is_text = true, .text = "0 -3 5"}},
        {"sustain", {.number = 2}},
    };
    cr_assert_eq(
        lat_control_node_new(r.c, "envelope", "e", false, a, 4, &r.error),
        LAT_OK);
    rig_do(&r, "connect e main");
    rig_run(&r, 480, 48);
    cr_assert_eq(r.recorded[479], 0.25F);
    rig_do(&r, "set e gate 1");
    rig_run(&r, 1920, 48);
    rig_do(&r, "set e gate 0");
    rig_run(&r, 1920, 48);
    expect_stage(&r, 480, 480, 0.25, 1, 0);
    expect_stage(&r, 960, 960, 1, -0.5, -3);
    expect_stage(&r, 1920, 480, -0.5, -0.5, 0);
    expect_stage(&r, 2400, 240, -0.5, 0.5, 5);
    expect_stage(&r, 2640, 480, 0.5, 0, 5);
    cr_assert_eq(r.recorded[4000], 0.0F);
    rig_free(&r);
}

Test(stages, go_round_while_the_gate_is_open)
{
    struct rig r =
        effects_rig(64, "new envelope e sustain 2 loop 1 curves 0 speed 10\n"
                        "connect e main");
    rig_do(&r, "set e gate 1");
    rig_run(&r, 9600, 64);
    // 48 frames to 1, 960 to 0.5, and again.
    expect_stage(&r, 0, 48, 0, 1, 0);
    expect_stage(&r, 48, 960, 1, 0.5, 0);
    expect_stage(&r, 1008, 48, 0.5, 1, 0);
    expect_stage(&r, 1056, 960, 1, 0.5, 0);
    rig_do(&r, "set e gate 0");
    rig_run(&r, 4800, 64);
    cr_assert_eq(r.recorded[14399], 0.0F);
    rig_free(&r);
}

Test(stages, that_are_no_numbers_are_refused_by_name)
{
    struct rig r = rig_new(64);
    const struct lat_assignment bad = {"times",
                                       {.is_text = true, .text = "0.1 soon 2"}};
    cr_assert_neq(
        lat_control_node_new(r.c, "envelope", "e", false, &bad, 1, &r.error),
        LAT_OK);
    cr_expect(strstr(r.error.text, "'soon'"), "%s", r.error.text);
    rig_free(&r);
}

Test(stages, give_the_same_bits_at_any_block_and_period)
{
    const char *const turns[] = {"set b freq 30", "set e speed 4",
                                 "set a release 0.5", "set l time 0.02"};
    effects_same_bits("new square b freq 9\nnew envelope e\nnew ar a\n"
                      "new line l time 0.1\nconnect b e/gate\n"
                      "connect b a/gate\nconnect b l/trigger\n"
                      "connect e main\nconnect a main\nconnect l main",
                      turns, LAT_COUNT(turns));
}
