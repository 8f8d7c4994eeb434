// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Tasks that rest together: when they are not even asked, and what ends that.

#include "control/state.h"
#include "plan/naps.h"
#include "support/rig.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>

#define VOICES "32"

/// Voices whose gates come from outside, in part, with a level from outside.
static const char patch[] =
    "new constant gate value 0 poly " VOICES "\nnew constant level value 1\n"
    "new sine lfo poly " VOICES " freq 5\nnew saw osc poly " VOICES
    " freq 110\n"
    "new lowpass low poly " VOICES "\n"
    "new adsr env poly " VOICES " attack 0.002 release 0.003\n"
    "new gain amp poly " VOICES " gain 0\nnew audio_out main channels 1\n"
    "connect gate env\nconnect osc low\nconnect lfo low/cutoff 300\n"
    "connect low amp\nconnect env amp/cv\nconnect level amp/gain\n"
    "connect amp main 0.05";

static struct rig
make(bool without_lanes)
{
    struct rig r = rig_on(64, NULL, without_lanes);
    rig_do(&r, patch);
    rig_run(&r, 512, 64);
    return r;
}

/// @return whether there are naps, and all of them hold.
static bool
all_hold(const struct rig *r)
{
    const struct lat_plan *plan = r->c->plan;
    bool all = plan->n_naps;
    for (uint32_t i = 0; i < plan->n_naps; ++i) {
        all = all && plan->naps[i].holds;
    }
    return all;
}

static void
expect_silence(const struct rig *r, uint32_t from)
{
    for (uint32_t i = from; i < r->n_frames; ++i) {
        cr_assert_eq(r->recorded[i], 0.0F, "frame %u", i);
    }
}

Test(naps, hold_while_all_voices_sleep)
{
    struct rig r = make(false);
    cr_expect(all_hold(&r));
    rig_do(&r, "set low cutoff 500"); // nobody hears it
    rig_run(&r, 512, 64);
    cr_expect(all_hold(&r));
    expect_silence(&r, 512);
    rig_free(&r);
}

Test(naps, end_with_what_comes_for_a_voice_and_hold_again)
{
    static const char *const wakers[][2] = {
        {"set gate.7 value 1", "set gate.7 value 0"}, // from outside
        {"set env.30 gate 1", "set env.30 gate 0"},
    };
    struct rig r = make(false);
    for (size_t i = 0; i < LAT_COUNT(wakers); ++i) {
        const uint32_t from = r.n_frames;
        rig_do(&r, wakers[i][0]);
        rig_run(&r, 1024, 64);
        float loudest = 0.0F;
        for (uint32_t f = from; f < r.n_frames; ++f) {
            loudest = r.recorded[f] > loudest ? r.recorded[f] : loudest;
        }
        cr_expect_gt(loudest, 0.0F, "%s", wakers[i][0]);
        cr_expect(!all_hold(&r), "%s", wakers[i][0]);
        rig_do(&r, wakers[i][1]);
        rig_run(&r, 2048, 64);
        cr_expect(all_hold(&r), "%s", wakers[i][1]);
        expect_silence(&r, r.n_frames - 1024);
    }
    rig_free(&r);
}

// A level from outside that moves is looked at; so it may not be 0 times it.
Test(naps, end_with_a_level_that_moves)
{
    struct rig r = make(false);
    rig_do(&r, "set level value 0.5 0.01");
    rig_run(&r, 64, 64);
    cr_expect(!all_hold(&r));
    rig_run(&r, 1024, 64);
    cr_expect(all_hold(&r), "it stands still elsewhere");
    rig_free(&r);
}

static void
play(struct rig *r, unsigned seed)
{
    srand(seed);
    for (int turn = 0; turn < 60; ++turn) {
        char line[64];
        const unsigned v = 1 + (unsigned)rand() % 32;
        switch (rand() % 6) {
        case 0:
            snprintf(line, sizeof(line), "set gate.%u value 1", v);
            break;
        case 1:
            snprintf(line, sizeof(line), "set level value 0.%u", v);
            break;
        case 2:
            snprintf(line, sizeof(line), "set low.%u cutoff %u", v, 100 * v);
            break;
        case 3:
            snprintf(line, sizeof(line), "set low bypass %s",
                     v % 2 ? "yes" : "no");
            break;
        default:
            snprintf(line, sizeof(line), "set gate value 0");
            break;
        }
        rig_do(r, line);
        if (rand() % 20 == 0) {
            cr_assert_eq(lat_control_panic(r->c, &r->error), LAT_OK);
        }
        rig_run(r, 64U * (1 + (unsigned)rand() % 20), 64);
    }
}

Test(naps, change_no_bit)
{
    for (unsigned seed = 1; seed <= 10; ++seed) {
        struct rig lanes = make(false);
        struct rig alone = make(true);
        if (seed % 2) {
            rig_do(&lanes, "new gain echo gain 0.3\nfeedback amp echo\n"
                           "connect echo main");
            rig_do(&alone, "new gain echo gain 0.3\nfeedback amp echo\n"
                           "connect echo main");
        }
        play(&lanes, seed);
        play(&alone, seed);
        const uint32_t n = rig_first_difference(&lanes, &alone);
        cr_assert_eq(n, lanes.n_frames, "seed %u: they differ from frame %u on",
                     seed, n);
        rig_free(&lanes);
        rig_free(&alone);
    }
}
