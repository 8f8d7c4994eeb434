// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "wide.h"
#include "nodes/dsp/four.h"

#include <math.h>
#include <pthread.h>

/// Zero crossings of the sinc to each side, and points of the table from one to
/// the next; between them it is taken as straight.
#define CROSSINGS 16
#define POINTS    256
#define N_POINTS  (CROSSINGS * POINTS)

/// Of half the rate: the middle of the way from what passes to what does not.
#define CUTOFF 0.925

/// Of the window: 80 dB.
#define BETA 7.857

static float table[N_POINTS + 2];
static pthread_once_t once = PTHREAD_ONCE_INIT;

/// The modified Bessel function of order 0.
static double
bessel(double x)
{
    double sum = 1.0;
    double term = 1.0;
    for (int k = 1; k < 40; k++) {
        term *= x / 2 / k * (x / 2 / k);
        sum += term;
    }
    return sum;
}

static void
make_table(void)
{
    table[0] = (float)CUTOFF;
    for (int i = 1; i < N_POINTS; i++) {
        const double x = (double)i / POINTS;
        const double at = x / CROSSINGS;
        table[i] = (float)(sin(M_PI * CUTOFF * x) / (M_PI * x) *
                           bessel(BETA * sqrt(1 - at * at)) / bessel(BETA));
    }
}

void
lat_wide_begin(void)
{
    pthread_once(&once, make_table);
}

LAT_RT uint32_t
lat_wide_find(struct lat_wide *w, uint32_t part, float ratio)
{
    ratio = ratio < LAT_WIDE_FASTEST ? ratio : LAT_WIDE_FASTEST;
    if (w->reach && w->part == part && w->ratio == ratio) {
        return w->reach;
    }
    const uint32_t whole = (uint32_t)(CROSSINGS * ratio) + 1; // above 16
    w->reach = whole < LAT_WIDE_REACH ? whole + whole % 2 : LAT_WIDE_REACH;
    w->part = part;
    w->ratio = ratio;
    const float inverse = 1.0F / ratio;
    const float first = (float)w->reach - 1.0F + (float)part * 0x1p-32F;
    for (uint32_t k = 0; k < 2 * w->reach; k++) {
        const float away = first - (float)k;
        float x = (away < 0 ? -away : away) * inverse * POINTS;
        x = x < N_POINTS ? x : N_POINTS;
        const uint32_t i = (uint32_t)x;
        const float between = table[i + 1] - table[i];
        w->weights[k] = (table[i] + between * (x - (float)i)) * inverse;
    }
    return w->reach;
}

LAT_RT float
lat_wide_sum(const struct lat_wide *w, const float *frames)
{
    four sum = four_splat(0.0F);
    for (uint32_t k = 0; k < 2 * w->reach; k += 4) {
        sum += four_load(w->weights + k) * four_load(frames + k);
    }
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}
