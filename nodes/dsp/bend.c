// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// distortion, fold and ladder: the inner loops of shaper.h, VEC_W frames at a
// time, and what ladder does at 4 times the rate between them.

#include "kernel.h"
#include "ladder.h"
#include "plain.h"
#include "shaper.h"

#define TAPS LAT_SHAPER_TAPS
#define RUN  LAT_SHAPER_RUN
#define PI   3.14159265358979323846

enum { IN, DRIVE };

enum shape {
    SATURATE, // x / sqrt(1 + x^2)
    FOLD,     // sin(pi x / 2)
};

/// Square roots, rounded as IEEE 754 has it.
DSP_INLINE vec_f
root(vec_f x)
{
#if VEC_W == 16
    return (vec_f)_mm512_sqrt_ps((__m512)x);
#elif VEC_W == 8
    return (vec_f)_mm256_sqrt_ps((__m256)x);
#else
    return four_sqrt(x);
#endif
}

/// sin(pi x) within 1e-7, |x| < 2^21.
DSP_INLINE vec_f
sine(vec_f x)
{
    const vec_f k = (x + 0x1.8p23F) - 0x1.8p23F;
    const vec_f t = x - k;
    const vec_f s = t * t;
    vec_f q = s * -0.00737043094F + 0.0821458866F;
    q = q * s - 0.599264529F;
    q = q * s + 2.55016404F;
    q = q * s - 5.16771278F;
    q = q * s + 3.14159265F;
    const vec_u odd = (vec_u)vec_to_i(k) << 31U;
    return (vec_f)((vec_u)(q * t) ^ odd);
}

DSP_INLINE vec_f
fold(vec_f a, vec_f b)
{
    const vec_f u = (a + b) * 0.25F;
    const vec_f v = (b - a) * 0.25F;
    const vec_f turn = v * (float)PI;
    const vec_f near = 1.0F - turn * turn * 0.166666667F;
    const vec_mask is_near = vec_and(vec_lt(turn, vec_splat(0.01F)),
                                     vec_lt(vec_splat(-0.01F), turn));
    const vec_f far = sine(v) / vec_select(is_near, vec_splat(1.0F), turn);
    return sine(u) * vec_select(is_near, near, far);
}

/// a b + c.  What is folded is so steep that a last bit is heard wherever the
/// sound goes round again, so it is the same on all instruction sets.
DSP_INLINE vec_f
add_product(enum shape shape, vec_f a, vec_f b, vec_f c)
{
    return shape == FOLD ? a * b + c : vec_fma(a, b, c);
}

/// A sample, and what saturation makes of it by itself.
struct point {
    vec_f x, root;
};

DSP_INLINE struct point
point_of(enum shape shape, vec_f x)
{
    const vec_f one = vec_splat(1.0F);
    return (struct point){x, shape == FOLD ? x : root(vec_fma(x, x, one))};
}

/// The curve's average over the straight line from @p a to @p b.
DSP_INLINE vec_f
average(enum shape shape, struct point a, struct point b)
{
    return shape == FOLD ? fold(a.x, b.x) : (a.x + b.x) / (a.root + b.root);
}

/// Vectors that share the weights of a filter.
#define PAIR 2U

/// Four times the rate, @p n vectors from frame @p at on.  Products are rounded
/// before they are added, as in fold(): a large drive makes much of a last bit.
DSP_INLINE void
take_up(struct lat_shaper *s, uint32_t at, uint32_t n)
{
    vec_f sums[PAIR][4];
    for (uint32_t i = 0; i < n; i++) {
        for (int p = 0; p < 4; p++) {
            sums[i][p] = vec_splat(0.0F);
        }
    }
    for (uint32_t t = 0; t < TAPS; t++) {
        for (uint32_t i = 0; i < n; i++) {
            const vec_f x = vec_load(s->x + at + i * VEC_W - t);
            for (int p = 0; p < 4; p++) {
                sums[i][p] += s->up[p][t] * x;
            }
        }
    }
    for (uint32_t i = 0; i < n; i++) {
        for (int p = 0; p < 4; p++) {
            vec_store(s->b[p] + at + i * VEC_W, sums[i][p]);
        }
    }
}

