// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Chains, which run as waves, give the bits of their members alone.

#include "control/state.h"
#include "node/kernels.h"
#include "plan/lanes.h"
#include "run/engine.h"
#include "support/patches.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const types[] = {"lowpass", "highpass", "bandpass", "notch",
                                    "onepole"};
static const char *const isas[] = {"baseline", "avx2", "avx512", "neon"};

/// What is built: a saw through so many filters of a type.
static struct {
    int n;
    const char *type;
    double low;   ///< cutoff of every third one; 0: as the others
    int reader;   ///< number of one that is heard itself too, or -1
    bool amounts; ///< not all of them 1
} row;

static void
patch_row(struct rig *r)
{
    rig_do(r, "new audio_out main channels 1 limit off\nnew saw s freq 55");
    for (int i = 0; i < row.n; ++i) {
        const double cutoff = row.low > 0.0 && i % 3 == 0
                                  ? row.low * (1 + i % 7)
                                  : 1000.0 + 37.0 * (i % 90);
        rig_say(r, "new %s f%d cutoff %g", row.type, i, cutoff);
        if (i) {
            rig_say(r, "connect f%d f%d%s", i - 1, i,
                    row.amounts && i % 5 == 1 ? " 1.05" : "");
        }
    }
    rig_say(r, "connect s f0 0.3\nconnect f%d main", row.n - 1);
    if (row.reader >= 0) {
        rig_say(r, "connect f%d main 0.5", row.reader);
    }
}

static struct rig
rig_of(const char *isa, bool without_lanes)
{
    return rig_of_patch(patch_row, isa, without_lanes);
}

static void
compare_row(uint32_t n_frames)
{
    char what[64];
    snprintf(what, sizeof(what), "%d of %s", row.n, row.type);
    rig_compare_patch(patch_row, n_frames, what);
}

Test(chains, of_any_length_equal_their_members_alone)
{
    static const int lengths[] = {4,  5,  15, 16, 17, 18,  31,  32,  33, 47,
                                  48, 49, 64, 65, 80, 200, 256, 257, 300};
    for (size_t i = 0; i < LAT_COUNT(lengths); ++i) {
        row.n = lengths[i];
        row.type = types[i % LAT_COUNT(types)];
        row.reader = -1;
        row.amounts = i % 2;
        compare_row(200);
    }
}

Test(chains, of_every_type_equal_their_members_alone)
{
    for (size_t i = 0; i < 2 * LAT_COUNT(types); ++i) {
        row.n = i % 2 ? 37 : 90;
        row.type = types[i / 2];
        row.reader = -1;
        row.amounts = true;
        compare_row(400);
        row.amounts = false;
        compare_row(400);
    }
}

Test(chains, that_carry_equal_their_members_alone)
{
    for (size_t i = 0; i < LAT_COUNT(types); ++i) {
        row.n = 70;
        row.type = types[i];
        row.low = 11.0;
        row.reader = -1;
        compare_row(400);
    }
}

Test(chains, end_where_somebody_else_reads)
{
    for (int reader = 0; reader < 40; reader += 13) {
        row.n = 40;
        row.type = "lowpass";
        row.reader = reader;
        compare_row(200);
    }
}

/// The task of a chain, which is the only one, and how many groups it has.
static const struct lat_plan_lanes *
the_chain(const struct rig *r, uint32_t *n_groups)
{
    const struct lat_plan *plan = r->c->plan;
    const struct lat_plan_lanes *head = NULL;
    *n_groups = 0;
    for (uint32_t i = 0; i < plan->n_tasks; ++i) {
        if (plan->tasks[i].kind == LAT_TASK_CHAIN) {
            cr_expect_null(head);
            head = plan->tasks[i].lanes;
        }
    }
    for (const struct lat_plan_lanes *g = head; g; g = g->next) {
        cr_expect_eq(g->head, head);
        ++*n_groups;
    }
    return head;
}

