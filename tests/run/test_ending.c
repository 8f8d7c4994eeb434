// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "run/engine_setup.h"
#include "support/rig.h"

#include <criterion/criterion.h>

#include <math.h>

#define FADE 960 // 20 ms

static const char *const low_sine = "new audio_out main channels 1 limit off\n"
                                    "new sine a freq 50\nconnect a main 0.5";

/// Play 4800 frames, of which the second half is the end.
static struct rig
ended(uint32_t period)
{
    struct rig r = rig_new(64);
    rig_do(&r, low_sine);
    rig_run(&r, 2400, period);
    lat_engine_end(lat_control_engine(r.c));
    rig_run(&r, 2400, period);
    return r;
}

Test(ending, what_leaves_fades_over_20_ms_and_stays_silent)
{
    struct rig r = ended(100);
    float loudest = 0.0F;
    for (uint32_t f = 2400 + FADE / 4; f < 2400 + FADE / 2; ++f) {
        loudest = fmaxf(loudest, fabsf(r.recorded[f]));
    }
    cr_assert_gt(loudest, 0.2F, "it does not just stop");
    for (uint32_t f = 2400 + FADE; f < 4800; ++f) {
        cr_assert_eq(r.recorded[f], 0.0F, "frame %u", f);
    }
    cr_assert(lat_engine_has_ended(lat_control_engine(r.c)));
    rig_free(&r);
}

Test(ending, it_does_not_click)
{
    struct rig r = ended(64);
    // A sine of 50 Hz at 0.5 moves by 0.0033 a frame, and what the fade adds
    // is at most 0.5 * 1.5 / FADE; its second difference stays as small.
    for (uint32_t f = 2300; f < 4800 - 1; ++f) {
        const float *x = r.recorded + f;
        cr_assert_lt(fabsf(x[0] - x[-1]), 0.0045F, "frame %u", f);
        cr_assert_lt(fabsf(x[1] - 2.0F * x[0] + x[-1]), 4e-5F, "frame %u", f);
    }
    rig_free(&r);
}

Test(ending, it_is_the_same_in_all_periods)
{
    struct rig a = ended(16);
    struct rig b = ended(1200);
    cr_assert_eq(rig_first_difference(&a, &b), 4800);
    rig_free(&a);
    rig_free(&b);
}

Test(ending, the_graph_stays_what_it_is)
{
    struct rig r = ended(64);
    cr_assert_eq(lat_control_graph(r.c)->n_nodes, 2);
    cr_assert_eq(rig_try(&r, "set a freq 60"), LAT_OK);
    rig_free(&r);
}

Test(ending, it_has_not_ended_before_it_was_silent_for_a_period)
{
    struct rig r = rig_new(64);
    rig_do(&r, low_sine);
    rig_run(&r, 480, 480);
    lat_engine_end(lat_control_engine(r.c));
    rig_run(&r, 960, 480);
    cr_assert_not(lat_engine_has_ended(lat_control_engine(r.c)));
    rig_run(&r, 480, 480);
    cr_assert(lat_engine_has_ended(lat_control_engine(r.c)));
    rig_free(&r);
}
