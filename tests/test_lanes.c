// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Nodes in lanes give the bits of nodes alone, whatever moves.

#include "support/rig.h"

#include "kernels.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct rig
rig_without_lanes(uint32_t block)
{
    struct rig r = {0};
    const struct lat_control_options options = {
        .rate = 48000.0,
        .block = block,
        .workers = 1,
        .is_offline = true,
        .without_lanes = true,
    };
    cr_assert_eq(lat_control_new(&options, &r.c, &r.error), LAT_OK);
    r.recorded = calloc(RIG_MAX_FRAMES, sizeof(float));
    return r;
}

static void
build(struct rig *r, void (*make)(struct rig *r))
{
    lat_control_begin(r->c);
    make(r);
    cr_assert_eq(lat_control_commit(r->c, &r->error), LAT_OK, "%s",
                 r->error.text);
}

__attribute__((format(printf, 2, 3))) static void
say(struct rig *r, const char *format, ...)
{
    char line[400];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    rig_do(r, line);
}

static void
same_bits(struct rig *a, struct rig *b)
{
    float peak = 0.0F;
    for (uint32_t i = 0; i < a->n_frames; ++i) {
        peak = fmaxf(peak, fabsf(a->recorded[i]));
    }
    cr_assert_gt(peak, 1e-4F, "silence proves nothing");
    cr_assert_eq(a->n_frames, b->n_frames);
    cr_assert_eq(rig_first_difference(a, b), a->n_frames,
                 "they differ at frame %u of %u", rig_first_difference(a, b),
                 a->n_frames);
}

static void
make_voices(struct rig *r)
{
    rig_do(r, "new audio_out main channels 1");
    for (int i = 0; i < 70; ++i) {
        say(r, "new sine l%d freq 0.3 phase %g", i, i / 70.0);
        say(r, "new saw s%d freq %g", i, 55 + 8.3 * i);
        say(r, "new lowpass f%d cutoff 1200 q 2", i);
        say(r, "new adsr e%d gate 1 attack 0.01 decay 0.1 sustain 0.8", i);
        say(r, "new gain g%d", i);
        say(r, "connect l%d f%d/cutoff 900", i, i);
        say(r, "connect s%d f%d", i, i);
        say(r, "connect f%d g%d", i, i);
        say(r, "connect e%d g%d/cv", i, i);
        say(r, "connect g%d main 0.004", i);
    }
}

static void
make_layers(struct rig *r)
{
    rig_do(r, "new audio_out main channels 1\nnew sine s0 freq 110\n"
              "new sine s1 freq 220\nnew sine s2 freq 330\nnew sine s3 freq "
              "440");
    for (int l = 0; l < 5; ++l) {
        for (int i = 0; i < 50; ++i) {
            say(r, "new onepole n%d_%d cutoff %d", l, i, 2000 + 37 * i);
            const int a = l ? i : i % 4;
            const int b = l ? (i + 1 + 13 * l) % 50 : (i + 1) % 4;
            if (l) {
                say(r, "connect n%d_%d n%d_%d 0.5", l - 1, a, l, i);
                say(r, "connect n%d_%d n%d_%d 0.5", l - 1, b, l, i);
            } else {
                say(r, "connect s%d n%d_%d 0.5", a, l, i);
                say(r, "connect s%d n%d_%d 0.25", b, l, i);
            }
        }
    }
    for (int i = 0; i < 50; ++i) {
        say(r, "connect n4_%d main 0.01", i);
    }
}

static void
make_chain(struct rig *r)
{
    rig_do(r, "new audio_out main channels 1\nnew saw s freq 55");
    for (int i = 0; i < 70; ++i) {
        say(r, "new %s f%d cutoff %d%s", i < 40 ? "lowpass" : "onepole", i,
            8000 + 20 * i, i < 40 ? " q 0.7" : "");
        if (i) {
            say(r, "connect f%d f%d%s", i - 1, i, i % 5 ? "" : " 0.9");
        }
    }
    rig_do(r, "connect s f0 0.3\nconnect f69 main");
}

static void
make_sines(struct rig *r)
{
    rig_do(r, "new audio_out main channels 1");
    for (int i = 0; i < 300; ++i) {
        say(r, "new sine s%d freq %g", i, 100 + 11.37 * i);
        say(r, "connect s%d main 0.001", i);
    }
}

// Cables that follow no order, sums of several, one source for many.
static void
make_tangle(struct rig *r)
{
    rig_do(r, "new audio_out main channels 1\nnew sine lfo freq 7\n"
              "new noise hiss");
    srand(11);
    for (int i = 0; i < 60; ++i) {
        say(r, "new triangle t%d freq %d", i, 50 + 13 * i);
        say(r, "new multiply m%d", i);
        say(r, "new highpass h%d cutoff %d", i, 100 + 10 * i);
        say(r, "new add a%d b 0.125", i);
        say(r, "new pan p%d pan %g", i, i / 30.0 - 1.0);
    }
    for (int i = 0; i < 60; ++i) {
        say(r, "connect t%d m%d/a", rand() % 60, i);
        say(r, "connect lfo m%d/b 0.5", i);
        for (int k = rand() % 6; k > 0; --k) {
            say(r, "connect m%d h%d %g", rand() % 60, i, k * 0.1);
        }
        say(r, "connect hiss h%d 0.05", i);
        say(r, "connect h%d a%d/a", 59 - i, i);
        say(r, "connect a%d p%d", i, i);
        say(r, "connect p%d/right main %g", i, 0.01 + 0.001 * i);
        if (i % 7 == 0) {
            say(r, "feedback p%d/left h%d 0.2", i, (i + 9) % 60);
        }
    }
}

