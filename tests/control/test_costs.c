// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What a commit costs, counted: a fader the same in any graph.

#include "control/latency.h"
#include "support/rig.h"

#include <criterion/criterion.h>

#include <stdio.h>

#define MANY 2000U

/// A chain of @p n nodes behind each other, the last one first in the file.
static void
build(struct rig *r, uint32_t n, bool has_process)
{
    char line[120];
    lat_control_begin(r->c);
    rig_do(r, "new audio_out main channels 1\n");
    for (uint32_t i = n; i-- > 0;) {
        snprintf(line, sizeof(line), "new gain g%u\n", i);
        rig_do(r, line);
    }
    for (uint32_t i = n; i-- > 1;) {
        snprintf(line, sizeof(line), "connect g%u g%u\n", i - 1, i);
        rig_do(r, line);
    }
    snprintf(line, sizeof(line),
             "connect g%u main\nnew audio_in in channels 1\n"
             "connect in g0\n",
             n - 1);
    rig_do(r, line);
    if (has_process) {
        rig_do(r, "set g1 process own\n");
    }
    cr_assert_eq(lat_control_commit(r->c, &r->error), LAT_OK);
    if (has_process) {
        cr_assert_eq(lat_control_place(r->c, "g1", LAT_PLACE_AWAY, &r->error),
                     LAT_OK);
    }
}

static void
expect_no_work(struct rig *r, const char *command)
{
    const uint64_t serial = lat_control_latency_serial(r->c);
    const struct lat_control_work before = lat_control_work(r->c);
    rig_do(r, command);
    const struct lat_control_work after = lat_control_work(r->c);
    cr_assert_eq(after.n_plans, before.n_plans, "%s", command);
    cr_assert_eq(after.n_door_passes, before.n_door_passes, "%s", command);
    cr_assert_eq(after.n_told, before.n_told, "%s", command);
    cr_assert_eq(lat_control_latency_serial(r->c), serial, "%s", command);
}

static void
on_ports(void *data, const struct lat_changes *changes)
{
    (void)data;
    (void)changes;
}

Test(costs, a_wish_for_a_process_makes_no_plan)
{
    struct rig r = rig_new_with_processes();
    build(&r, 10, false);
    const struct lat_control_work before = lat_control_work(r.c);
    cr_assert_eq(lat_control_process_set(r.c, "g1", true, &r.error), LAT_OK);
    rig_do(&r, "set g1 process engine");
    cr_expect_eq(lat_control_work(r.c).n_plans, before.n_plans);
    cr_expect_eq(lat_control_work(r.c).n_door_passes, before.n_door_passes);
    rig_free(&r);
}

Test(costs, edits_look_at_the_doors_of_the_nodes_that_they_touch)
{
    struct rig r = rig_new_with_processes();
    build(&r, MANY, true);
    struct lat_control_work before = lat_control_work(r.c);
    rig_do(&r, "disconnect g2 g3");
    cr_expect_eq(lat_control_work(r.c).n_door_passes, before.n_door_passes + 1);
    before = lat_control_work(r.c);
    cr_assert_eq(lat_control_place(r.c, "g1", LAT_PLACE_ENGINE, &r.error),
                 LAT_OK);
    cr_expect_eq(lat_control_work(r.c).n_door_passes, before.n_door_passes + 2);
    rig_free(&r);
}

Test(costs, values_and_amounts_touch_nothing_but_their_ramp)
{
    for (int k = 0; k < 4; ++k) {
        struct rig r = rig_new_with_processes();
        const struct lat_listener listener = {
            NULL, LAT_TOPIC_STRUCTURE | LAT_TOPIC_PORTS, on_ports};
        cr_assert_eq(lat_control_listen(r.c, &listener), LAT_OK);
        build(&r, k & 1 ? MANY : 10, k & 2);
        expect_no_work(&r, "set g0 gain 0.5");
        expect_no_work(&r, "set g1 gain 0.5 0.1");
        expect_no_work(&r, "connect g2 g3 0.7");
        expect_no_work(&r, "connect g0 g1 0.7");
        rig_free(&r);
    }
}
