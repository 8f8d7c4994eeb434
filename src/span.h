// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Run a plan over one span: gather inputs, process nodes, watch for faults.
///
/// A span never crosses the grid of `block` absolute frames.  That is what
/// makes a feedback cable a plain pointer: its ring holds two quanta, the
/// source writes one while the readers read the other.
#ifndef LAT_SPAN_H
#define LAT_SPAN_H

#include "plan.h"
#include "ring.h"

struct lat_span {
    struct lat_context context;
    const struct lat_kernels *kernels;
    float *const *buffers; ///< device slots, from the period's first frame
    uint32_t offset;       ///< of the span in the period
    uint64_t amount_epoch;
    uint64_t turn;            ///< which nodes are timed this time
    struct lat_ring *reports; ///< faults go here
    _Atomic uint64_t *n_faults;
    struct lat_instance *slowest; ///< of those timed; NULL if none was
};

/// The end of the quantum that holds @p frame.  [any]
LAT_RT static inline uint64_t
lat_span_grid_end(uint64_t frame, uint32_t block)
{
    return frame - frame % block + block;
}

/// Run one chunk.  @p scratch holds plan->scratch_floats.  [audio, worker]
LAT_RT void
lat_span_run_chunk(struct lat_span *span, struct lat_plan *plan,
                   const struct lat_chunk *chunk, float *scratch);

/// Run all of @p plan.  [audio]
LAT_RT void
lat_span_run(struct lat_span *span, struct lat_plan *plan);

#endif // LAT_SPAN_H