static void
compare(void (*make)(struct rig *r), uint32_t block, uint32_t period)
{
    struct rig alone = rig_without_lanes(block);
    struct rig lanes = rig_new(block);
    build(&alone, make);
    build(&lanes, make);
    rig_run(&alone, 6000, 64);
    rig_run(&lanes, 6000, period);
    same_bits(&alone, &lanes);
    rig_free(&alone);
    rig_free(&lanes);
}

Test(lanes, voices) { compare(make_voices, 64, 64); }
Test(lanes, layers) { compare(make_layers, 64, 64); }
Test(lanes, chain) { compare(make_chain, 64, 64); }
Test(lanes, sines) { compare(make_sines, 64, 64); }
Test(lanes, tangle) { compare(make_tangle, 64, 64); }
Test(lanes, voices_in_odd_spans) { compare(make_voices, 64, 41); }
Test(lanes, chain_in_odd_spans) { compare(make_chain, 64, 7); }
Test(lanes, tangle_in_single_frames) { compare(make_tangle, 64, 1); }
Test(lanes, tangle_in_long_blocks) { compare(make_tangle, 1000, 1000); }

// The same live edits on both, at the same frames.
static void
edit(struct rig *r, int turn)
{
    srand((unsigned)turn + 1);
    for (int k = 0; k < 4; ++k) {
        const int i = rand() % 70;
        switch (rand() % 9) {
        case 0:
            say(r, "set f%d cutoff %d", i, 200 + rand() % 3000);
            break;
        case 1:
            say(r, "set s%d freq %d 0.01", i, 30 + rand() % 900);
            break;
        case 2:
            say(r, "set e%d gate %d", i, rand() % 2);
            break;
        case 3:
            say(r, "connect g%d main %g", i, (rand() % 10) * 0.001);
            break;
        case 4: {
            char line[80];
            snprintf(line, sizeof(line), "disconnect l%d f%d/cutoff", i, i);
            rig_try(r, line);
            break;
        }
        case 5:
            say(r, "connect l%d f%d/cutoff %d", i, i, rand() % 900);
            break;
        case 6: {
            char line[80];
            snprintf(line, sizeof(line), "free x%d", i % 9);
            rig_try(r, line);
            break;
        }
        case 7:
            say(r, "new sine x%d freq %d", i % 9, 100 + rand() % 1000);
            say(r, "connect x%d main 0.01", i % 9);
            break;
        default:
            say(r, "set s%d sync 1", i);
            break;
        }
    }
}

Test(lanes, live_edits_are_the_same_bits)
{
    struct rig alone = rig_without_lanes(64);
    struct rig lanes = rig_new(64);
    build(&alone, make_voices);
    build(&lanes, make_voices);
    for (int turn = 0; turn < 200; ++turn) {
        const uint32_t n = 20 + (uint32_t)(turn * 37 % 200);
        edit(&alone, turn);
        rig_run(&alone, n, 64);
        edit(&lanes, turn);
        rig_run(&lanes, n, 33);
    }
    same_bits(&alone, &lanes);
    rig_free(&alone);
    rig_free(&lanes);
}

static void
make_overflow(struct rig *r)
{
    rig_do(r, "new audio_out main channels 1\nnew constant big value 1e6");
    for (int i = 0; i < 20; ++i) {
        say(r, "new multiply a%d b 1", i);
        say(r, "new multiply b%d b 1", i);
        say(r, "new lowpass f%d cutoff 1000", i);
        say(r, "new sine s%d freq %d", i, 100 + i);
        say(r, "connect s%d a%d/a", i, i);
        say(r, "connect a%d b%d/a", i, i);
        say(r, "connect b%d f%d", i, i);
        say(r, "connect f%d main 0.01", i);
    }
}

Test(lanes, a_fault_silences_one_lane_alone)
{
    struct rig alone = rig_without_lanes(64);
    struct rig lanes = rig_new(64);
    struct rig *both[] = {&alone, &lanes};
    for (int k = 0; k < 2; ++k) {
        struct rig *r = both[k];
        build(r, make_overflow);
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
    same_bits(&alone, &lanes);
    rig_free(&alone);
    rig_free(&lanes);
}

Test(lanes, every_instruction_set_gives_the_same_bits)
{
    static const char *const names[] = {"baseline", "avx2", "avx512", "neon"};
    void (*const makes[])(struct rig *) = {make_voices, make_layers, make_chain,
                                           make_tangle};
    for (size_t m = 0; m < LAT_COUNT(makes); ++m) {
        struct rig first = {0};
        for (size_t i = 0; i < LAT_COUNT(names); ++i) {
            if (!lat_kernels_find(names[i])) {
                continue;
            }
            struct rig r = {0};
            const struct lat_control_options options = {
                .rate = 48000.0,
                .block = 64,
                .isa = names[i],
                .is_offline = true,
            };
            cr_assert_eq(lat_control_new(&options, &r.c, &r.error), LAT_OK);
            r.recorded = calloc(RIG_MAX_FRAMES, sizeof(float));
            build(&r, makes[m]);
            rig_run(&r, 3000, 64);
            if (first.c) {
                same_bits(&first, &r);
                rig_free(&r);
            } else {
                first = r;
            }
        }
        rig_free(&first);
    }
}
