// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The limiter of audio_out on what is much too loud.

#include "support/patches.h"

#include "base/rt.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

TestSuite(limiter, .timeout = 60);

#define RATE 48000.0
#define PI   3.14159265358979323846

/// A source, five gains of @p gain in a row, and out.
static struct rig
loud(const char *source, double gain, uint32_t block)
{
    struct rig r = rig_new(block);
    lat_control_begin(r.c); // nothing ramps
    rig_do(&r, source);
    rig_do(&r, "new audio_out main channels 1");
    char before[16] = "a";
    for (int i = 0; i < 5; ++i) {
        rig_say(&r, "new gain g%d gain %.9g", i, gain);
        rig_say(&r, "connect %s g%d", before, i);
        snprintf(before, sizeof(before), "g%d", i);
    }
    rig_do(&r, "connect g4 main");
    cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK);
    return r;
}

Test(limiter, holds_a_constant_of_any_size_at_the_limit)
{
    const double gains[] = {1.1, 10, 251.189, 1000};
    for (size_t i = 0; i < LAT_COUNT(gains); ++i) {
        // From 1.6e6 to 1e21.
        struct rig r = loud("new constant a value 1e6", gains[i], 64);
        rig_run(&r, 9600, 64);
        for (uint32_t f = 0; f < r.n_frames; ++f) {
            cr_assert(r.recorded[f] <= 1.0F && r.recorded[f] > 0.999999F,
                      "%g: %.9g in frame %u", gains[i], (double)r.recorded[f],
                      f);
        }
        rig_free(&r);
    }
}

/// What is in @p x besides its tone of @p hz, in dB of that.
static double
distortion_db(const float *x, uint32_t n, double hz)
{
    double c = 0;
    double s = 0;
    double all = 0;
    for (uint32_t f = 0; f < n; ++f) { // whole turns
        const double w = 2 * PI * hz * f / RATE;
        c += (double)x[f] * cos(w);
        s += (double)x[f] * sin(w);
        all += (double)x[f] * (double)x[f];
    }
    const double tone = 2 * (c * c + s * s) / n;
    return 10 * log10(fmax(all - tone, 1e-12 * all) / tone);
}

Test(limiter, keeps_the_shape_and_the_level_of_waves_from_20_hz_on)
{
    const double tones[] = {20, 30, 40, 60, 100, 441, 3000};
    const double db[] = {3, 6, 12, 40, 160};
    for (size_t i = 0; i < LAT_COUNT(tones); ++i) {
        for (size_t j = 0; j < LAT_COUNT(db); ++j) {
            char source[40];
            snprintf(source, sizeof(source), "new sine a freq %g", tones[i]);
            struct rig r = loud(source, pow(10, db[j] / 100), 64);
            rig_run(&r, 96000, 1024);
            const float *late = r.recorded + 48000;
            const double d = distortion_db(late, 48000, tones[i]);
            cr_expect_lt(d, -75, "%g Hz at +%g dB: %.1f dB", tones[i], db[j],
                         d);
            float peak = 0;
            for (uint32_t f = 0; f < 48000; ++f) {
                peak = fmaxf(peak, fabsf(late[f]));
            }
            cr_expect(peak <= 1 && peak > 0.99F, "%g Hz at +%g dB: %g",
                      tones[i], db[j], (double)peak);
            rig_free(&r);
        }
    }
}

Test(limiter, recovers_from_a_spike_within_a_second)
{
    const double gains[] = {1.2, 2, 15.85, 1000};
    for (size_t i = 0; i < LAT_COUNT(gains); ++i) {
        struct rig r = loud("new impulse a freq 0", gains[i], 64);
        rig_do(&r, "new constant steady value 0.5\nconnect steady main");
        rig_run(&r, 120000, 64);
        const float *x = r.recorded;
        for (uint32_t f = 2; f < r.n_frames; ++f) {
            cr_assert(x[f] >= x[f - 1] && x[f] <= 0.5F, "frame %u", f);
        }
        const uint32_t within = gains[i] < 100 ? 48000 : 60000;
        cr_assert_gt(x[within], 0.494F, "%g: %g", gains[i], (double)x[within]);
        cr_assert_eq(x[r.n_frames - 1], 0.5F); // to the bit
        rig_free(&r);
    }
}

static void
play_changes(struct rig *r, uint32_t period)
{
    const char *const turns[] = {
        "set a freq 7",       "set main level 0.4", "set main limit -20",
        "set main limit 3",   "set main limit off", "set main limit -3",
        "set main level 0.1", "set g0 gain 40",     "set g0 gain 0.001",
        "set main level 900",
    };
    for (size_t i = 0; i < LAT_COUNT(turns); ++i) {
        rig_run(r, 5120, period);
        rig_do(r, turns[i]);
    }
    rig_run(r, 5120, period);
}

Test(limiter, gives_the_same_bits_at_any_block_and_period)
{
    const struct {
        uint32_t block, period;
    } rows[] = {{1, 64}, {7, 64}, {64, 1024}, {256, 128}, {4096, 1024}};
    struct rig a = loud("new sine a freq 33", 1.4, 64);
    play_changes(&a, 64);
    for (size_t i = 0; i < LAT_COUNT(rows); ++i) {
        struct rig b = loud("new sine a freq 33", 1.4, rows[i].block);
        play_changes(&b, rows[i].period);
        rig_same_bits(&a, &b);
        rig_free(&b);
    }
    rig_free(&a);
}
