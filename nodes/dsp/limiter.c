// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// With a delay of D frames: the gain that each frame needs goes through a
// minimum over the last D + 1 + H frames (a queue of candidates, each lower
// than those after it), where H, 12.5 ms, holds a crest of any wave from 40 Hz
// on; then it recovers, in dB; then two running means over A and B frames, A +
// B = D + 2.  All that these add up at the frame that comes out, which came in
// D frames ago, took account of it.  So a ceiling that moves comes out as late
// as the sound: held against a newer one, it would be cut off where that falls.
//
// True peaks are those of the signal at 4 times the rate (ITU-R BS.1770-4,
// annex 2), by a windowed sinc of 12 frames.  It sees them 6 frames late, by
// which the means are shorter.

#include "limiter.h"

#include "dynamics.h"
#include "four.h"
#include "nodes/numbers.h"
#include "plain.h"

#include <math.h>
#include <string.h>

#define AHEAD_SECONDS 0.0015
#define HOLD_SECONDS  0.0125

/// Of the interpolator: frames, and places between two of them.
#define TAPS   12U
#define PLACES 3U

/// Frames by which it sees a place late.
#define TRUE_LATE (TAPS / 2)

/// 1 as a gain.
#define UNIT ((int64_t)1 << 40)

struct candidate {
    float gain;
    uint32_t frame;
};

struct lat_limiter {
    // Fixed.
    uint32_t ahead, hold; ///< frames
    uint32_t queue_mask;  ///< of the candidates
    float taps[PLACES][TAPS];

    // Zero at first.
    uint32_t frame;
    uint32_t at;             ///< the place of this frame in means and sound
    uint32_t n_queue, first; ///< candidates, and the place of the least
    uint32_t n_rest;         ///< frames with a gain of 1, as far as they matter
    bool is_begun;
    struct lat_time release;
    double reduction; ///< in octaves of gain
    /// A gain needed and what it comes to in octaves, and the gain of the
    /// reduction: the same for many frames.
    float needed;
    double wanted;
    float gain;
    int64_t sums[2];
    /// Frames of the interpolator, the newest first from place `n_late` on;
    /// each stands there twice, so that they are in one piece wherever that is.
    float late[2][2 * TAPS];
    uint32_t n_late;

    _Alignas(LAT_ALIGNMENT) char memory[];
};

/// The parts of `memory`.
struct parts {
    int64_t *means[2]; ///< what went into each mean
    float *sound[2];
    float *ceilings; ///< that the sound was held against as it came
    struct candidate *queue;
};

static uint32_t
at_least(double frames)
{
    const uint32_t n = (uint32_t)(frames + 0.5);
    return n > 2 * TRUE_LATE ? n : 2 * TRUE_LATE;
}

uint32_t
lat_limiter_frames(double rate)
{
    return at_least(AHEAD_SECONDS * rate);
}

static uint32_t
queue_size(double rate)
{
    const uint32_t most =
        lat_limiter_frames(rate) + at_least(HOLD_SECONDS * rate) + 2;
    uint32_t n = 16;
    while (n < most) {
        n *= 2;
    }
    return n;
}

static struct parts
parts_of(struct lat_limiter *s)
{
    struct parts p;
    const uint32_t n = s->ahead + 2;
    p.means[0] = (int64_t *)(void *)s->memory;
    p.means[1] = p.means[0] + n;
    p.sound[0] = (float *)(p.means[1] + n);
    p.sound[1] = p.sound[0] + n;
    p.ceilings = p.sound[1] + n;
    p.queue = (struct candidate *)(void *)(p.ceilings + n);
    return p;
}

size_t
lat_limiter_bytes(double rate)
{
    const size_t n = lat_limiter_frames(rate) + 2;
    return sizeof(struct lat_limiter) +
           n * (2 * sizeof(int64_t) + 3 * sizeof(float)) +
           queue_size(rate) * sizeof(struct candidate);
}

/// sin(pi x) / (pi x).
static double
sinc(double x)
{
    return x * x > 1e-12 ? lat_sin_pi(x) / (3.14159265358979323846 * x) : 1.0;
}

/// The interpolator: a sinc under a window of 1 - (x / 6)^2, squared.
static void
make_taps(struct lat_limiter *s)
{
    for (uint32_t p = 0; p < PLACES; p++) {
        double sum = 0;
        double h[TAPS];
        for (uint32_t t = 0; t < TAPS; t++) {
            const double x =
                (double)t - (TRUE_LATE - 1) - (double)(p + 1) / (PLACES + 1);
            const double w = 1 - x * x / (TRUE_LATE * TRUE_LATE + 0.5);
            h[t] = sinc(x) * w * w;
            sum += h[t];
        }
        for (uint32_t t = 0; t < TAPS; t++) {
            s->taps[p][t] = (float)(h[t] / sum);
        }
    }
}

