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

/// Numbers that an event may say.
enum lat_osc_dirt_key {
    LAT_DIRT_N,
    LAT_DIRT_NOTE,
    LAT_DIRT_MIDINOTE,
    LAT_DIRT_GAIN,
    LAT_DIRT_SPEED,
    LAT_DIRT_PAN, ///< 0 left, 1 right
    LAT_DIRT_BEGIN,
    LAT_DIRT_END,
    LAT_DIRT_ATTACK,
    LAT_DIRT_RELEASE,
    LAT_DIRT_CUT,
    LAT_DIRT_ORBIT,
    LAT_DIRT_SUSTAIN,
    LAT_DIRT_LEGATO,
    LAT_DIRT_DELTA,
    LAT_DIRT_N_KEYS,
};

/// What an event says.
struct lat_osc_dirt_event {
    const char *s; ///< NULL: it does not say
    uint32_t has;  ///< bit k: it says values[k]
    double values[LAT_DIRT_N_KEYS];
};

/// A number of an event, or what it means where it says nothing.
double
lat_osc_dirt_value(const struct lat_osc_dirt_event *e,
                   enum lat_osc_dirt_key key);

/// Say a number.
static inline void
lat_osc_dirt_say(struct lat_osc_dirt_event *e, enum lat_osc_dirt_key key,
                 double value)
{
    e->values[key] = value;
    e->has |= 1U << key;
}

void
lat_osc_dirt_fini(struct lat_osc_dirt *d);

/// Play an event, as part of the open transaction or as one.
/// @return LAT_OK, also where nobody plays it; else with an error.
enum lat_status
lat_osc_dirt_play_event(struct lat_osc_dirt *d, struct lat_control *control,
                        const struct lat_osc_dirt_event *event,
                        struct lat_error *error);

#endif // LAT_OSC_DIRT_H
