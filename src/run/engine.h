// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The audio side of the engine: takes timed changes, runs the plan span by
/// span, swaps plans.
///
/// Per period a driver binds a buffer to each device slot, adds MIDI, and calls
/// lat_engine_process().  Nothing here allocates, locks, logs or waits.
#ifndef LAT_RUN_ENGINE_H
#define LAT_RUN_ENGINE_H

#include "base/rt.h"
#include "node/transport.h"

#include <stdbool.h>
#include <stdint.h>

struct lat_engine;

/// Bind @p buffer, one period long, to @p slot until the next
/// lat_engine_process() has returned.  NULL: silence in, nothing out.  [audio]
LAT_RT void
lat_engine_bind(struct lat_engine *e, uint32_t slot, float *buffer);

/// Slots to bind: all below this.  [audio]
LAT_RT uint32_t
lat_engine_n_slots(const struct lat_engine *e);

/// Add a MIDI event to the coming period, in time order.  Events longer than
/// three bytes are ignored.  [audio]
LAT_RT void
lat_engine_midi(struct lat_engine *e, uint32_t frame, const uint8_t *data,
                uint32_t size);

/// A MIDI event on its way out.
struct lat_outgoing {
    uint32_t frame; ///< in the period
    uint16_t slot;
    uint8_t size; ///< 1 to 3
    uint8_t data[3];
};

/// What nodes sent in the period that was processed, in the order of frames;
/// valid until the next.  A driver need not ask.  [audio]
/// @return how many there are.
LAT_RT uint32_t
lat_engine_outgoing(const struct lat_engine *e,
                    const struct lat_outgoing **events);

/// The driver has no room for @p event, the last one or a later one than that
/// which was put back before: it comes again with the next period, at its first
/// frame, and is counted.  [audio]
LAT_RT void
lat_engine_put_back(struct lat_engine *e, const struct lat_outgoing *event);

/// Somebody hears the MIDI of output slot @p slot since now: keys that were
/// down as a driver ended are let go there, some periods later.  [any]
LAT_RT void
lat_engine_heard(struct lat_engine *e, uint32_t slot);

/// A source of MIDI is gone: keys that it held are released at the start of
/// the coming period.  [any]
LAT_RT void
lat_engine_lose_midi(struct lat_engine *e);

/// What the driver knows of the coming period.
struct lat_engine_beat {
    uint64_t ns;   ///< when it began, in lat_now_ns(), filtered; 0: not known
    bool is_break; ///< frames were lost before it
};

/// Say when the coming period began.  [audio]
LAT_RT void
lat_engine_set_beat(struct lat_engine *e, const struct lat_engine_beat *beat);

/// What another transport (JACK's) says about the coming period.
struct lat_follow {
    bool is_rolling;
    bool has_bbt; ///< tempo and beats below are valid
    double tempo_bpm;
    double beats; ///< quarter notes since the start, at the first frame
    /// Quarter notes that `beats` may lie behind, as it counts whole ticks; 0
    /// where it does not.
    double behind_beats;
    uint64_t frame; ///< of that transport, at the first frame
};

/// Whose time the transport keeps; the numbers of enum lat_sync.
enum lat_follow_kind {
    LAT_FOLLOW_NONE,
    LAT_FOLLOW_JACK,
    LAT_FOLLOW_MIDI, ///< the MIDI clock that comes in
};

/// Follow another transport from the coming period on, until called with NULL.
/// Does nothing unless the session says `sync = jack`.  [audio]
LAT_RT void
lat_engine_follow(struct lat_engine *e, const struct lat_follow *follow);

/// From now on the transport follows nothing but lat_engine_move().  [audio]
LAT_RT void
lat_engine_lead(struct lat_engine *e);

/// Have somebody move the transport at the first frame of the coming period,
/// behind the messages for it.  [audio, led]
LAT_RT void
lat_engine_move(struct lat_engine *e, const struct lat_transport_move *move);

/// Where the engine is in time, at the first frame of the coming period: what
/// another engine needs to be there too.
struct lat_engine_time {
    uint64_t frame;
    struct lat_transport transport;
};

/// [audio]
LAT_RT void
lat_engine_get_time(const struct lat_engine *e, struct lat_engine_time *out);

/// Be at @p time with the coming period, wherever the engine was.  Nodes go on
/// from the state that they have.  A transport that begins within the period,
/// as the other engine's did, takes effect at its frame.  [audio]
LAT_RT void
lat_engine_set_time(struct lat_engine *e, const struct lat_engine_time *time);

/// Run one period of @p n_frames, of any length.  Bound outputs are written in
/// full.  [audio]
LAT_RT void
lat_engine_process(struct lat_engine *e, uint32_t n_frames);

#endif // LAT_RUN_ENGINE_H
