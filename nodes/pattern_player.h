// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The onsets of a pattern, in the order in which they are due, and which
/// pattern is to play.
///
/// What lies before the end of a span, and a little more, is asked for once;
/// when each onset is due follows from the line that the transport follows at
/// that moment.  So none is lost or comes twice where tempo changes, and only a
/// locate, a stop, or another pattern drops any.
#ifndef LAT_NODES_PATTERN_PLAYER_H
#define LAT_NODES_PATTERN_PLAYER_H

#include "fraction.h"
#include "node/type.h"
#include "pattern/pattern.h"

/// Onsets that are known ahead; where there are more, they are asked for again.
#define LAT_PLAYER_AHEAD 128U

struct lat_player_onset {
    struct lat_ratio begin, end; ///< cycles of the pattern
    uint32_t place;              ///< in the text
    uint64_t key;
    float value; ///< semitones, where it is a note, before it is tuned
    float n;     ///< what stands behind its `:`, or 0
    bool is_note;
    uint32_t word;   ///< of its value
    uint64_t serial; ///< of its pattern
};

/// Which pattern, with which transforms; and what they are known by once they
/// are gone.
struct lat_player_pair {
    const struct lat_pattern *pattern, *with; ///< each may be NULL
    uint64_t pattern_serial, with_serial;
};

struct lat_pattern_player {
    bool has_begun;
    bool is_cut;  ///< not all onsets of the stretch that was asked for fitted
    bool is_late; ///< another pair is to play from `swap` on
    struct lat_player_pair plays, next;
    struct lat_ratio swap;
    struct lat_fraction rate; ///< cycles of the pattern to one of the transport
    uint64_t seed;
    uint64_t n_locates;
    uint64_t joined;                ///< frame at which it took up this pattern
    struct lat_ratio asked, target; ///< known up to here; to be known up to
    uint32_t halvings; ///< of a cycle, which is asked for at once; 0: all
    uint32_t n, at;    ///< in `ahead`, and those of them that are over
    uint64_t cell;     ///< of absolute frames, that an onset fell into last
    uint32_t n_of_cell;
    struct lat_player_onset last; ///< that is over, where is_cut
    struct lat_player_onset ahead[LAT_PLAYER_AHEAD];
};

/// Settings that say what is to play.
struct lat_player_settings {
    uint32_t pattern, with, rate, swap;
    /// The pattern in what is prepared of `pattern`; NULL: it is that.
    LAT_RT const struct lat_pattern *(*pattern_of)(const void *prepared);
};

/// What is to play, as the node's configuration has it.
struct lat_player_wish {
    struct lat_player_pair pair;
    struct lat_fraction rate;
    uint64_t seed;
    /// What plays now may go on to the end of its cycle: it is still there.
    bool may_go_on;
};

/// A pair of what is there.  [any]
LAT_RT struct lat_player_pair
lat_player_pair(const struct lat_pattern *pattern,
                const struct lat_pattern *with);

/// What a configuration wishes to be played.  [audio, worker]
LAT_RT struct lat_player_wish
lat_player_wish_of(const struct lat_pattern_player *s,
                   const struct lat_config *config,
                   const struct lat_player_settings *settings);

/// Take in what happened to the transport and to the wish, and know what is due
/// by the first frame after the span.  The transport plays.  [audio, worker]
LAT_RT void
lat_player_look(struct lat_pattern_player *s, const struct lat_context *context,
                const struct lat_player_wish *wish);

/// The onset that is due next, and when, from the span's first frame: up to the
/// first frame after it.  [audio, worker]
/// @return NULL where none is.
LAT_RT const struct lat_player_onset *
lat_player_next(struct lat_pattern_player *s, const struct lat_context *context,
                uint32_t *frame);

/// What lat_player_next() returned is over.  [audio, worker]
LAT_RT void
lat_player_take(struct lat_pattern_player *s);

/// Is there room for one more onset at @p frame, an absolute one?  More than 64
/// in a cell of 64 frames nobody hears, and what they take is bounded.  [audio,
/// worker]
LAT_RT bool
lat_player_has_room(struct lat_pattern_player *s, uint64_t frame);

/// The number that @p track, a pattern beside the one that plays, has at a time
/// of it: of several, that which begins first in the text.  [audio, worker]
/// @return false: it has none.
LAT_RT bool
lat_player_value_at(const struct lat_pattern_player *s,
                    const struct lat_pattern *track, struct lat_ratio time,
                    float *out);

/// Parts of a cycle that lat_player_value_at() looks at.
#define LAT_PLAYER_MOMENT 4096

/// At which frame a time of the pattern is due, @p limit for later or never.
/// [audio, worker]
LAT_RT uint32_t
lat_player_frame_of(const struct lat_pattern_player *s,
                    const struct lat_context *context, struct lat_ratio time,
                    uint32_t limit);

#endif // LAT_NODES_PATTERN_PLAYER_H
