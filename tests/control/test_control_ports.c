// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Ports that change their numbers under cables, fades and values.

#include "base/rt.h"
#include "support/rig.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static float
peak(const struct rig *r, uint32_t from)
{
    float max = 0.0F;
    for (uint32_t i = from; i < r->n_frames; ++i) {
        max = fmaxf(max, fabsf(r->recorded[i]));
    }
    return max;
}

Test(control_ports, a_cable_into_an_input_that_goes_is_not_heard_as_a_level)
{
    struct rig r = rig_new(64);
    rig_do(&r, "new audio_out main channels 1 limit off\n"
               "new constant k value 100\nnew constant half value 0.5\n"
               "new mix m inputs 3 level_3 0\n"
               "new constant zero value 0\nconnect zero m/level_1\n"
               "connect half m/in_1\nconnect k m/in_3\nconnect m main");
    rig_run(&r, 1024, 64);
    rig_do(&r, "set m inputs 2");
    rig_run(&r, 1024, 64);
    cr_expect_leq(peak(&r, 0), 0.5F, "%g", (double)peak(&r, 0));
    cr_expect_eq(r.recorded[r.n_frames - 1], 0.5F);
    rig_free(&r);
}

Test(control_ports, a_value_of_a_transaction_goes_to_the_input_of_its_name)
{
    struct rig r = rig_new(64);
    rig_do(&r, "new audio_out main channels 1 limit off\n"
               "new constant k value 0.5\nnew mix m inputs 3\n"
               "connect k m/in_1\nconnect m main");
    rig_run(&r, 1024, 64);
    lat_control_begin(r.c);
    rig_do(&r, "set m in_3 0.25 0.01\nset m level_1 1 0.01\n"
               "set m level_2 0.75 0.01\nset m inputs 2");
    cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK);
    rig_run(&r, 1024, 64);
    cr_expect_eq(r.recorded[r.n_frames - 1], 0.5F);
    rig_free(&r);
}

// A random line about mixers whose sources are 100 and whose levels are small:
// what goes astray is heard.
static void
random_line(char *line, size_t size, uint32_t n_inputs)
{
    const uint32_t m = (uint32_t)rand() % 2;
    const uint32_t in = 1 + (uint32_t)rand() % n_inputs;
    switch (rand() % 6) {
    case 0:
        snprintf(line, size, "set m%u inputs %u", m, n_inputs);
        break;
    case 1:
        snprintf(line, size, "connect k m%u/in_%u", m, in);
        break;
    case 2:
        snprintf(line, size, "disconnect k m%u/in_%u", m, in);
        break;
    case 3:
        snprintf(line, size, "set m%u level_%u 0.0001 %s", m, in,
                 rand() % 2 ? "0.003" : "");
        break;
    case 4:
        snprintf(line, size, "connect zero m%u/level_%u", m, in);
        break;
    default:
        snprintf(line, size, "%s m1 m0/in_%u",
                 rand() % 2 ? "connect" : "disconnect", in);
        break;
    }
}

Test(control_ports, random_changes_lead_nothing_astray)
{
    struct rig r = rig_new(64);
    srand(11);
    rig_do(&r, "new audio_out main channels 1 limit off\n"
               "new constant k value 100\nnew constant zero value 0\n"
               "new mix m0 inputs 1 level_1 0.0001\n"
               "new mix m1 inputs 1 level_1 0.0001\nconnect m0 main");
    for (int round = 0; round < 700; ++round) {
        lat_control_begin(r.c);
        for (int i = rand() % 6; i >= 0; --i) {
            char line[96];
            const uint32_t n_inputs = 1 + (uint32_t)rand() % 5;
            random_line(line, sizeof(line), n_inputs);
            (void)rig_try(&r, line);
            for (uint32_t k = 1; k <= n_inputs; ++k) {
                // New inputs begin with a level of 1.
                for (uint32_t m = 0; m < 2; ++m) {
                    snprintf(line, sizeof(line), "set m%u level_%u 0.0001", m,
                             k);
                    (void)rig_try(&r, line);
                }
            }
        }
        if (rand() % 4) {
            cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK, "%s",
                         r.error.text);
        } else {
            lat_control_rollback(r.c);
        }
        rig_run(&r, 64 + (uint32_t)rand() % 300, 64);
        // Five inputs of 100, each with what the other mixer makes of them.
        cr_assert_leq(peak(&r, 0), 6 * 0.0001F * 100.0F, "round %d: %g", round,
                      (double)peak(&r, 0));
    }
    rig_free(&r);
}

Test(control_ports, fades_that_a_failed_transaction_would_cut_go_on)
{
    struct rig a = rig_new(64);
    struct rig b = rig_new(64);
    struct rig *const both[] = {&a, &b};
    for (size_t i = 0; i < 2; ++i) {
        struct rig *r = both[i];
        rig_do(r, "new audio_out main channels 1 limit off\n"
                  "new constant k value 0.5\nnew mix m inputs 3\n"
                  "connect k m/in_1\nconnect k m/in_2\nconnect m main");
        rig_run(r, 512, 64);
        rig_do(r, "disconnect k m/in_1");
        rig_run(r, 64, 64);
        if (i) {
            lat_control_begin(r->c);
            rig_do(r, "set m inputs 4");
            lat_control_rollback(r->c);
        }
        rig_do(r, "connect k m/in_3 0.125"); // a plan, while it fades
        rig_run(r, 1024, 64);
    }
    cr_expect_eq(rig_first_difference(&a, &b), a.n_frames);
    rig_free(&a);
    rig_free(&b);
}

Test(control_ports, what_is_faded_out_stays_so_whatever_is_set_and_connected)
{
    struct rig r = rig_new(64);
    rig_do(&r, "new audio_out main channels 1 limit off\n"
               "new constant k value 0.5\nnew gain g\nnew gain h\n"
               "connect k g\nconnect g main\nconnect h main");
    rig_run(&r, 512, 64);
    lat_control_fade_outputs(r.c, "g", false);
    rig_run(&r, 512, 64);
    cr_expect_eq(r.recorded[r.n_frames - 1], 0.0F);
    rig_do(&r, "connect g main 0.9\nconnect g h");
    rig_do(&r, "disconnect g main\nconnect g main 0.25");
    const uint32_t from = r.n_frames;
    rig_run(&r, 512, 64);
    cr_expect_eq(peak(&r, from), 0.0F);
    lat_control_fade_outputs(r.c, "g", true);
    rig_run(&r, 512, 64);
    cr_expect_eq(r.recorded[r.n_frames - 1], 0.5F * 0.25F + 0.5F);
    rig_free(&r);
}
