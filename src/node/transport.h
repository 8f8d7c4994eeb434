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
/// An event at position t is due at the frame that is nearest to it, of two the
/// later:
///
///     anchor_frame + floor((t - anchor) * denominator / numerator + 1/2)
///
/// In other words, all before border(f) = cycle(f) + half a frame's worth are
/// due by frame f.  Whoever plays events remembers the next one; an event that
/// was not due before the anchor moved is so by the new line, at the anchor's
/// frame at the earliest, and none comes twice.  Only a locate, or a stop and
/// the play after it, drops any: those before `first`.
#ifndef LAT_NODE_TRANSPORT_H
#define LAT_NODE_TRANSPORT_H

#include "type.h"

#define LAT_TEMPO_MIN           1.0
#define LAT_TEMPO_MAX           1000.0
#define LAT_BEATS_PER_CYCLE_MIN 0.25
#define LAT_BEATS_PER_CYCLE_MAX 64.0

/// No transport is followed further away: so far nodes count parts of cycles
/// exactly.
#define LAT_CYCLES_FOLLOWED (INT64_C(1) << 32U)

struct lat_transport {
    double rate;
    double tempo_bpm;
    double beats_per_cycle;
    bool is_playing;
    uint64_t anchor_frame;
    struct lat_cycle anchor;
    uint64_t numerator;     // micro-beats per minute
    uint64_t denominator;   // of one cycle per frame
    struct lat_cycle first; // events before it are dropped
    uint64_t n_locates;
    uint64_t n_breaks; // locates and stops: gates close
};

/// A stopped transport at cycle 0, frame 0.  [any]
void
lat_transport_init(struct lat_transport *t, double rate, double tempo_bpm,
                   double beats_per_cycle);

/// Position at absolute frame @p frame, not before the anchor.  [any]
LAT_RT struct lat_cycle
lat_transport_at(const struct lat_transport *t, uint64_t frame);

/// The frame at which an event at @p c is due, the anchor's at the earliest.
/// UINT64_MAX when that never comes (stopped, or too far).  [any]
LAT_RT uint64_t
lat_transport_frame_of(const struct lat_transport *t, struct lat_cycle c);

/// The first of @p per_cycle places a cycle (place k is at k / per_cycle) that
/// is not due by frame @p frame, from the one before the anchor's on, of a
/// transport that plays; whatever was due before the anchor is no matter here.
/// @param per_cycle  1 to 2^32.  [any]
LAT_RT int64_t
lat_transport_due(const struct lat_transport *t, uint64_t frame,
                  uint64_t per_cycle);

/// Is an event at @p position due by frame @p frame, of a transport that plays?
/// Exact for all positions; whatever was due before the anchor is no matter
/// here.  [any]
LAT_RT bool
lat_transport_is_due(const struct lat_transport *t, uint64_t frame,
                     struct lat_position position);

/// The first of @p per_cycle places a cycle that was not dropped.  [any]
LAT_RT int64_t
lat_transport_first(const struct lat_transport *t, uint64_t per_cycle);

/// Changes that take effect at @p frame; the position there stays.  [audio]
LAT_RT void
lat_transport_set_tempo(struct lat_transport *t, uint64_t frame, double bpm);
LAT_RT void
lat_transport_set_beats(struct lat_transport *t, uint64_t frame,
                        double beats_per_cycle);
LAT_RT void
lat_transport_play(struct lat_transport *t, uint64_t frame, bool is_playing);
/// A new sample rate; the position at @p frame stays.  [audio]
LAT_RT void
lat_transport_set_rate(struct lat_transport *t, uint64_t frame, double rate);

/// Jump: the position at @p frame becomes @p c.  [audio]
LAT_RT void
lat_transport_locate(struct lat_transport *t, uint64_t frame,
                     struct lat_cycle c);

/// Correct: the position at @p frame becomes @p c, which is near, and nothing
/// is dropped or played twice.  [audio]
LAT_RT void
lat_transport_nudge(struct lat_transport *t, uint64_t frame,
                    struct lat_cycle c);

/// What somebody else did to a transport at a frame, which is its anchor's.
struct lat_transport_move {
    double tempo_bpm;
    struct lat_cycle anchor;
    struct lat_cycle first;
    uint32_t n_locates; ///< that it located,
    uint32_t n_breaks;  ///< or broke off
    bool is_playing;
};

/// What made @p after of @p before, at the frame of its anchor.
/// @return false when nothing did; @p out is untouched then.  [audio]
LAT_RT bool
lat_transport_moved(const struct lat_transport *before,
                    const struct lat_transport *after,
                    struct lat_transport_move *out);

/// Do the same at @p frame.  [audio]
LAT_RT void
lat_transport_move(struct lat_transport *t, uint64_t frame,
                   const struct lat_transport_move *move);

/// A cycle position from a number of cycles, and back (rounded).  [any]
LAT_RT struct lat_cycle
lat_cycle_from_double(double cycles);
LAT_RT double
lat_cycle_to_double(struct lat_cycle c);

/// Negative, zero or positive as @p a is before, at or after @p b.  [any]
LAT_RT int
lat_cycle_compare(struct lat_cycle a, struct lat_cycle b);

#endif // LAT_NODE_TRANSPORT_H
