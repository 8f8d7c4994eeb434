// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// ladder: its poles, its oscillation, its bounds.

#include "nodes/dsp/ladder.h"
#include "support/effects.h"

#include "base/rt.h"

#include <criterion/criterion.h>

#include <complex.h>
#include <math.h>
#include <stdio.h>

#define PI 3.14159265358979323846

TestSuite(ladder, .timeout = 120);

/// Frames by which it is late.
#define LATE 27

/// Four poles of the bilinear transform in a loop, at 4 times the rate.
static double
exact_gain(double hz, double cutoff, double k)
{
    const double rate = 4 * EFFECTS_RATE;
    const double complex s =
        tan(PI * hz / rate) / tan(PI * cutoff / rate) * (double complex)I;
    const double complex pole = 1 / (1 + s);
    const double complex four = pole * pole * pole * pole;
    return cabs((1 + k) * four / (1 + k * four));
}

Test(ladder, has_the_gain_of_four_poles_in_a_loop)
{
    const double tones[] = {100, 500, 1000, 2000, 5000};
    const double resonances[] = {0, 0.47, 0.8};
    for (size_t t = 0; t < LAT_COUNT(tones); ++t) {
        for (size_t k = 0; k < LAT_COUNT(resonances); ++k) {
            char text[400];
            snprintf(text, sizeof(text),
                     "new sine s freq %g\nnew gain g gain 0.001\n"
                     "new ladder it cutoff 1000 resonance %g\n"
                     "connect s g/in\nconnect g it/in\nconnect it main",
                     tones[t], resonances[k]);
            struct rig r = effects_rig(64, text);
            rig_run(&r, 48000, 480);
            const double got =
                effects_tone(r.recorded + 38400, 9600, tones[t]) * 1000;
            const double exact =
                exact_gain(tones[t], 1000, 4 * resonances[k] / 0.93);
            cr_assert_float_eq(20 * log10(got / exact), 0, 0.1,
                               "%g Hz, resonance %g: %g, not %g", tones[t],
                               resonances[k], got, exact);
            rig_free(&r);
        }
    }
}

/// Where a wave rises through 0, by a straight line; the first from @p at on.
static double
crossing(const float *x, uint32_t at)
{
    while (!(x[at] < 0.0F && x[at + 1] >= 0.0F)) {
        at++;
    }
    return at + (double)x[at] / ((double)x[at] - (double)x[at + 1]);
}

Test(ladder, oscillates_at_its_cutoff_by_itself)
{
    const double tones[] = {55, 440, 1760, 7000};
    const double resonances[] = {0.95, 1};
    for (size_t t = 0; t < LAT_COUNT(tones); ++t) {
        for (size_t k = 0; k < LAT_COUNT(resonances); ++k) {
            char text[200];
            snprintf(text, sizeof(text),
                     "new ladder it cutoff %g resonance %g\nconnect it main",
                     tones[t], resonances[k]);
            struct rig r = effects_rig(64, text);
            rig_run(&r, 288000, 4800);
            const double first = crossing(r.recorded, 192000);
            double last = crossing(r.recorded, 280000);
            const double turns =
                round((last - first) * tones[t] / EFFECTS_RATE);
            const double hz = turns * EFFECTS_RATE / (last - first);
            cr_assert_lt(fabs(1200 * log2(hz / tones[t])), 5,
                         "%g Hz, resonance %g: %g", tones[t], resonances[k],
                         hz);
            float most = 0.0F;
            for (uint32_t f = 192000; f < 288000; ++f) {
                most = fmaxf(most, fabsf(r.recorded[f]));
            }
            cr_assert(most > 0.1F && most < 1.5F, "%g Hz: %g", tones[t],
                      (double)most);
            rig_free(&r);
        }
    }
}

Test(ladder, is_silent_when_it_is_fed_nothing_and_does_not_oscillate)
{
    struct rig r =
        effects_rig(64, "new ladder it resonance 0.92\nconnect it main");
    rig_run(&r, 4800, 64);
    for (uint32_t f = 0; f < 4800; ++f) {
        cr_assert_eq(r.recorded[f], 0.0F);
    }
    rig_free(&r);
}

