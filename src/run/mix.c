// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "mix.h"

#include <string.h>

#define TILE     64U // frames that are summed at once when there are blocks
#define PARTIALS 16U

// Add nothing, whatever the sign of zero: x + -0 is x.
static float
neutral(float x)
{
    return x == 0.0F ? -0.0F : x;
}

static void
fill(float *out, float value, uint32_t n)
{
    for (uint32_t f = 0; f < n; ++f) {
        out[f] = value;
    }
}

LAT_RT void
lat_mix_sum(const struct lat_kernels *kernels, float *out,
            const struct lat_term *terms, uint32_t n_terms, uint32_t n_frames)
{
    if (!n_terms) {
        fill(out, -0.0F, n_frames);
        return;
    }
    if (n_terms <= LAT_SUM_BLOCK) {
        kernels->sum(out, terms, n_terms, n_frames);
        return;
    }
    float sums[LAT_SUM_BLOCK][TILE];
    struct lat_term blocks[LAT_SUM_BLOCK];
    struct lat_term moved[LAT_SUM_BLOCK];
    for (uint32_t begin = 0; begin < n_frames; begin += TILE) {
        const uint32_t n = n_frames - begin < TILE ? n_frames - begin : TILE;
        uint32_t n_blocks = 0;
        for (uint32_t k = 0; k < n_terms; k += LAT_SUM_BLOCK, ++n_blocks) {
            const uint32_t count =
                n_terms - k < LAT_SUM_BLOCK ? n_terms - k : LAT_SUM_BLOCK;
            for (uint32_t i = 0; i < count; ++i) {
                moved[i] = terms[k + i];
                moved[i].source += (size_t)begin * moved[i].step;
            }
            kernels->sum(sums[n_blocks], moved, count, n);
            blocks[n_blocks] = (struct lat_term){sums[n_blocks], 1, 1.0F};
        }
        kernels->sum(out + begin, blocks, n_blocks, n);
    }
}

// Fold n partial sums of a tile by halves into the first.
static void
fold(float partials[PARTIALS][TILE], uint32_t n_partials, uint32_t n_frames)
{
    for (uint32_t half = PARTIALS / 2; half; half /= 2) {
        for (uint32_t j = 0; j < half && j + half < n_partials; ++j) {
            for (uint32_t f = 0; f < n_frames; ++f) {
                partials[j][f] += partials[j + half][f];
            }
        }
        n_partials = n_partials < half ? n_partials : half;
    }
}

LAT_RT void
lat_mix_sum_moving(const struct lat_kernels *kernels, float *out,
                   const struct lat_term *terms,
                   const struct lat_plan_cable *cables, uint32_t n_terms,
                   uint64_t frame, uint32_t n_frames)
{
    const uint32_t n_partials = lat_sum_partials(n_terms);
    float partials[PARTIALS][TILE];
    for (uint32_t begin = 0; begin < n_frames; begin += TILE) {
        const uint32_t n = n_frames - begin < TILE ? n_frames - begin : TILE;
        for (uint32_t k = 0; k < n_terms; ++k) {
            const uint32_t turn = lat_sum_turn(n_terms, k);
            const struct lat_term *t = &terms[turn];
            float *partial = partials[k % n_partials];
            float x[TILE];
            float amounts[TILE];
            lat_ramp_fill(cables[turn].amount, frame + begin, amounts, n);
            for (uint32_t f = 0; f < n; ++f) {
                x[f] = t->source[(size_t)(begin + f) * t->step];
            }
            if (k >= n_partials) {
                kernels->add_products(partial, x, amounts, n);
                continue;
            }
            for (uint32_t f = 0; f < n; ++f) {
                partial[f] = x[f] * amounts[f];
            }
        }
        fold(partials, n_terms < n_partials ? n_terms : n_partials, n);
        memcpy(out + begin, partials[0], n * sizeof(float));
    }
}

LAT_RT void
lat_mix_spread(float *out, const float *rows, uint32_t step, uint32_t n_frames)
{
    if (out == rows && step == 1) {
        return;
    }
    for (uint32_t f = n_frames; f-- > 0;) {
        out[f] = rows[(size_t)f * step];
    }
}

LAT_RT void
lat_mix_maximum_lanes(float *out, const struct lat_lane_term *terms,
                      uint32_t n_terms, const float *values, uint32_t n_rows)
{
    for (uint32_t r = 0; r < n_rows; ++r) {
        for (uint32_t l = 0; l < LAT_LANES; ++l) {
            float y = values[l];
            for (uint32_t k = 0; k < n_terms; ++k) {
                const struct lat_lane_term *t = &terms[k];
                const float x = t->rows[(size_t)r * t->step + l] *
                                (t->amounts ? t->amounts[l] : 1.0F);
                y = x > y ? x : y;
            }
            out[r * LAT_LANES + l] = y;
        }
    }
}

LAT_RT void
lat_mix_add(float *out, const float *value, uint32_t step, uint32_t n_frames)
{
    for (uint32_t f = 0; f < n_frames; ++f) {
        out[f] += neutral(value[(size_t)f * step]);
    }
}

LAT_RT void
lat_mix_floor(float *out, const float *value, uint32_t step, float floor,
              uint32_t n_frames)
{
    for (uint32_t f = 0; f < n_frames; ++f) {
        const float own = value[(size_t)f * step];
        const float lowest = own < floor ? own : floor;
        out[f] = out[f] > lowest ? out[f] : lowest;
    }
}

LAT_RT void
lat_mix_add_moving(float *out, const struct lat_term *term,
                   const struct lat_ramp *amount, uint64_t frame,
                   uint32_t n_frames)
{
    for (uint32_t f = 0; f < n_frames; ++f) {
        const float gain = lat_ramp_at(amount, frame + f);
        if (gain != 0.0F) {
            out[f] += term->source[(size_t)f * term->step] * gain;
        }
    }
}

LAT_RT void
lat_mix_maximum(float *out, const struct lat_term *term, uint32_t n_frames)
{
    for (uint32_t f = 0; f < n_frames; ++f) {
        const float x = term->source[(size_t)f * term->step] * term->amount;
        out[f] = x > out[f] ? x : out[f];
    }
}

LAT_RT uint32_t
lat_mix_normal(float *value, uint32_t step, const struct lat_ramp *normal,
               uint64_t frame, uint32_t n_frames)
{
    if (lat_ramp_is_idle(normal, frame)) {
        if (normal->to == 1.0F) {
            return step;
        }
        value[0] = -0.0F;
        return 0;
    }
    for (uint32_t f = n_frames; f-- > 0;) {
        const float share = lat_ramp_at(normal, frame + f);
        value[f] = share > 0.0F ? value[(size_t)f * step] * share : -0.0F;
    }
    return 1;
}

LAT_RT void
lat_mix_to_device(float *to, const float *from, const struct lat_ramp *a,
                  const struct lat_ramp *b, uint64_t frame, uint32_t n_frames)
{
    if (a->from == 1.0F && a->to == 1.0F && b->from == 1.0F && b->to == 1.0F) {
        for (uint32_t f = 0; f < n_frames; ++f) {
            to[f] += from[f];
        }
        return;
    }
    for (uint32_t f = 0; f < n_frames; ++f) {
        to[f] +=
            from[f] * lat_ramp_at(a, frame + f) * lat_ramp_at(b, frame + f);
    }
}
