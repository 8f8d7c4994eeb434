// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Sines that only one sum reads add themselves up as they run, with the bits of
// nodes alone.

#include "control/state.h"
#include "plan/lanes.h"
#include "run/engine.h"
#include "support/patches.h"

#include <criterion/criterion.h>

#include <stdio.h>

static struct {
    int n;
    bool feeds_back;  ///< each to its phase
    const char *more; ///< commands behind those of the patch
} sines;

static void
patch_sum(struct rig *r)
{
    rig_do(r, "new audio_out main channels 1\nnew constant big value 1e6");
    for (int i = 0; i < sines.n; ++i) {
        rig_say(r, "new sine s%d freq %d", i, 100 + 3 * i);
        rig_say(r, "connect s%d main %g", i, 0.01 + 0.0001 * i);
    }
    for (int i = 0; sines.feeds_back && i < sines.n; ++i) {
        rig_say(r, "feedback s%d s%d/phase 0.1", i, i);
    }
    rig_do(r, sines.more);
}

static struct rig
rig_of(const char *isa, uint32_t block, uint32_t workers, bool without_lanes)
{
    struct rig r = rig_with(&(struct lat_control_options){
        .rate = 48000.0,
        .block = block,
        .workers = workers,
        .is_offline = true,
        .isa = isa,
        .without_lanes = without_lanes,
    });
    rig_build(&r, patch_sum);
    return r;
}

static const struct lat_plan_lanes *
group_of(const struct rig *r, int i)
{
    char name[16];
    snprintf(name, sizeof(name), "s%d", i);
    const struct lat_instance *inst =
        lat_units_instance(lat_graph_find(&r->c->graph, name));
    return r->c->plan->group_of[inst->id];
}

Test(joined_sums, groups_of_a_part_share_one_buffer)
{
    sines.n = 200;
    sines.more = "";
    struct rig r = rig_of(NULL, 64, 1, false);
    for (int i = 0; i < sines.n; ++i) {
        const struct lat_plan_lanes *g = group_of(&r, i);
        cr_assert_not_null(g->sum, "s%d", i);
        cr_expect_eq(g->row, (uint32_t)i % LAT_SUM_BLOCK / LAT_LANES);
        const int first = i / (int)LAT_SUM_BLOCK * (int)LAT_SUM_BLOCK;
        cr_expect_eq(g->sum, group_of(&r, first)->sum);
        cr_expect_eq(g->out[0], group_of(&r, first)->out[0]);
        cr_expect_neq(g->out[0], g->sum->partials);
    }
    rig_free(&r);
}

Test(joined_sums, a_member_with_a_second_reader_is_written)
{
    sines.n = 40;
    sines.more = "new lowpass low\nconnect s20 low\nconnect low main 0.1";
    struct rig alone = rig_of(NULL, 64, 1, true);
    struct rig r = rig_of(NULL, 64, 1, false);
    for (int i = 0; i < sines.n; ++i) {
        cr_expect_null(group_of(&r, i)->sum);
    }
    rig_run(&alone, 2000, 64);
    rig_run(&r, 2000, 64);
    rig_same_bits(&alone, &r);
    rig_free(&alone);
    rig_free(&r);
}

static void
run(struct rig *r, uint32_t period)
{
    static const char *const edits[] = {
        "connect s3 main 0.5",   // an amount that moves
        "set s1 freq 440 0.005", // a value that does
        "set s1 pitch 7",
        "disconnect s2 main", // a cable that fades
        "connect s2 main 0.25",  "free s4",
    };
    rig_run(r, 300, period);
    for (size_t i = 0; i < LAT_COUNT(edits); ++i) {
        rig_do(r, edits[i]);
        rig_run(r, 150, period);
        rig_run(r, 1500, period);
    }
}

static void
compare(uint32_t block)
{
    for (int fuses = 0; fuses < 2; ++fuses) {
        if (!rig_isa(fuses, 0)) {
            continue;
        }
        struct rig alone = rig_of(rig_isa(fuses, 0), block, 1, true);
        run(&alone, 64);
        for (size_t i = 0; rig_isa(fuses, i); ++i) {
            for (uint32_t workers = 1; workers <= 2; ++workers) {
                struct rig r = rig_of(rig_isa(fuses, i), block, workers, false);
                run(&r, 50);
                rig_same_bits(&alone, &r);
                rig_free(&r);
            }
        }
        rig_free(&alone);
    }
}

Test(joined_sums, have_the_bits_of_nodes_alone_whatever_moves, .timeout = 120)
{
    static const int numbers[] = {16, 17, 40, 128, 300};
    sines.more = "";
    for (size_t i = 0; i < LAT_COUNT(numbers); ++i) {
        sines.n = numbers[i];
        compare(64);
    }
}

Test(joined_sums, have_the_same_bits_in_spans_of_any_length, .timeout = 120)
{
    sines.n = 150;
    sines.more = "";
    compare(1);
    compare(17);
}

Test(joined_sums, feed_back_what_they_add, .timeout = 120)
{
    sines.n = 40;
    sines.feeds_back = true;
    sines.more = "";
    struct rig r = rig_of(NULL, 64, 1, false);
    cr_expect_not_null(group_of(&r, 5)->sum);
    cr_expect(group_of(&r, 5)->has_feedback);
    rig_free(&r);
    compare(64);
}

// 1e6 ^ 7 is beyond a float.
Test(joined_sums, a_fault_beside_them_ends_where_it_does_alone)
{
    sines.n = 128;
    sines.more = "new multiply a b 1e6\nnew multiply b b 1e6\n"
                 "connect a b/a\nconnect b main 0.01";
    for (uint32_t workers = 1; workers <= 2; ++workers) {
        struct rig both[] = {rig_of(NULL, 64, 1, true),
                             rig_of(NULL, 64, workers, false)};
        for (int k = 0; k < 2; ++k) {
            rig_run(&both[k], 777, k ? 50 : 64);
            rig_do(&both[k], "connect big a/a 1e9\nconnect big a/b 1e9\n"
                             "connect big b/b 1e9");
            rig_run(&both[k], 500, k ? 50 : 64);
            rig_do(&both[k], "disconnect big a/a\ndisconnect big a/b\n"
                             "disconnect big b/b");
            rig_run(&both[k], 2000, k ? 50 : 64);
            struct lat_engine_status status;
            lat_engine_status(lat_control_engine(both[k].c), &status);
            cr_assert_gt(status.n_faults, 0);
        }
        cr_expect_not_null(group_of(&both[1], 0)->sum);
        rig_same_bits(&both[0], &both[1]);
        rig_free(&both[0]);
        rig_free(&both[1]);
    }
}

Test(joined_sums, a_tap_hears_its_own_member)
{
    sines.n = 40;
    sines.more = "";
    for (int i = 0; i < sines.n; ++i) {
        struct rig both[] = {rig_of(NULL, 64, 1, true),
                             rig_of(NULL, 64, 1, false)};
        char name[16];
        snprintf(name, sizeof(name), "s%d", i);
        float heard[2] = {0};
        for (int k = 0; k < 2; ++k) {
            rig_run(&both[k], 300, 64);
            heard[k] = rig_hear_tap(&both[k], name);
            rig_run(&both[k], 300, 64);
        }
        cr_expect_not_null(group_of(&both[1], i)->sum);
        cr_expect_neq(heard[0], 0.0F);
        cr_expect_eq(heard[1], heard[0], "%s: %g, alone %g", name,
                     (double)heard[1], (double)heard[0]);
        rig_same_bits(&both[0], &both[1]);
        rig_free(&both[0]);
        rig_free(&both[1]);
    }
}
