// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Waves in lanes work out beforehand where the edges of many frames are: the
// frame must be the right one where an edge lies on it, or very close by.

#include "support/patches.h"

#include <criterion/criterion.h>

#define N_WAVES  16
#define N_FRAMES 1500

/// Waves of which edges come at frames, at most @p off frames away in a cycle.
static struct rig
waves(const char *type, const char *isa, bool without_lanes, double off)
{
    static const double cycles[] = {64, 100, 128, 47.5, 250.25, 1000, 33, 48};
    struct rig r = rig_on(64, isa, without_lanes);
    lat_control_begin(r.c);
    rig_do(&r, "new audio_out o channels 1 limit off\n");
    for (int k = 0; k < N_WAVES; ++k) {
        const double frames = cycles[k % 8] + off * (k - N_WAVES / 2);
        rig_say(&r, "new %s w%d phase %.9g freq %.9g\nconnect w%d o %.9g\n",
                type, k, (k % 5) / 8.0, (k % 3 ? 48000 : -48000) / frames, k,
                (k + 1) / 100.0);
        if (!strcmp(type, "pulse")) {
            rig_say(&r, "set w%d width %g\n", k, (k % 7 + 1) / 8.0);
        }
    }
    cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK);
    return r;
}

Test(wave_runs, find_edges_that_lie_on_frames)
{
    const char *const types[] = {"saw", "square", "triangle", "pulse"};
    const double offs[] = {0, 1e-7, 1e-5, 1e-3, 0.1};
    for (size_t t = 0; t < LAT_COUNT(types); ++t) {
        for (size_t f = 0; f < LAT_COUNT(offs); ++f) {
            for (size_t i = 0; rig_isa(1, i); ++i) {
                struct rig alone =
                    waves(types[t], rig_isa(1, i), true, offs[f]);
                struct rig r = waves(types[t], rig_isa(1, i), false, offs[f]);
                rig_run(&alone, N_FRAMES, 64);
                rig_run(&r, N_FRAMES, 64);
                rig_same_bits(&alone, &r);
                rig_free(&alone);
                rig_free(&r);
            }
        }
    }
}
