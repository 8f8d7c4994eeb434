// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// reverb: what a room promises, from its impulse responses.

#include "nodes/dsp/reverb.h"
#include "support/effects.h"
#include "support/fft.h"
#include "support/patches.h"

#include "base/rt.h"
#include "nodes/types.h"

#include <criterion/criterion.h>

#include <complex.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(reverb, .timeout = 240);

#define PI   3.14159265358979323846
#define RATE EFFECTS_RATE

static const double rates[] = {44100, 48000, 96000};

/// A reverb alone.
static struct lat_reverb *
room(double rate)
{
    const size_t bytes = (lat_reverb_bytes(rate) + 63) / 64 * 64;
    struct lat_reverb *r = aligned_alloc(64, bytes);
    lat_rt_flush_denormals();
    memset(r, 0, bytes);
    lat_reverb_init(r, rate);
    return r;
}

/// @p n frames of an impulse of the given sides.
static void
respond(struct lat_reverb *r, const struct lat_reverb_wish *wish,
        const float impulse[2], float *left, float *right, uint32_t n)
{
    float in[2][LAT_REVERB_ROOM];
    float out[2][LAT_REVERB_ROOM];
    float *const ins[2] = {in[0], in[1]};
    float *const outs[2] = {out[0], out[1]};
    uint32_t now = 0;
    for (uint32_t f = 0; f < n; f += now) {
        if (lat_reverb_asks(r)) {
            lat_reverb_wish(r, wish);
        }
        now = lat_reverb_left(r);
        now = now < n - f ? now : n - f;
        memset(in, 0, sizeof(in));
        in[0][0] = f ? 0.0F : impulse[0];
        in[1][0] = f ? 0.0F : impulse[1];
        lat_reverb_run_baseline(r, ins, outs, now);
        memcpy(left + f, out[0], now * sizeof(float));
        memcpy(right + f, out[1], now * sizeof(float));
    }
}

/// The four responses: left to left, left to right, right to left, right to
/// right.
static void
respond_all(double rate, const struct lat_reverb_wish *wish, float *out[4],
            uint32_t n)
{
    const float left[2] = {1, 0};
    const float right[2] = {0, 1};
    struct lat_reverb *r = room(rate);
    respond(r, wish, left, out[0], out[1], n);
    lat_reverb_reset(r);
    respond(r, wish, right, out[2], out[3], n);
    free(r);
}

/// A section of the second order of Butterworth's kind, twice.
static void
section(double *x, uint32_t n, double hz, bool is_low)
{
    const double w = 2 * PI * hz / RATE;
    const double alpha = sin(w) / (2 * 0.70711);
    const double c = cos(w);
    const double b0 = (is_low ? 1 - c : 1 + c) / 2;
    const double b1 = is_low ? 1 - c : -(1 + c);
    double x1 = 0;
    double x2 = 0;
    double y1 = 0;
    double y2 = 0;
    for (uint32_t f = 0; f < n; ++f) {
        const double y =
            (b0 * (x[f] + x2) + b1 * x1 + 2 * c * y1 - (1 - alpha) * y2) /
            (1 + alpha);
        x2 = x1;
        x1 = x[f];
        y2 = y1;
        y1 = y;
        x[f] = y;
    }
}

/// The time of a fall by 60 dB in the octave around @p hz, from the line
/// through the energy yet to come (Schroeder's integral) from -5 to -35 dB.
static double
rt60(const float *x, uint32_t n, double hz)
{
    double *y = calloc(n, sizeof(*y));
    for (uint32_t f = 0; f < n; ++f) { // backward: the filters ring in front
        y[f] = (double)x[n - 1 - f];
    }
    for (int i = 0; i < 2; ++i) {
        section(y, n, hz / sqrt(2), false);
        section(y, n, hz * sqrt(2), true);
    }
    for (uint32_t f = 0; f < n; ++f) {
        y[f] = y[f] * y[f] + (f ? y[f - 1] : 0);
    }
    double s[5] = {0};
    for (uint32_t f = 0; f < n; f += 8) {
        const double db = 10 * log10(y[n - 1 - f] / y[n - 1] + 1e-30);
        const double t = f / RATE;
        if (db < -5 && db > -35) {
            s[0] += 1;
            s[1] += t;
            s[2] += db;
            s[3] += t * t;
            s[4] += t * db;
        }
    }
    free(y);
    return -60 * (s[0] * s[3] - s[1] * s[1]) / (s[0] * s[4] - s[1] * s[2]);
}

