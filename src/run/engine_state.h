// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What engine.c, engine_apply.c, engine_take.c (audio) and engine_setup.c
/// (control) share: one struct that holds all the audio thread may touch.
#ifndef LAT_RUN_ENGINE_STATE_H
#define LAT_RUN_ENGINE_STATE_H

#include "ahead.h"
#include "base/ring.h"
#include "ending.h"
#include "engine.h"
#include "engine_setup.h"
#include "messages.h"
#include "midi_out.h"
#include "midi_sync.h"
#include "node/transport.h"
#include "plan/plan.h"
#include "scheduler.h"
#include "span.h"

#include <stdatomic.h>

/// Messages that the ring to the audio thread holds.
#define LAT_MESSAGES 65536U

/// What a span can begin with; more comes a frame later.
#define LAT_MAX_NOTES   64U
#define LAT_MAX_NUMBERS 256U ///< of as many nodes
#define LAT_MAX_STRIKES 64U

enum lat_given {
    LAT_GIVEN_NOTES,
    LAT_GIVEN_NUMBERS,
    LAT_GIVEN_STRIKES,
    LAT_N_GIVEN,
};

/// Changes of events that wait for the one before, while others pass them.
#define LAT_MAX_WAITING 256U

/// Seconds over which what would click is ramped.
#define LAT_RAMP_SECONDS 0.005

/// When a period began: lets the control thread tell what frame it is now.
struct lat_period_mark {
    _Atomic uint32_t sequence; ///< odd while it is written
    _Atomic uint64_t frame;
    _Atomic uint64_t ns;
    _Atomic uint64_t beat_ns;  ///< when the driver says that it began
    _Atomic uint64_t n_breaks; ///< periods that the driver has lost, or begun
    _Atomic int64_t cycle;     ///< position at `frame`
    _Atomic uint64_t fraction;
    _Atomic double tempo_bpm;
    _Atomic bool is_playing;
};

struct lat_engine {
    // Constant.
    double rate; ///< changed by RATE, audio side
    const struct lat_kernels *kernels;
    struct lat_ring *messages;   ///< control writes
    struct lat_ring *returned;   ///< plans; audio writes
    struct lat_stream *faults;   ///< for the control's log
    const struct lat_bell *bell; ///< wakes control, or NULL
    struct lat_engine_ear ear;   ///< its `hear` may be NULL
    struct lat_scheduler *scheduler;

    // Audio only.
    struct lat_plan *plan;
    struct lat_plan *fading;  ///< fades out over the present plan, or NULL
    struct lat_plan *returns; ///< plans that found no room in `returned`
    uint64_t frame;           ///< first frame not yet processed
    uint32_t last_period;     ///< frames of the period before
    struct lat_transport transport;
    enum lat_follow_kind follows;
    bool has_follow;
    struct lat_follow follow;
    uint64_t follow_frame;     ///< of that transport, if it goes on as it did
    struct lat_midi_sync sync; ///< numbers in it are for all
    uint32_t next_sync; ///< MIDI event of this period that it looks at next
    bool is_led;        ///< it follows nothing but `move`,
    bool has_move;      ///< at the coming frame
    struct lat_transport_move move;
    bool has_coming;
    struct lat_transport coming; ///< from its anchor's frame on
    uint64_t amount_epoch;       ///< counts changes of cable amounts
    uint64_t load_turn;
    struct lat_span span;         ///< the present one
    struct lat_instance *slowest; ///< longest running one sampled lately
    bool slot_is_output[LAT_MAX_DEVICE_SLOTS]; ///< control writes free slots
    float *buffers[LAT_MAX_DEVICE_SLOTS];      ///< bound for this period
    struct lat_midi_event midi[LAT_MAX_MIDI];
    uint32_t n_midi;
    bool loses_midi; ///< more came in this period than there is room for
    struct lat_midi_event span_midi[LAT_MAX_SPAN_MIDI];
    struct lat_note_event notes[LAT_MAX_NOTES]; ///< at the next span's start
    struct lat_number_event numbers[LAT_MAX_NUMBERS];
    struct lat_strike_event strikes[LAT_MAX_STRIKES];
    uint32_t n_given[LAT_N_GIVEN]; ///< how many there are of these
    struct lat_message waiting[LAT_MAX_WAITING]; ///< in their order
    uint32_t n_waiting;
    struct lat_ahead ahead;      ///< messages that the ring does not wait for
    uint32_t seen_turn;          ///< of the message that was looked at last
    uint64_t missed_frame;       ///< of the last that came too late
    struct lat_engine_beat beat; ///< of the coming period, from the driver

    // Both.
    struct lat_midi_outs midi_outs;
    struct lat_taps taps;
    _Atomic uint32_t n_slots;
    struct lat_period_mark mark;
    struct lat_ending ending;
    _Atomic bool has_lost_midi; ///< a source, or events
    _Atomic bool is_running;    ///< control writes: a driver calls process
    _Atomic uint32_t period;    ///< frames, control writes
    _Atomic uint64_t frames_done;
    _Atomic uint64_t n_periods, n_late, n_faults, n_swaps, n_lost_midi;
    _Atomic uint64_t n_missed; ///< frames of messages ahead that came too late
    _Atomic uint64_t n_starts; ///< of drivers; control writes
    _Atomic uint64_t ns_max;
    _Atomic uint32_t period_ns[LAT_PERIODS_KEPT]; ///< period n at n modulo it
    _Atomic float load, load_peak;
    _Atomic(struct lat_instance *) late_instance; ///< ran longest when late

    // When audio is to ring the bell: control writes it, and audio takes it
    // back as it rings.
    _Atomic uint64_t wake_frame; ///< once this frame is done
    _Atomic bool wakes_on_report;

    // Control only.
    uint64_t last_stamp;
    uint32_t workers;
    struct lat_engine_status info; ///< what the newest plan says
};

// Control side (engine_setup.c).

struct lat_engine_options {
    double rate;
    const struct lat_kernels *kernels;
    struct lat_scheduler_options scheduler;
};

/// A silent engine with an empty plan.  [control]
enum lat_status
lat_engine_new(const struct lat_engine_options *options, struct lat_plan *plan,
               struct lat_engine **out);

/// Free the engine and every plan that it still holds.  [control, no driver]
void
lat_engine_free(struct lat_engine *e);

/// The frame for changes made now: a period ahead of the sound, never before an
/// earlier stamp.  [control]
uint64_t
lat_engine_stamp(struct lat_engine *e);

/// Apply all messages on the control thread, where no driver runs.  [control]
void
lat_engine_flush(struct lat_engine *e);

/// Has audio sent something for the control: plans that are back, faults?
/// [audio, control]
LAT_RT bool
lat_engine_has_reports(const struct lat_engine *e);

/// Ring the bell once, at the end of the period in which frame @p frame is done
/// (UINT64_MAX: never) or, with @p on_report, something is there to be read.
/// Takes the place of what was asked for before.  [control]
/// @return false when that is so already.
bool
lat_engine_wake(struct lat_engine *e, uint64_t frame, bool on_report);

/// A slot that was free is used from now on.  [control]
void
lat_engine_open_slot(struct lat_engine *e, uint16_t slot, bool is_output);

#endif // LAT_RUN_ENGINE_STATE_H
