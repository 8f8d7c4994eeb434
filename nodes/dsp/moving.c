// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// chorus and flanger: see modulated.c.
//
// Where the line is read depends on no sound, so it is known for many frames
// before any of them; those that read nothing of what they write are then done
// together.  What says where rounds products before they are added: a last bit
// there is heard on every instruction set.

#include "moving.h"
#include "kernel.h"
#include "plain.h"

/// Most frames done together, and what a vector may touch beyond them.
#define RUN  ((size_t)64)
#define ROOM (RUN + VEC_W)

/// Places that the line is read at: on the left, there half a turn ahead, and
/// the same on the right.
#define PLACES ((size_t)4)

/// Most frames of the line that those of a run are taken from.
#define WINDOW ((size_t)256)

/// From the oldest frame of the line that is read to the oldest that the last
/// reads, counted from the first that is written.
struct reach {
    int32_t from, to;
};

/// A run's frames.
struct moving_run {
    float x[ROOM], feedback[ROOM], mix[ROOM];
    float way[ROOM]; // frames by which the LFO moves the places
    uint32_t turns[ROOM];
    float ages[PLACES][ROOM];
    int32_t whole[PLACES][ROOM]; // of the ages
    float part[PLACES][ROOM];
    float least[ROOM]; // of the ages
    float soonest;     // of those
    struct reach reach[PLACES];
    float y[PLACES][ROOM];
};

/// One voice or two for each side, around @p centre, frames.
struct moving_kind {
    float centre, way;
    bool is_double;
};

/// Frames of input @p i, and 0 for what a vector has beyond them.
DSP_INLINE void
take(const struct lat_io *io, uint32_t i, size_t first, size_t n,
     float *restrict to)
{
    const float *restrict from = io->in[i] + first * io->step[i];
    if (io->step[i]) {
        memcpy(to, from, n * sizeof(*to));
    } else {
        for (size_t f = 0; f < n; f++) {
            to[f] = from[0];
        }
    }
    for (size_t f = n; f < n + VEC_W; f++) {
        to[f] = 0.0F;
    }
}

/// The same of a knob, held within limits, times @p factor.
DSP_INLINE void
take_knob(const struct lat_io *io, uint32_t i, size_t first, size_t n,
          float low, float high, float factor, float *restrict to)
{
    take(io, i, first, n, to);
    for (size_t f = 0; f < n; f++) {
        to[f] = factor * plain_clamp(to[f], low, high);
    }
}

/// What a frame adds to the LFO's phase.
DSP_INLINE uint64_t
lfo_step(float rate, double frames)
{
    const float hz = plain_clamp(rate, 0.0F, 1000.0F);
    return (uint64_t)((double)hz / frames * 0x1p64);
}

DSP_INLINE void
take_turns(const struct lat_context *context, const struct lat_io *io,
           size_t first, size_t n, uint64_t *phase, uint32_t *restrict to)
{
    uint64_t p = *phase;
    const uint64_t still = lfo_step(io->in[LAT_MOVING_RATE][0], context->rate);
    for (size_t f = 0; f < n; f++) {
        to[f] = (uint32_t)(p >> 32U);
        p += !io->step[LAT_MOVING_RATE]
                 ? still
                 : lfo_step(io->in[LAT_MOVING_RATE][first + f], context->rate);
    }
    for (size_t f = n; f < n + VEC_W; f++) {
        to[f] = 0;
    }
    *phase = p;
}

/// sin(2 pi phase), within 1e-5: an odd polynomial over the half turn around 0,
/// to which the other half is mirrored.
DSP_INLINE vec_f
lfo_sine(vec_u phase)
{
    const vec_mask far =
        vec_lt_u(vec_splat_u(0x80000000U), phase + 0x40000000U);
    const vec_u turn = vec_select_u(far, 0x80000000U - phase, phase);
    const vec_f x = vec_to_f((vec_i)turn) * 0x1p-31F;
    const vec_f s = x * x;
    vec_f q = s * 0.0821458866F - 0.599264529F;
    q = q * s + 2.55016404F;
    q = q * s - 5.16771278F;
    q = q * s + 3.14159265F;
    return q * x;
}

