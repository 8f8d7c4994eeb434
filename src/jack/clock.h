// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The engine's time as a MIDI message, one a period, for nodes in processes.
///
/// It travels through a JACK port, so that a process is behind the engine in
/// JACK's order and has the time of this very period, on another machine too.
/// The message is a system exclusive one of the non-commercial kind: whoever
/// else listens ignores it.  All functions are [audio].
#ifndef LAT_JACK_CLOCK_H
#define LAT_JACK_CLOCK_H

#include "run/engine.h"

#include <stddef.h>

/// Numbers in the message, of 64 bits each.
#define LAT_CLOCK_NUMBERS 14U

/// Seven bits a byte: ten for each number, around them F0 7D 'L' VERSION … F7.
#define LAT_CLOCK_BYTES (5U + 10U * LAT_CLOCK_NUMBERS)

LAT_RT void
lat_clock_write(const struct lat_engine_time *time,
                uint8_t out[LAT_CLOCK_BYTES]);

/// @return false when @p bytes are no such message.
LAT_RT bool
lat_clock_read(const uint8_t *bytes, size_t size, struct lat_engine_time *out);

#endif // LAT_JACK_CLOCK_H
