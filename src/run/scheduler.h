// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Run a plan's chunks on a pool of pinned threads.
///
/// The audio thread works like any worker and can finish alone: a chunk is
/// claimed only when it can run, and only claimed chunks are ever waited for.
/// Workers sleep on a futex while there is nothing to do, are woken at most
/// once a period, and spin inside a period for a bounded time.  A plan that
/// would gain too little runs serially, and the workers stay asleep.
#ifndef LAT_RUN_SCHEDULER_H
#define LAT_RUN_SCHEDULER_H

#include "base/cpu.h"
#include "span.h"

#define LAT_MAX_THREADS 64U

struct lat_scheduler;

struct lat_scheduler_options {
    uint32_t n_threads; ///< that process audio, the audio thread counted
    const struct lat_cpus
        *pins;            ///< pins->cpu[0] is the audio thread's; or NULL
    bool always_parallel; ///< never choose to run serially (tests)
    bool lingers;         ///< spin between periods too (offline rendering)
};

/// Start the workers, parked; those that linger, when a plan may need them.
/// [control]
enum lat_status
lat_scheduler_new(const struct lat_scheduler_options *options,
                  struct lat_scheduler **out);

/// Audio will be sent @p plan: start the workers if that is still to be done
/// and there is work for them.  [control]
void
lat_scheduler_expect(struct lat_scheduler *s, const struct lat_plan *plan);

/// Join the workers.  [control, no span is run]
void
lat_scheduler_free(struct lat_scheduler *s);

/// [any]
uint32_t
lat_scheduler_n_threads(const struct lat_scheduler *s);

/// Give the workers real-time priority @p priority (SCHED_FIFO), or none when
/// it is 0.  @p audio_is_realtime says whether the audio thread has it; where
/// it has and a worker cannot get it, plans run serially.  @return whether all
/// workers have what was asked for.  [control]
bool
lat_scheduler_set_priority(struct lat_scheduler *s, int priority,
                           bool audio_is_realtime);

/// A period begins and ends.  [audio]
LAT_RT void
lat_scheduler_begin(struct lat_scheduler *s, uint32_t n_frames, double rate);
LAT_RT void
lat_scheduler_end(struct lat_scheduler *s);

/// Run all of @p plan for @p span.  [audio]
LAT_RT void
lat_scheduler_run(struct lat_scheduler *s, struct lat_span *span,
                  struct lat_plan *plan);

/// The number of the last parallel run: a plan that ended at it may be freed
/// when lat_scheduler_is_past() it.  [audio]
LAT_RT uint64_t
lat_scheduler_run_number(const struct lat_scheduler *s);

/// Has every worker let go of what was in use at run @p run?  [control]
bool
lat_scheduler_is_past(const struct lat_scheduler *s, uint64_t run);

struct lat_scheduler_counters {
    uint64_t n_parallel, n_serial; ///< spans run so
    uint64_t n_wakes;              ///< futex calls that woke someone
    uint64_t n_yields;             ///< long waits for a claimed chunk: yielded
    uint64_t n_sleeps;             ///< and slept
    uint64_t n_retreats; ///< times that late workers made it run serially
    uint32_t threads;    ///< that the present plan is run on
    bool is_realtime;    ///< the workers are
};
/// [control]
void
lat_scheduler_counters(const struct lat_scheduler *s,
                       struct lat_scheduler_counters *out);

#ifdef LAT_TEST_HOOKS
/// Called by workers and the audio thread before a claim (0) and after (1).
typedef void (*lat_scheduler_hook_fn)(uint32_t thread, int when);
extern _Atomic(lat_scheduler_hook_fn) lat_scheduler_hook;
#endif

#endif // LAT_RUN_SCHEDULER_H
