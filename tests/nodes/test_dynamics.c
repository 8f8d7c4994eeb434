// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// compressor, gate and limiter against what they say of themselves.

#include "support/effects.h"
#include "support/patches.h"

#include "base/rt.h"
#include "nodes/dsp/limiter.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(compressor, .timeout = 120);
TestSuite(gate, .timeout = 120);
TestSuite(peak_limiter, .timeout = 120);

#define RATE EFFECTS_RATE

static double
db(double amplitude)
{
    return 20 * log10(amplitude + 1e-30);
}

static struct rig
squeezed(double hz, double level_db, const char *values, uint32_t n)
{
    char text[400];
    snprintf(text, sizeof(text),
             "new sine tone freq %g\nnew compressor c %s\n"
             "connect tone c/in %.9g\nconnect c main",
             hz, values, pow(10, level_db / 20));
    struct rig r = effects_rig(64, text);
    rig_run(&r, n, 64);
    return r;
}

/// What comes out for a level that comes in, by the definition of the curve.
static double
curve(double in, double threshold, double ratio, double knee)
{
    const double over = in - threshold;
    const double slope = 1 - 1 / ratio;
    if (2 * over < -knee) {
        return in;
    }
    if (2 * over > knee) {
        return in - slope * over;
    }
    return in - slope * (over + knee / 2) * (over + knee / 2) / (2 * knee);
}

Test(compressor, has_the_static_curve_of_its_knobs)
{
    const double knees[] = {0.001, 6, 24};
    const double ratios[] = {2, 4, 20};
    for (int i = 0; i < 3; ++i) {
        for (double in = -40; in <= 12; in += 4) {
            char values[120];
            snprintf(values, sizeof(values),
                     "threshold -18 ratio %g knee %g attack 0.005 release 0.05 "
                     "makeup 3",
                     ratios[i], knees[i]);
            struct rig r = squeezed(1000, in, values, 28800);
            const double out =
                db(effects_tone(r.recorded + 24000, 4800, 1000)) - 3;
            const double expected = curve(in, -18, ratios[i], knees[i]);
            cr_expect_float_eq(out, expected, 0.02,
                               "%g dB, knee %g: %g, not %g", in, knees[i], out,
                               expected);
            rig_free(&r);
        }
    }
}

Test(compressor, knows_a_tone_whose_peaks_no_sample_meets)
{
    const double shares[] = {6, 3, 8.5, 5};
    for (size_t i = 0; i < LAT_COUNT(shares); ++i) {
        const double hz = RATE / shares[i];
        struct rig r = squeezed(hz, 0, "threshold -20 ratio 4 knee 0", 96000);
        const double out = db(effects_tone(r.recorded + 72000, 20400, hz));
        cr_expect_float_eq(out, -15, 0.02, "%g Hz: %g dB", hz, out);
        rig_free(&r);
    }
}

Test(compressor, takes_a_constant_at_its_height)
{
    struct rig r = effects_rig(
        64, "new constant a value 1\nnew compressor c threshold -20 ratio 4 "
            "knee 0\nconnect a c/in\nconnect c main");
    rig_run(&r, 96000, 64);
    cr_expect_float_eq(db((double)r.recorded[95999]), -15, 0.02);
    rig_free(&r);
}

/// Frames after which the reduction has gone 63 % from @p from to @p to.
static uint32_t
frames_to_63(const struct rig *r, uint32_t begin, double from, double to)
{
    const double there = to + (from - to) * exp(-1);
    for (uint32_t f = begin; f < r->n_frames; ++f) {
        if (to > from ? (double)r->recorded[f] >= there
                      : (double)r->recorded[f] <= there) {
            return f - begin;
        }
    }
    return 0;
}

Test(compressor, takes_the_times_that_it_says)
{
    const double times[][2] = {
        {0.01, 0.1}, {0.1, 0.03}, {0.003, 1}, {0.05, 0.3}};
    // Where little is turned down, an error of the level counts for more.
    const double thresholds[] = {-20, -20, -20, -4};
    for (size_t i = 0; i < LAT_COUNT(times); ++i) {
        char text[400];
        const double most = -thresholds[i] * 0.75;
        snprintf(text, sizeof(text),
                 "new sine tone freq 1000\nnew gain g gain 0.05\n"
                 "new constant up value 0\nconnect up g/cv\n"
                 "new compressor c threshold %g ratio 4 knee 0 attack %g "
                 "release %g\nconnect tone g\nconnect g c/in\n"
                 "connect c/reduction main",
                 thresholds[i], times[i][0], times[i][1]);
        struct rig r = effects_rig(64, text);
        rig_do(&r, "set up value 1");
        rig_run(&r, 4800, 64);
        cr_assert_eq(r.recorded[4799], 0.0F);
        rig_do(&r, "set up value 20"); // a constant does not ramp
        rig_run(&r, 48000, 64);
        const uint32_t up = frames_to_63(&r, 4800, 0, most);
        cr_expect_float_eq(up / RATE / times[i][0], 1, 0.05, "attack %g: %g s",
                           times[i][0], up / RATE);
        cr_expect_float_eq((double)r.recorded[52799], most, 0.15);
        rig_do(&r, "set up value 1");
        rig_run(&r, 96000, 64);
        const uint32_t down = frames_to_63(&r, 52800, most, 0);
        cr_expect_float_eq(down / RATE / times[i][1], 1, 0.05,
                           "release %g: %g s", times[i][1], down / RATE);
        rig_free(&r);
    }
}