Test(chains, are_one_task)
{
    static const struct {
        int n;
        uint32_t n_groups;
    } cases[] = {{3, 0}, {4, 1}, {16, 1}, {17, 2}, {200, 13}, {300, 19}};
    for (size_t i = 0; i < LAT_COUNT(cases); ++i) {
        row.n = cases[i].n;
        row.type = "lowpass";
        row.reader = -1;
        struct rig r = rig_of(NULL, false);
        uint32_t n_groups = 0;
        const struct lat_plan_lanes *head = the_chain(&r, &n_groups);
        cr_expect_eq(n_groups, cases[i].n_groups, "%d", row.n);
        cr_expect_eq(!head, !n_groups);
        // The source, the output, and what is not in the chain.
        cr_expect_eq(r.c->plan->n_tasks, n_groups ? 3 : 5U, "%d", row.n);
        rig_free(&r);
    }
}

static void
run_both(struct rig *both, const char *commands, uint32_t n, uint32_t period)
{
    for (int k = 0; k < 2; ++k) {
        lat_control_begin(both[k].c);
        rig_do(&both[k], commands);
        cr_assert_eq(lat_control_commit(both[k].c, &both[k].error), LAT_OK);
        rig_run(&both[k], n, k ? period : 64);
    }
}

static void
compare_both(struct rig *both)
{
    rig_same_bits(&both[0], &both[1]);
    rig_free(&both[0]);
    rig_free(&both[1]);
}

Test(chains, are_heard_the_same_while_something_moves)
{
    row.n = 100;
    row.type = "lowpass";
    row.reader = -1;
    struct rig both[] = {rig_of(NULL, true), rig_of(NULL, false)};
    run_both(both, "set f40 cutoff 900 0.01", 700, 50);
    // Between two groups, within one, into the first and out of the last.
    run_both(both, "connect f15 f16 0.7", 500, 50);
    run_both(both, "connect f20 f21 0.8\nset f99 q 3", 500, 64);
    run_both(both, "connect s f0 0.9\nconnect f99 main 0.9", 500, 33);
    run_both(both, "connect f15 f16 1\nset f0 cutoff 90\nset f16 pitch 3", 900,
             41);
    run_both(both, "free f50\nconnect f49 f51", 700, 64);
    run_both(both,
             "new lowpass f50\nconnect f49 f50\ndisconnect f49 f51\n"
             "connect f50 f51",
             700, 64);
    compare_both(both);
}

/// The faults of filter @p i.
static uint32_t
faults_of(const struct rig *r, int i)
{
    char name[16];
    snprintf(name, sizeof(name), "f%d", i);
    const struct lat_instance *inst =
        lat_units_instance(lat_graph_find(&r->c->graph, name));
    return inst->n_faults;
}

static void
fault_at(int at, const char *type, uint32_t period)
{
    row.n = 100;
    row.type = type;
    row.reader = -1;
    struct rig both[] = {rig_of(NULL, true), rig_of(NULL, false)};
    char lines[512] = "";
    char *end = lines;
    run_both(both, "", 777, period);
    // Beyond a float after five cables.
    for (int i = at - 5; i < at; ++i) {
        end += sprintf(end, "connect f%d f%d 1e9\n", i, i + 1);
    }
    run_both(both, lines, 900, period);
    end = lines;
    for (int i = at - 5; i < at; ++i) {
        end += sprintf(end, "connect f%d f%d 1\n", i, i + 1);
    }
    run_both(both, lines, 3000, period);
    uint32_t n_faults = 0;
    for (int i = 0; i < row.n; ++i) {
        n_faults += faults_of(&both[0], i);
        cr_expect_eq(faults_of(&both[1], i), faults_of(&both[0], i),
                     "f%d, %s, %u", i, type, period);
    }
    cr_expect_gt(n_faults, 0, "%d, %s", at, type);
    for (uint32_t i = 0; i < both[0].n_frames; ++i) {
        cr_assert(isfinite(both[1].recorded[i]));
    }
    compare_both(both);
}

Test(chains, a_NaN_in_the_middle_silences_what_it_did_before)
{
    static const int places[] = {8, 16, 37, 50, 99};
    static const uint32_t periods[] = {64, 50, 16, 7, 1};
    for (size_t i = 0; i < LAT_COUNT(places); ++i) {
        fault_at(places[i], types[i], periods[i]);
        fault_at(places[i], types[i], 64);
    }
}

