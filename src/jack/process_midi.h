// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// MIDI between JACK's ports and the engine, in a period.
#ifndef LAT_JACK_PROCESS_MIDI_H
#define LAT_JACK_PROCESS_MIDI_H

#include "link_state.h"
#include "run/engine.h"

/// Events arrive sorted.  Ports may also carry OSC and pieces of long system
/// messages: neither begins like a short message.  [audio]
LAT_RT void
lat_link_feed_midi(struct lat_link *l, jack_nframes_t n_frames);

/// Send what nodes sent in the period that was processed; buffers are clear.
/// [audio]
LAT_RT void
lat_link_send_midi(struct lat_link *l, jack_nframes_t n_frames);

#endif // LAT_JACK_PROCESS_MIDI_H
