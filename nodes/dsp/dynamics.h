// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What compressors and gates are made of: a detector of levels, and how a
/// reduction in dB follows what is wanted.  It knows no graph.
///
/// The **detector** gives the amplitude of a sine as one number that does not
/// move with its phase: the root of the squares of two signals that are 90
/// degrees apart.  They come out of two chains of all-passes of the second
/// order whose phases differ by 90 degrees within 0.1 from 0.0005 to 0.4995 of
/// the rate (an elliptic half-band filter, split as in Ansari, IIR
/// Discrete-Time Hilbert Transformers, 1987).  They are given no DC; where the
/// signal itself is larger, that counts.  Where a sound begins with a step, the
/// root goes far beyond the amplitude for a moment; it is held at 1.01 times
/// the peak of the last 30 ms, or where it was all that time.  A fall takes it
/// about 1 ms.
///
/// A **follower** goes to what is wanted as by Giannoulis, Massberg and Reiss
/// (Digital Dynamic Range Compressor Design, 2012), decoupled: the release
/// works on what is wanted, and the attack on what the release makes of it,
/// only on the way up, so that neither time depends on the other.  Attack and
/// release are the times in which the reduction, in dB, goes 63 % (1 - 1/e) of
/// its way.
#ifndef LAT_DSP_DYNAMICS_H
#define LAT_DSP_DYNAMICS_H

#include "base/rt.h"

#include <stdint.h>

#define LAT_DETECTOR_SECTIONS 6

#define LAT_DETECTOR_PARTS 8U

/// Zero at first.
struct lat_detector {
    double keep;          ///< what the high-pass keeps of DC in a frame
    uint32_t n_part;      ///< frames of a part
    double dc_in, dc_out; ///< the frame before, before and behind the high-pass
    float late;           ///< one chain is a frame behind
    uint32_t n;           ///< frames
    /// What came out of each all-pass of both chains, and at first went in, in
    /// even and odd frames.
    float nodes[2][LAT_DETECTOR_SECTIONS + 1][2];
    float parts[LAT_DETECTOR_PARTS];  ///< peaks of the parts before
    float held, now;                  ///< their highest, and that of this part
    float leasts[LAT_DETECTOR_PARTS]; ///< least squares of the parts before
    float least_held, least;          ///< the least, and that of this part
    uint32_t n_left, oldest; ///< frames of it that are left; of `parts`
};

/// Most frames that it hears at once.
#define LAT_DETECTOR_RUN 64U

/// The levels of the next @p n frames, in dB of an amplitude of 1; -200 at
/// least.  [audio, worker]
///
/// @param x, db  have LAT_DETECTOR_RUN each, of which what is beyond @p n does
///               not matter
LAT_RT void
lat_detector_db(struct lat_detector *d, const float *x, float *db, uint32_t n,
                double rate);

/// A time and what it comes to.  Zero at first.
struct lat_time {
    float seconds;
    double keep; ///< part of the way that is left after a frame
};

/// Take another time; 0 or less: everything at once.  [audio, worker]
LAT_RT void
lat_time_set(struct lat_time *t, float seconds, double rate);

/// Zero at first.
struct lat_follower {
    struct lat_time attack, release;
    double released, reduction; ///< dB
};

/// The reduction of the next frame.  [audio, worker]
LAT_RT static inline float
lat_follower_next(struct lat_follower *s, float wanted)
{
    const double goal = (double)wanted;
    const double down = goal + s->release.keep * (s->released - goal);
    s->released = goal > down ? goal : down;
    const double up =
        s->released + s->attack.keep * (s->reduction - s->released);
    s->reduction = s->released > s->reduction ? up : s->released;
    return (float)s->reduction;
}

/// The reduction in dB, not negative, that a level asks for.  [any]
///
/// Below the knee none; above it the level's excess over the threshold times
/// (1 - 1 / ratio); within it the parabola that meets both.
LAT_RT static inline float
lat_compression_db(float level, float threshold, float slope, float knee)
{
    const float over = level - threshold;
    const float into = over + 0.5F * knee;
    if (into <= 0.0F) {
        return 0.0F;
    }
    return slope * (into < knee ? into * into / (2.0F * knee) : over);
}

#endif // LAT_DSP_DYNAMICS_H
