// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What the transport follows: JACK's, or a MIDI clock.
///
/// It moves the transport behind the messages of a frame.  What it does is
/// told as records, so that a score can do the same in its place: a transport
/// that is led follows nothing else.  All functions are [audio].
#ifndef LAT_RUN_FOLLOW_H
#define LAT_RUN_FOLLOW_H

#include "engine_state.h"

/// A period begins.
LAT_RT void
lat_follow_begin(struct lat_engine *e);

/// Move the transport as it is said for @p now, in a period of @p n_frames.
/// @return @p end, or the frame at which more is said, if that is before.
LAT_RT uint64_t
lat_follow_take(struct lat_engine *e, uint64_t now, uint64_t end,
                uint32_t n_frames);

#endif // LAT_RUN_FOLLOW_H
