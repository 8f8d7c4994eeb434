// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The spectrum of each cycle, and back from it to every level.
//
// A level has the harmonics up to its highest, h.  As the pitch rises, those
// that it has beyond the level below fade out together: from where the lowest
// of them is at 0.4 of the rate to where the highest is at half the rate, or
// 8 % higher than it began to where they lie far apart, so that what folds back
// lies beyond 0.45 of the rate.

#include "wavetable.h"
#include "nodes/numbers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PI 3.14159265358979323846

/// Where harmonics begin to fade, and are gone, in parts of the rate; and how
/// far these lie apart at least.
#define FADE  0.4
#define GONE  0.5
#define APART 1.08

/// Least bits of a level.
#define LEAST_BITS 9U

/// Frames that stand before and behind a cycle.
#define BEFORE 1U
#define BEHIND 3U

struct number {
    double re, im;
};

/// What is worked in.
struct bench {
    uint32_t n_frames;         ///< of a cycle as it is given
    uint32_t n_harmonics;      ///< of it
    const double *turn;        ///< sin(2 pi k / LAT_WAVETABLE_FRAMES), k < 5/4
    struct number *spectra[2]; ///< of two cycles, n_harmonics + 1 of each
    struct number *work;       ///< LAT_WAVETABLE_FRAMES
};

// --- Transforms --------------------------------------------------------------

/// e^(2 pi i k / 2^bits), 0 <= k < 2^bits.
static inline struct number
root(const struct bench *b, uint32_t k, uint32_t n)
{
    const uint32_t at = k * (LAT_WAVETABLE_FRAMES / n);
    return (struct number){b->turn[at + LAT_WAVETABLE_FRAMES / 4], b->turn[at]};
}

static inline struct number
times(struct number a, struct number b)
{
    return (struct number){a.re * b.re - a.im * b.im,
                           a.re * b.im + a.im * b.re};
}

/// Bring x[k] to the place whose bits are those of k, turned round.
static void
scatter(struct number *x, uint32_t n)
{
    for (uint32_t i = 1, j = 0; i < n; i++) {
        uint32_t bit = n / 2;
        for (; j & bit; bit /= 2) {
            j ^= bit;
        }
        j |= bit;
        if (i < j) {
            const struct number kept = x[i];
            x[i] = x[j];
            x[j] = kept;
        }
    }
}

/// x[f] becomes the sum of x[k] e^(2 pi i f k / n), n a power of 2 (Cooley and
/// Tukey).
static void
transform(const struct bench *b, struct number *x, uint32_t n)
{
    scatter(x, n);
    for (uint32_t half = 1; half < n; half *= 2) {
        for (uint32_t k = 0; k < half; k++) {
            const struct number w = root(b, k, 2 * half);
            for (uint32_t i = k; i < n; i += 2 * half) {
                const struct number odd = times(w, x[i + half]);
                x[i + half] =
                    (struct number){x[i].re - odd.re, x[i].im - odd.im};
                x[i] = (struct number){x[i].re + odd.re, x[i].im + odd.im};
            }
        }
    }
}

/// The spectrum of a cycle: harmonic k is the real part of 2 out[k] e^(i k t),
/// and out[0] the mean.
static void
analyse(const struct bench *b, const float *frames, struct number *out)
{
    const uint32_t n = b->n_frames;
    const double scale = 1.0 / n;
    if ((n & (n - 1)) == 0) {
        for (uint32_t f = 0; f < n; f++) {
            b->work[f] = (struct number){(double)frames[f] * scale, 0};
        }
        transform(b, b->work, n);
        for (uint32_t k = 0; k <= b->n_harmonics; k++) {
            out[k] = (struct number){b->work[k].re, -b->work[k].im};
        }
        return;
    }
    for (uint32_t f = 0; f < n; f++) {
        b->work[f] = (struct number){lat_sin_pi(2.0 * f / n + 0.5) * scale,
                                     lat_sin_pi(2.0 * f / n) * scale};
    }
    for (uint32_t k = 0; k <= b->n_harmonics; k++) {
        struct number sum = {0, 0};
        for (uint32_t f = 0, at = 0; f < n; f++) {
            sum.re += (double)frames[f] * b->work[at].re;
            sum.im -= (double)frames[f] * b->work[at].im;
            at += k;
            at -= at < n ? 0 : n;
        }
        out[k] = sum;
    }
}

// --- Levels ------------------------------------------------------------------

/// Harmonics of level @p l, of those that there are without end.
static uint32_t
highest(uint32_t l)
{
    static const uint32_t few[] = {1, 2, 3, 4, 5, 6};
    return l < LAT_COUNT(few)
               ? few[l]
               : (uint32_t)(lat_exp2((double)(l - 6) / 3) * 8 + 1e-6);
}

static uint32_t
bits_of(uint32_t n_harmonics)
{
    uint32_t bits = LEAST_BITS;
    while (1U << bits < 8 * n_harmonics) {
        bits++;
    }
    return bits;
}

static size_t
stride_of(uint32_t bits)
{
    return ((size_t)1 << bits) + BEFORE + BEHIND;
}