DSP_INLINE void
store_i(int32_t *to, vec_i v)
{
    vec_store_u((uint32_t *)to, (vec_u)v);
}

DSP_INLINE vec_i
load_i(const int32_t *from)
{
    return (vec_i)vec_load_u((const uint32_t *)from);
}

/// 0, 1, 2 and so on.
DSP_INLINE vec_i
counted(void)
{
    static const int32_t numbers[16] = {0, 1, 2,  3,  4,  5,  6,  7,
                                        8, 9, 10, 11, 12, 13, 14, 15};
    return load_i(numbers);
}

/// Where each frame reads.
DSP_INLINE void
find_places(const struct moving_kind *kind, size_t n, struct moving_run *r)
{
    vec_f soonest = vec_splat(3.0e9F);
    for (size_t f = 0; f < n; f += VEC_W) {
        const vec_u turns = vec_load_u(r->turns + f);
        const vec_f way = vec_load(r->way + f);
        const vec_f sides[2] = {way * lfo_sine(turns),
                                way * lfo_sine(turns + 0x40000000U)};
        vec_f least = vec_splat(3.0e9F);
        for (size_t k = 0; k < PLACES; k++) {
            const vec_f moved = k & 1U ? -sides[k / 2] : sides[k / 2];
            const vec_f age = vec_max(kind->centre + moved, vec_splat(1.0F));
            const vec_i whole = vec_to_i(age);
            vec_store(r->ages[k] + f, age);
            vec_store(r->part[k] + f, age - vec_to_f(whole));
            store_i(r->whole[k] + f, whole);
            if (kind->is_double || !(k & 1U)) {
                least = vec_min(least, age);
            }
        }
        vec_store(r->least + f, least);
        soonest = vec_min(soonest, least);
    }
    r->soonest = soonest[0];
    for (size_t i = 1; i < VEC_W; i++) {
        r->soonest = soonest[i] < r->soonest ? soonest[i] : r->soonest;
    }
}

/// Frames from @p first on that read nothing of what these write.
DSP_INLINE size_t
count_apart(const struct moving_run *r, size_t first, size_t n)
{
    if (r->soonest >= (float)(n - first) + 3.0F) {
        return n - first;
    }
    size_t f = first;
    while (f < n && r->least[f] >= (float)(f - first) + 3.0F) {
        f++;
    }
    return f - first;
}

DSP_INLINE struct reach
reach_of(const int32_t *whole, size_t n)
{
    struct reach all = {-whole[0], -whole[0]};
    for (size_t f = 0; f < n; f++) {
        const int32_t at = (int32_t)f - whole[f];
        all.from = at < all.from ? at : all.from;
        all.to = at > all.to ? at : all.to;
    }
    return (struct reach){all.from - 3, all.to - 3};
}

/// Do the frames read no more of the line than there is room for?
DSP_INLINE bool
is_within(struct moving_run *r, size_t first, size_t n, size_t stride)
{
    for (size_t k = 0; k < PLACES; k += stride) {
        r->reach[k] = reach_of(r->whole[k] + first, n);
        if (r->reach[k].to - r->reach[k].from + 6 > (int32_t)WINDOW) {
            return false;
        }
    }
    return true;
}

/// @p n frames of the line, the first of which was written @p age frames ago; 0
/// where there are none.
/// @param room  for these and a vector to either side
DSP_INLINE const float *
find_window(const struct lat_moving *s, uint32_t size, uint32_t age, size_t n,
            float *restrict room)
{
    const uint32_t at = lat_line_place(&s->line, size, age);
    if (age <= s->line.n_valid && at >= VEC_W && at + n + VEC_W <= size) {
        return s->frames + at;
    }
    float *restrict to = room + VEC_W;
    const size_t whole = n < size - at ? n : size - at;
    for (size_t f = 0; f < VEC_W; f++) {
        room[f] = 0.0F;
        to[n + f] = 0.0F;
    }
    memcpy(to, s->frames + at, whole * sizeof(*to));
    memcpy(to + whole, s->frames, (n - whole) * sizeof(*to));
    for (size_t f = 0; f < n && age - f > s->line.n_valid; f++) {
        to[f] = 0.0F;
    }
    return to;
}

