// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// distortion, fold, bitcrush, chorus, flanger, phaser, pingpong and the delay's
// accuracy, against closed forms and spectra.

#include "support/effects.h"
#include "support/patches.h"

#include "base/rt.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

TestSuite(distortion, .timeout = 120);
TestSuite(bitcrush, .timeout = 60);
TestSuite(modulated, .timeout = 120);
TestSuite(echoes, .timeout = 120);

#define RATE EFFECTS_RATE
#define PI   3.14159265358979323846

static struct rig
toned(double hz, double level, const char *effect, uint32_t n)
{
    char text[400];
    snprintf(text, sizeof(text),
             "new sine tone freq %.9g\nnew %s\nconnect tone fx/in %.9g\n"
             "connect fx main",
             hz, effect, level);
    struct rig r = effects_rig(64, text);
    rig_run(&r, n, 64);
    return r;
}

// --- distortion, fold --------------------------------------------------------

Test(distortion, has_no_aliases_that_are_heard)
{
    const struct {
        double hz, db, most;
    } rows[] = {
        {5003, 26, -60}, {1245, 26, -75}, {1245, 40, -70},
        {110, 60, -75},  {3001, 20, -62},
    };
    for (size_t i = 0; i < LAT_COUNT(rows); ++i) {
        char fx[60];
        snprintf(fx, sizeof(fx), "distortion fx drive %g", rows[i].db);
        struct rig r = toned(rows[i].hz, 1, fx, 81920);
        const double rest = effects_residue_db(r.recorded + 16384, 65536,
                                               rows[i].hz, 20, 20000, 0);
        cr_expect_lt(rest, rows[i].most, "%g Hz, %g dB: %g dB", rows[i].hz,
                     rows[i].db, rest);
        rig_free(&r);
    }
}

/// Harmonic @p k of sin through a curve, by its Fourier integral.
static double
harmonic(double (*curve)(double), double gain, int k)
{
    const int n = 20000;
    double sum = 0;
    for (int i = 0; i < n; ++i) {
        const double t = 2 * PI * (i + 0.5) / n;
        sum += curve(gain * sin(t)) * sin(k * t);
    }
    return fabs(2 * sum / n);
}

static double
saturation(double x)
{
    return x / sqrt(1 + x * x);
}

static double
folding(double x)
{
    return sin(PI / 2 * x);
}

Test(distortion, has_the_harmonics_of_its_curve)
{
    const struct {
        const char *fx;
        double (*curve)(double);
    } rows[] = {{"distortion fx drive 20", saturation},
                {"fold fx drive 20", folding}};
    for (size_t i = 0; i < LAT_COUNT(rows); ++i) {
        struct rig r = toned(100, 1, rows[i].fx, 52800);
        for (int k = 1; k <= 15; k += 2) {
            const double got =
                effects_tone(r.recorded + 4800, 48000, 100.0 * k);
            const double expected = harmonic(rows[i].curve, 10, k);
            cr_expect_float_eq(got, expected, 2e-3, "%s, harmonic %d: %g, %g",
                               rows[i].fx, k, got, expected);
        }
        rig_free(&r);
    }
}

Test(distortion, is_late_by_27_frames_dry_or_wet)
{
    const char *const types[] = {"distortion", "fold"};
    for (size_t i = 0; i < LAT_COUNT(types); ++i) {
        char fx[60];
        snprintf(fx, sizeof(fx), "%s fx drive 0 mix 0", types[i]);
        struct rig dry = toned(441, 0.01, fx, 9600);
        snprintf(fx, sizeof(fx), "%s fx drive 0 mix 1", types[i]);
        struct rig wet = toned(441, 0.01, fx, 9600);
        const double gain = i ? PI / 2 : 1;
        for (uint32_t f = 480; f < 9600; ++f) {
            const double x = 0.01 * sin(2 * PI * 441 / RATE * (f - 27));
            cr_assert_float_eq((double)dry.recorded[f], x, 1e-6, "frame %u", f);
            cr_assert_float_eq((double)wet.recorded[f], gain * x, 2e-5,
                               "frame %u: %g, %g", f, (double)wet.recorded[f],
                               gain * x);
        }
        rig_free(&dry);
        rig_free(&wet);
    }
}

Test(distortion, gives_the_same_bits_at_any_block_and_period)
{
    const char *const turns[] = {"set fx drive 40", "set fx mix 0.4",
                                 "set tone freq 900", "set other drive 30",
                                 "set other offset 0.7"};
    effects_same_bits("new saw tone freq 70\nnew distortion fx\n"
                      "new fold other drive 3\nconnect tone fx\n"
                      "connect fx other\nconnect other main",
                      turns, LAT_COUNT(turns));
}

