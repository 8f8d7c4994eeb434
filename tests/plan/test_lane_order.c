// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// In which order nodes come into lanes, and what that gives their readers.

#include "control/state.h"
#include "plan/lanes.h"
#include "support/patches.h"

#include <criterion/criterion.h>

#define WIDTH  48
#define LAYERS 4

/// Of a layer.
#define N_GROUPS (WIDTH / LAT_LANES)

// Group number @p n, batch by batch; NULL after the last.
static const struct lat_plan_lanes *
group_of(const struct rig *r, uint32_t n)
{
    const struct lat_plan *plan = r->c->plan;
    for (uint32_t i = 0; i < plan->n_tasks; ++i) {
        if (plan->tasks[i].kind == LAT_TASK_LANES &&
            plan->tasks[i].lanes->number == n) {
            return plan->tasks[i].lanes;
        }
    }
    return NULL;
}

// A plan's nodes are in file order, batch by batch.
static bool
is_in_file_order(const struct lat_plan_lanes *g)
{
    for (uint32_t l = 1; l < g->n; ++l) {
        if (g->members[l] != g->members[l - 1] + 1) {
            return false;
        }
    }
    return true;
}

/// Layers of one-poles: each reads the one below it and another, the lowest
/// `n_sources` sines in turn.
static int n_sources;

static void
patch_crowd(struct rig *r)
{
    rig_do(r, "new audio_out main channels 1");
    for (int i = 0; i < n_sources; ++i) {
        rig_say(r, "new sine s%d freq %d", i, 110 + i);
    }
    for (int l = 0; l < LAYERS; ++l) {
        for (int i = 0; i < WIDTH; ++i) {
            rig_say(r, "new onepole n%d_%d cutoff %d", l, i, 2000 + 37 * i);
        }
    }
    for (int i = 0; i < WIDTH; ++i) {
        rig_say(r, "connect s%d n0_%d 0.5", i % n_sources, i);
        for (int l = 1; l < LAYERS; ++l) {
            rig_say(r, "connect n%d_%d n%d_%d 0.5", l - 1, i, l, i);
            rig_say(r, "connect n%d_%d n%d_%d 0.5", l - 1,
                    (i + 1 + 13 * l) % WIDTH, l, i);
        }
        rig_say(r, "connect n%d_%d main 0.01", LAYERS - 1, i);
    }
}

static struct rig
rig_of(int sources)
{
    n_sources = sources;
    struct rig r = rig_new(64);
    rig_build(&r, patch_crowd);
    return r;
}

Test(lane_order, readers_of_a_source_with_four_stay_in_file_order)
{
    for (int sources = 4; sources <= WIDTH / 4; ++sources) {
        struct rig r = rig_of(sources);
        uint32_t n = 1; // behind the sines
        for (const struct lat_plan_lanes *g = NULL; (g = group_of(&r, n));
             ++n) {
            cr_expect(is_in_file_order(g), "%d sources", sources);
        }
        cr_expect_eq(n, 1 + LAYERS * N_GROUPS);
        rig_free(&r);
    }
}

Test(lane_order, readers_of_a_source_with_three_follow_it)
{
    struct rig r = rig_of(WIDTH / 3);
    const struct lat_plan_lanes *sines = group_of(&r, 0);
    cr_assert_eq(sines->n, LAT_LANES);
    for (uint32_t at = 0; at < WIDTH; ++at) {
        const struct lat_plan_lanes *g = group_of(&r, 1 + at / LAT_LANES);
        const struct lat_plan_patch *in =
            g->members[at % LAT_LANES]->in[0].patch;
        cr_expect_eq(in->cables[0].signal, sines->members[at / 3]->out);
    }
    rig_free(&r);
}

static void
patch_lone_sources(struct rig *r)
{
    rig_do(r, "new audio_out main channels 1\nnew sine s0\nnew saw s1");
    for (int i = 0; i < 2 * (int)LAT_LANES; ++i) {
        rig_say(r, "new onepole n%d cutoff 1000", i);
        rig_say(r, "connect s%d n%d\nconnect n%d main 0.01", i % 2, i, i);
    }
}

Test(lane_order, readers_of_a_source_alone_share_it)
{
    struct rig r = rig_new(64);
    rig_build(&r, patch_lone_sources);
    for (uint32_t n = 0; n < 2; ++n) {
        const struct lat_plan_lanes *g = group_of(&r, n);
        cr_expect_eq(g->in[0].feeds[0].kind, LAT_FEED_SHARED);
    }
    rig_free(&r);
}

Test(lane_order, feeds_above_a_crowd_are_aligned_or_of_two_groups)
{
    struct rig r = rig_of(4);
    const uint32_t first = 1 + N_GROUPS; // of the second layer
    for (uint32_t n = 0; n < (LAYERS - 1) * N_GROUPS; ++n) {
        const struct lat_lane_input *in = group_of(&r, first + n)->in;
        cr_expect_eq(in->n_slots, 2);
        cr_expect_eq(in->feeds[0].kind, LAT_FEED_ALIGNED);
        cr_expect_eq(in->feeds[1].kind, LAT_FEED_PERMUTED);
        cr_expect_leq(in->feeds[1].n_sources, 2);
    }
    rig_free(&r);
}

Test(lane_order, a_sum_above_a_crowd_takes_whole_rows)
{
    struct rig r = rig_of(4);
    cr_assert_eq(r.c->plan->n_outputs, 1);
    const struct lat_plan_patch *sum = r.c->plan->outputs[0]->in[0].patch;
    cr_assert_eq(sum->n_live, WIDTH);
    cr_assert_not_null(sum->rows);
    for (uint32_t i = 0; i < N_GROUPS; ++i) {
        cr_expect_not_null(sum->rows[i].data);
    }
    rig_free(&r);
}

/// Voices of four sums, of which each takes every fourth.
static void
patch_quarters(struct rig *r)
{
    rig_do(r, "new audio_out main channels 1");
    for (int i = 0; i < 4; ++i) {
        rig_say(r, "new delay d%d\nconnect d%d main 0.1", i, i);
    }
    for (int i = 0; i < 4 * (int)(LAT_LANES + LAT_LANES / 2); ++i) {
        rig_say(r, "new saw s%d freq %d\nnew lowpass n%d", i, 100 + i, i);
        rig_say(r, "connect s%d n%d\nconnect n%d d%d 0.1", i, i, i, i % 4);
    }
}

Test(lane_order, what_sums_take_is_side_by_side)
{
    struct rig r = rig_new(64);
    rig_build(&r, patch_quarters);
    const struct lat_plan_lanes *g = NULL;
    uint32_t n = 0;
    for (; (g = group_of(&r, n)); ++n) {
        cr_expect_eq(g->n, n % 2 ? LAT_LANES / 2 : LAT_LANES);
        const bool has_source = n >= 8;
        cr_expect(!has_source || g->in[0].feeds[0].kind == LAT_FEED_ALIGNED);
    }
    cr_expect_eq(n, 16);
    const struct lat_plan *plan = r.c->plan;
    uint32_t n_sums = 0;
    for (uint32_t i = 0; i < plan->n_nodes; ++i) {
        const struct lat_plan_node *pn = &plan->nodes[i];
        if (!strcmp(pn->inst->type->name, "delay")) {
            cr_expect_not_null(pn->in[0].patch->rows);
            ++n_sums;
        }
    }
    cr_expect_eq(n_sums, 4);
    rig_free(&r);
}
