// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The MIDI clock that goes out: 24 a beat, in time with the transport.
///
/// The song position is counted in sixteenths, of 6 clocks, so a receiver can
/// only begin at one.  Where the transport plays from in between, clocks come
/// at once, and start or continue at the next sixteenth, right before its
/// clock: from there on both are at the same place.
#ifndef LAT_NODES_MIDI_OUT_CLOCK_H
#define LAT_NODES_MIDI_OUT_CLOCK_H

#include "node/type.h"

/// All zero at first.
struct lat_midi_out_clock {
    bool has_begun;   ///< what follows says something
    bool was_playing; ///< the transport
    bool is_running;  ///< the receiver was started
    bool owes_stop;
    bool owes_position;
    uint32_t beats; ///< a cycle, in thousandths
    int64_t next;   ///< clock, from the transport's position 0 on
    int64_t start;  ///< clock at which the receiver starts
    uint64_t n_locates;
};

/// Take in what happened to the transport before this span.
/// @param is_on  clocks are wanted.
/// @return whether any frame of the span has something to send.  [audio,
///         worker]
LAT_RT bool
lat_midi_out_clock_begin(struct lat_midi_out_clock *s, bool is_on,
                         const struct lat_context *context,
                         const struct lat_io *io);

/// Send what is due at frame @p f of the span.  [audio, worker]
LAT_RT void
lat_midi_out_clock_step(struct lat_midi_out_clock *s, uint32_t f,
                        const struct lat_context *context,
                        const struct lat_io *io);

#endif // LAT_NODES_MIDI_OUT_CLOCK_H
