// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "shaper.h"

#include "nodes/numbers.h"

#include <math.h>

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

/// sin(pi x), |x| < 2^50, by plain operations.
static double
sine(double x)
{
    const double k = (x + 0x1.8p52) - 0x1.8p52;
    const double t = PI * (x - k);
    double term = t;
    double sum = 0;
    for (int n = 1; n < 22; n += 2) {
        sum += term;
        term *= -t * t / ((n + 1) * (n + 2));
    }
    return (int64_t)k & 1 ? -sum : sum;
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
        x * x < 1e-9 ? 2 * CUTOFF : sine(2 * CUTOFF * x) / (PI * x);
    return window * wave;
}

void
lat_shaper_init(struct lat_shaper *s)
{
    for (uint32_t t = 0; t < TAPS; t++) {
        for (uint32_t p = 0; p < 4; p++) {
            s->up[t][p] = (float)(4 * tap(4.0 * t + p, UP_CENTRE));
            s->down[t][p] = (float)tap(4.0 * t + 3 - p, DOWN_CENTRE);
        }
    }
}

LAT_RT void
lat_shaper_reset(struct lat_shaper *s)
{
    char *const begin = (char *)&s->at;
    memset(begin, 0, sizeof(*s) - (size_t)(begin - (char *)s));
}

LAT_RT uint32_t
lat_shaper_left(struct lat_shaper *s)
{
    if (s->at == RUN) {
        memmove(s->x, s->x + RUN, TAPS * sizeof(*s->x));
        memmove(s->dry, s->dry + RUN, TAPS * sizeof(*s->dry));
        memmove(s->y, s->y + RUN, TAPS * sizeof(*s->y));
        s->at = 0;
    }
    return RUN - s->at;
}

/// sin(pi x) within 1e-7, |x| < 2^21.
static inline four
four_sine(four x)
{
    const four k = four_nearest(x);
    const four t = x - k;
    const four s = t * t;
    four q = s * -0.00737043094F + 0.0821458866F;
    q = q * s - 0.599264529F;
    q = q * s + 2.55016404F;
    q = q * s - 5.16771278F;
    q = q * s + 3.14159265F;
    const four_i odd = __builtin_convertvector(k, four_i) << 31;
    return (four)((four_i)(q * t) ^ odd);
}

static inline four
saturate(four a, four b)
{
    return (a + b) / (four_sqrt(1.0F + a * a) + four_sqrt(1.0F + b * b));
}

static inline four
fold(four a, four b)
{
    const four u = (a + b) * 0.25F;
    const four v = (b - a) * 0.25F;
    const four turn = v * (float)PI;
    const four near = 1.0F - turn * turn * 0.166666667F;
    const four_i is_near = (turn < 0.01F) & (turn > -0.01F);
    const four far =
        four_sine(v) / (four)(((four_i)turn & ~is_near) |
                              ((four_i)four_splat(1.0F) & is_near));
    const four part =
        (four)(((four_i)near & is_near) | ((four_i)far & ~is_near));
    return four_sine(u) * part;
}

/// The curve's average over the straight line from @p a to @p b.
static inline four
average(enum lat_shape shape, four a, four b)
{
    return shape == LAT_SHAPE_FOLD ? fold(a, b) : saturate(a, b);
}

static inline void
bend(struct lat_shaper *s, enum lat_shape shape, uint32_t n)
{
    const float *const x = s->x + TAPS + s->at;
    four *const y = s->y + TAPS + s->at;
    float before = s->before;
    float halves[2] = {s->halves[0], s->halves[1]};
    for (uint32_t f = 0; f < n; f++) {
        four b = four_splat(0.0F);
        for (uint32_t t = 0; t < TAPS; t++) {
            b += s->up[t] * x[(int)f - (int)t];
        }
        const four a = {before, b[0], b[1], b[2]};
        const four middle = (a + b) * 0.5F;
        const four first = average(shape, a, middle);
        const four second = average(shape, middle, b);
        const four first_before = {halves[0], first[0], first[1], first[2]};
        const four second_before = {halves[1], second[0], second[1], second[2]};
        y[f] =
            (first_before + second) * 0.125F + (second_before + first) * 0.375F;
        before = b[3];
        halves[0] = first[3];
        halves[1] = second[3];
    }
    s->before = before;
    s->halves[0] = halves[0];
    s->halves[1] = halves[1];
}

LAT_RT void
lat_shaper_run(struct lat_shaper *s, enum lat_shape shape, const float *x,
               const float *dry, float *wet, float *late_dry, uint32_t n)
{
    memcpy(s->x + TAPS + s->at, x, n * sizeof(*x));
    memcpy(s->dry + TAPS + s->at, dry, n * sizeof(*dry));
    if (shape == LAT_SHAPE_FOLD) {
        bend(s, LAT_SHAPE_FOLD, n);
    } else {
        bend(s, LAT_SHAPE_SATURATE, n);
    }
    const four *const y = s->y + TAPS + s->at;
    for (uint32_t f = 0; f < n; f++) {
        four sum = four_splat(0.0F);
        for (uint32_t t = 0; t < TAPS; t++) {
            sum += s->down[t] * y[(int)f - (int)t];
        }
        wet[f] = (sum[0] + sum[1]) + (sum[2] + sum[3]);
        late_dry[f] = s->dry[TAPS + s->at + f - LAT_SHAPER_LATE];
    }
    s->at += n;
}
