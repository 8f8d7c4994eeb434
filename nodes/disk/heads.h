// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Heads over a file that is read while it plays: where they are, and what they
/// give there.
///
/// A place is kept exactly, as whole frames and 2^-32 of one, so that what
/// plays does not depend on how calls cut time.
///
/// All functions are [audio, worker; one thread at a time].
#ifndef LAT_NODES_DISK_HEADS_H
#define LAT_NODES_DISK_HEADS_H

#include "reader.h"
#include "wide.h"

/// Frames of a file.
struct lat_head_place {
    int64_t whole;
    uint32_t part; ///< in 2^-32
};

#define LAT_NO_HEAD LAT_READER_HEADS

struct lat_head {
    bool is_used;
    uint32_t deck;
    struct lat_head_place at;
    int64_t page; ///< that `channels` is
    const float *const *channels;
    uint32_t n_in, in;   ///< frames of its beginning, and those that are over
    uint32_t n_out, out; ///< the same of its end; 0: it plays on
    float last[2];       ///< what it gave last
    uint32_t gap;        ///< of n_fade: how far it is into a gap
};

struct lat_heads {
    struct lat_disk_reader *reader; ///< borrowed
    uint32_t n_fade;                ///< frames of a fade
    uint32_t playing;               ///< head, or LAT_NO_HEAD
    bool goes_round;                ///< behind its end a file begins anew
    /// How far they go in a frame, in 2^-32 of their files', by deck.
    int64_t step[LAT_READER_DECKS];
    struct lat_head all[LAT_READER_HEADS];
    struct lat_wide wide;
};

LAT_RT static inline int64_t
lat_head_page(int64_t frame)
{
    return frame >= 0 ? frame / LAT_READER_PAGE : -1;
}

LAT_RT struct lat_head_place
lat_head_go_on(struct lat_head_place at, int64_t step);

/// A place inside of the file, of a loop that goes round.
LAT_RT int64_t
lat_head_around(int64_t whole, int64_t length);

/// Begin to play in a deck at a place, coming up over @p n_in frames: with a
/// head that nobody uses, else with the one that is gone furthest.
LAT_RT void
lat_head_begin(struct lat_heads *s, uint32_t deck, struct lat_head_place at,
               uint32_t n_in);

/// Let what plays fade out.
LAT_RT void
lat_heads_let_go(struct lat_heads *s);

/// End it here.
LAT_RT void
lat_head_end(struct lat_heads *s, uint32_t h);

/// Take the page of the place where it is, if that is there.
/// @return whether it is, or the place is outside of the file.
LAT_RT bool
lat_head_is_ready(struct lat_heads *s, uint32_t h);

/// Add the next frame of each head to @p out.  Those at their end are ended.
LAT_RT void
lat_heads_give(struct lat_heads *s, float out[2]);

LAT_RT bool
lat_heads_are_fading(const struct lat_heads *s);

LAT_RT bool
lat_heads_are_silent(const struct lat_heads *s);

LAT_RT bool
lat_heads_use(const struct lat_heads *s, uint32_t deck);

#endif // LAT_NODES_DISK_HEADS_H