static float *
frames(uint32_t n)
{
    return calloc(n, sizeof(float));
}

Test(reverb, decays_by_60_db_in_the_decay_at_every_size_and_frequency)
{
    const float sizes[] = {0, 0.3F, 1};
    const float decays[] = {0.5F, 2, 6};
    for (size_t i = 0; i < 3; ++i) {
        for (size_t j = 0; j < 3; ++j) {
            const struct lat_reverb_wish wish = {sizes[i], decays[j], 0};
            const uint32_t n = (uint32_t)((decays[j] * 0.8F + 1) * 48000.0F);
            float *out[4] = {frames(n), frames(n), frames(n), frames(n)};
            respond_all(RATE, &wish, out, n);
            for (double hz = 500; hz <= 4000; hz *= 2) {
                double sum = 0;
                for (int k = 0; k < 4; ++k) {
                    sum += rt60(out[k], n, hz) / 4;
                }
                // Half a second of an octave is few numbers to go by.
                cr_expect_float_eq(
                    sum / (double)decays[j], 1, decays[j] < 1 ? 0.06 : 0.03,
                    "size %g, %g s, %g Hz: %g s", (double)sizes[i],
                    (double)decays[j], hz, sum);
            }
            for (int k = 0; k < 4; ++k) {
                free(out[k]);
            }
        }
    }
}

Test(reverb, gains_nothing_over_long_by_lines_that_wander)
{
    const float sizes[] = {0, 1};
    const double decays[] = {20, 60};
    for (size_t i = 0; i < 2; ++i) {
        const struct lat_reverb_wish wish = {sizes[i], (float)decays[i], 0};
        const uint32_t n = (uint32_t)(decays[i] * 0.8 * RATE);
        float *out[4] = {frames(n), frames(n), frames(n), frames(n)};
        double sum = 0;
        respond_all(RATE, &wish, out, n);
        for (int k = 0; k < 4; ++k) {
            for (double hz = 1000; hz <= 4000; hz *= 2) {
                sum += rt60(out[k], n, hz) / 12;
            }
            free(out[k]);
        }
        cr_expect_float_eq(sum / decays[i], 1, 0.004, "size %g, %g s: %g s",
                           (double)sizes[i], decays[i], sum);
    }
}

Test(reverb, decays_sooner_at_the_top_with_damping)
{
    const uint32_t n = 144000;
    const float d = 0.5F;
    const struct lat_reverb_wish wish = {0.5F, 3, d};
    float *out[4] = {frames(n), frames(n), frames(n), frames(n)};
    respond_all(RATE, &wish, out, n);
    const double a = (double)d / (1 - 0.95 * (double)d);
    for (double hz = 500; hz <= 8000; hz *= 2) {
        double sum = 0;
        for (int k = 0; k < 4; ++k) {
            sum += rt60(out[k], n, hz) / 4;
        }
        const double more = hz * hz / (hz * hz + 64e6);
        cr_expect_float_eq(sum * (1 + a * more) / 3, 1, 0.1, "%g Hz: %g s", hz,
                           sum);
    }
    for (int k = 0; k < 4; ++k) {
        free(out[k]);
    }
}

