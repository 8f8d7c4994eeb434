// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "control/state.h"
#include "support/rig.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#define RATE 48000.0
#define RAMP 240 // 5 ms

static const char *const mono = "new audio_out main channels 1 limit off\n";

static float
at(const struct rig *r, uint32_t frame)
{
    return r->recorded[frame];
}

Test(engine, an_empty_graph_is_silent)
{
    struct rig r = rig_new(64);
    rig_do(&r, mono);
    rig_run(&r, 1000, 100);
    for (uint32_t i = 0; i < 1000; ++i) {
        cr_assert_eq(at(&r, i), 0.0F);
    }
    rig_free(&r);
}

Test(engine, a_sine_is_a_sine)
{
    struct rig r = rig_new(64);
    rig_do(&r, mono);
    rig_do(&r, "new sine a freq 1000\nconnect a main 0.5");
    rig_run(&r, 4800, 64);
    // Everything is connected before the first frame, but the nodes are live
    // by then: the cable fades in over 5 ms.
    for (uint32_t i = RAMP; i < 4800; ++i) {
        const double x = 0.5 * sin(2.0 * M_PI * 1000.0 * i / RATE);
        cr_assert_float_eq((double)at(&r, i), x, 1e-5, "frame %u", i);
    }
    rig_free(&r);
}

// Build in one transaction, so that nothing ramps.
static void
build(struct rig *r, const char *commands)
{
    lat_control_begin(r->c);
    rig_do(r, commands);
    cr_assert_eq(lat_control_commit(r->c, &r->error), LAT_OK);
}

static const char *const patch =
    "new audio_out main channels 1\n"
    "new sine lfo freq 3\n"
    "new saw a freq 110\n"
    "new square b freq 111 \n"
    "new lowpass f cutoff 900 q 4\n"
    "new pulse gate freq 5\n"
    "new adsr env attack 0.01 decay 0.05 sustain 0.4 release 0.1\n"
    "new gain g\n"
    "new delay d time 0.011 feedback 0.6 mix 0.4\n"
    "new noise n\n"
    "new onepole o cutoff 300\n"
    "connect a f 0.3\n"
    "connect b f 0.2\n"
    "connect n o 0.3\n"
    "connect o f\n"
    "connect lfo f/cutoff 700\n"
    "connect f g\n"
    "connect gate env/gate\n"
    "connect env g/cv\n"
    "connect g d\n"
    "connect d main\n";

Test(engine, cutting_time_otherwise_changes_no_bit)
{
    const uint32_t periods[] = {16, 64, 441, 512, 1024};
    struct rig reference = rig_new(64);
    build(&reference, patch);
    rig_do(&reference, "feedback d f 0.3");
    rig_run(&reference, 24000, 1);
    for (size_t i = 0; i < LAT_COUNT(periods); ++i) {
        struct rig r = rig_new(64);
        build(&r, patch);
        rig_do(&r, "feedback d f 0.3");
        rig_run(&r, 24000, periods[i]);
        cr_assert_eq(rig_first_difference(&reference, &r), 24000,
                     "period %u differs at frame %u", periods[i],
                     rig_first_difference(&reference, &r));
        rig_free(&r);
    }
    rig_free(&reference);
}

Test(engine, blocks_of_any_length_give_the_bits_of_single_samples)
{
    const uint32_t blocks[] = {16, 64, 441, 512, 4096};
    struct rig reference = rig_new(1);
    build(&reference, patch);
    rig_run(&reference, 24000, 1000);
    float peak = 0.0F;
    for (uint32_t i = 0; i < 24000; ++i) {
        peak = fmaxf(peak, fabsf(at(&reference, i)));
    }
    cr_assert_gt(peak, 0.05F, "the patch is silent");
    for (size_t i = 0; i < LAT_COUNT(blocks); ++i) {
        struct rig r = rig_new(blocks[i]);
        build(&r, patch);
        rig_run(&r, 24000, 1000);
        cr_assert_eq(rig_first_difference(&reference, &r), 24000,
                     "block %u differs at frame %u", blocks[i],
                     rig_first_difference(&reference, &r));
        rig_free(&r);
    }
    rig_free(&reference);
}

