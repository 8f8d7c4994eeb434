// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// When JACK's connections of nodes in processes are looked at again.

#include "control/control.h"
#include "process/supervisor.h"

#include <criterion/criterion.h>

static void
node_new(struct lat_control *c, const char *type, const char *name,
         struct lat_error *error)
{
    cr_assert_eq(lat_control_node_new(c, type, name, false, NULL, 0, error),
                 LAT_OK);
}

static uint64_t
n_compared(const struct lat_processes *s)
{
    struct lat_process_counts counts;
    lat_processes_count(s, &counts);
    return counts.n_compared;
}

Test(compared, values_and_amounts_leave_connections_alone)
{
    const struct lat_control_options options = {
        .rate = 48000.0, .workers = 1, .has_processes = true};
    const struct lat_processes_options how = {.server = NULL};
    struct lat_error error = {0};
    struct lat_control *c = NULL;
    struct lat_processes *s = NULL;
    cr_assert_eq(lat_control_new(&options, &c, &error), LAT_OK);
    cr_assert_eq(lat_processes_new(&how, c, NULL, &s), LAT_OK);
    node_new(c, "sine", "s", &error);
    node_new(c, "gain", "g", &error);
    const double amount = 1.0;
    cr_assert_eq(lat_control_connect(c, "s", "g", &amount, false, &error),
                 LAT_OK);
    cr_assert_eq(lat_control_process_set(c, "g", true, &error), LAT_OK);
    cr_assert_eq(lat_control_place(c, "g", LAT_PLACE_AWAY, &error), LAT_OK);
    const uint64_t before = n_compared(s);
    cr_assert_gt(before, 0);

    const struct lat_value half = {.number = 0.5};
    const double less = 0.5;
    cr_assert_eq(lat_control_param_set(c, "g", "gain", half, -1.0, &error),
                 LAT_OK);
    cr_assert_eq(lat_control_param_set(c, "s", "freq", half, 1.0, &error),
                 LAT_OK);
    cr_assert_eq(lat_control_connect(c, "s", "g", &less, false, &error),
                 LAT_OK);
    cr_assert_eq(lat_control_tempo(c, 90.0, &error), LAT_OK);
    cr_assert_eq(n_compared(s), before);
    node_new(c, "gain", "other", &error);
    cr_assert_eq(n_compared(s), before + 1);
    lat_processes_free(s);
    lat_control_free(c);
}