/// Echo density as by Abel and Huang (A Simple, Robust Measure of Reverberation
/// Echo Density, 2006): the part of 20 ms around a frame that is beyond their
/// standard deviation, over that of noise.
static double
density(const float *x, uint32_t at, int half)
{
    double square = 0;
    double beyond = 0;
    double all = 0;
    for (int turn = 0; turn < 2; ++turn) {
        for (int k = -half; k < half; ++k) {
            const double w = 0.5 + 0.5 * cos(PI * k / half);
            const double v = (double)x[(int)at + k];
            square += turn ? 0 : w * v * v;
            all += turn ? 0 : w;
            beyond += turn && v * v * all > square ? w : 0;
        }
    }
    return beyond / all / 0.3173;
}

static void
check_density(double rate, float size)
{
    const struct lat_reverb_wish wish = {size, 2, 0};
    const uint32_t n = (uint32_t)(rate / 10);
    float *out[4] = {frames(n), frames(n), frames(n), frames(n)};
    respond_all(rate, &wish, out, n);
    for (int k = 0; k < 4; ++k) {
        double most = 0;
        for (uint32_t f = (uint32_t)(0.03 * rate); f <= 0.06 * rate; f += 48) {
            most = fmax(most, density(out[k], f, (int)(rate / 100)));
        }
        cr_expect_gt(most, 0.9, "size %g at %g, response %d: %g", (double)size,
                     rate, k, most);
        free(out[k]);
    }
}

Test(reverb, is_dense_within_60_ms)
{
    for (size_t i = 0; i < LAT_COUNT(rates); ++i) {
        for (float size = 0; size <= 1; size += 0.25F) {
            check_density(rates[i], size);
        }
    }
}

/// The strongest of the frequencies of a tail over the mean of their third of
/// an octave, in dB.
static double
ringing(const float *tail, double rate)
{
    enum { N = 65536 };
    double complex *x = malloc(N * sizeof(*x));
    double worst = 0;
    for (int f = 0; f < N; ++f) {
        x[f] = (double)tail[f] * (0.5 - 0.5 * cos(2 * PI * f / (N - 1)));
    }
    fft(x, N);
    for (int third = 0; third < 13; ++third) {
        const double bin = 250 * pow(2, third / 3.0) * N / rate;
        const int low = (int)ceil(bin * pow(2, -1 / 6.0));
        const int high = (int)(bin * pow(2, 1 / 6.0));
        double sum = 0;
        double most = 0;
        for (int k = low; k <= high; ++k) {
            const double power = pow(cabs(x[k]), 2);
            sum += power;
            most = fmax(most, power);
        }
        worst = fmax(worst, 10 * log10(most / sum * (high - low + 1)));
    }
    free(x);
    return worst;
}

static void
check_ringing(double rate, float size, float decay)
{
    const struct lat_reverb_wish wish = {size, decay, 0};
    const uint32_t begin = (uint32_t)(rate / 2);
    const uint32_t n = begin + 65536;
    float *out[4] = {frames(n), frames(n), frames(n), frames(n)};
    respond_all(rate, &wish, out, n);
    for (int k = 0; k < 4; ++k) {
        const double db = ringing(out[k] + begin, rate);
        cr_expect_lt(db, 12, "size %g, %g s at %g, response %d: %.2f dB",
                     (double)size, (double)decay, rate, k, db);
        free(out[k]);
    }
}

Test(reverb, does_not_ring)
{
    for (size_t i = 0; i < LAT_COUNT(rates); ++i) {
        for (float size = 0; size <= 1; size += 0.5F) {
            check_ringing(rates[i], size, 2);
            check_ringing(rates[i], size, 10);
        }
    }
}

Test(reverb, has_two_sides_that_know_nothing_of_each_other)
{
    const float impulses[3][2] = {{1, 0}, {0, 1}, {1, 1}};
    for (int i = 0; i < 3; ++i) {
        const struct lat_reverb_wish wish = {0.5F, 3, 0.1F};
        const uint32_t n = 96000;
        float *left = frames(n);
        float *right = frames(n);
        struct lat_reverb *r = room(RATE);
        respond(r, &wish, impulses[i], left, right, n);
        double s[3] = {0};
        for (uint32_t f = 2400; f < n; ++f) {
            const double a = (double)left[f];
            const double b = (double)right[f];
            s[0] += a * a;
            s[1] += b * b;
            s[2] += a * b;
        }
        cr_expect_lt(fabs(s[2]) / sqrt(s[0] * s[1]), 0.1, "%d: %g", i,
                     s[2] / sqrt(s[0] * s[1]));
        free(left);
        free(right);
        free(r);
    }
}