/// The six frames of each of the first @p n places, which lie @p whole frames
/// behind @p now.
DSP_INLINE void
read_six(const float *now, const int32_t *whole, size_t n, vec_f x[6])
{
    const vec_u all = (vec_u)load_i(whole);
    const int32_t a = whole[0];
    const int32_t b = whole[n - 1];
    const vec_mask is_a = vec_eq_u(all, vec_splat_u((uint32_t)a));
    if (n == VEC_W && vec_all(is_a)) {
        for (int i = 0; i < 6; i++) {
            x[i] = vec_load(now - a + 2 - i);
        }
        return;
    }
    const vec_mask is_in = vec_lt_u((vec_u)counted(), vec_splat_u((uint32_t)n));
    const vec_mask is_b =
        vec_or(vec_eq_u(all, vec_splat_u((uint32_t)b)), vec_not(is_in));
    if (vec_all(vec_or(is_a, is_b))) {
        for (int i = 0; i < 6; i++) {
            x[i] = vec_select(is_a, vec_load(now - a + 2 - i),
                              vec_load(now - b + 2 - i));
        }
        return;
    }
    float each[6][VEC_W];
    for (size_t f = 0; f < VEC_W; f++) {
        const float *at = now + (f < n ? (int32_t)f - whole[f] : -a);
        for (int i = 0; i < 6; i++) {
            each[i][f] = at[2 - i];
        }
    }
    for (int i = 0; i < 6; i++) {
        x[i] = vec_load(each[i]);
    }
}

/// What lies between six frames, at part @p t of the way (six.h).
DSP_INLINE vec_f
between(vec_f t, const vec_f x[6])
{
    const vec_f a = t + 2.0F;
    const vec_f b = t + 1.0F;
    const vec_f d = t - 1.0F;
    const vec_f e = t - 2.0F;
    const vec_f g = t - 3.0F;
    const vec_f low = a * b;
    const vec_f middle = t * d;
    const vec_f high = e * g;
    const vec_f w[6] = {
        b * middle * high * (-1.0F / 120.0F),
        a * middle * high * (1.0F / 24.0F),
        low * d * high * (-1.0F / 12.0F),
        low * t * high * (1.0F / 12.0F),
        low * middle * g * (-1.0F / 24.0F),
        low * middle * e * (1.0F / 120.0F),
    };
    const vec_f near = vec_fma(w[2], x[2], w[3] * x[3]);
    const vec_f about = vec_fma(w[1], x[1], w[4] * x[4]);
    return near + about + vec_fma(w[0], x[0], w[5] * x[5]);
}

/// What place @p k hears in @p n frames that are apart.
DSP_INLINE void
read_place(const struct lat_moving *s, uint32_t size, size_t k, size_t first,
           size_t n, struct moving_run *r)
{
    float room[VEC_W + WINDOW + VEC_W];
    const struct reach reach = r->reach[k];
    const size_t n_read = (size_t)(reach.to - reach.from) + 6;
    // Where the first frame is written, in the window's terms.
    const float *now =
        find_window(s, size, (uint32_t)-reach.from, n_read, room) - reach.from;
    for (size_t f = 0; f < n; f += VEC_W) {
        vec_f x[6];
        const size_t m = n - f < VEC_W ? n - f : VEC_W;
        read_six(now + f, r->whole[k] + first + f, m, x);
        vec_store(r->y[k] + first + f,
                  between(vec_load(r->part[k] + first + f), x));
    }
}

DSP_INLINE float
copy_of(const struct moving_run *r, size_t side, size_t f, bool is_double)
{
    const float y = r->y[2 * side][f];
    return is_double ? (y + r->y[2 * side + 1][f]) * 0.5F : y;
}