Test(engine, feedback_is_exactly_one_block_late)
{
    const uint32_t periods[] = {1, 64, 100, 441};
    for (size_t p = 0; p < LAT_COUNT(periods); ++p) {
        struct rig r = rig_new(100);
        build(&r, "new audio_out main channels 1 limit off\n"
                  "new impulse i freq 0\n"
                  "new bus b\n"
                  "connect i b\n"
                  "feedback b b 0.5\n"
                  "connect b main\n");
        rig_run(&r, 1000, periods[p]);
        for (uint32_t i = 0; i < 1000; ++i) {
            const float x = i % 100 ? 0.0F : ldexpf(1.0F, -(int)(i / 100));
            cr_assert_eq(at(&r, i), x, "period %u frame %u", periods[p], i);
        }
        rig_free(&r);
    }
}

Test(engine, a_plain_value_steps_and_a_smooth_one_ramps)
{
    struct rig r = rig_new(64);
    build(&r, "new audio_out main channels 1 limit off\n"
              "new constant a value 0.25\nconnect a main\n");
    rig_run(&r, 100, 64);
    rig_do(&r, "set a value 0.5");
    rig_run(&r, 100, 64);
    cr_assert_eq(at(&r, 99), 0.25F);
    cr_assert_eq(at(&r, 100), 0.5F);
    rig_do(&r, "set main level 2");
    rig_run(&r, 400, 64);
    cr_assert_eq(at(&r, 200), 0.5F);
    cr_assert_float_eq((double)at(&r, 200 + RAMP / 2), 0.75, 1e-6);
    cr_assert_eq(at(&r, 200 + RAMP), 1.0F);
    rig_free(&r);
}

Test(engine, a_glide_is_a_straight_line)
{
    struct rig r = rig_new(64);
    build(&r, "new audio_out main channels 1 limit off\n"
              "new constant a value 0\nconnect a main\n");
    rig_do(&r, "set a value 1 0.01");
    rig_run(&r, 600, 37);
    for (uint32_t i = 0; i <= 480; ++i) {
        cr_assert_float_eq((double)at(&r, i), i / 480.0, 1e-6);
    }
    cr_assert_eq(at(&r, 599), 1.0F);
    rig_free(&r);
}

Test(engine, every_trigger_is_a_pulse)
{
    struct rig r = rig_new(64);
    build(&r, "new audio_out main channels 1 limit off\n"
              "new sine a freq 100\nconnect a main\n");
    rig_run(&r, 1000, 64);
    rig_do(&r, "set a sync 1");
    rig_run(&r, 300, 64);
    // A sync at frame 1000 starts the sine anew.
    for (uint32_t i = 0; i < 300; ++i) {
        cr_assert_float_eq((double)at(&r, 1000 + i),
                           sin(2.0 * M_PI * 100.0 * i / RATE), 1e-5);
    }
    rig_free(&r);
}

Test(engine, gates_that_come_at_once_are_all_heard)
{
    struct rig r = rig_new(64);
    build(&r, "new audio_out main channels 1 limit off\n"
              "new adsr e attack 0.001 decay 0 sustain 1 release 0.01\n"
              "connect e main\n");
    rig_run(&r, 64, 64);
    lat_control_begin(r.c);
    rig_do(&r, "set e gate 1\nset e gate 0");
    cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK);
    rig_run(&r, 64, 64);
    float peak = 0.0F;
    for (uint32_t i = 64; i < 128; ++i) {
        peak = fmaxf(peak, at(&r, i));
    }
    cr_assert_gt(peak, 0.001F, "the gate never opened");
    cr_assert_lt(at(&r, 127), peak, "the gate never closed");
    rig_free(&r);
}

Test(engine, cables_fade_in_and_out)
{
    struct rig r = rig_new(64);
    build(&r, "new audio_out main channels 1 limit off\n"
              "new constant a value 1\n");
    rig_run(&r, 64, 64);
    rig_do(&r, "connect a main");
    rig_run(&r, 1000, 64);
    rig_do(&r, "disconnect a main");
    rig_run(&r, 1000, 64);
    for (uint32_t i = 1; i < r.n_frames; ++i) {
        cr_assert_leq(fabsf(at(&r, i) - at(&r, i - 1)), 1.51F / RAMP,
                      "a step at frame %u", i);
    }
    cr_assert_eq(at(&r, 1000), 1.0F);
    cr_assert_eq(at(&r, 2000), 0.0F);
    rig_free(&r);
}