Test(compressor, leaves_a_bass_its_shape)
{
    for (double hz = 30; hz < 200; hz *= 2) {
        struct rig r =
            squeezed(hz, -12, "threshold -20 ratio 4 knee 0", 131072);
        const double rest =
            effects_residue_db(r.recorded + 65536, 65536, hz, 0, 24000, 1);
        cr_expect_lt(rest, -70, "%g Hz: %g dB", hz, rest);
        cr_expect_float_eq(db(effects_tone(r.recorded + 65536, 48000, hz)), -18,
                           0.1);
        rig_free(&r);
    }
}

Test(compressor, listens_to_its_sidechain)
{
    struct rig r = effects_rig(
        64, "new sine tone freq 1000\nnew sine key freq 90\n"
            "new compressor c threshold -20 ratio 4 knee 0\n"
            "connect tone c/in 0.01\nconnect key c/sidechain\nconnect c main");
    rig_run(&r, 96000, 64);
    cr_expect_float_eq(db(effects_tone(r.recorded + 48000, 48000, 1000)),
                       -40 - 15, 0.05);
    rig_free(&r);
}

Test(compressor, gives_the_same_bits_at_any_block_and_period)
{
    const char *const turns[] = {
        "set c attack 0.2", "set c threshold -40", "set tone freq 3000",
        "set c release 0",  "set c knee 20",       "connect key c/sidechain",
    };
    effects_same_bits("new saw tone freq 60\nnew sine key freq 7\n"
                      "new compressor c makeup 6\nconnect tone c\n"
                      "connect c main",
                      turns, LAT_COUNT(turns));
}

Test(gate, opens_holds_and_closes)
{
    struct rig r = effects_rig(
        64, "new sine tone freq 1000\nnew constant up value 0.001\n"
            "new multiply m\nconnect tone m/a\nconnect up m/b\n"
            "new gate g threshold -40 range 60 attack 0.001 hold 0.1 "
            "release 0.05\nconnect m g/in\nconnect g/reduction main");
    rig_run(&r, 48000, 64);
    cr_expect_float_eq((double)r.recorded[47999], 60, 0.01);
    rig_do(&r, "set up value 0.02");
    rig_run(&r, 48000, 64);
    const uint32_t opened = frames_to_63(&r, 48000, 60, 0);
    cr_expect(opened > 40 && opened < 72, "%u", opened);
    cr_expect_lt(r.recorded[95999], 1e-6F);
    rig_do(&r, "set up value 0.007"); // within the hysteresis
    rig_run(&r, 48000, 64);
    cr_expect_lt(r.recorded[143999], 1e-6F);
    rig_do(&r, "set up value 0.001");
    rig_run(&r, 48000, 64);
    const double closed = frames_to_63(&r, 144000, 0, 60) / RATE;
    cr_expect_float_eq(closed, 0.15, 0.005, "%g", closed);
    rig_free(&r);
}

#define LIMITED                                                                \
 "new limiter l ceiling -6\nconnect l/left main\nnew gain g\nconnect g "       \
 "l/left\n"

Test(peak_limiter, lets_no_sample_above_the_ceiling)
{
    struct rig r = effects_rig(64, LIMITED "new noise n\nconnect n g\n"
                                           "new impulse i freq 37\n"
                                           "connect i g 30");
    rig_do(&r, "set g gain 4");
    rig_run(&r, 96000, 64);
    const float ceiling = (float)pow(10, -6 / 20.0);
    float peak = 0;
    for (uint32_t f = 0; f < r.n_frames; ++f) {
        peak = fmaxf(peak, fabsf(r.recorded[f]));
    }
    cr_expect(peak <= ceiling * 1.000001F && peak > 0.8F * ceiling, "%g",
              (double)peak);
    rig_free(&r);
}

Test(peak_limiter, passes_what_is_below_to_the_bit_and_late_as_it_says)
{
    struct rig r = effects_rig(64, LIMITED "new noise n\nconnect n g 0.4");
    struct rig s = effects_rig(64, "new noise n\nnew gain g\nconnect n g 0.4\n"
                                   "connect g main");
    rig_run(&r, 9600, 64);
    rig_run(&s, 9600, 64);
    for (uint32_t f = 0; f + 72 < 9600; ++f) { // 1.5 ms
        cr_assert_eq(r.recorded[f + 72], s.recorded[f], "frame %u", f);
    }
    rig_free(&r);
    rig_free(&s);
}

