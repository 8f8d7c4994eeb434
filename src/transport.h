// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Tempo and exact cycle position.
///
/// The position is computed from the frame, never accumulated: between two
/// changes of tempo or place it is
///
///     cycle(f) = anchor_cycle + (f - anchor_frame) * numerator / denominator
///
/// with integer numerator and denominator (tempo in micro-beats per minute,
/// beats per cycle in millibeats), so it does not drift.  A change of tempo or
/// place sets a new anchor, rounded down to 2^-64 cycles.
///
/// What happens at a position happens at the frame nearest to it, the later one
/// of two.  After a change of tempo, what the line before had not played by
/// then follows the new line, at the anchor's frame at the earliest; `jump`
/// counts what drops it instead.
#ifndef LAT_TRANSPORT_H
#define LAT_TRANSPORT_H

#include "node.h"

#define LAT_TEMPO_MIN           1.0
#define LAT_TEMPO_MAX           1000.0
#define LAT_BEATS_PER_CYCLE_MIN 0.25
#define LAT_BEATS_PER_CYCLE_MAX 64.0

struct lat_transport {
    double rate;
    double tempo_bpm;
    double beats_per_cycle;
    bool is_playing;
    uint64_t anchor_frame;
    struct lat_cycle anchor;
    uint64_t numerator;   // micro-beats per minute
    uint64_t denominator; // of one cycle per frame
    uint64_t jump;        // counts starts and locates, from 1
};

/// A stopped transport at cycle 0, frame 0.  [any]
void
lat_transport_init(struct lat_transport *t, double rate, double tempo_bpm,
                   double beats_per_cycle);

/// Position at absolute frame @p frame, not before the anchor.  [any]
LAT_RT struct lat_cycle
lat_transport_at(const struct lat_transport *t, uint64_t frame);

/// The frame of position @p c: anchor frame + floor((c - anchor) * frames per
/// cycle + 1/2), and the anchor's frame for what lies before it.  UINT64_MAX
/// when that never comes (stopped, or too far).  [any]
LAT_RT uint64_t
lat_transport_frame_of(const struct lat_transport *t, struct lat_cycle c);

/// The position @p n / @p d of a cycle, rounded up to 2^-64: as anchors are
/// rounded down, what lies half a frame behind one exactly is never early.
/// @p d is below 2^63.  [any]
LAT_RT struct lat_cycle
lat_cycle_from_ratio(int64_t n, uint64_t d);

/// Changes that take effect at @p frame; the position there stays.  [audio]
LAT_RT void
lat_transport_set_tempo(struct lat_transport *t, uint64_t frame, double bpm);
LAT_RT void
lat_transport_set_beats(struct lat_transport *t, uint64_t frame,
                        double beats_per_cycle);
LAT_RT void
lat_transport_play(struct lat_transport *t, uint64_t frame, bool is_playing);
/// A new sample rate; the position at @p frame stays.
LAT_RT void
lat_transport_set_rate(struct lat_transport *t, uint64_t frame, double rate);

/// Jump: the position at @p frame becomes @p c, and what was not played is
/// dropped.  [audio]
LAT_RT void
lat_transport_locate(struct lat_transport *t, uint64_t frame,
                     struct lat_cycle c);

/// The same for a clock that is set right by a little: nothing is dropped.
LAT_RT void
lat_transport_correct(struct lat_transport *t, uint64_t frame,
                      struct lat_cycle c);

/// A cycle position from a number of cycles, and back (rounded).  [any]
LAT_RT struct lat_cycle
lat_cycle_from_double(double cycles);
LAT_RT double
lat_cycle_to_double(struct lat_cycle c);

/// Negative, zero or positive as @p a is before, at or after @p b.  [any]
LAT_RT int
lat_cycle_compare(struct lat_cycle a, struct lat_cycle b);

#endif // LAT_TRANSPORT_H