DSP_INLINE void
bend(struct lat_shaper *s, enum shape shape, uint32_t at)
{
    vec_f halves[2][4];
    struct point a = point_of(shape, vec_load(s->b[3] + at - 1));
#pragma GCC unroll 4
    for (int p = 0; p < 4; p++) {
        const struct point b = point_of(shape, vec_load(s->b[p] + at));
        const struct point middle = point_of(shape, (a.x + b.x) * 0.5F);
        halves[0][p] = average(shape, a, middle);
        halves[1][p] = average(shape, middle, b);
        a = b;
    }
    vec_store(s->halves[0] + at, halves[0][3]);
    vec_store(s->halves[1] + at, halves[1][3]);
    vec_f first = vec_load(s->halves[0] + at - 1);
    vec_f second = vec_load(s->halves[1] + at - 1);
#pragma GCC unroll 4
    for (int p = 0; p < 4; p++) {
        const vec_f third = halves[0][p];
        const vec_f last = halves[1][p];
        vec_store(s->y[p] + at,
                  add_product(shape, first + last, vec_splat(0.125F),
                              (second + third) * 0.375F));
        first = third;
        second = last;
    }
}

/// Back to the rate, @p n vectors from frame @p at on.
DSP_INLINE void
bring_back(const struct lat_shaper *s, enum shape shape, uint32_t at,
           uint32_t n, float *to)
{
    vec_f sums[PAIR][4];
    for (uint32_t i = 0; i < n; i++) {
        for (int p = 0; p < 4; p++) {
            sums[i][p] = vec_splat(0.0F);
        }
    }
    for (uint32_t t = 0; t < TAPS; t++) {
        for (int p = 0; p < 4; p++) {
            for (uint32_t i = 0; i < n; i++) {
                sums[i][p] = add_product(shape, vec_splat(s->down[p][t]),
                                         vec_load(s->y[p] + at + i * VEC_W - t),
                                         sums[i][p]);
            }
        }
    }
    for (uint32_t i = 0; i < n; i++) {
        vec_store(to + i * VEC_W,
                  (sums[i][0] + sums[i][1]) + (sums[i][2] + sums[i][3]));
    }
}

/// @p n frames of `x` from the rate up to the bent samples.
DSP_INLINE void
raise(struct lat_shaper *s, enum shape shape, uint32_t n)
{
    const uint32_t begin = TAPS + s->at;
    uint32_t f = 0;
    for (; f + PAIR * VEC_W <= n; f += PAIR * VEC_W) {
        take_up(s, begin + f, PAIR);
    }
    for (; f < n; f += VEC_W) {
        take_up(s, begin + f, 1);
    }
    for (f = 0; f < n; f += VEC_W) {
        bend(s, shape, begin + f);
    }
}

/// And back.
/// @param wet  room for VEC_W frames more
DSP_INLINE void
lower(struct lat_shaper *s, enum shape shape, float *wet, uint32_t n)
{
    const uint32_t begin = TAPS + s->at;
    uint32_t f = 0;
    for (; f + PAIR * VEC_W <= n; f += PAIR * VEC_W) {
        bring_back(s, shape, begin + f, PAIR, wet + f);
    }
    for (; f < n; f += VEC_W) {
        bring_back(s, shape, begin + f, 1, wet + f);
    }
    s->at += n;
}

/// The gains of frames @p first to first + n, from dB.
DSP_INLINE void
take_gains(const struct lat_io *io, uint32_t i, uint32_t first, uint32_t n,
           float *restrict gains)
{
    for (uint32_t f = 0; f < n; f++) {
        const bool is_next = !f || io->step[i];
        gains[f] = !is_next ? gains[0]
                            : plain_from_db(plain_clamp(
                                  lat_io_at(io, i, first + f), -100, 100));
    }
}

/// Frames @p first to first + n go into `x`, and as they are into `dry`.
/// @param offset  an input that is added before the curve, or 0
DSP_INLINE void
drive(struct lat_shaper *s, const struct lat_io *io, uint32_t offset,
      uint32_t first, uint32_t n)
{
    float rooms[2][RUN];
    float gains[RUN];
    const float *restrict in = lat_io_row(io, IN, first, n, rooms[0]);
    const float *restrict more = lat_io_row(io, offset, first, n, rooms[1]);
    float *restrict x = s->x + TAPS + s->at;
    take_gains(io, DRIVE, first, n, gains);
    if (offset) {
        for (uint32_t f = 0; f < n; f++) {
            x[f] = plain_clamp(in[f] * gains[f] + more[f], -1e6F, 1e6F);
        }
    } else {
        for (uint32_t f = 0; f < n; f++) {
            x[f] = plain_clamp(in[f] * gains[f], -1e15F, 1e15F);
        }
    }
    memcpy(s->dry + TAPS + s->at, in, n * sizeof(*in));
}

