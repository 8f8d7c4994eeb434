// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ladder.h"
#include "plain.h"

#define PI    3.14159265358979323846
#define LIMIT LAT_LADDER_LIMIT

/// Resonance at which the loop's gain at the cutoff is 1, and the feedback that
/// this takes.
#define EDGE      0.93F
#define FEEDBACK  4.0
#define MOST_MORE 1.0 // at a resonance of 1

/// What an oscillation begins with: 100 dB below 1.
#define NOISE 1e-5

/// tan(x) for 0 <= x <= 0.63, within 1e-8 of it: its continued fraction.
static inline double
small_tan(double x)
{
    const double s = x * x;
    return x * (945.0 + s * (s - 105.0)) / (945.0 + s * (15.0 * s - 420.0));
}

LAT_RT struct lat_ladder_tuning
lat_ladder_tune(double hz, double rate, float resonance)
{
    const double most = 0.2 * rate;
    hz = hz > 0.01 ? hz : 0.01;
    hz = hz < most ? hz : most;
    const double g = small_tan(PI * hz / rate);
    const double part = g / (1.0 + g);
    const double r = (double)plain_clamp(resonance, 0.0F, 1.0F) / (double)EDGE;
    const double over = r > 1.0 ? (r - 1.0) / (1.0 / (double)EDGE - 1.0) : 0.0;
    const double k = r > 1.0 ? FEEDBACK + over * MOST_MORE : r * FEEDBACK;
    const double square = part * part;
    const double b = k * square * square;
    return (struct lat_ladder_tuning){
        .part = {1.0, part, square, square * part, square * square},
        .feedback = k,
        .n_steps = b < 1e-6   ? 0
                   : b < 0.02 ? 1
                              : 2,
    };
}

/// s(v).
static inline float
bent(float v)
{
    return v / __builtin_sqrtf(1.0F + v * v);
}

/// The root of v + b s(v) = a, b from 0 to 0.16.  At first it is that of the
/// line that touches the curve at 0, off by b at most; a step squares that.
static inline float
solve(float a, float b, int n_steps)
{
    float v = a / (1.0F + b);
    for (int i = 0; i < n_steps; i++) {
        const float w = 1.0F / __builtin_sqrtf(1.0F + v * v);
        const float off = v + b * (v * w) - a;
        v -= off / (1.0F + b * (w * w * w));
    }
    return v;
}

/// White, from -1 to 1.
static inline double
noise_next(struct lat_ladder *l)
{
    l->noise = l->noise * 1664525U + 1013904223U;
    return (double)(int32_t)l->noise * 0x1p-31;
}

LAT_RT float
lat_ladder_next(struct lat_ladder *l, const struct lat_ladder_tuning *t,
                float x)
{
    const double *g = t->part;
    const double k = t->feedback;
    double *s = l->s;
    // What each pole gives on top of what comes through to it.
    const double rest = 1.0 - g[1];
    const double held[4] = {
        rest * s[0],
        rest * (s[1] + s[0] * g[1]),
        rest * (s[2] + (s[1] * g[1] + s[0] * g[2])),
        rest * ((s[3] + s[2] * g[1]) + (s[1] * g[2] + s[0] * g[3])),
    };
    double in = (double)x * (1.0 + k);
    if (k > FEEDBACK) {
        in += noise_next(l) * NOISE;
    }
    const float v = solve((float)((in - k * held[3]) * (1.0 / (double)LIMIT)),
                          (float)(k * g[4]), t->n_steps);
    const double u = (double)(LIMIT * bent(v));
    double y = 0.0;
    for (int i = 0; i < 4; i++) {
        y = g[i + 1] * u + held[i];
        s[i] = 2.0 * y - s[i];
    }
    return (float)y;
}
