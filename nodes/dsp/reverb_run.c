// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The inner loops of the reverb: see reverb.c.
//
// Lines are mixed VEC_W frames at a time and filtered VEC_W lines at a time.

#include "kernel.h"
#include "plain.h"
#include "reverb_rings.h"
#include "transpose.h"

#include <math.h>

#define SMEAR_GAIN 0.6F

/// What is heard of the lines, which hold a quarter of the sound: for a size of
/// 0.5 and a decay of 2 s the reverb of a noise is as loud as the noise.
#define HEARD (4.0F * 0.18F)

/// What counts as silence.
#define QUIET 1e-9F

// What goes into the diffuser and comes out of it: of many sizes, so that
// echoes that meet do not add up to the same few.  The squares of each side's
// taps, and of all that comes out, sum up to their number.
static const float tap_gains[LINES] = {
    1.2041F,  1.2497F,  0.6006F,  0.9968F, -1.3806F, 0.9199F,
    0.7481F,  -1.4517F, -1.3552F, 0.8105F, -0.7578F, -0.6810F,
    -0.8348F, 0.8785F,  -0.7849F, 0.7735F,
};
static const float spread_gains[LINES] = {
    -1.4025F, -1.2365F, -1.2228F, -1.2285F, 1.0456F, -1.2963F,
    0.9327F,  1.0390F,  0.7247F,  -1.0133F, 0.8725F, 0.6228F,
    0.7692F,  -0.7736F, -0.5781F, -0.7420F,
};

#define KERNEL_REVERB_RUN KERNEL_EXPAND(reverb, run, KERNELS_ISA)

// --- What passes -------------------------------------------------------------

/// Let @p n frames pass in which there is nothing to filter.
DSP_INLINE void
glides_pass(struct lat_reverb *r, uint32_t n)
{
    struct glide *const all[] = {&r->eta, &r->b0, &r->b1, &r->a1};
    for (int i = 0; i < (r->is_moving ? 4 : 1); i++) {
        for (uint32_t f = 0; f < n; f++) {
            for (int k = 0; k < LINES; k++) {
                all[i]->now[k] += all[i]->step[k];
            }
        }
    }
}

/// Silence for four times as long as the longest line is the end of the tail.
DSP_INLINE void
cell_end(struct lat_reverb *r)
{
    r->at = 0;
    r->cell++;
    for (int k = 0; k < RINGS; k++) {
        const uint32_t next = r->places[k] + CELL;
        r->places[k] = next < r->sizes[k] ? next : 0;
    }
    r->n_quiet = r->peak < QUIET ? r->n_quiet + 1 : 0;
    r->peak = 0.0F;
    if (!r->is_idle && r->n_quiet > 4 * r->longest / CELL) {
        r->is_idle = true;
        r->n_valid = 0;
        memset(r->x1, 0, sizeof(r->x1));
        memset(r->y1, 0, sizeof(r->y1));
        memset(r->w1, 0, sizeof(r->w1));
    }
}

// --- Sound -------------------------------------------------------------------

/// A quarter of the Hadamard matrix of 16, without its factor: sums and
/// differences of lines that are @p span apart.
DSP_INLINE void
hadamard(vec_f z[LINES], int span)
{
#pragma GCC unroll 16
    for (int k = 0; k < LINES; k++) {
        if (!(k & span)) {
            const vec_f a = z[k];
            const vec_f b = z[k + span];
            z[k] = a + b;
            z[k + span] = a - b;
        }
    }
}

/// An all-pass after Schroeder (Natural Sounding Artificial Reverberation,
/// 1962), longer than a cell.
DSP_INLINE void
smear(struct lat_reverb *r, int k, const float *restrict x, float *restrict y,
      uint32_t n)
{
    float room[ROOM];
    const float *from =
        ring_read(r, RING_SMEARS + k, r->smear_frames[k], n, room);
    float *to = ring_at(r, RING_SMEARS + k);
    const vec_f gain = vec_splat(SMEAR_GAIN);
    for (uint32_t f = 0; f < n; f += VEC_W) {
        const vec_f late = vec_load(from + f);
        const vec_f now = vec_fma(gain, late, vec_load(x + f));
        vec_store(y + f, vec_fma(-gain, now, late));
        vec_store(to + f, now);
    }
}