// What comes out of a fresh feedback ring begins a quantum after the cable.
Test(engine, a_feedback_cable_fades_in_without_a_step)
{
    const uint32_t blocks[] = {16, 64, 512};
    for (size_t b = 0; b < LAT_COUNT(blocks); ++b) {
        struct rig r = rig_new(blocks[b]);
        rig_do(&r, mono);
        rig_do(&r, "new constant k value 0.5");
        rig_run(&r, 1000, 64);
        rig_do(&r, "feedback k main");
        rig_run(&r, 2000, 64);
        for (uint32_t i = 1; i < 3000; ++i) {
            cr_assert_lt(fabsf(at(&r, i) - at(&r, i - 1)), 0.5F * 1.6F / RAMP,
                         "block %u: a step at frame %u", blocks[b], i);
        }
        cr_assert_eq(at(&r, 2999), 0.5F);
        rig_free(&r);
    }
}

Test(engine, a_freed_node_fades_and_is_gone)
{
    struct rig r = rig_new(64);
    build(&r, "new audio_out main channels 1 limit off\n"
              "new constant a value 1\nnew bus b\nconnect a b\n"
              "connect b main\n");
    rig_run(&r, 64, 64);
    rig_do(&r, "free a");
    rig_run(&r, 1000, 64);
    for (uint32_t i = 1; i < r.n_frames; ++i) {
        cr_assert_leq(fabsf(at(&r, i) - at(&r, i - 1)), 1.51F / RAMP);
    }
    cr_assert_eq(at(&r, 1000), 0.0F);
    cr_assert_eq(lat_control_n_fading(r.c), 0);
    rig_do(&r, "new constant a value 1");
    rig_free(&r);
}

Test(engine, patching_a_signal_input_fades_from_its_value)
{
    struct rig r = rig_new(64);
    build(&r, "new audio_out main channels 1 limit off\n"
              "new constant a value 1\nnew gain g\nconnect a g\n"
              "connect g main\nnew constant zero value 0\n");
    rig_run(&r, 64, 64);
    cr_assert_eq(at(&r, 63), 1.0F);
    rig_do(&r, "connect zero g/cv");
    rig_run(&r, 500, 64);
    for (uint32_t i = 1; i < r.n_frames; ++i) {
        cr_assert_leq(fabsf(at(&r, i) - at(&r, i - 1)), 1.51F / RAMP);
    }
    cr_assert_eq(at(&r, 500), 0.0F);
    rig_free(&r);
}

Test(engine, live_edits_are_the_same_bits_at_any_period)
{
    const uint32_t periods[] = {1, 64, 250, 500};
    struct rig rigs[4];
    for (size_t p = 0; p < 4; ++p) {
        struct rig *r = &rigs[p];
        *r = rig_new(64);
        build(r, patch);
        rig_run(r, 500, periods[p]);
        rig_do(r, "new sine x freq 333\nconnect x f 0.2\nset f cutoff 2000");
        rig_run(r, 1000, periods[p]);
        rig_do(r, "disconnect a f\nset f cutoff 500 0.02");
        rig_run(r, 100 * 5, periods[p]);
        rig_do(r, "free b\nset d mix 0.9");
        rig_run(r, 2000, periods[p]);
        cr_assert_eq(rig_first_difference(&rigs[0], r), 4000,
                     "period %u differs at %u", periods[p],
                     rig_first_difference(&rigs[0], r));
    }
    for (size_t p = 0; p < 4; ++p) {
        rig_free(&rigs[p]);
    }
}

// A product above the range of floats from frame 100 on, until frame 150.
static const char *const overflow =
    "new audio_out main channels 1 limit off\n"
    "new constant huge value 1e6\n"
    "new multiply m1\nnew multiply m2\nnew multiply m3\n"
    "new constant small value 0.25\n"
    "connect huge m1/a\nconnect huge m1/b\n"
    "connect m1 m2/a\nconnect m1 m2/b\n"
    "connect m2 m3/a\nconnect small m3/b\n"
    "connect small main\n"
    "new delay d time 0.001 mix 0.5 feedback 0.5\nconnect m3 d 1e-24\n"
    "connect d main\n";