/// How many levels hold so many harmonics.
static uint32_t
count_levels(uint32_t n_harmonics)
{
    uint32_t n = 1;
    while (highest(n - 1) < n_harmonics) {
        n++;
    }
    return n;
}

static void
lay_out(struct lat_wavetable *t)
{
    float *memory = t->memory;
    for (uint32_t l = 0; l < t->n_levels; l++) {
        const double low = l ? highest(l - 1) + 1.0 : 1.0;
        const uint32_t bits = bits_of(highest(l));
        struct lat_wavetable_level *const level = &t->levels[l];
        const double gone = fmax(GONE / highest(l), APART * FADE / low);
        *level = (struct lat_wavetable_level){
            .bits = bits,
            .stride = (uint32_t)stride_of(bits),
            .whole = (float)(FADE / low),
            .none = l && (float)gone > level[-1].whole ? level[-1].whole
                                                       : (float)gone,
            .frames = memory + BEFORE,
        };
        memory += stride_of(bits) * t->n_cycles;
    }
}

/// Harmonic k of the cycle to make, as a coefficient of its spline.
static struct number
coefficient(struct number harmonic, uint32_t k, uint32_t n)
{
    const double x = PI * k / n;
    const double sinc = k ? lat_sin_pi((double)k / n) / x : 1;
    const double s = sinc * sinc;
    return (struct number){harmonic.re / (s * s), harmonic.im / (s * s)};
}

/// Make a level of the two cycles of the bench, of which the second goes to
/// nobody where @p second is NULL.
static void
synthesise(const struct bench *b, uint32_t bits, uint32_t n_harmonics,
           float *first, float *second)
{
    const uint32_t n = 1U << bits;
    struct number *const x = b->work;
    memset(x, 0, n * sizeof(*x));
    for (uint32_t k = 0; k <= n_harmonics && k <= b->n_harmonics; k++) {
        const struct number p = coefficient(b->spectra[0][k], k, n);
        const struct number q = coefficient(b->spectra[1][k], k, n);
        x[(n - k) % n] = (struct number){p.re + q.im, q.re - p.im};
        x[k] = (struct number){p.re - q.im, p.im + q.re};
    }
    transform(b, x, n);
    for (uint32_t f = 0; f < n + BEFORE + BEHIND; f++) {
        const struct number y = x[(f + n - BEFORE) % n];
        first[f] = (float)y.re;
        if (second) {
            second[f] = (float)y.im;
        }
    }
}

static void
make_levels(const struct bench *b, struct lat_wavetable *t, uint32_t cycle)
{
    for (uint32_t l = 0; l < t->n_levels; l++) {
        const struct lat_wavetable_level *const level = &t->levels[l];
        float *const to = t->memory + (level->frames - t->memory) - BEFORE +
                          (size_t)cycle * level->stride;
        synthesise(b, level->bits, highest(l), to,
                   cycle + 1 < t->n_cycles ? to + level->stride : NULL);
    }
}

enum lat_status
lat_wavetable_new(uint32_t n_cycles, uint32_t n_frames, const float *frames,
                  struct lat_wavetable **out)
{
    const uint32_t most = (n_frames - 1) / 2;
    struct bench b = {.n_frames = n_frames};
    b.n_harmonics =
        most < LAT_WAVETABLE_HARMONICS ? most : LAT_WAVETABLE_HARMONICS;
    const uint32_t n_levels = count_levels(b.n_harmonics);
    size_t n = 0;
    for (uint32_t l = 0; l < n_levels; l++) {
        n += stride_of(bits_of(highest(l))) * n_cycles;
    }
    const size_t n_turn = LAT_WAVETABLE_FRAMES + LAT_WAVETABLE_FRAMES / 4;
    const size_t n_numbers = LAT_WAVETABLE_FRAMES + 2 * (b.n_harmonics + 1);
    struct lat_wavetable *const t = malloc(sizeof(*t) + n * sizeof(float));
    double *const turn = malloc(n_turn * sizeof(*turn));
    b.work = malloc(n_numbers * sizeof(*b.work));
    if (!t || !turn || !b.work) {
        free(t);
        free(turn);
        free(b.work);
        return LAT_ENOMEM;
    }
    for (uint32_t k = 0; k < n_turn; k++) {
        turn[k] = lat_sin_pi(2.0 * k / LAT_WAVETABLE_FRAMES);
    }
    b.turn = turn;
    b.spectra[0] = b.work + LAT_WAVETABLE_FRAMES;
    b.spectra[1] = b.spectra[0] + b.n_harmonics + 1;
    *t = (struct lat_wavetable){.n_cycles = n_cycles, .n_levels = n_levels};
    lay_out(t);
    for (uint32_t c = 0; c < n_cycles; c += 2) {
        const bool has_second = c + 1 < n_cycles;
        analyse(&b, frames + (size_t)c * n_frames, b.spectra[0]);
        analyse(&b, frames + (size_t)(c + has_second) * n_frames, b.spectra[1]);
        make_levels(&b, t, c);
    }
    free(turn);
    free(b.work);
    *out = t;
    return LAT_OK;
}
