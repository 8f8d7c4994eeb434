// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The state of a wavetable node, zeroed at first.
#ifndef LAT_DSP_WAVETABLE_STATE_H
#define LAT_DSP_WAVETABLE_STATE_H

#include "wavetable.h"

/// Words of a wave, as wave_places.inc has them.
#define LAT_WAVETABLE_WORDS 22

/// A table, and the level that was right last.
struct lat_wavetable_use {
    const struct lat_wavetable *table; ///< or NULL
    uint32_t level;
};

struct lat_wavetable_osc {
    uint32_t n_fade; ///< frames in which a table fades into another
    uint32_t words[LAT_WAVETABLE_WORDS];
    int32_t ways[2];   ///< of the last two frames, in 2^-32 of a cycle
    uint32_t n_rings;  ///< frames for which what sync left behind rings
    uint32_t n_synced; ///< frames for which partials fade out earlier
    uint32_t n_left;   ///< of the fade; 0: only `now` is heard
    struct lat_wavetable_use now, old;
};

#endif // LAT_DSP_WAVETABLE_STATE_H