Test(peak_limiter, keeps_the_shape_of_a_bass)
{
    const double tones[] = {45, 60, 110, 997};
    for (size_t i = 0; i < LAT_COUNT(tones); ++i) {
        char text[200];
        snprintf(text, sizeof(text),
                 LIMITED "new sine a freq %g\nconnect a g 2", tones[i]);
        struct rig r = effects_rig(64, text);
        rig_run(&r, 131072, 64);
        const double rest = effects_residue_db(r.recorded + 65536, 65536,
                                               tones[i], 0, 24000, 1);
        cr_expect_lt(rest, -70, "%g Hz: %g dB", tones[i], rest);
        cr_expect_float_eq(
            db(effects_tone(r.recorded + 65536, 48000, tones[i])), -6, 0.05);
        rig_free(&r);
    }
}

Test(peak_limiter, has_one_gain_for_both_sides)
{
    struct rig r = effects_rig(64, LIMITED "new sine a freq 300\n"
                                           "connect a g 0.1\n"
                                           "connect a l/right 2");
    rig_run(&r, 48000, 64);
    cr_expect_float_eq(db(effects_tone(r.recorded + 24000, 24000, 300)),
                       -20 - 12.04, 0.1);
    rig_free(&r);
}

// A tone of a quarter of the rate has none of its crests on a sample.
Test(peak_limiter, holds_true_peaks_where_it_is_told_to)
{
    for (int is_true = 0; is_true < 2; ++is_true) {
        struct rig r = effects_rig(
            64, LIMITED "new sine a freq 12000 phase 0.125\nconnect a g 0.7");
        rig_do(&r, is_true ? "set l true_peak yes" : "set l true_peak no");
        rig_run(&r, 48000, 64);
        const double crest = db(effects_tone(r.recorded + 24000, 24000, 12000));
        cr_expect_float_eq(crest, is_true ? -6 : -3.1, 0.15, "%g", crest);
        rig_free(&r);
    }
}

Test(peak_limiter, gives_the_same_bits_at_any_block_and_period)
{
    const char *const turns[] = {
        "set l ceiling -20", "set g gain 9",        "set l release 0.01",
        "set g gain 0.1",    "set l true_peak yes", "set g gain 5",
    };
    effects_same_bits(LIMITED "new saw a freq 70\nconnect a g", turns,
                      LAT_COUNT(turns));
}

/// A limiter that is set up.
static struct lat_limiter *
limiter_new(void)
{
    const size_t bytes = (lat_limiter_bytes(RATE) + 63) / 64 * 64;
    struct lat_limiter *s = aligned_alloc(64, bytes);
    memset(s, 0, bytes);
    lat_limiter_init(s, RATE);
    return s;
}

// Noise that is loud for 100 of every 10000 frames, under ceilings that step;
// now and then true peaks count.
Test(peak_limiter, passes_runs_as_it_does_single_frames)
{
    struct lat_limiter *one = limiter_new();
    struct lat_limiter *runs = limiter_new();
    uint32_t seed = 1;
    uint32_t n_passed = 0;
    uint32_t n = 0;
    for (uint32_t at = 0; at < 200000; at += n) {
        float in[2][64];
        float single[2][64];
        float passed[2][64];
        const bool is_loud = at % 10000 < 100;
        const struct lat_limiting by = {
            .ceiling = at % 1000 < 300 ? 0.5F : 0.6F,
            .release = 0.005F,
            .is_true = at % 9000 > 8800,
        };
        n = 1 + at * 7 % 64;
        for (uint32_t f = 0; f < n; ++f) {
            for (int side = 0; side < 2; ++side) {
                seed = seed * 1664525U + 1013904223U;
                in[side][f] =
                    (float)(int32_t)seed * 0x1p-31F * (is_loud ? 3.0F : 0.5F);
            }
            const float x[2] = {in[0][f], in[1][f]};
            float y[2];
            lat_limiter_next(one, RATE, &by, x, y);
            single[0][f] = y[0];
            single[1][f] = y[1];
        }
        const float *const from[2] = {in[0], in[1]};
        float *const to[2] = {passed[0], passed[1]};
        const bool is_passed =
            !by.is_true && lat_limiter_pass(runs, by.ceiling, from, to, n);
        n_passed += is_passed ? n : 0;
        for (uint32_t f = 0; f < n && !is_passed; ++f) {
            const float x[2] = {in[0][f], in[1][f]};
            float y[2];
            lat_limiter_next(runs, RATE, &by, x, y);
            passed[0][f] = y[0];
            passed[1][f] = y[1];
        }
        for (int side = 0; side < 2; ++side) {
            cr_assert_arr_eq(single[side], passed[side], n * sizeof(float),
                             "frames %u to %u, side %d", at, at + n, side);
        }
    }
    cr_expect(n_passed > 60000 && n_passed < 180000, "%u", n_passed);
    free(one);
    free(runs);
}
