// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "effects.h"
#include "fft.h"
#include "patches.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PI 3.14159265358979323846

struct rig
effects_rig(uint32_t block, const char *commands)
{
    struct rig r = rig_new(block);
    lat_control_begin(r.c);
    rig_do(&r, "new audio_out main channels 1 limit off");
    rig_do(&r, commands);
    cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK, "%s", r.error.text);
    return r;
}

double
effects_tone(const float *x, uint32_t n, double hz)
{
    double c = 0;
    double s = 0;
    for (uint32_t f = 0; f < n; ++f) {
        const double w = 2 * PI * hz * f / EFFECTS_RATE;
        c += (double)x[f] * cos(w);
        s += (double)x[f] * sin(w);
    }
    return 2 * hypot(c, s) / n;
}

double
effects_residue_db(const float *x, uint32_t n, double hz, double low,
                   double high, uint32_t n_harmonics)
{
    double complex *bins = calloc(n, sizeof(*bins));
    for (uint32_t f = 0; f < n; ++f) {
        const double w = 2 * PI * f / n;
        bins[f] = (double)x[f] * (0.35875 - 0.48829 * cos(w) +
                                  0.14128 * cos(2 * w) - 0.01168 * cos(3 * w));
    }
    fft(bins, n);
    double tone = 0;
    double rest = 0;
    const double width = EFFECTS_RATE / n;
    for (uint32_t k = 1; k < n / 2; ++k) {
        const double at = k * width;
        const double harmonic = fmax(1, floor(at / hz + 0.5));
        const double power = creal(bins[k] * conj(bins[k]));
        const bool is_near = fabs(at - harmonic * hz) < 6 * width;
        if (is_near && harmonic < 1.5) {
            tone += power;
        } else if (!(is_near && (!n_harmonics || harmonic <= n_harmonics)) &&
                   at >= low && at <= high) {
            rest += power;
        }
    }
    free(bins);
    return 10 * log10(rest / tone + 1e-30);
}

static double
bend(const float *x, uint32_t at)
{
    return fabs((double)x[at + 1] - 2 * (double)x[at] + (double)x[at - 1]);
}

double
effects_click(const float *x, uint32_t at)
{
    double here = 0;
    double around = 0;
    for (uint32_t f = at - 72; f < at + 72; ++f) {
        double *const most = f >= at - 8 && f < at + 8 ? &here : &around;
        *most = fmax(*most, bend(x, f));
    }
    return here / fmax(around, 1e-30);
}

static struct rig
play(const char *commands, const char *const *turns, uint32_t n_turns,
     uint32_t block, uint32_t period)
{
    struct rig r = effects_rig(block, commands);
    for (uint32_t i = 0; i < n_turns; ++i) {
        rig_run(&r, 1500, period);
        rig_do(&r, turns[i]);
    }
    rig_run(&r, 3000, period);
    return r;
}

void
effects_same_bits(const char *commands, const char *const *turns,
                  uint32_t n_turns)
{
    const struct {
        uint32_t block, period;
    } rows[] = {{1, 64}, {16, 128}, {64, 37}, {1000, 512}};
    struct rig a = play(commands, turns, n_turns, 64, 64);
    for (size_t i = 0; i < LAT_COUNT(rows); ++i) {
        struct rig b =
            play(commands, turns, n_turns, rows[i].block, rows[i].period);
        rig_same_bits(&a, &b);
        rig_free(&b);
    }
    rig_free(&a);
}
