// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// A few live lines in the terminal: how loud each output is, which MIDI came
/// last, how busy the engine is, where OSC listens.
///
/// The lines are drawn below the cursor, which waits on an empty line above
/// them: what others print there does not get mixed up with them.  All
/// functions are [control].
#ifndef LAT_CLI_METERS_H
#define LAT_CLI_METERS_H

#include "control/control.h"
#include "jack/client.h"
#include "run/engine_setup.h"

struct lat_play_view;

/// @param osc_address  shown as it is; borrowed.
/// @param control      of which MIDI is shown; outlives the view.
/// @return NULL when stdout is no terminal, or when out of memory.
struct lat_play_view *
lat_play_view_new(const char *osc_address, struct lat_control *control);

/// Draw what there is now.
/// @param slots  LAT_MAX_DEVICE_SLOTS of them.
void
lat_play_view_draw(struct lat_play_view *v, const struct lat_engine *engine,
                   const struct lat_slot *slots, struct lat_jack *jack);

/// Clear the lines and give the terminal back; NULL is fine.
void
lat_play_view_free(struct lat_play_view *v);

#endif // LAT_CLI_METERS_H
