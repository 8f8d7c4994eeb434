// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Sums and maxima of cables, in the one fixed association.
///
/// Up to LAT_SUM_BLOCK terms: 16 partial sums (term k in partial k mod 16, in
/// rising order), folded by halves: 8, 4, 2, 1.  More terms: blocks of
/// LAT_SUM_BLOCK in order, then the blocks' sums by the same rule.  The result
/// is a function of the terms' number and order alone.  All functions are
/// [audio, worker].
#ifndef LAT_RUN_MIX_H
#define LAT_RUN_MIX_H

#include "plan/plan.h"

#include <float.h>

/// Takes no part in a maximum.
#define LAT_MIX_LEAST (-FLT_MAX)

/// out = sum of the terms, LAT_SUM_BLOCK squared at the most; 0 terms give -0,
/// the neutral element.
LAT_RT void
lat_mix_sum(const struct lat_kernels *kernels, float *out,
            const struct lat_term *terms, uint32_t n_terms, uint32_t n_frames);

/// The same of LAT_SUM_BLOCK terms at the most while amounts move: those of the
/// cables' ramps at each frame.
LAT_RT void
lat_mix_sum_moving(const struct lat_kernels *kernels, float *out,
                   const struct lat_term *terms,
                   const struct lat_plan_cable *cables, uint32_t n_terms,
                   uint64_t frame, uint32_t n_frames);

/// Copy rows to @p out, which may be where they are.
LAT_RT void
lat_mix_spread(float *out, const float *rows, uint32_t step, uint32_t n_frames);

/// The maximum of values and terms, lane by lane.
LAT_RT void
lat_mix_maximum_lanes(float *out, const struct lat_lane_term *terms,
                      uint32_t n_terms, const float *values, uint32_t n_rows);

/// out += value, of which only row 0 is valid where @p step is 0.
LAT_RT void
lat_mix_add(float *out, const float *value, uint32_t step, uint32_t n_frames);

/// out = max(out, min(value, floor)); @p value as above.
LAT_RT void
lat_mix_floor(float *out, const float *value, uint32_t step, float floor,
              uint32_t n_frames);

/// out += source * ramp; nothing where the ramp is 0.
LAT_RT void
lat_mix_add_moving(float *out, const struct lat_term *term,
                   const struct lat_ramp *amount, uint64_t frame,
                   uint32_t n_frames);

/// out = max(out, source * amount).
LAT_RT void
lat_mix_maximum(float *out, const struct lat_term *term, uint32_t n_frames);

/// Scale a signal input's own value by its share, in place.
/// @return the step of the result: 0 while it is constant.
LAT_RT uint32_t
lat_mix_normal(float *value, uint32_t step, const struct lat_ramp *normal,
               uint64_t frame, uint32_t n_frames);

/// to += from, through two fades.
LAT_RT void
lat_mix_to_device(float *to, const float *from, const struct lat_ramp *a,
                  const struct lat_ramp *b, uint64_t frame, uint32_t n_frames);

#endif // LAT_RUN_MIX_H