Test(reverb, ends_in_silence_to_the_bit)
{
    const struct lat_reverb_wish wish = {0.5F, 0.5F, 0};
    const float impulse[2] = {1, 1};
    const uint32_t n = 144000;
    float *left = frames(n);
    float *right = frames(n);
    struct lat_reverb *r = room(RATE);
    respond(r, &wish, impulse, left, right, n);
    float tail = 0;
    uint32_t last = 0;
    for (uint32_t f = 0; f < n; ++f) {
        tail = f >= 72000 ? fmaxf(tail, fabsf(left[f])) : tail;
        last = left[f] != 0.0F || right[f] != 0.0F ? f : last;
    }
    cr_expect_lt(tail, 1e-7F, "%g", (double)tail);
    cr_expect(last > 72000 && last < 120000, "ends at frame %u", last);
    // And then it is as new.
    struct lat_reverb *other = room(RATE);
    respond(r, &wish, impulse, left, right, 4800);
    float energy = 0;
    for (uint32_t f = 0; f < 4800; ++f) {
        energy += left[f] * left[f];
    }
    cr_expect_gt(energy, 0.1F);
    free(other);
    free(left);
    free(right);
    free(r);
}

#define PATCH                                                                  \
 "new saw tone freq 110\nnew reverb room mix 0.7\nconnect tone room/left "     \
 "0.3\n"                                                                       \
 "connect room/left main\n"

Test(reverb, gives_the_same_bits_at_any_block_and_period)
{
    const char *const turns[] = {
        "set room size 1",           "set room decay 0.3",
        "disconnect tone room/left", "set room damping 0.9",
        "set room decay 20",         "connect tone room/right",
        "set room size 0.2",         "set room size 0.7 1",
    };
    effects_same_bits(PATCH, turns, LAT_COUNT(turns));
}

Test(reverb, is_heard_at_once_and_stops_where_a_panic_says)
{
    struct rig r = effects_rig(64, PATCH);
    rig_run(&r, 4800, 64);
    rig_do(&r, "set room mix 1");
    rig_run(&r, 4800, 64);
    rig_do(&r, "disconnect tone room/left");
    rig_run(&r, 4800, 64);
    cr_assert_gt(fabsf(r.recorded[r.n_frames - 1]), 1e-4F);
    cr_assert_eq(lat_control_panic(r.c, &r.error), LAT_OK);
    const uint32_t begin = r.n_frames + 64;
    rig_run(&r, 9600, 64);
    for (uint32_t f = begin; f < r.n_frames; ++f) {
        cr_assert_eq(r.recorded[f], 0.0F, "frame %u", f);
    }
    rig_free(&r);
}

Test(reverb, knobs_that_step_are_not_heard)
{
    const char *const steps[] = {
        "set room size 0",  "set room size 1",      "set room decay 0.2",
        "set room decay 9", "set room damping 0.9", "set room damping 0",
        "set room mix 0",   "set room mix 1",
    };
    struct rig r =
        effects_rig(64, "new sine tone freq 330\nnew reverb room mix 1\n"
                        "connect tone room/left 0.3\nconnect room/left main\n");
    rig_run(&r, 96000, 64);
    for (size_t i = 0; i < LAT_COUNT(steps); ++i) {
        const uint32_t begin = r.n_frames;
        rig_do(&r, steps[i]);
        rig_run(&r, 9600, 64);
        for (uint32_t f = begin - 8; f < begin + 2400; f += 8) {
            cr_assert_lt(effects_click(r.recorded, f), 3, "%s: frame %u: %g",
                         steps[i], f - begin, effects_click(r.recorded, f));
        }
    }
    rig_free(&r);
}