/// A kernel's chain of @p n filters with state, and what it is told.
struct bare {
    float rows[20][4][LAT_LANES];
    uint32_t state[20][LAT_LANE_WORDS * LAT_LANES];
    struct lat_chain_part parts[20];
    float in[64], out[64];
    struct lat_chain chain;
};

static struct bare *
new_bare(uint32_t n)
{
    struct bare *b = calloc(1, sizeof(*b));
    for (uint32_t p = 0; p < 20; ++p) {
        for (uint32_t l = 0; l < LAT_LANES; ++l) {
            b->rows[p][0][l] = 1.0F;
            b->rows[p][1][l] = 2000.0F + 10.0F * (float)l;
            b->rows[p][3][l] = 0.7F;
            for (uint32_t w = 0; w < 2; ++w) {
                const float x = 0.001F * (float)(l + w);
                memcpy(&b->state[p][w * LAT_LANES + l], &x, sizeof(x));
            }
        }
        b->parts[p] = (struct lat_chain_part){b->rows[p][0], b->state[p]};
    }
    for (uint32_t f = 0; f < 64; ++f) {
        b->in[f] = (float)f / 64.0F;
    }
    b->chain = (struct lat_chain){
        .n = n,
        .parts = b->parts,
        .in = b->in,
        .step = 1,
        .out = b->out,
    };
    return b;
}

Test(chains, leave_their_states_alone_when_something_is_not_finite)
{
    const struct lat_context context = {
        .rate = 48000.0,
        .period_f = 1.0F / 48000.0F,
        .n_frames = 64,
        .block = 64,
    };
    for (size_t i = 0; i < LAT_COUNT(isas); ++i) {
        const struct lat_kernels *k = lat_kernels_find(isas[i]);
        for (size_t t = 0; k && t < LAT_COUNT(types); ++t) {
            const lat_chain_fn run =
                k->process_chain[lat_node_type_find(types[t])->kernel];
            for (uint32_t n = 1; n <= 256; n += 17) {
                struct bare *was = new_bare(n);
                struct bare *b = new_bare(n);
                cr_expect(run(&context, &b->chain));
                cr_expect_neq(memcmp(b->state, was->state, sizeof(b->state)),
                              0);
                memcpy(b->state, was->state, sizeof(b->state));
                b->in[63] = INFINITY; // the last frame's alone
                cr_expect_not(run(&context, &b->chain), "%s, %u", types[t], n);
                cr_expect_eq(memcmp(b->state, was->state, sizeof(b->state)), 0,
                             "%s, %u", types[t], n);
                free(b);
                free(was);
            }
        }
    }
}

Test(chains, do_not_mind_what_lanes_without_a_filter_hold)
{
    const struct lat_context context = {
        .rate = 48000.0,
        .period_f = 1.0F / 48000.0F,
        .n_frames = 64,
        .block = 64,
    };
    const float nan = NAN;
    for (size_t i = 0; i < LAT_COUNT(isas); ++i) {
        const struct lat_kernels *k = lat_kernels_find(isas[i]);
        for (uint32_t n = 17; k && n < 32; ++n) {
            struct bare *b = new_bare(n);
            memcpy(&b->state[1][n - 16], &nan, sizeof(nan));
            cr_expect(k->process_chain[lat_node_type_find("lowpass")->kernel](
                          &context, &b->chain),
                      "%s, %u", isas[i], n);
            free(b);
        }
    }
}

Test(chains, a_tap_within_hears_its_own_filter)
{
    row.n = 40;
    row.type = "lowpass";
    row.reader = -1;
    for (int i = 0; i < row.n; ++i) {
        struct rig both[] = {rig_of(NULL, true), rig_of(NULL, false)};
        char name[16];
        snprintf(name, sizeof(name), "f%d", i);
        float heard[2] = {0};
        for (int k = 0; k < 2; ++k) {
            rig_run(&both[k], 300, 64);
            heard[k] = rig_hear_tap(&both[k], name);
        }
        cr_expect_eq(heard[1], heard[0], "%s: %g, alone %g", name,
                     (double)heard[1], (double)heard[0]);
        compare_both(both);
    }
}
