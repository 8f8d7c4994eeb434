// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Run a plan over one span: gather inputs, process nodes, watch for faults.
///
/// A span never crosses the grid of `block` absolute frames.  That is what
/// makes a feedback cable a plain pointer: its ring holds two quanta, the
/// source writes one while the readers read the other.
#ifndef LAT_RUN_SPAN_H
#define LAT_RUN_SPAN_H

#include "plan/plan.h"
#include "stream.h"

struct lat_span {
    struct lat_context context;
    const struct lat_kernels *kernels;
    float *const *buffers; ///< device slots, from the period's first frame
    uint32_t offset;       ///< of the span in the period
    uint64_t amount_epoch;
    uint64_t turn;                   ///< which nodes are timed this time
    struct lat_taps *taps;           ///< what readers hear goes here
    struct lat_midi_outs *midi_outs; ///< the same of MIDI; NULL: nowhere
    _Atomic uint64_t *n_faults;
    struct lat_instance *slowest; ///< of those timed; NULL if none was
    uint64_t longest_ns;
};

/// Faults that a thread can tell of in one span; more are only counted.
#define LAT_SPAN_FAULTS 16U

/// What a thread has of its own while it runs chunks.
struct lat_span_thread {
    uint32_t index; ///< 0: the audio thread
    float *scratch; ///< plan->scratch_floats
    uint64_t longest_ns;
    struct lat_instance *slowest;
    uint32_t n_faults;
    struct lat_fault {
        struct lat_instance *inst;
        uint64_t frame;
    } faults[LAT_SPAN_FAULTS];
    struct lat_posted posted;
};

/// The end of the quantum that holds @p frame.  [any]
LAT_RT static inline uint64_t
lat_span_grid_end(uint64_t frame, uint32_t block)
{
    return frame - frame % block + block;
}

/// Run one chunk.  [audio, worker]
LAT_RT void
lat_span_run_chunk(struct lat_span *span, struct lat_plan *plan,
                   const struct lat_chunk *chunk, struct lat_span_thread *t);

/// When all chunks are done: send what goes to the device.  [audio]
LAT_RT void
lat_span_finish(struct lat_span *span, struct lat_plan *plan);

/// Hand on what a thread noted.  [audio]
LAT_RT void
lat_span_collect(struct lat_span *span, struct lat_span_thread *t);

#endif // LAT_RUN_SPAN_H
