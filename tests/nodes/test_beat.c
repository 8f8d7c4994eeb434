// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The example with a beat: it is on the grid, loud enough, never clips, and
// stops.

#include "sessions/session.h"
#include "support/patches.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdio.h>

/// A sixteenth at 112 beats a minute.
#define SIXTEENTH (48000.0 * 60 / 112 / 4)

/// Frames by which its limiter delays it.
#define LATE 72U

static struct rig
load(void)
{
    const char *path = LAT_SOURCE_DIR "/sessions/examples/beat.ini";
    struct rig r = rig_new(64);
    FILE *f = fopen(path, "re");
    cr_assert_not_null(f);
    lat_control_begin_load(r.c, 64);
    cr_assert_eq(lat_session_read(r.c, f, path, NULL, NULL, NULL, &r.error),
                 LAT_OK, "%s", r.error.text);
    cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK);
    fclose(f);
    return r;
}

Test(beat, sounds_on_the_grid_and_never_clips)
{
    struct rig r = load();
    rig_do(&r, "set room mix 0");
    rig_run(&r, 480000, 64);
    float peak = 0.0F;
    for (uint32_t f = 0; f < r.n_frames; ++f) {
        peak = fmaxf(peak, fabsf(r.recorded[f]));
    }
    cr_assert(peak > 0.4F && peak < 0.95F, "peak %g", (double)peak);
    // The eighth sixteenth of the first bar is a rest of all: silence up to
    // the frame of the ninth, where a gate opens and is heard from the next on.
    const uint32_t at = (uint32_t)floor(8 * SIXTEENTH + 0.5) + LATE;
    for (uint32_t f = at - 2000; f <= at; ++f) {
        cr_assert_eq(r.recorded[f], 0.0F, "frame %u of %u: %g", f, at,
                     (double)r.recorded[f]);
    }
    cr_assert_neq(r.recorded[at + 2], 0.0F);
    rig_free(&r);
}

Test(beat, follows_stop_play_and_locate)
{
    struct rig r = load();
    rig_do(&r, "set room mix 0");
    rig_run(&r, 50000, 64);
    cr_assert_eq(lat_control_play(r.c, false, &r.error), LAT_OK);
    rig_run(&r, 50000, 64);
    for (uint32_t f = 75000; f < 100000; ++f) {
        cr_assert_eq(r.recorded[f], 0.0F, "frame %u", f);
    }
    cr_assert_eq(lat_control_locate(r.c, 0.5, &r.error), LAT_OK);
    cr_assert_eq(lat_control_play(r.c, true, &r.error), LAT_OK);
    rig_run(&r, 1000, 64);
    cr_assert_neq(r.recorded[100002 + LATE], 0.0F);
    rig_free(&r);
}