/// Both sides into the diffuser.
DSP_INLINE void
diffuse(struct lat_reverb *r, float *const in[2], uint32_t n)
{
    float room[LINES][ROOM];
    const float *from[LINES];
    float *to[LINES];
    for (int side = 0; side < 2; side++) {
        float once[ROOM];
        smear(r, 2 * side, in[side], once, n);
        smear(r, 2 * side + 1, once, ring_at(r, RING_TAPS + side), n);
    }
    rings_mirror(r, RING_SMEARS, SMEARS + 2, n);
    rings_read(r, RING_TAPS, 2, r->tap_frames, n, room, from);
    rings_at(r, RING_SPREAD, to);
    for (uint32_t f = 0; f < n; f += VEC_W) {
        vec_f z[LINES];
#pragma GCC unroll 16
        for (int k = 0; k < LINES; k++) {
            z[k] = vec_load(from[k] + f) * (0.25F * tap_gains[k]);
        }
        hadamard(z, 1);
        hadamard(z, 2);
        hadamard(z, 4);
        hadamard(z, 8);
#pragma GCC unroll 16
        for (int k = 0; k < LINES; k++) {
            vec_store(to[k] + f, z[k]);
        }
    }
    rings_mirror(r, RING_SPREAD, LINES, n);
}

/// Frames @p f to f + n, at most VEC_W, of lines @p k to k + VEC_W, through
/// their filters.
DSP_INLINE void
filter(struct lat_reverb *r, const float *const *from, int k, uint32_t f,
       uint32_t n, bool moves, float (*out)[ROOM])
{
    vec_f v[VEC_W];
#pragma GCC unroll 16
    for (int i = 0; i < VEC_W; i++) {
        v[i] = vec_load(from[k + i] + f);
    }
    vec_transpose(v);
    vec_f x1 = vec_load(r->x1 + k);
    vec_f y1 = vec_load(r->y1 + k);
    vec_f w1 = vec_load(r->w1 + k);
    vec_f eta = vec_load(r->eta.now + k);
    const vec_f eta_step = vec_load(r->eta.step + k);
    vec_f b0 = vec_load(r->b0.now + k);
    vec_f b1 = vec_load(r->b1.now + k);
    vec_f a1 = vec_load(r->a1.now + k);
#pragma GCC unroll 16
    for (uint32_t i = 0; i < VEC_W; i++) {
        if (i == n) {
            break;
        }
        const vec_f y = vec_fma(eta, v[i] - y1, x1);
        const vec_f w = vec_fma(-a1, w1, vec_fma(b0, y, b1 * y1));
        x1 = v[i];
        y1 = y;
        w1 = w;
        v[i] = w;
        eta += eta_step;
        if (moves) {
            b0 += vec_load(r->b0.step + k);
            b1 += vec_load(r->b1.step + k);
            a1 += vec_load(r->a1.step + k);
        }
    }
    vec_store(r->x1 + k, x1);
    vec_store(r->y1 + k, y1);
    vec_store(r->w1 + k, w1);
    vec_store(r->eta.now + k, eta);
    if (moves) {
        vec_store(r->b0.now + k, b0);
        vec_store(r->b1.now + k, b1);
        vec_store(r->a1.now + k, a1);
    }
    vec_transpose(v);
#pragma GCC unroll 16
    for (int i = 0; i < VEC_W; i++) {
        vec_store(out[k + i] + f, v[i]);
    }
}

/// The same of fewer.
DSP_APART void
filter_rest(struct lat_reverb *r, const float *const *from, uint32_t f,
            uint32_t n, bool moves, float (*out)[ROOM])
{
    for (int k = 0; k < LINES; k += VEC_W) {
        filter(r, from, k, f, n, moves, out);
    }
}

