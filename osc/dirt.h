// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Events as SuperDirt takes them: keys and values in turn.
///
/// Who asks for a sound that nobody plays asks again with the next cycle: it is
/// counted, and told once for each name.  All functions are [control].
#ifndef LAT_OSC_DIRT_H
#define LAT_OSC_DIRT_H

#include "control/control.h"

/// Names that are remembered as told; what others lack is counted only.
#define LAT_OSC_DIRT_NAMES 256

/// Zero it to start.
struct lat_osc_dirt {
    uint64_t n_played;
    uint64_t n_unknown; ///< events for which there was nobody
    char *told[LAT_OSC_DIRT_NAMES];
    uint32_t n_told;
};

/// What an event says, with what it means where it says nothing.
struct lat_osc_dirt_event {
    const char *s; ///< NULL: it does not say
    bool has_midinote, has_note, has_sustain;
    double midinote, note, n, gain, sustain, delta;
};

/// An event that says nothing.
struct lat_osc_dirt_event
lat_osc_dirt_event(void);

void
lat_osc_dirt_fini(struct lat_osc_dirt *d);

/// Play an event, as part of the open transaction or as one.
/// @return LAT_OK, also where nobody plays it; else with an error.
enum lat_status
lat_osc_dirt_play_event(struct lat_osc_dirt *d, struct lat_control *control,
                        const struct lat_osc_dirt_event *event,
                        struct lat_error *error);

#endif // LAT_OSC_DIRT_H