Test(bitcrush, has_the_steps_and_the_looks_that_it_is_told)
{
    struct rig r = effects_rig(
        64, "new sine tone freq 100\nnew bitcrush fx bits 3 rate 12000\n"
            "connect tone fx\nconnect fx main");
    rig_run(&r, 4800, 64);
    for (uint32_t f = 0; f < 4800; ++f) {
        const double seen = sin(2 * PI * 100 / RATE * (f - f % 4));
        cr_assert_float_eq((double)r.recorded[f], round(seen * 4 - 1e-6) / 4,
                           0.2500001, "frame %u", f);
        cr_assert_eq((double)r.recorded[f] * 4,
                     round((double)r.recorded[f] * 4));
        cr_assert(f % 4 == 0 || r.recorded[f] == r.recorded[f - 1]);
    }
    rig_do(&r, "set fx rate 48000\nset fx bits 24");
    rig_run(&r, 4800, 64);
    for (uint32_t f = 9000; f < 9600; ++f) {
        cr_assert_float_eq((double)r.recorded[f], sin(2 * PI * 100 / RATE * f),
                           1e-6);
    }
    rig_free(&r);
}

// --- chorus, flanger, phaser -------------------------------------------------

Test(modulated, copies_move_as_the_lfo_says)
{
    struct rig r = effects_rig(
        64, "new sine tone freq 1000\nnew flanger fx rate 1 depth 1 feedback 0 "
            "mix 1\nconnect tone fx\nconnect fx/left main");
    rig_run(&r, 96000, 64);
    for (uint32_t f = 4800; f < 96000; f += 7) {
        const double d =
            RATE * (0.003 + 0.00275 * sin(2 * PI * (double)f / RATE));
        const double x = sin(2 * PI * 1000 / RATE * (f - d));
        cr_assert_float_eq((double)r.recorded[f], x, 5e-4, "frame %u: %g, %g",
                           f, (double)r.recorded[f], x);
    }
    rig_free(&r);
}

Test(modulated, phaser_has_three_notches_at_rest)
{
    // Six all-passes turn by 180, 540 and 900 degrees at these of their tuned
    // frequency: tan(pi / 12), 1, tan(5 pi / 12).
    const double places[] = {tan(PI / 12), 1, tan(5 * PI / 12)};
    for (int i = 0; i < 3; ++i) {
        const double t = tan(PI * 800 / RATE) * places[i];
        const double hz = atan(t) * RATE / PI;
        char text[200];
        snprintf(text, sizeof(text),
                 "new sine tone freq %.9g\nnew phaser fx depth 0 feedback 0\n"
                 "connect tone fx\nconnect fx/right main",
                 hz);
        struct rig r = effects_rig(64, text);
        rig_run(&r, 96000, 64);
        cr_expect_lt(effects_tone(r.recorded + 48000, 48000, hz), 0.01, "%g Hz",
                     hz);
        rig_free(&r);
    }
}

Test(modulated, give_the_same_bits_at_any_block_and_period)
{
    const char *const turns[] = {
        "set a rate 5",       "set b feedback -0.9", "set c feedback 0.8",
        "set a depth 1",      "set b mix 1",         "set c rate 3",
        "set a feedback 0.7",
    };
    effects_same_bits(
        "new saw tone freq 70\nnew chorus a\nnew flanger b\nnew phaser c\n"
        "connect tone a/in 0.2\nconnect a/left b\nconnect b/right c\n"
        "connect c/left main",
        turns, LAT_COUNT(turns));
}

Test(modulated, knobs_that_step_are_not_heard)
{
    const char *const types[] = {"chorus", "flanger", "phaser"};
    const char *const steps[] = {"depth 0",       "depth 1",  "feedback 0.8",
                                 "feedback -0.8", "mix 0",    "mix 1",
                                 "feedback 0",    "depth 0.5"};
    for (size_t i = 0; i < LAT_COUNT(types); ++i) {
        char text[200];
        snprintf(text, sizeof(text),
                 "new sine tone freq 500\nnew %s fx\nconnect tone fx\n"
                 "connect fx/left main",
                 types[i]);
        struct rig r = effects_rig(64, text);
        rig_run(&r, 9600, 64);
        for (size_t k = 0; k < LAT_COUNT(steps); ++k) {
            const uint32_t begin = r.n_frames;
            rig_say(&r, "set fx %s", steps[k]);
            rig_run(&r, 9600, 64);
            for (uint32_t f = begin - 8; f < begin + 1200; f += 8) {
                cr_expect_lt(effects_click(r.recorded, f), 3,
                             "%s %s: frame %d: %g", types[i], steps[k],
                             (int)f - (int)begin, effects_click(r.recorded, f));
            }
        }
        rig_free(&r);
    }
}

