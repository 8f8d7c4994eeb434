// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Another's MIDI clock, which the transport follows: `sync = midi`.
///
/// 24 clocks come a beat, each a little early or late.  A straight line through
/// the last two beats says what was meant: how long a clock is, and where the
/// present one should have been.  The transport's line is moved to that one at
/// each clock, and no event is dropped or played twice for it.  A clock that is
/// off the line by three quarters of its length is another tempo, and begins
/// another line.
///
/// All functions are [audio].
#ifndef LAT_RUN_MIDI_SYNC_H
#define LAT_RUN_MIDI_SYNC_H

#include "node/transport.h"

#include <stdatomic.h>

/// Clocks of a line: two beats.
#define LAT_MIDI_SYNC_CLOCKS 48U

struct lat_midi_sync {
    bool is_on;      ///< the transport follows
    bool is_ruled;   ///< a start, continue or stop has come
    bool is_running; ///< the last of them was no stop
    bool waits;      ///< for the clock at which to begin
    bool must_rule;  ///< somebody else has let it play, or stop
    bool jumps;      ///< the next clock's place is no neighbour of the last's
    bool has_place;  ///< `next` is known
    int64_t next;    ///< clock to come, from the start on
    double period;   ///< frames of a clock; 0: not known
    uint64_t last;   ///< frame of the last clock
    uint32_t n;      ///< clocks in the line,
    uint32_t at;     ///< and where the next is written
    double frames[LAT_MIDI_SYNC_CLOCKS]; ///< when they came
    // What the line has come to over a longer time.
    uint32_t n_long;
    double long_begin; ///< frame
    // Read by others.
    _Atomic bool is_coming;
    _Atomic float ppm;
    _Atomic float jitter_us;
};

/// Follow, or not, from now on.
LAT_RT void
lat_midi_sync_set(struct lat_midi_sync *s, bool is_on);

/// Is it a message that moves the transport?
LAT_RT bool
lat_midi_sync_hears(const struct lat_midi_event *event);

/// Take such a message, which comes at @p frame.
LAT_RT void
lat_midi_sync_take(struct lat_midi_sync *s, struct lat_transport *t,
                   uint64_t frame, const struct lat_midi_event *event);

/// Somebody else lets the transport play, or stops it.
LAT_RT void
lat_midi_sync_disturb(struct lat_midi_sync *s);

/// What has come rules, whatever somebody else said meanwhile.
LAT_RT void
lat_midi_sync_rule(struct lat_midi_sync *s, struct lat_transport *t,
                   uint64_t frame);

/// A period begins at @p frame: has the clock gone?  The transport goes on at
/// the last tempo then, and where it comes back, at the nearest clock.
LAT_RT void
lat_midi_sync_begin(struct lat_midi_sync *s, const struct lat_transport *t,
                    uint64_t frame);

#endif // LAT_RUN_MIDI_SYNC_H
