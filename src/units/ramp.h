// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// A value that moves between two frames, as a function of the frame alone:
/// nothing accumulates, so cutting time into spans in another way changes no
/// bit.  A glide is a straight line; a fade, which exists so that nothing
/// clicks, is 3 t^2 - 2 t^3, which has no corners.
///
/// All functions are [audio, worker], and [control] of a ramp that no plan
/// holds.
#ifndef LAT_UNITS_RAMP_H
#define LAT_UNITS_RAMP_H

#include "base/rt.h"

struct lat_ramp {
    float from, to;
    uint64_t start : 63; ///< first frame that may differ from `from`
    uint64_t is_fade : 1;
    uint64_t end; ///< first frame that is `to`; start for a step
};

/// A frame as `start` holds it.
#define LAT_RAMP_START(frame) ((frame) & (UINT64_MAX >> 1U))

LAT_RT static inline void
lat_ramp_set(struct lat_ramp *r, float value)
{
    *r = (struct lat_ramp){
        .from = value,
        .to = value,
        .start = LAT_RAMP_START(UINT64_MAX),
    };
}

/// Has it been aimed since it was set?
LAT_RT static inline bool
lat_ramp_is_aimed(const struct lat_ramp *r)
{
    return r->start != LAT_RAMP_START(UINT64_MAX);
}

LAT_RT static inline float
lat_ramp_at(const struct lat_ramp *r, uint64_t frame)
{
    if (frame >= r->end) {
        return r->to;
    }
    if (frame < r->start) {
        return r->from;
    }
    const float t = (float)(frame - r->start) / (float)(r->end - r->start);
    const float share = r->is_fade ? t * t * (3.0F - 2.0F * t) : t;
    return r->from + (r->to - r->from) * share;
}

/// Does the value stay the same over frames [begin, end)?
LAT_RT static inline bool
lat_ramp_is_still(const struct lat_ramp *r, uint64_t begin, uint64_t end)
{
    return begin >= r->end || end <= r->start || r->from == r->to;
}

/// Has the ramp nothing left to do at @p frame, so that it can be aimed anew
/// for a later frame without losing any of its own?
LAT_RT static inline bool
lat_ramp_is_idle(const struct lat_ramp *r, uint64_t frame)
{
    return frame >= r->end;
}

/// From @p frame on, move to @p to within @p n_frames (0: a step).
LAT_RT static inline void
lat_ramp_aim(struct lat_ramp *r, uint64_t frame, float to, uint64_t n_frames,
             bool is_fade)
{
    r->from = lat_ramp_at(r, frame);
    r->to = to;
    r->start = LAT_RAMP_START(frame);
    r->end = frame + n_frames;
    r->is_fade = is_fade;
}

/// Write frames [frame, frame + n) to @p out.
LAT_RT void
lat_ramp_fill(const struct lat_ramp *r, uint64_t frame, float *out, uint32_t n);

#endif // LAT_UNITS_RAMP_H
