// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "dynamics.h"

#include "four.h"
#include "nodes/numbers.h"

#include <math.h>
#include <string.h>

/// The all-passes of both chains, side by side: an elliptic half-band filter of
/// 12 coefficients with a transition of 0.0005 of the rate, by the formulas of
/// Valenzuela and Constantinides (Digital Signal Processing Schemes for
/// Efficient Interpolation and Decimation, 1983).
static const float sections[LAT_DETECTOR_SECTIONS][2] = {
    {0.0922930951F, 0.3094220830F}, {0.5412927691F, 0.7218629565F},
    {0.8405071502F, 0.9114502349F}, {0.9517358150F, 0.9739969001F},
    {0.9861529717F, 0.9928142074F}, {0.9965930253F, 0.9989985665F},
};

#define FLOOR_SQUARE 1e-20F // -200 dB

#define HIGHPASS_HZ  2.0
#define PART_SECONDS 0.004
#define ABOVE_PEAK   1.01F

static void
begin(struct lat_detector *d, double rate)
{
    d->keep = lat_exp(-2 * 3.14159265358979 * HIGHPASS_HZ / rate);
    d->n_part = (uint32_t)(PART_SECONDS * rate + 1);
}

/// How high the next square may be: as the peak of the last 28 to 32 ms, or as
/// the square was throughout them, since samples may miss all peaks of a tone.
static inline float
limit_with(struct lat_detector *d, float x, float square)
{
    if (!d->n_left) {
        d->parts[d->oldest] = d->now;
        d->leasts[d->oldest] = d->least;
        d->oldest = (d->oldest + 1) % LAT_DETECTOR_PARTS;
        d->held = 0.0F;
        d->least = HUGE_VALF;
        d->least_held = HUGE_VALF;
        for (uint32_t i = 0; i < LAT_DETECTOR_PARTS; i++) {
            const float least = d->leasts[i];
            d->held = d->parts[i] > d->held ? d->parts[i] : d->held;
            d->least_held = least < d->least_held ? least : d->least_held;
        }
        d->now = 0.0F;
        d->n_left = d->n_part;
    }
    d->n_left--;
    const float size = fabsf(x);
    d->now = size > d->now ? size : d->now;
    d->least = square < d->least ? square : d->least;
    const float most = ABOVE_PEAK * (d->now > d->held ? d->now : d->held);
    const float least = d->least < d->least_held ? d->least : d->least_held;
    return most * most > least ? most * most : least;
}

/// @p n frames without their DC.
static void
alternate(struct lat_detector *d, const float *x, float *y, uint32_t n)
{
    for (uint32_t f = 0; f < n; f++) {
        const double in = (double)x[f];
        d->dc_out = d->keep * (d->dc_out + in - d->dc_in);
        d->dc_in = in;
        y[f] = (float)d->dc_out;
    }
}

/// Two frames through both chains, which are @p v: what they make of two frames
/// is all that the next two need of them.
/// @return of each frame both chains.
static inline four
turn(four v[LAT_DETECTOR_SECTIONS + 1], four now)
{
    for (int i = 0; i < LAT_DETECTOR_SECTIONS; i++) {
        const float a = sections[i][0];
        const float b = sections[i][1];
        const four y = (four){a, b, a, b} * (now + v[i + 1]) - v[i];
        v[i] = now;
        now = y;
    }
    v[LAT_DETECTOR_SECTIONS] = now;
    return now;
}

/// The squares of @p n frames of @p x, by both chains.
static void
squares(struct lat_detector *d, const float *restrict x, float *restrict y,
        uint32_t n)
{
    four v[LAT_DETECTOR_SECTIONS + 1];
    float(*const first)[2] = d->nodes[d->n & 1U];
    float(*const second)[2] = d->nodes[~d->n & 1U];
    for (int i = 0; i <= LAT_DETECTOR_SECTIONS; i++) {
        v[i] = (four){first[i][0], first[i][1], second[i][0], second[i][1]};
    }
    float late = d->late;
    uint32_t f = 0;
    for (; f + 1 < n; f += 2) {
        const four now = turn(v, (four){x[f], late, x[f + 1], x[f]});
        const four square = now * now;
        y[f] = square[0] + square[1];
        y[f + 1] = square[2] + square[3];
        late = x[f + 1];
    }
    if (f < n) { // the nodes of a second frame stay
        four w[LAT_DETECTOR_SECTIONS + 1];
        memcpy(w, v, sizeof(w));
        const four now = turn(w, (four){x[f], late, 0.0F, 0.0F});
        y[f] = now[0] * now[0] + now[1] * now[1];
        late = x[f];
        for (int i = 0; i <= LAT_DETECTOR_SECTIONS; i++) {
            v[i] = FOUR_PICK(w[i], v[i], 0, 1, 6, 7);
        }
    }
    for (int i = 0; i <= LAT_DETECTOR_SECTIONS; i++) {
        memcpy(first[i], &v[i], sizeof(first[i]));
        memcpy(second[i], (const float *)&v[i] + 2, sizeof(second[i]));
    }
    d->late = late;
    d->n += n;
}

LAT_RT void
lat_detector_db(struct lat_detector *d, const float *x, float *db, uint32_t n,
                double rate)
{
    float alternating[LAT_DETECTOR_RUN];
    float turned[LAT_DETECTOR_RUN] = {0};
    float limits[LAT_DETECTOR_RUN] = {0};
    if (!d->n_part) {
        begin(d, rate);
    }
    alternate(d, x, alternating, n);
    squares(d, alternating, turned, n);
    for (uint32_t f = 0; f < n; f++) {
        limits[f] = limit_with(d, x[f], turned[f]);
    }
    for (uint32_t f = 0; f < n; f += 4) {
        const four in = four_load(x + f);
        four square = four_min(four_load(turned + f), four_load(limits + f));
        square = four_max(square, in * in);
        square = four_max(square, four_splat(FLOOR_SQUARE));
        square = four_min(square, four_splat(1e38F));
        four_store(db + f, four_log2(square) * 3.01029995664F);
    }
}

LAT_RT void
lat_time_set(struct lat_time *t, float seconds, double rate)
{
    if (seconds == t->seconds) {
        return;
    }
    t->seconds = seconds;
    t->keep = seconds > 0.0F ? lat_exp(-1.0 / ((double)seconds * rate)) : 0.0;
}
