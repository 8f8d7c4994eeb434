// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The control side of the engine: making it, feeding it, reading it.
///
/// engine.h is the audio side.
#ifndef LAT_RUN_ENGINE_SETUP_H
#define LAT_RUN_ENGINE_SETUP_H

#include "base/bell.h"
#include "engine.h"
#include "units/slots.h"

struct lat_plan;
struct lat_kernels;

/// Numbers of the engine, for /status and --stats.
struct lat_engine_status {
    uint64_t frame; ///< frames processed
    double rate;
    uint32_t block;
    uint32_t period; ///< of the driver, in frames; 0 where there is none
    uint32_t workers;
    const char *isa;
    struct lat_cycle cycle; ///< position at `frame`
    bool is_playing;
    double tempo_bpm;
    double load;      ///< process time over period, running mean, 0..1
    double load_peak; ///< the largest since the last reset, decaying
    uint64_t process_ns_last, process_ns_max;
    uint64_t n_periods;
    uint64_t n_late;      ///< periods that took longer than they had
    uint64_t n_faults;    ///< NaN or infinity from a node
    uint64_t n_lost_midi; ///< events for which a period had no room
    /// MIDI events on their way out for which there was no room in a period;
    /// those that only the driver had none for come a period late.
    uint64_t n_lost_midi_out;
    bool has_midi_clock;         ///< that the transport follows, and it comes
    double midi_clock_ppm;       ///< what it is off the tenth of a bpm nearest
    double midi_clock_jitter_us; ///< what its clocks are off their line, rms
    uint64_t n_swaps;            ///< plans taken
    uint64_t n_tapped; ///< spans of outputs that readers had looked at
    uint64_t n_sent;   ///< records to readers
    uint64_t n_lost;   ///< records for which a reader had no room
    uint32_t n_nodes, n_cables, n_batches, n_chunks;
    uint32_t buffers_in_use, buffers_peak;
    uint64_t buffer_allocations, buffer_gets;
    double buffer_reuse; ///< share of gets served by a used buffer, 0..1
    uint32_t compile_us; ///< of the last plan
    uint64_t n_parallel, n_serial; ///< spans run by several threads, by one
    uint64_t n_wakes;              ///< times that workers were woken
    uint64_t n_yields, n_sleeps;   ///< long waits for a worker
    uint64_t n_retreats; ///< times that late workers made it run serially
    uint32_t threads;    ///< that run the present plan
    bool workers_are_realtime;
    char late_node[LAT_NAME_MAX]; ///< ran when a period was last late, or ""
};

/// Whoever hears what leaves the engine.
struct lat_engine_ear {
    void *data;
    /// A period is over.  @param buffers  of slots, NULL where none is bound.
    /// [audio]
    LAT_RT void (*hear)(void *data, float *const *buffers, uint32_t n_frames);
};

/// Have @p ear told of every period from now on, before a driver runs.
/// [control]
void
lat_engine_set_ear(struct lat_engine *e, const struct lat_engine_ear *ear);

/// What frame it is.
struct lat_engine_clock {
    bool is_running; ///< a driver calls; else nothing below holds
    uint64_t frame;  ///< the first of the present period
    uint64_t ns;     ///< when that began, in lat_now_ns(), as the driver says
    /// Another number: a driver has begun since, or lost frames.
    uint64_t n_breaks;
    double rate;
    uint32_t period;
    uint64_t n_missed; ///< frames at which something came too late
};
/// [control]
void
lat_engine_clock(const struct lat_engine *e, struct lat_engine_clock *out);

/// [control]
void
lat_engine_status(const struct lat_engine *e, struct lat_engine_status *out);

/// As many of the last periods are looked at.
#define LAT_PERIODS_KEPT 8192U

/// Process times, in ns, which @p shares (0 to 1) of the last periods did not
/// exceed.  [control]
void
lat_engine_percentiles(const struct lat_engine *e, const double *shares,
                       uint32_t n, uint64_t *out);

/// The driver says whether an audio thread calls lat_engine_process().  While
/// none does, the control thread applies changes itself.  [control]
void
lat_engine_set_running(struct lat_engine *e, bool is_running);

/// Real-time priority of the audio thread, for the workers; 0 for none.
/// @return whether all workers have it.  [control]
bool
lat_engine_set_priority(struct lat_engine *e, int priority,
                        bool audio_is_realtime);

/// What wakes the control thread; borrowed.  NULL: nothing does.  [control, no
/// driver]
void
lat_engine_set_bell(struct lat_engine *e, const struct lat_bell *bell);

/// Period of the driver in frames, for time stamps: a change takes effect one
/// period after it was made, so that changes keep their distances.  [control]
void
lat_engine_set_period(struct lat_engine *e, uint32_t frames);

/// Let all that leaves fade out over 20 ms, for good.  [control]
void
lat_engine_end(struct lat_engine *e);

/// Has it faded out, and a period of silence been played?  [control]
bool
lat_engine_has_ended(const struct lat_engine *e);

#endif // LAT_RUN_ENGINE_SETUP_H
