// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "support/pace.h"
#include "support/rig.h"

#include "control/state.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Test(control, plans_and_instances_come_back_and_are_freed)
{
    // Leaks show in the sanitizer's build; here the counters must agree.
    struct rig r = rig_new(64);
    rig_do(&r, "new audio_out main channels 1");
    for (int i = 0; i < 200; ++i) {
        rig_do(&r, "new sine a\nnew delay d\nconnect a d\nconnect d main\n"
                   "feedback d a/freq 3");
        rig_run(&r, 100, 64);
        rig_do(&r, "free d\nfree a");
        rig_run(&r, 100, 64);
    }
    rig_run(&r, 1000, 64);
    cr_assert_eq(lat_control_graph(r.c)->n_nodes, 1);
    cr_assert_eq(lat_control_n_fading(r.c), 0);
    rig_free(&r);
}

Test(control, random_edits_never_break_the_graph)
{
    srand(3);
    struct rig r = rig_new(64);
    rig_do(&r, "new audio_out main");
    static const char *const types[] = {"sine", "lowpass", "delay", "mix",
                                        "bus",  "adsr",    "pan",   "gain"};
    for (unsigned i = 0; i < 6000 / TEST_STRIDE; ++i) {
        char line[100];
        const int a = rand() % 24;
        const int b = rand() % 24;
        switch (rand() % 11) {
        case 0:
        case 1:
            snprintf(line, sizeof(line), "new %s n%d", types[a % 8], a);
            break;
        case 2:
        case 3:
        case 4:
            snprintf(line, sizeof(line), "connect n%d n%d 0.01", a, b);
            break;
        case 5:
            snprintf(line, sizeof(line), "feedback n%d n%d 0.01", a, b);
            break;
        case 6:
            snprintf(line, sizeof(line), "free n%d", a);
            break;
        case 7:
            snprintf(line, sizeof(line), "disconnect n%d n%d", a, b);
            break;
        case 8:
            snprintf(line, sizeof(line), "set n%d poly %d", a, 1 + b % 4);
            break;
        case 9:
            snprintf(line, sizeof(line), "set n%d.%d in 0.5", a, 1 + b % 4);
            break;
        default:
            snprintf(line, sizeof(line), "connect n%d main 0.01", a);
            break;
        }
        const bool in_bundle = rand() % 4 == 0;
        if (in_bundle) {
            lat_control_begin(r.c);
        }
        rig_try(&r, line);
        if (in_bundle) {
            snprintf(line, sizeof(line), "free n%d", b);
            rig_try(&r, line);
            snprintf(line, sizeof(line), "new mix n%d inputs %d", b, 1 + a);
            rig_try(&r, line);
            snprintf(line, sizeof(line), "set n%d poly %d", a, 1 + b % 3);
            rig_try(&r, line);
            if (rand() % 2) {
                lat_control_rollback(r.c);
            } else if (lat_control_commit(r.c, &r.error)) {
                cr_assert(strstr(r.error.text, "voices"), "%s", r.error.text);
            }
        }
        if (r.n_frames < RIG_MAX_FRAMES - 100) {
            rig_run(&r, 50, 33);
        }
    }
    rig_free(&r);
}
