// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// A slow reference of when events in musical time are due: it keeps the line
/// that the transport follows as fractions, and is asked at every frame, for
/// every event, whether its frame has come.  At 48 kHz.
#ifndef LAT_TEST_DUE_H
#define LAT_TEST_DUE_H

#include <stdbool.h>
#include <stdint.h>

__extension__ typedef __int128 due_wide;

/// A line: position in 2^-64 cycles, c0 of frame f0 on.
struct due_line {
    int64_t f0, tempo_u, beats_m; ///< frame, millionths of bpm, thousandths
    due_wide c0;
    bool is_playing;
};

struct due {
    struct due_line line;
    int64_t per_cycle; ///< events of a cycle
    int64_t slack;     ///< by how many of them one may come out of turn
    /// Event number @p k is at @p p / @p q cycles; q below 2^31.
    void (*place)(const void *events, int64_t k, due_wide *p, due_wide *q);
    const void *events;
    int64_t next; ///< the first that has not come; INT64_MIN at first
};

/// The largest whole number that is not above a / b.
due_wide
due_floor(due_wide a, due_wide b);

/// The frame of event @p k, not clamped to that of the line.
int64_t
due_frame(const struct due *d, int64_t k);

// What happens to the transport at @p frame.

void
due_tempo(struct due *d, int64_t frame, double bpm);
void
due_locate(struct due *d, int64_t frame, double cycle);
void
due_play(struct due *d, int64_t frame, bool is_playing);

/// Whether an event comes at @p frame.
bool
due_step(struct due *d, int64_t frame);

#endif // LAT_TEST_DUE_H