DSP_INLINE void
filter_run(struct lat_reverb *r, const float *const *from, uint32_t n,
           bool moves, float (*out)[ROOM])
{
    uint32_t f = 0;
    for (; f + VEC_W <= n; f += VEC_W) {
        for (int k = 0; k < LINES; k += VEC_W) {
            filter(r, from, k, f, VEC_W, moves, out);
        }
    }
    if (f < n) {
        filter_rest(r, from, f, n - f, moves, out);
    }
}

/// The frame before a cell, which its all-passes need: where the whole frames
/// change, it is another one than the last that they were given.
DSP_INLINE void
read_before(struct lat_reverb *r)
{
    const float share =
        (float)((FADE_CELLS - r->n_fade) * CELL) * (1.0F / (FADE_CELLS * CELL));
    for (int k = 0; k < LINES; k++) {
        float room[ROOM];
        if (r->whole[k] == r->was_whole[k] && !r->is_elsewhere) {
            continue;
        }
        const uint32_t age = r->whole[k] + 1;
        r->x1[k] = ring_read(r, RING_LINES + k, age, 1, room)[0];
        if (r->n_fade) {
            const uint32_t next_age = r->next_whole[k] + 1;
            const float next =
                ring_read(r, RING_LINES + k, next_age, 1, room)[0];
            r->x1[k] = r->x1[k] * (1.0F - share) + next * share;
        }
    }
}

/// What is read from the lines, during a fade from two places.
DSP_INLINE void
read_lines(struct lat_reverb *r, uint32_t n, float (*room)[ROOM],
           const float **from)
{
    rings_read(r, RING_LINES, LINES, r->whole, n, room, from);
    if (!r->n_fade) {
        return;
    }
    const float step = 1.0F / (float)(FADE_CELLS * CELL);
    const uint32_t done = (FADE_CELLS - r->n_fade) * CELL + r->at;
    for (int k = 0; k < LINES; k++) {
        float other[ROOM];
        const float *next =
            ring_read(r, RING_LINES + k, r->next_whole[k], n, other);
        for (uint32_t f = 0; f < ROOM; f++) {
            const float share = (float)(done + f) * step;
            room[k][f] = from[k][f] * (1.0F - share) + next[f] * share;
        }
        from[k] = room[k];
    }
}

/// Mix what comes out of the lines and the diffuser; some of it is heard, all
/// of it goes back.
DSP_INLINE void
mix(struct lat_reverb *r, float (*y)[ROOM], float *const out[2], uint32_t n)
{
    float room[LINES][ROOM];
    const float *early[LINES];
    float *to[LINES];
    rings_read(r, RING_SPREAD, LINES, r->spread_frames, n, room, early);
    rings_at(r, RING_LINES, to);
    for (uint32_t f = 0; f < n; f += VEC_W) {
        vec_f z[LINES];
#pragma GCC unroll 16
        for (int k = 0; k < LINES; k++) {
            z[k] =
                vec_fma(vec_load(early[k] + f),
                        vec_splat(0.25F * spread_gains[k]), vec_load(y[k] + f));
        }
        // Each side is a sum of all lines, every one with a sign: four sums of
        // fours that the matrix has on its way.
        hadamard(z, 1);
        hadamard(z, 2);
        vec_store(out[0] + f, ((z[2] + z[7]) + (z[9] - z[15])) * HEARD);
        vec_store(out[1] + f, ((z[1] - z[5]) + (z[14] - z[11])) * HEARD);
        hadamard(z, 4);
        hadamard(z, 8);
#pragma GCC unroll 16
        for (int k = 0; k < LINES; k++) {
            vec_store(to[k] + f, z[k]);
        }
    }
    rings_mirror(r, RING_LINES, LINES, n);
}