void
lat_limiter_init(struct lat_limiter *s, double rate)
{
    s->ahead = lat_limiter_frames(rate);
    s->hold = at_least(HOLD_SECONDS * rate);
    s->queue_mask = queue_size(rate) - 1;
    make_taps(s);
}

LAT_RT void
lat_limiter_reset(struct lat_limiter *s)
{
    const struct parts p = parts_of(s);
    char *const begin = (char *)&s->frame;
    memset(begin, 0, (size_t)((char *)p.queue - begin));
}

/// Frames of a gain of 1 after which both means are of nothing else.
static inline uint32_t
rested(const struct lat_limiter *s)
{
    return 2 * (s->ahead + 2);
}

/// Nothing has been limited so far.
static void
begin(struct lat_limiter *s, const struct parts *p, const uint32_t lengths[2])
{
    s->is_begun = true;
    s->n_rest = rested(s);
    s->needed = 1.0F;
    s->gain = 1.0F;
    for (int i = 0; i < 2; i++) {
        s->sums[i] = UNIT * lengths[i];
        for (uint32_t f = 0; f < s->ahead + 2; f++) {
            p->means[i][f] = UNIT;
        }
    }
}

/// A frame of the interpolator.
static inline void
come_late(struct lat_limiter *s, float left, float right)
{
    s->n_late = s->n_late ? s->n_late - 1 : TAPS - 1;
    s->late[0][s->n_late] = s->late[0][s->n_late + TAPS] = left;
    s->late[1][s->n_late] = s->late[1][s->n_late + TAPS] = right;
}

/// The largest magnitude of both sides at the newest frame, or, late, between
/// it and the next.
static float
peak_of(struct lat_limiter *s, const float in[2], bool is_true)
{
    float peak = 0.0F;
    come_late(s, in[0], in[1]);
    for (int side = 0; side < 2; side++) {
        const float *const late = s->late[side] + s->n_late;
        const float x = fabsf(in[side]);
        peak = x > peak ? x : peak;
        for (uint32_t p = 0; is_true && p < PLACES; p++) {
            float y = 0.0F;
            for (uint32_t t = 0; t < TAPS; t++) {
                y += late[t] * s->taps[p][t];
            }
            y = fabsf(y);
            peak = y > peak ? y : peak;
        }
    }
    return peak;
}

/// The least of the gains of the last frames.
static float
least(struct lat_limiter *s, const struct parts *p, float gain)
{
    const uint32_t window = s->ahead + 1 + s->hold;
    while (s->n_queue &&
           p->queue[(s->first + s->n_queue - 1) & s->queue_mask].gain >= gain) {
        s->n_queue--;
    }
    p->queue[(s->first + s->n_queue) & s->queue_mask] =
        (struct candidate){gain, s->frame};
    s->n_queue++;
    if (s->frame - p->queue[s->first].frame >= window) {
        s->first = (s->first + 1) & s->queue_mask;
        s->n_queue--;
    }
    return p->queue[s->first].gain;
}

/// The gain after a recovery that takes its time.
static float
recover(struct lat_limiter *s, float needed)
{
    if (s->reduction <= 0.0 && needed >= 1.0F) {
        return 1.0F;
    }
    if (needed != s->needed) {
        s->needed = needed;
        s->wanted = needed < 1.0F ? -(double)plain_log2(needed) : 0.0;
    }
    const double falling = s->reduction * s->release.keep;
    double reduction = s->wanted > falling ? s->wanted : falling;
    reduction = reduction > 1e-5 ? reduction : 0.0;
    if (reduction != s->reduction) {
        s->reduction = reduction;
        s->gain = plain_exp2(-(float)reduction);
    }
    return s->gain < needed ? s->gain : needed;
}

/// The place of @p n frames ago, at most ahead + 1.
static inline uint32_t
place_before(const struct lat_limiter *s, uint32_t n)
{
    return s->at >= n ? s->at - n : s->at + s->ahead + 2 - n;
}

