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
            s->up[p][t] = four_splat((float)(4 * tap(4.0 * t + p, UP_CENTRE)));
            s->down[p][t] =
                four_splat((float)tap(4.0 * t + 3 - p, DOWN_CENTRE));
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
    memmove(row, row + RUN, TAPS * sizeof(*row));
}

LAT_RT uint32_t
lat_shaper_left(struct lat_shaper *s)
{
    if (s->at == RUN) {
        keep(s->x);
        keep(s->dry);
        for (int p = 0; p < 4; p++) {
            keep(s->b[p]);
            keep(s->halves[0][p]);
            keep(s->halves[1][p]);
            keep(s->y[p]);
        }
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

/// Four times the rate, from frame @p at on.
static inline void
take_up(struct lat_shaper *s, uint32_t at)
{
    four sums[4] = {four_splat(0.0F), four_splat(0.0F), four_splat(0.0F),
                    four_splat(0.0F)};
    for (uint32_t t = 0; t < TAPS; t++) {
        const four x = four_load(s->x + at - t);
        for (int p = 0; p < 4; p++) {
            sums[p] += s->up[p][t] * x;
        }
    }
    for (int p = 0; p < 4; p++) {
        four_store(s->b[p] + at, sums[p]);
    }
}

/// Sample @p p of frames @p at to at + 3, or the one before it.
static inline four
sample_of(float (*rows)[LAT_SHAPER_ROOM], int p, uint32_t at)
{
    return p >= 0 ? four_load(rows[p] + at) : four_load(rows[3] + at - 1);
}

static inline void
bend(struct lat_shaper *s, enum lat_shape shape, uint32_t at)
{
    for (int p = 0; p < 4; p++) {
        const four a = sample_of(s->b, p - 1, at);
        const four b = sample_of(s->b, p, at);
        const four middle = (a + b) * 0.5F;
        four_store(s->halves[0][p] + at, average(shape, a, middle));
        four_store(s->halves[1][p] + at, average(shape, middle, b));
    }
    for (int p = 0; p < 4; p++) {
        const four first = sample_of(s->halves[0], p - 1, at);
        const four second = sample_of(s->halves[1], p - 1, at);
        const four third = sample_of(s->halves[0], p, at);
        const four last = sample_of(s->halves[1], p, at);
        four_store(s->y[p] + at,
                   (first + last) * 0.125F + (second + third) * 0.375F);
    }
}

/// Back to the rate.
static inline four
bring_back(const struct lat_shaper *s, uint32_t at)
{
    four sums[4] = {four_splat(0.0F), four_splat(0.0F), four_splat(0.0F),
                    four_splat(0.0F)};
    for (uint32_t t = 0; t < TAPS; t++) {
        for (int p = 0; p < 4; p++) {
            sums[p] += s->down[p][t] * four_load(s->y[p] + at - t);
        }
    }
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

LAT_RT void
lat_shaper_bend(struct lat_shaper *s, enum lat_shape shape, const float *x,
                uint32_t n)
{
    const uint32_t begin = TAPS + s->at;
    memcpy(s->x + begin, x, n * sizeof(*x));
    for (uint32_t f = 0; f < n; f += 4) {
        take_up(s, begin + f);
        if (shape == LAT_SHAPE_FOLD) {
            bend(s, LAT_SHAPE_FOLD, begin + f);
        } else {
            bend(s, LAT_SHAPE_SATURATE, begin + f);
        }
    }
}

LAT_RT void
lat_shaper_lower(struct lat_shaper *s, float *wet, uint32_t n)
{
    const uint32_t begin = TAPS + s->at;
    float out[RUN + 4];
    for (uint32_t f = 0; f < n; f += 4) {
        four_store(out + f, bring_back(s, begin + f));
    }
    memcpy(wet, out, n * sizeof(*wet));
    s->at += n;
}

LAT_RT void
lat_shaper_run(struct lat_shaper *s, enum lat_shape shape, const float *x,
               const float *dry, float *wet, float *late_dry, uint32_t n)
{
    const uint32_t begin = TAPS + s->at;
    memcpy(s->dry + begin, dry, n * sizeof(*dry));
    memcpy(late_dry, s->dry + begin - LAT_SHAPER_LATE, n * sizeof(*dry));
    lat_shaper_bend(s, shape, x, n);
    lat_shaper_lower(s, wet, n);
}
