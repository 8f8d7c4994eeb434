// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Nodes in lanes give the bits of nodes alone, whatever moves.

#include "support/patches.h"

#include "node/kernels.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct rig
rig_without_lanes(uint32_t block)
{
    return rig_on(block, NULL, true);
}

static void
compare(patch_fn make, uint32_t block, uint32_t period)
{
    struct rig alone = rig_without_lanes(block);
    struct rig lanes = rig_new(block);
    rig_build(&alone, make);
    rig_build(&lanes, make);
    rig_run(&alone, 6000, 64);
    rig_run(&lanes, 6000, period);
    rig_same_bits(&alone, &lanes);
    rig_free(&alone);
    rig_free(&lanes);
}

Test(lanes, voices)
{
    compare(patch_voices, 64, 64);
}
Test(lanes, layers)
{
    compare(patch_layers, 64, 64);
}
Test(lanes, chain)
{
    compare(patch_chain, 64, 64);
}
Test(lanes, sines)
{
    compare(patch_sines, 64, 64);
}
Test(lanes, tangle)
{
    compare(patch_tangle, 64, 64);
}
Test(lanes, voices_in_odd_spans)
{
    compare(patch_voices, 64, 41);
}
Test(lanes, chain_in_odd_spans)
{
    compare(patch_chain, 64, 7);
}
Test(lanes, tangle_in_single_frames)
{
    compare(patch_tangle, 64, 1);
}
Test(lanes, tangle_in_long_blocks)
{
    compare(patch_tangle, 1000, 1000);
}

Test(lanes, live_edits_are_the_same_bits)
{
    struct rig alone = rig_without_lanes(64);
    struct rig lanes = rig_new(64);
    rig_build(&alone, patch_voices);
    rig_build(&lanes, patch_voices);
    for (int turn = 0; turn < 200; ++turn) {
        const uint32_t n = 20 + (uint32_t)(turn * 37 % 200);
        patch_edit_voices(&alone, turn);
        rig_run(&alone, n, 64);
        patch_edit_voices(&lanes, turn);
        rig_run(&lanes, n, 33);
    }
    rig_same_bits(&alone, &lanes);
    rig_free(&alone);
    rig_free(&lanes);
}

static void
make_overflow(struct rig *r)
{
    rig_do(r, "new audio_out main channels 1\nnew constant big value 1e6");
    for (int i = 0; i < 20; ++i) {
        rig_say(r, "new multiply a%d b 1", i);
        rig_say(r, "new multiply b%d b 1", i);
        rig_say(r, "new lowpass f%d cutoff 1000", i);
        rig_say(r, "new sine s%d freq %d", i, 100 + i);
        rig_say(r, "connect s%d a%d/a", i, i);
        rig_say(r, "connect a%d b%d/a", i, i);
        rig_say(r, "connect b%d f%d", i, i);
        rig_say(r, "connect f%d main 0.01", i);
    }
}

Test(lanes, a_fault_silences_one_lane_alone)
{
    struct rig alone = rig_without_lanes(64);
    struct rig lanes = rig_new(64);
    struct rig *both[] = {&alone, &lanes};
    for (int k = 0; k < 2; ++k) {
        struct rig *r = both[k];
        rig_build(r, make_overflow);
        rig_run(r, 777, k ? 50 : 64);
        // 1e6 ^ 7 is beyond a float.
        lat_control_begin(r->c);
        rig_do(r, "set a3 b 1e6\nset b3 b 1e6\n"
                  "connect big a3/b 1e9\nconnect big b3/b 1e9\n"
                  "connect big a3/a 1e9\nconnect big f3/in 1e9\n");
        cr_assert_eq(lat_control_commit(r->c, &r->error), LAT_OK);
        rig_run(r, 500, k ? 50 : 64);
        rig_do(r, "disconnect big a3/b\ndisconnect big b3/b\n"
                  "disconnect big a3/a\ndisconnect big f3\nset a3 b 1\n"
                  "set b3 b 1");
        rig_run(r, 3000, k ? 50 : 64);
        struct lat_engine_status status;
        lat_engine_status(lat_control_engine(r->c), &status);
        cr_assert_gt(status.n_faults, 0);
        for (uint32_t i = 0; i < r->n_frames; ++i) {
            cr_assert(isfinite(r->recorded[i]));
        }
    }
    rig_same_bits(&alone, &lanes);
    rig_free(&alone);
    rig_free(&lanes);
}