/// The mean of the last @p n of what went into mean @p i, cut off.  A double of
/// so many bits, cut off, is exactly that: it is rounded by far less than the
/// least part of 1 / n that may be missing to a whole number.
static int64_t
mean(struct lat_limiter *s, int64_t *values, int i, uint32_t n, int64_t value)
{
    s->sums[i] += value - values[place_before(s, n)];
    values[s->at] = value;
    return (int64_t)((double)s->sums[i] / n);
}

static float
held(float x, float ceiling)
{
    x = x > ceiling ? ceiling : x;
    return x < -ceiling ? -ceiling : x;
}

LAT_RT float
lat_limiter_next(struct lat_limiter *s, double rate,
                 const struct lat_limiting *by, const float in[2], float out[2])
{
    lat_time_set(&s->release, by->release, rate);
    const struct parts p = parts_of(s);
    const uint32_t n_mean = s->ahead + 2 - TRUE_LATE;
    const uint32_t lengths[2] = {n_mean / 2, n_mean - n_mean / 2};
    if (!s->is_begun) {
        begin(s, &p, lengths);
    }
    const float peak = peak_of(s, in, by->is_true);
    const float needed = peak > by->ceiling ? by->ceiling / peak : 1.0F;
    float gain = recover(s, least(s, &p, needed));
    s->n_rest = gain < 1.0F ? 0 : s->n_rest + (s->n_rest < rested(s));
    int64_t share = (int64_t)((double)gain * (double)UNIT);
    for (int i = 0; i < 2; i++) {
        share = mean(s, p.means[i], i, lengths[i], share);
    }
    gain = (float)((double)share * (1.0 / (double)UNIT));
    const uint32_t old = place_before(s, s->ahead);
    p.ceilings[s->at] = by->ceiling;
    for (int side = 0; side < 2; side++) {
        p.sound[side][s->at] = in[side];
        out[side] = held(p.sound[side][old] * gain, p.ceilings[old]);
    }
    s->frame++;
    s->at = s->at + 1 < s->ahead + 2 ? s->at + 1 : 0;
    return gain;
}

/// @p n frames that go into the sound and others that come out, as far as both
/// lie in one piece.
static void
shift(float *restrict sound, const float *restrict ceilings, uint32_t at,
      uint32_t old, const float *restrict in, float *restrict out, uint32_t n)
{
    uint32_t f = 0;
    for (; f + 4 <= n; f += 4) {
        const four ceiling = four_load(ceilings + old + f);
        const four x = four_min(ceiling, four_load(sound + old + f));
        four_store(out + f, four_max(-ceiling, x));
    }
    for (; f < n; f++) {
        out[f] = held(sound[old + f], ceilings[old + f]);
    }
    memcpy(sound + at, in, n * sizeof(*in));
}

static bool
is_within(const float *x, float ceiling, uint32_t n)
{
    four_i is_in = {-1, -1, -1, -1};
    uint32_t f = 0;
    for (; f + 4 <= n; f += 4) {
        const four v = four_load(x + f);
        is_in &= (v <= ceiling) & (v >= -ceiling);
    }
    bool all = is_in[0] & is_in[1] & is_in[2] & is_in[3];
    for (; f < n; f++) {
        all = all && x[f] <= ceiling && x[f] >= -ceiling;
    }
    return all;
}

LAT_RT bool
lat_limiter_pass(struct lat_limiter *s, float ceiling, const float *const in[2],
                 float *const out[2], uint32_t n)
{
    const uint32_t size = s->ahead + 2;
    if (s->n_rest < rested(s) || !is_within(in[0], ceiling, n) ||
        !is_within(in[1], ceiling, n)) {
        return false;
    }
    const struct parts p = parts_of(s);
    const uint32_t n_late = n < TAPS ? n : TAPS;
    s->n_late = (s->n_late + TAPS - (n - n_late) % TAPS) % TAPS;
    for (uint32_t f = n - n_late; f < n; f++) {
        come_late(s, in[0][f], in[1][f]);
    }
    s->frame += n;
    p.queue[s->first].frame = s->frame - 1; // the only one: all gains are 1
    uint32_t m = 0;
    for (uint32_t f = 0; f < n; f += m) {
        const uint32_t old = place_before(s, s->ahead);
        m = size - (s->at > old ? s->at : old);
        m = m < n - f ? m : n - f;
        for (int side = 0; side < 2; side++) {
            shift(p.sound[side], p.ceilings, s->at, old, in[side] + f,
                  out[side] + f, m);
        }
        for (uint32_t i = 0; i < m; i++) {
            p.ceilings[s->at + i] = ceiling;
        }
        s->at = s->at + m < size ? s->at + m : 0;
    }
    return true;
}