Test(engine, infinity_is_silenced_to_the_end_of_its_cell)
{
    const uint32_t periods[] = {1, 64, 100, 500};
    struct rig rigs[4];
    for (size_t p = 0; p < 4; ++p) {
        struct rig *r = &rigs[p];
        *r = rig_new(64);
        build(r, overflow);
        rig_run(r, 100, periods[p]);
        rig_do(r, "set small value 1e6\nset small value 0.25"); // 2 frames
        lat_control_begin(r->c);
        rig_do(r, "connect m2 m3/b\n");
        cr_assert_eq(lat_control_commit(r->c, &r->error), LAT_OK);
        rig_run(r, 50, periods[p]);
        rig_do(r, "disconnect m2 m3/b");
        rig_run(r, 1000, periods[p]);
        for (uint32_t i = 0; i < r->n_frames; ++i) {
            cr_assert(isfinite(at(r, i)), "frame %u", i);
        }
        struct lat_engine_status status;
        lat_engine_status(lat_control_engine(r->c), &status);
        cr_assert_gt(status.n_faults, 0);
        cr_assert_eq(rig_first_difference(&rigs[0], r), r->n_frames,
                     "period %u differs at %u", periods[p],
                     rig_first_difference(&rigs[0], r));
    }
    for (size_t p = 0; p < 4; ++p) {
        rig_free(&rigs[p]);
    }
}

Test(engine, more_cables_than_a_block_are_summed_all)
{
    struct rig r = rig_new(64);
    lat_control_begin(r.c);
    rig_do(&r, "new audio_out main channels 1 limit off");
    for (int i = 0; i < 1000; ++i) {
        char line[80];
        snprintf(line, sizeof(line), "new constant c%d value %d", i, i);
        rig_do(&r, line);
        snprintf(line, sizeof(line), "connect c%d main 0.001", i);
        rig_do(&r, line);
    }
    cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK);
    rig_run(&r, 100, 64);
    cr_assert_float_eq((double)at(&r, 50), 499.5, 1e-3);
    rig_free(&r);
}

Test(engine, says_how_long_periods_took)
{
    struct rig r = rig_new(64);
    const struct lat_engine *e = lat_control_engine(r.c);
    const double shares[] = {0.0, 0.5, 0.99, 1.0};
    uint64_t ns[4] = {1, 1, 1, 1};
    lat_engine_percentiles(e, shares, 4, ns);
    cr_assert_eq(ns[0] + ns[1] + ns[2] + ns[3], 0);
    rig_do(&r, "new sine a");
    rig_run(&r, 6400, 64);
    lat_engine_percentiles(e, shares, 4, ns);
    struct lat_engine_status status;
    lat_engine_status(e, &status);
    cr_assert(0 < ns[0] && ns[0] <= ns[1] && ns[1] <= ns[2] && ns[2] <= ns[3]);
    cr_assert_eq(ns[3], status.process_ns_max);
    cr_assert(ns[0] <= status.process_ns_last &&
              status.process_ns_last <= ns[3]);
    rig_free(&r);
}

Test(engine, loading_fades_the_old_and_starts_the_new_at_once)
{
    struct rig r = rig_new(64);
    build(&r, "new audio_out main channels 1 limit off\n"
              "new constant a value 1\nconnect a main\n");
    rig_run(&r, 100, 64);
    lat_control_begin_load(r.c, 0);
    rig_do(&r, "new audio_out main channels 1 limit off\n"
               "new sine s freq 1000\nconnect s main 0.5\n");
    cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK);
    rig_run(&r, 1000, 64);
    for (uint32_t i = 0; i < 1000; ++i) {
        const double t = i < RAMP ? (double)i / RAMP : 1.0;
        const double old = 1.0 - t * t * (3.0 - 2.0 * t);
        const double now = 0.5 * sin(2.0 * M_PI * 1000.0 * i / RATE);
        cr_assert_float_eq((double)at(&r, 100 + i), old + now, 1e-5);
    }
    rig_free(&r);
}

Test(engine, panic_closes_gates_and_empties_delays)
{
    struct rig r = rig_new(64);
    build(&r, "new audio_out main channels 1 limit off\n"
              "new impulse i freq 0\nnew delay d time 0.01 feedback 0.9 mix 1\n"
              "connect i d\nconnect d main\n");
    rig_run(&r, 300, 64);
    rig_do(&r, "disconnect i d"); // or its one impulse would come again
    rig_run(&r, 300, 64);
    cr_assert_eq(lat_control_panic(r.c, &r.error), LAT_OK);
    rig_run(&r, 2000, 64);
    for (uint32_t i = 600; i < r.n_frames; ++i) {
        cr_assert_eq(at(&r, i), 0.0F, "frame %u", i);
    }
    rig_free(&r);
}