static void
compare_instruction_sets(patch_fn make)
{
    struct rig first = {0};
    for (size_t i = 0; rig_isa(true, i); ++i) {
        struct rig r = rig_with(&(struct lat_control_options){
            .rate = 48000.0,
            .block = 64,
            .isa = rig_isa(true, i),
            .is_offline = true,
        });
        rig_build(&r, make);
        rig_run(&r, 3000, 64);
        if (first.c) {
            rig_same_bits(&first, &r);
            rig_free(&r);
        } else {
            first = r;
        }
    }
    rig_free(&first);
}

Test(lanes, instruction_sets_that_fuse_give_the_same_bits)
{
    const patch_fn makes[] = {patch_voices, patch_layers, patch_chain,
                              patch_tangle};
    for (size_t m = 0; m < LAT_COUNT(makes); ++m) {
        compare_instruction_sets(makes[m]);
    }
}

// Two cables into every lane: from a source of four readers, out of order, and
// from one of its own, in order.
static const char *first_source;

static void
patch_pairs(struct rig *r)
{
    const bool is_own = strcmp(first_source, "own") == 0;
    rig_do(r, "new audio_out main channels 1");
    for (int i = 0; i < 48; ++i) {
        rig_say(r, "new sine s%d freq %d\nnew saw t%d freq %d", i, 100 + i, i,
                200 + i);
        rig_say(r, "new onepole n%d cutoff %d", i, 1000 + 31 * i);
    }
    for (int i = 0; i < 48; ++i) {
        const int crowded = i % 12; // four readers each
        rig_say(r, "connect %c%d n%d 0.3", is_own ? 't' : 's',
                is_own ? i : crowded, i);
        rig_say(r, "connect %c%d n%d 0.7", is_own ? 's' : 't',
                is_own ? crowded : i, i);
        rig_say(r, "connect n%d main 0.02", i);
    }
}

Test(lanes, two_cables_of_a_lane_are_added_in_their_order)
{
    const char *const firsts[] = {"own", "crowded"};
    for (size_t i = 0; i < LAT_COUNT(firsts); ++i) {
        first_source = firsts[i];
        compare(patch_pairs, 64, 64);
        compare_instruction_sets(patch_pairs);
    }
}

/// Types of few inputs and many cables beside some of many inputs and few.
static void
patch_kinds(struct rig *r)
{
    rig_do(r, "new audio_out main channels 1");
    for (unsigned k = 0; k < 7; ++k) {
        char line[100];
        snprintf(line, sizeof(line), "new noise k%u", k);
        rig_do(r, line);
    }
    for (unsigned n = 0; n < 5; ++n) {
        char line[200];
        snprintf(line, sizeof(line),
                 "new impulse i%u freq 300\nnew add a%u\n"
                 "connect i%u main 0.1\nconnect a%u main 0.01",
                 n, n, n, n);
        rig_do(r, line);
        for (unsigned k = 0; k < 6; ++k) {
            snprintf(line, sizeof(line), "connect k%u a%u/a", k, n);
            rig_do(r, line);
        }
        for (unsigned k = 0; k < 3; ++k) {
            snprintf(line, sizeof(line),
                     "connect k%u a%u/b\nconnect k%u i%u/freq 9", k, n, k, n);
            rig_do(r, line);
        }
    }
}

Test(lanes, kinds)
{
    compare(patch_kinds, 64, 64);
}