// --- delay, pingpong ---------------------------------------------------------

Test(echoes, of_whole_frames_are_the_sound_to_the_bit)
{
    const double seconds[] = {0.0001, 0.1, 0.7, 1.234, 2.9};
    for (size_t i = 0; i < LAT_COUNT(seconds); ++i) {
        const uint32_t n = (uint32_t)lround(seconds[i] * RATE);
        char text[200];
        snprintf(text, sizeof(text),
                 "new noise n\nnew delay fx max_time 3 mix 1 feedback 0 time "
                 "%.9g\nconnect n fx\nconnect fx main",
                 n / RATE);
        struct rig r = effects_rig(64, text);
        struct rig s = effects_rig(64, "new noise n\nconnect n main");
        rig_run(&r, n + 4800, 64);
        rig_run(&s, n + 4800, 64);
        for (uint32_t f = 0; f < n + 4800; ++f) {
            const float x = f < n ? 0.0F : s.recorded[f - n];
            cr_assert_eq(r.recorded[f], x, "%g s, frame %u", seconds[i], f);
        }
        rig_free(&r);
        rig_free(&s);
    }
}

/// The place of a tone, in frames behind the sine of the same frequency.
static double
lag(const float *x, uint32_t first, uint32_t n, double hz, double *amplitude)
{
    double c = 0;
    double s = 0;
    for (uint32_t f = 0; f < n; ++f) {
        const double w = 2 * PI * hz * (first + f) / RATE;
        c += (double)x[first + f] * cos(w);
        s += (double)x[first + f] * sin(w);
    }
    *amplitude = 2 * hypot(c, s) / n;
    const double turn = atan2(-c, s) / (2 * PI);
    return (turn - floor(turn)) * RATE / hz;
}

Test(echoes, between_frames_are_where_they_should_be)
{
    for (double part = 0.1; part < 1; part += 0.2) {
        for (int high = 0; high < 2; ++high) {
            const double hz = high ? 10000 : 1000;
            char text[200];
            snprintf(text, sizeof(text),
                     "new sine tone freq %g\nnew delay fx mix 1 feedback 0 "
                     "time %.9g\nconnect tone fx\nconnect fx main",
                     hz, (480 + part) / RATE);
            struct rig r = effects_rig(64, text);
            rig_run(&r, 52800, 64);
            double amplitude = 0;
            const double at = lag(r.recorded, 4800, 48000, hz, &amplitude);
            if (!high) {
                cr_expect_float_eq(fmod(at, 48), part, 0.01, "%g: %g", part,
                                   at);
            }
            cr_expect_float_eq(20 * log10(amplitude), 0, high ? 0.3 : 0.001,
                               "%g, %g Hz: %g dB", part, hz,
                               20 * log10(amplitude));
            rig_free(&r);
        }
    }
}

Test(echoes, fall_by_their_feedback)
{
    struct rig r = effects_rig(
        64, "new impulse i freq 0\nnew delay fx mix 1 feedback 0.7 time 0.1\n"
            "connect i fx\nconnect fx main");
    rig_run(&r, 62400, 64);
    for (int k = 1; k <= 12; ++k) {
        const double got = (double)r.recorded[4800 * k];
        cr_expect_float_eq(20 * log10(got / pow(0.7, k - 1)), 0, 0.001,
                           "%d: %g", k, got);
    }
    rig_free(&r);
}

Test(echoes, go_from_side_to_side)
{
    for (int side = 0; side < 2; ++side) {
        char text[200];
        snprintf(text, sizeof(text),
                 "new impulse i freq 0\nnew pingpong fx mix 1 feedback 0.5 "
                 "time 0.1\nconnect i fx/left\nconnect fx/%s main",
                 side ? "right" : "left");
        struct rig r = effects_rig(64, text);
        rig_run(&r, 48000, 64);
        for (int k = 1; k <= 8; ++k) {
            const double expected = k % 2 != side ? pow(0.5, k - 1) : 0;
            cr_expect_float_eq((double)r.recorded[4800 * k], expected, 1e-6,
                               "side %d, echo %d", side, k);
        }
        rig_free(&r);
    }
}

