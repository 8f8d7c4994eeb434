// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "shaper.h"

#include "nodes/numbers.h"

#include <math.h>
#include <string.h>

#define TAPS LAT_SHAPER_TAPS
#define RUN  LAT_SHAPER_RUN
#define PI   3.14159265358979323846

/// Of 4 times the rate.
#define CUTOFF (0.4375 / 4)

/// For 70 dB.
#define KAISER 6.755

// Centres of the filters, in samples of 4 times the rate.  With the sample of
// the averages and the 3 by which the last sample of a frame is ahead of its
// first they add up to LAT_SHAPER_LATE frames: (55.5 + 54.5 + 1 - 3) / 4 = 27.
#define UP_CENTRE   55.5
#define DOWN_CENTRE 54.5

/// The modified Bessel function of order 0, by its series.
static double
bessel(double x)
{
    double term = 1;
    double sum = 1;
    for (int n = 1; n < 40; n++) {
        term *= x * x / (4.0 * n * n);
        sum += term;
    }
    return sum;
}

/// Place @p m of a filter with its centre at @p centre and a sum of 1.
static double
tap(double m, double centre)
{
    const double x = m - centre;
    const double part = x / (2.0 * TAPS + 0.5);
    const double window =
        bessel(KAISER * sqrt(1 - part * part)) / bessel(KAISER);
    const double wave =
        x * x < 1e-9 ? 2 * CUTOFF : lat_sin_pi(2 * CUTOFF * x) / (PI * x);
    return window * wave;
}

void
lat_shaper_init(struct lat_shaper *s)
{
    for (uint32_t t = 0; t < TAPS; t++) {
        for (uint32_t p = 0; p < 4; p++) {
            s->up[p][t] = (float)(4 * tap(4.0 * t + p, UP_CENTRE));
            s->down[p][t] = (float)tap(4.0 * t + 3 - p, DOWN_CENTRE);
        }
    }
}

LAT_RT void
lat_shaper_reset(struct lat_shaper *s)
{
    char *const begin = (char *)&s->at;
    memset(begin, 0, sizeof(*s) - (size_t)(begin - (char *)s));
}

/// The last frames of a row come to be those before it.
static inline void
keep(float *row)
{
    memcpy(row, row + RUN, TAPS * sizeof(*row));
}

LAT_RT uint32_t
lat_shaper_left(struct lat_shaper *s)
{
    if (s->at == RUN) {
        keep(s->x);
        keep(s->dry);
        keep(s->b[3]);
        keep(s->halves[0]);
        keep(s->halves[1]);
        for (int p = 0; p < 4; p++) {
            keep(s->y[p]);
        }
        s->at = 0;
    }
    return RUN - s->at;
}
