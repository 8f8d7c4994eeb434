// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// --demo: a short phrase, over and over, into every node that takes notes.
///
/// Each such node hears it until somebody else plays it: a command, or a key of
/// its own channel and range at midi_in.  What the phrase holds there is let go
/// then.  A panic ends it for all nodes that there are.  Nodes that come later
/// join in.  It goes by the transport's tempo, and plays while that stands,
/// too.
///
/// All functions are [control].
#ifndef LAT_CLI_DEMO_H
#define LAT_CLI_DEMO_H

#include "control/control.h"

struct lat_demo;

/// @param[out] out  owned by the caller, who frees it before the control.
/// @return LAT_OK or LAT_ENOMEM.
enum lat_status
lat_demo_new(struct lat_control *c, struct lat_demo **out);

/// NULL does nothing.
void
lat_demo_free(struct lat_demo *d);

/// Is there a node that it could play?
bool
lat_demo_is_heard(const struct lat_demo *d);

// Where the caller turns the crank.

/// The engine's frame of what comes next.
uint64_t
lat_demo_next(const struct lat_demo *d);

/// Play what is for @p frame, the engine's next one, or was before it.
void
lat_demo_play(struct lat_demo *d, uint64_t frame);

// Where a driver does.

/// Send what comes soon, ahead of its frame.
void
lat_demo_tick(struct lat_demo *d);

/// When lat_demo_tick() has something to do, in lat_now_ns(); UINT64_MAX while
/// no driver calls.
uint64_t
lat_demo_next_ns(const struct lat_demo *d);

#endif // LAT_CLI_DEMO_H
