// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "support/rig.h"

#include <criterion/criterion.h>

#include <math.h>

Test(control, a_new_rate_starts_every_node_anew)
{
    struct rig r = rig_new(64);
    rig_do(&r, "new audio_out main channels 1 limit off\nnew sine a freq 100\n"
               "connect a main\nnew bus b\nfeedback a b\nconnect b main 0.1");
    rig_run(&r, 1000, 64);
    cr_assert_eq(lat_control_set_rate(r.c, 96000.0, &r.error), LAT_OK);
    rig_run(&r, 1000, 64);
    // A quarter of a cycle at 96 kHz, and what was there 64 frames earlier.
    cr_assert_float_eq((double)r.recorded[1000 + 240],
                       1.0 + 0.1 * sin(2.0 * M_PI * 176.0 / 960.0), 1e-4);
    rig_free(&r);
}
