// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "dynamics.h"

#include "nodes/numbers.h"
#include "plain.h"

#include <math.h>

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
#define ABOVE_PEAK   1.04F

static void
begin(struct lat_detector *d, double rate)
{
    d->keep = lat_exp(-2 * 3.14159265358979 * HIGHPASS_HZ / rate);
    d->n_part = (uint32_t)(PART_SECONDS * rate + 1);
}

/// The highest of the last 28 to 32 ms.
static inline float
peak_with(struct lat_detector *d, float x)
{
    if (!d->n_left) {
        d->parts[d->oldest] = d->now;
        d->oldest = (d->oldest + 1) % LAT_DETECTOR_PARTS;
        d->held = 0.0F;
        for (uint32_t i = 0; i < LAT_DETECTOR_PARTS; i++) {
            d->held = d->parts[i] > d->held ? d->parts[i] : d->held;
        }
        d->now = 0.0F;
        d->n_left = d->n_part;
    }
    d->n_left--;
    const float size = fabsf(x);
    d->now = size > d->now ? size : d->now;
    return d->now > d->held ? d->now : d->held;
}

LAT_RT float
lat_detector_db(struct lat_detector *d, float x, double rate)
{
    if (!d->n_part) {
        begin(d, rate);
    }
    const double in = (double)x;
    d->dc_out = d->keep * (d->dc_out + in - d->dc_in);
    d->dc_in = in;
    const float alternating = (float)d->dc_out;

    float(*const nodes)[2] = d->nodes[d->n++ & 1U]; // as of two frames ago
    float now[2] = {alternating, d->late};
    d->late = alternating;
    for (int i = 0; i < LAT_DETECTOR_SECTIONS; i++) {
        for (int c = 0; c < 2; c++) {
            const float y =
                sections[i][c] * (now[c] + nodes[i + 1][c]) - nodes[i][c];
            nodes[i][c] = now[c];
            now[c] = y;
        }
    }
    nodes[LAT_DETECTOR_SECTIONS][0] = now[0];
    nodes[LAT_DETECTOR_SECTIONS][1] = now[1];
    const float most = peak_with(d, x) * ABOVE_PEAK;
    const float turned = now[0] * now[0] + now[1] * now[1];
    float square = turned < most * most ? turned : most * most;
    square = square > x * x ? square : x * x;
    square = square > FLOOR_SQUARE ? square : FLOOR_SQUARE;
    square = square < 1e38F ? square : 1e38F;
    return plain_log2(square) * 3.01029995664F;
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
