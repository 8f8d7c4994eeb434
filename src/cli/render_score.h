// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// `lattice render --score`: bundles are carried out before the frame that they
/// are for.  All functions are [control].
#ifndef LAT_CLI_RENDER_SCORE_H
#define LAT_CLI_RENDER_SCORE_H

#include "render_state.h"

/// Read the file that `--score` names, before there is a control; a journal
/// says the rate where the command line does not.
/// @return an exit code; it has told what is wrong.
int
lat_render_read_score(struct render *r);

/// Begin to play it: where --seconds does not say how long it is, its end does,
/// and what is for frame 0 is carried out.
/// @return as above.
int
lat_render_begin_score(struct render *r);

/// Carry out what is for @p frame or was before it.
/// @return as above.
int
lat_render_play_score(struct render *r, uint64_t frame);

/// Find the channels; where the score makes its first audio_out later, run up
/// to then.
/// @return as above.
int
lat_render_await_ports(struct render *r);

/// The frame of what comes next, a bundle, a step of the demo or the end of a
/// note, or UINT64_MAX.
uint64_t
lat_render_next_of_score(const struct render *r);

/// How many commands meant nothing here.
void
lat_render_tell_score(const struct render *r);

void
lat_render_end_score(struct render *r);

#endif // LAT_CLI_RENDER_SCORE_H
