// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// From time tags to frames: one line for all senders.
///
/// A tag is 64 bits of NTP: seconds since 1900, and 2^-32 of them.  The frame
/// of a tag is f0 + (tag - t0) x rate, kept exactly (in 2^-32 of a frame) and
/// rounded half up at the end, so that the distance of two tags is that of
/// their frames.  The line follows a clock, which says what the time was at a
/// frame, by moves so small and so rare that near tags keep their distance:
///
/// * at a tag that is 20 ms or more later than every tag before it, by 2 frames
///   in 4800 of the distance at most;
/// * where there was no such tag for 100 ms, by 1 frame at the next tag later
///   than all before; for 100 ms behind that, other moves are half as large, so
///   that no two tags 4800 frames apart are off by more than 2.
///
/// A move is heard from its tag on: an earlier tag that comes later is mapped
/// by the line of before.  Nothing here reads a clock.
///
/// All functions are [control].
#ifndef LAT_OSC_TIMELINE_H
#define LAT_OSC_TIMELINE_H

#include <stdbool.h>
#include <stdint.h>

/// Tag 1 is "now"; 0, which no clock shows, is taken for it.
#define LAT_TIMELINE_NOW UINT64_C(1)

/// Moves that are remembered; tags before them all are mapped as the first was.
#define LAT_TIMELINE_MOVES 64U

/// A place on the axis of frames, in 2^-32 of one.
struct lat_timeline_place {
    int64_t frame;
    uint32_t fraction;
};

/// What a clock says: at `frame` the wall clock showed, or will show, `tag`.
struct lat_timeline_clock {
    bool is_running; ///< else there are no frames; `tag`, `steady_ns` hold
    uint64_t frame;
    uint64_t tag;       ///< of that frame
    uint64_t now_tag;   ///< of this moment
    uint64_t steady_ns; ///< of this moment, by a clock that nobody sets
    uint64_t n_breaks;  ///< another number: frames were lost, or it began anew
    uint32_t rate;      ///< frames a second
    uint32_t period;    ///< frames that are made at a time
};

/// The line from a tag on.
struct lat_timeline_piece {
    uint64_t from; ///< tag
    struct lat_timeline_place f0;
};

/// Zero it to start.
struct lat_timeline {
    bool is_set;
    uint64_t t0; ///< of all pieces
    uint32_t rate;
    struct lat_timeline_piece pieces[LAT_TIMELINE_MOVES]; ///< oldest first
    uint32_t n_pieces;
    uint64_t latest;     ///< of all tags that have come
    uint64_t moved_at;   ///< tag of the last that was 20 ms later
    uint64_t crept_at;   ///< tag of the last move of the other kind, or 0
    uint64_t arrived_ns; ///< steady time at which a tag came last
    uint64_t passed_ns;  ///< the same for lat_timeline_pass()
    uint64_t n_breaks;
    bool has_offset;
    uint64_t offset; ///< of the wall clock to the steady one, as a tag
};

/// What has become of the line.
enum lat_timeline_news {
    LAT_TIMELINE_KEPT,
    LAT_TIMELINE_ANEW, ///< what waits is to be placed anew
};

/// Look at the clock: call it now and then, and before a tag is placed.
/// @param[out] step  what the wall clock has jumped by, to be added to tags
///                   that were placed before; else 0.
/// @return LAT_TIMELINE_ANEW also when there is a line for the first time.
enum lat_timeline_news
lat_timeline_look(struct lat_timeline *l,
                  const struct lat_timeline_clock *clock, int64_t *step);

/// A tag has come: move the line where that is its turn.  Behind
/// lat_timeline_look().
enum lat_timeline_news
lat_timeline_arrive(struct lat_timeline *l,
                    const struct lat_timeline_clock *clock, uint64_t tag);

/// Something goes out by the line: where no tag has come for a second, which
/// would have moved it, this moment counts as one.  The next that comes finds
/// the line as if nothing had gone out.  Behind lat_timeline_look().
enum lat_timeline_news
lat_timeline_pass(struct lat_timeline *l,
                  const struct lat_timeline_clock *clock);

/// The frame of a tag, 0 for one before the first.  The line is set.
uint64_t
lat_timeline_frame(const struct lat_timeline *l, uint64_t tag);

/// The tag of a frame, to the nearest: what lat_timeline_frame() gives that
/// frame for.  The line is set.
uint64_t
lat_timeline_tag(const struct lat_timeline *l, uint64_t frame);

/// Is @p tag before @p other?  Tags that seem to lie 34 years ahead are taken
/// for old ones.
bool
lat_timeline_is_before(uint64_t tag, uint64_t other);

/// A tag of so many nanoseconds.
uint64_t
lat_timeline_from_ns(uint64_t ns);

/// Nanoseconds of a tag, for a distance: those between two.
int64_t
lat_timeline_to_ns(int64_t tag);

#endif // LAT_OSC_TIMELINE_H