Test(ladder, stays_below_its_limit_however_fast_the_cutoff_moves)
{
    struct lat_ladder l = {0};
    lat_rt_flush_denormals();
    uint32_t drawn = 1;
    for (uint32_t f = 0; f < 60 * 48000; ++f) {
        drawn = drawn * 1664525U + 1013904223U;
        const double octaves = 11 * sin(2 * PI * f * (997.0 / 48000));
        const struct lat_ladder_tuning tuning = lat_ladder_tune(
            630 * exp2(f % 3 ? octaves : (double)(drawn >> 8U) * 0x1p-24 * 11),
            192000, 1);
        for (int p = 0; p < 4; ++p) {
            const float y =
                lat_ladder_next(&l, &tuning, (float)(int32_t)drawn * 0x1p-30F);
            cr_assert_leq(fabsf(y), LAT_LADDER_LIMIT, "frame %u: %g", f,
                          (double)y);
        }
    }
}

Test(ladder, gives_a_constant_back)
{
    struct rig r =
        effects_rig(64, "new constant c value 0.1\nnew ladder it cutoff 10 "
                        "resonance 0.5\nconnect c it/in\nconnect it main");
    rig_run(&r, 144000, 4800);
    // The curve in front bends it a little.
    const double bent = 2 * 0.05 / sqrt(1 + 0.05 * 0.05);
    const double k = 4 * 0.5 / 0.93;
    double y = bent;
    for (int i = 0; i < 50; ++i) {
        const double v = (bent * (1 + k) - k * y) / (double)LAT_LADDER_LIMIT;
        y = (y + (double)LAT_LADDER_LIMIT * v / sqrt(1 + v * v)) / 2;
    }
    cr_assert_float_eq((double)r.recorded[143999], y, 5e-4 * y,
                       "%.9g, not %.9g", (double)r.recorded[143999], y);
    const float last = r.recorded[143999];
    cr_assert_float_eq(last, r.recorded[143000], 1e-7F);
    rig_free(&r);
}

Test(ladder, drives_without_aliases)
{
    // 1245.1171875 Hz has 425 turns in 16384 frames.
    const double hz = 425 * EFFECTS_RATE / 16384;
    const char *const kinds[] = {
        "drive 20 cutoff 20000",
        "drive 40 cutoff 20000",
        "drive 40 cutoff 5000 resonance 0.9",
    };
    for (size_t i = 0; i < LAT_COUNT(kinds); ++i) {
        char text[300];
        snprintf(text, sizeof(text),
                 "new sine s freq %.10g\nnew ladder it %s\nconnect s it/in\n"
                 "connect it main",
                 hz, kinds[i]);
        struct rig r = effects_rig(64, text);
        rig_run(&r, 48000, 480);
        const double off =
            effects_residue_db(r.recorded + 24000, 16384, hz, 20, 20000, 0);
        cr_assert_lt(off, -60, "%s: %g dB", kinds[i], off);
        rig_free(&r);
    }
}

Test(ladder, has_knobs_without_steps)
{
    const char *const turns[] = {"set it cutoff 4000", "set it resonance 0.8",
                                 "set it drive 12", "set it cutoff 300"};
    for (size_t i = 0; i < LAT_COUNT(turns); ++i) {
        struct rig r = effects_rig(
            64, "new sine s freq 220\nnew ladder it cutoff 1000 resonance "
                "0.3\nconnect s it/in\nconnect it main");
        rig_run(&r, 24000, 64);
        rig_do(&r, turns[i]);
        rig_run(&r, 24000, 64);
        const double click = effects_click(r.recorded, 24000 + LATE);
        cr_assert_lt(click, 3, "%s: %g", turns[i], click);
        rig_free(&r);
    }
}

Test(ladder, gives_the_same_bits_at_every_block)
{
    const char *const turns[] = {"set it cutoff 5000", "set it resonance 1",
                                 "set it drive 30"};
    effects_same_bits("new saw s freq 110\nnew ladder it cutoff 700 resonance "
                      "0.7\nnew sine l freq 300\nconnect l it/pitch 24\n"
                      "connect s it/in\nconnect it main",
                      turns, LAT_COUNT(turns));
}
