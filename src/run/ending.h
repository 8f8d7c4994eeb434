// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The end: all that leaves the engine fades out together, over 20 ms.
///
/// Nothing of the graph changes for it.  The control thread begins, the audio
/// thread fades from its next period on and is silent from then on, until its
/// driver is taken away.
#ifndef LAT_RUN_ENDING_H
#define LAT_RUN_ENDING_H

#include "base/rt.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define LAT_ENDING_SECONDS 0.02

struct lat_ending {
    atomic_bool is_wanted;  ///< control writes
    atomic_bool is_silent;  ///< audio writes: a whole silent period has been
    bool has_begun;         ///< audio only, and what follows
    uint64_t begin, length; ///< frames
};

/// Fade what leaves in this period, of which the first frame is @p frame.
/// Does nothing before it is wanted.  [audio]
///
/// @param buffers  of @p n_buffers slots; NULL or not an output: left alone.
LAT_RT void
lat_ending_apply(struct lat_ending *ending, double rate, uint64_t frame,
                 uint32_t n_frames, float *const *buffers,
                 const bool *is_output, uint32_t n_buffers);

#endif // LAT_RUN_ENDING_H