/// The loudest of frames that are none of them NaN, or of those that are not.
DSP_INLINE float
peak_of(float peak, float *const x[2], uint32_t n)
{
    uint32_t f = 0;
    vec_f most = vec_splat(peak);
    for (; f + VEC_W <= n; f += VEC_W) {
        for (int side = 0; side < 2; side++) {
            const vec_u size =
                (vec_u)vec_load(x[side] + f) & vec_splat_u(0x7fffffffU);
            most = vec_max((vec_f)size, most);
        }
    }
    for (int i = 0; i < VEC_W; i++) {
        peak = most[i] > peak ? most[i] : peak;
    }
    for (; f < n; f++) {
        const float a = fabsf(x[0][f]);
        const float b = fabsf(x[1][f]);
        peak = a > peak ? a : peak;
        peak = b > peak ? b : peak;
    }
    return peak;
}

LAT_RT void
KERNEL_REVERB_RUN(struct lat_reverb *r, float *const in[2], float *const out[2],
                  uint32_t n)
{
    const float peak = peak_of(0.0F, in, n);
    r->is_idle = r->is_idle && !(peak > 0.0F);
    if (r->is_idle) {
        glides_pass(r, n);
        memset(out[0], 0, n * sizeof(float));
        memset(out[1], 0, n * sizeof(float));
    } else {
        float room[LINES][ROOM];
        float y[LINES][ROOM];
        const float *from[LINES];
        diffuse(r, in, n);
        if (!r->at) {
            read_before(r);
        }
        read_lines(r, n, room, from);
        if (r->is_moving) {
            filter_run(r, from, n, true, y);
        } else {
            filter_run(r, from, n, false, y);
        }
        mix(r, y, out, n);
        r->n_valid = r->n_valid < r->longest ? r->n_valid + n : r->n_valid;
        const float loudest = peak_of(peak, out, n);
        r->peak = loudest > r->peak ? loudest : r->peak;
    }
    r->at += n;
    if (r->at == CELL) {
        cell_end(r);
    }
}

// --- The node ----------------------------------------------------------------

/// Frames of input @p i.
DSP_INLINE void
take(const struct lat_io *io, uint32_t i, uint32_t first, uint32_t n,
     float *restrict to)
{
    const float *restrict from = io->in[i] + (size_t)first * io->step[i];
    for (uint32_t f = 0; f < n; f++) {
        to[f] = io->step[i] ? from[f] : from[0];
    }
}

DSP_INLINE float
knob(const struct lat_io *io, uint32_t i, uint32_t f, float low, float high)
{
    return plain_clamp(lat_io_at(io, i, f), low, high);
}

LAT_RT uint64_t
KERNEL_LOOP(reverb)(const struct lat_context *context, const struct lat_io *io)
{
    struct lat_reverb *r = io->state;
    float in[2][ROOM];
    float wet[2][ROOM];
    float mix[ROOM];
    float *const ins[2] = {in[0], in[1]};
    float *const wets[2] = {wet[0], wet[1]};
    uint32_t n = 0;
    for (uint32_t first = 0; first < context->n_frames; first += n) {
        if (lat_reverb_asks(r)) {
            const struct lat_reverb_wish wish = {
                .size = knob(io, LAT_REVERB_SIZE, first, 0.0F, 1.0F),
                .decay = knob(io, LAT_REVERB_DECAY, first, 0.1F, 60.0F),
                .damping = knob(io, LAT_REVERB_DAMPING, first, 0.0F, 1.0F),
            };
            lat_reverb_wish(r, &wish);
        }
        n = lat_reverb_left(r);
        n = n < context->n_frames - first ? n : context->n_frames - first;
        take(io, LAT_REVERB_LEFT, first, n, in[0]);
        take(io, LAT_REVERB_RIGHT, first, n, in[1]);
        take(io, LAT_REVERB_MIX, first, n, mix);
        KERNEL_REVERB_RUN(r, ins, wets, n);
        for (int side = 0; side < 2; side++) {
            float *restrict to = io->out[side] + first;
            for (uint32_t f = 0; f < n; f++) {
                const float m = plain_clamp(mix[f], 0.0F, 1.0F);
                const float dry = in[side][f] * (1.0F - m);
                to[f] = dry + wet[side][f] * m;
            }
        }
    }
    return 0;
}