Test(echoes, of_a_mono_sound_go_from_side_to_side_however_it_is_patched)
{
    const char *const cables[] = {
        "connect i fx/left\nconnect i fx/right",
        "connect i fx/left",
        "connect i fx/right",
    };
    for (size_t i = 0; i < LAT_COUNT(cables); ++i) {
        for (int side = 0; side < 2; ++side) {
            char text[300];
            snprintf(text, sizeof(text),
                     "new impulse i freq 0\nnew pingpong fx mix 1 feedback 0.5 "
                     "time 0.1\n%s\nconnect fx/%s main",
                     cables[i], side ? "right" : "left");
            struct rig r = effects_rig(64, text);
            rig_run(&r, 48000, 64);
            for (int k = 1; k <= 8; ++k) {
                const double expected = k % 2 != side ? pow(0.5, k - 1) : 0;
                cr_expect_float_eq((double)r.recorded[4800 * k], expected, 1e-6,
                                   "%s, side %d, echo %d", cables[i], side, k);
            }
            rig_free(&r);
        }
    }
}

Test(echoes, of_a_side_that_is_patched_as_well_do_not_click)
{
    struct rig r = effects_rig(
        64, "new sine tone freq 220\nnew pingpong fx mix 1 feedback 0.4 "
            "time 0.1\nconnect tone fx/left 0.5\nconnect fx/left main");
    rig_run(&r, 48000, 64);
    rig_do(&r, "connect tone fx/right 0.5");
    rig_run(&r, 24000, 64);
    rig_do(&r, "disconnect tone fx/left");
    rig_run(&r, 24000, 64);
    for (uint32_t f = 47000; f < r.n_frames - 100; f += 8) {
        cr_assert_lt(effects_click(r.recorded, f), 3, "frame %u: %g", f,
                     effects_click(r.recorded, f));
    }
    rig_free(&r);
}

Test(echoes, of_a_tape_bend_the_pitch_and_come_to_the_time)
{
    struct rig r = effects_rig(
        64, "new sine tone freq 441\nnew delay fx mix 1 feedback 0 time 0.1 "
            "change tape\nconnect tone fx\nconnect fx main");
    rig_run(&r, 24000, 64);
    rig_do(&r, "set fx time 0.4");
    rig_run(&r, 96000, 64);
    // It goes at half the speed: 0.3 s take 0.6 s, but for the end.
    const double k = 2 * cos(2 * PI * 220.5 / RATE);
    for (uint32_t f = 29000; f < 29000 + 19000; ++f) {
        const float *x = &r.recorded[f];
        cr_assert_float_eq((double)x[0] + (double)x[-2], k * (double)x[-1],
                           2e-5, "frame %u", f);
    }
    for (uint32_t f = 90000; f < 120000; ++f) {
        cr_assert_float_eq((double)r.recorded[f],
                           sin(2 * PI * 441 / RATE * (f - 19200.0)), 2e-5,
                           "frame %u", f);
    }
    for (uint32_t f = 23900; f < 90000; f += 8) {
        cr_assert_lt(effects_click(r.recorded, f), 3, "frame %u", f);
    }
    rig_free(&r);
}

Test(echoes, whose_time_steps_do_not_click)
{
    const char *const words[] = {"crossfade", "tape"};
    for (size_t i = 0; i < LAT_COUNT(words); ++i) {
        struct rig r = effects_rig(
            64, "new sine tone freq 441\nnew pingpong fx mix 0.5 feedback 0.4 "
                "time 0.1\nconnect tone fx/left 0.5\nconnect fx/right main");
        rig_say(&r, "set fx change %s", words[i]);
        rig_run(&r, 48000, 64);
        const char *const times[] = {"0.3", "0.05", "0.051", "0.9"};
        for (size_t k = 0; k < LAT_COUNT(times); ++k) {
            const uint32_t begin = r.n_frames;
            rig_say(&r, "set fx time %s", times[k]);
            rig_run(&r, 24000, 64);
            for (uint32_t f = begin - 8; f < begin + 20000; f += 8) {
                cr_assert_lt(effects_click(r.recorded, f), 3,
                             "%s, %s s: frame %u: %g", words[i], times[k],
                             f - begin, effects_click(r.recorded, f));
            }
        }
        rig_free(&r);
    }
}

Test(echoes, give_the_same_bits_at_any_block_and_period)
{
    const char *const turns[] = {
        "set fx time 0.01",        "set fx change tape",    "set fx time 0.02",
        "set fx feedback -0.9",    "set fx time 0.0000401", "set fx time 0.005",
        "set fx change crossfade", "set fx time 0.0123",    "set fx mix 1",
    };
    effects_same_bits("new saw tone freq 70\nnew pingpong fx time 0.02\n"
                      "connect tone fx/left\nconnect fx/right main",
                      turns, LAT_COUNT(turns));
}