/// Put these frames into the line, with what goes round again.
DSP_INLINE void
write_line(struct lat_moving *s, uint32_t size, const struct moving_run *r,
           size_t first, size_t n, bool is_double)
{
    float x[ROOM];
    for (size_t f = 0; f < n; f++) {
        x[f] = r->x[first + f] +
               r->feedback[first + f] * copy_of(r, 0, first + f, is_double);
    }
    const size_t left = size - s->line.next;
    const size_t whole = n < left ? n : left;
    memcpy(s->frames + s->line.next, x, whole * sizeof(*x));
    lat_line_pass(&s->line, size, (uint32_t)whole);
    if (n > whole) {
        memcpy(s->frames, x + whole, (n - whole) * sizeof(*x));
        lat_line_pass(&s->line, size, (uint32_t)(n - whole));
    }
}

/// One frame, whatever it reads.
DSP_APART void
read_one(const struct lat_moving *s, uint32_t size, size_t f,
         struct moving_run *r)
{
    const four ages = {r->ages[0][f], r->ages[1][f], r->ages[2][f],
                       r->ages[3][f]};
    four six[6];
    float t[VEC_W] = {0};
    float each[6][VEC_W] = {{0}};
    vec_f x[6];
    float y[VEC_W];
    four_store(t, lat_line_sixes(&s->line, s->frames, size, ages, six));
    for (int i = 0; i < 6; i++) {
        four_store(each[i], six[i]);
        x[i] = vec_load(each[i]);
    }
    vec_store(y, between(vec_load(t), x));
    for (size_t k = 0; k < PLACES; k++) {
        r->y[k][f] = y[k];
    }
}

DSP_INLINE uint64_t
moving_process(const struct lat_context *context, const struct lat_io *io,
               struct moving_kind kind)
{
    struct lat_moving *s = io->state;
    const uint32_t size = lat_moving_size(context->rate);
    const size_t stride = kind.is_double ? 1 : 2;
    struct moving_run r;
    for (size_t first = 0; first < context->n_frames; first += RUN) {
        const size_t rest = context->n_frames - first;
        const size_t n = rest < RUN ? rest : RUN;
        take(io, LAT_MOVING_IN, first, n, r.x);
        take_knob(io, LAT_MOVING_DEPTH, first, n, 0.0F, 1.0F, kind.way, r.way);
        take_knob(io, LAT_MOVING_FEEDBACK, first, n, -0.99F, 0.99F, 1.0F,
                  r.feedback);
        take_knob(io, LAT_MOVING_MIX, first, n, 0.0F, 1.0F, 1.0F, r.mix);
        take_turns(context, io, first, n, &s->phase, r.turns);
        find_places(&kind, n, &r);
        for (size_t f = 0, m = 0; f < n; f += m) {
            m = count_apart(&r, f, n);
            while (m && !is_within(&r, f, m, stride)) {
                m /= 2;
            }
            if (!m) {
                m = 1;
                read_one(s, size, f, &r);
            } else {
                for (size_t k = 0; k < PLACES; k += stride) {
                    read_place(s, size, k, f, m, &r);
                }
            }
            write_line(s, size, &r, f, m, kind.is_double);
        }
        for (size_t side = 0; side < 2; side++) {
            float *restrict out = io->out[side] + first;
            for (size_t f = 0; f < n; f++) {
                out[f] = r.x[f] * (1.0F - r.mix[f]) +
                         copy_of(&r, side, f, kind.is_double) * r.mix[f];
            }
        }
    }
    return 0;
}

LAT_RT uint64_t
KERNEL_LOOP(chorus)(const struct lat_context *context, const struct lat_io *io)
{
    const struct moving_kind kind = {
        LAT_CHORUS_SECONDS * context->rate_f,
        LAT_CHORUS_DEPTH * context->rate_f,
        true,
    };
    return moving_process(context, io, kind);
}

LAT_RT uint64_t
KERNEL_LOOP(flanger)(const struct lat_context *context, const struct lat_io *io)
{
    const struct moving_kind kind = {
        LAT_FLANGER_SECONDS * context->rate_f,
        LAT_FLANGER_DEPTH * context->rate_f,
        false,
    };
    return moving_process(context, io, kind);
}