/// @param mix  the input that says how much of it is heard
DSP_INLINE uint64_t
shape_process(const struct lat_context *context, const struct lat_io *io,
              enum shape shape, uint32_t offset, uint32_t mix)
{
    struct lat_shaper *s = io->state;
    uint32_t n = 0;
    for (uint32_t first = 0; first < context->n_frames; first += n) {
        n = lat_shaper_left(s);
        n = n < context->n_frames - first ? n : context->n_frames - first;
        float wet[RUN + VEC_W];
        float room[RUN];
        const float *restrict dry = s->dry + TAPS + s->at - LAT_SHAPER_LATE;
        const float *restrict parts = lat_io_row(io, mix, first, n, room);
        float *restrict out = io->out[0] + first;
        drive(s, io, offset, first, n);
        raise(s, shape, n);
        lower(s, shape, wet, n);
        for (uint32_t f = 0; f < n; f++) {
            const float part = plain_clamp(parts[f], 0.0F, 1.0F);
            out[f] = dry[f] * (1.0F - part) + wet[f] * part;
        }
    }
    return 0;
}

LAT_RT uint64_t
KERNEL_LOOP(distortion)(const struct lat_context *context,
                        const struct lat_io *io)
{
    return shape_process(context, io, SATURATE, 0, 2);
}

LAT_RT uint64_t
KERNEL_LOOP(fold)(const struct lat_context *context, const struct lat_io *io)
{
    return shape_process(context, io, FOLD, 2, 3);
}

// --- ladder ------------------------------------------------------------------

/// What goes into the ladder stays below that.
#define LADDER_ROOM 2.0F

enum { CUTOFF = 1, PITCH, RESONANCE, LADDER_DRIVE };

DSP_INLINE struct lat_ladder_tuning
tuning_at(const struct lat_context *context, const struct lat_io *io,
          uint32_t f)
{
    const float pitch = plain_clamp(lat_io_at(io, PITCH, f), -1440.0F, 1440.0F);
    const float hz = plain_clamp(lat_io_at(io, CUTOFF, f), 0.0F, 1e6F);
    return lat_ladder_tune((double)hz *
                               (double)plain_exp2(pitch * (1.0F / 12.0F)),
                           4.0 * context->rate, lat_io_at(io, RESONANCE, f));
}

LAT_RT uint64_t
KERNEL_LOOP(ladder)(const struct lat_context *context, const struct lat_io *io)
{
    struct lat_driven_ladder *const l = io->state;
    struct lat_shaper *const s = &l->shaper;
    const uint32_t moving =
        io->step[CUTOFF] | io->step[PITCH] | io->step[RESONANCE];
    struct lat_ladder_tuning tuning = tuning_at(context, io, 0);
    uint32_t n = 0;
    for (uint32_t first = 0; first < context->n_frames; first += n) {
        float gains[RUN];
        float wet[RUN + VEC_W];
        n = lat_shaper_left(s);
        n = n < context->n_frames - first ? n : context->n_frames - first;
        take_gains(io, LADDER_DRIVE, first, n, gains);
        for (uint32_t f = 0; f < n; f++) {
            s->x[TAPS + s->at + f] = plain_clamp(lat_io_at(io, IN, first + f) *
                                                     gains[f] / LADDER_ROOM,
                                                 -1e15F, 1e15F);
        }
        raise(s, SATURATE, n);
        for (uint32_t f = 0; f < n; f++) {
            if (moving) {
                tuning = tuning_at(context, io, first + f);
            }
            for (uint32_t p = 0; p < 4; p++) {
                float *const bent = &s->y[p][TAPS + s->at + f];
                *bent =
                    lat_ladder_next(&l->ladder, &tuning, *bent * LADDER_ROOM);
            }
        }
        lower(s, SATURATE, wet, n);
        memcpy(io->out[0] + first, wet, n * sizeof(*wet));
    }
    return 0;
}
