// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What every other test relies on, whichever runner it was built against.

#include <criterion/criterion.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static int n_inits;
static int n_runs;

static void
count_init(void)
{
    n_inits++;
}

TestSuite(runner, .init = count_init, .timeout = 10);

Test(runner, calls_the_fixture_of_the_suite_once)
{
    cr_assert_eq(n_inits, 1);
}

// These two would see each other in one process, in either order.
Test(runner, gives_a_test_fresh_statics)
{
    cr_assert_eq(n_runs, 0);
    n_runs++;
}

Test(runner, gives_the_next_test_fresh_statics_too)
{
    cr_assert_eq(n_runs, 0);
    n_runs++;
}

static void
count_init_as_second(void)
{
    cr_assert_eq(n_inits, 1);
    n_inits++;
}

Test(runner, calls_the_fixture_of_a_test_after_the_suites,
     .init = count_init_as_second)
{
    cr_assert_eq(n_inits, 2);
}

Test(runner, accepts_the_exit_code_asked_for, .exit_code = 3)
{
    exit(3);
}

Test(runner, accepts_the_signal_asked_for, .signal = SIGKILL)
{
    raise(SIGKILL);
}

Test(runner, compares_values_strings_floats_and_bytes)
{
    const float wave[3] = {0.0F, 0.5F, 1.0F};
    const float same[3] = {0.0F, 0.5F, 1.0F};
    char text[8];
    snprintf(text, sizeof text, "%d", 64);

    cr_assert_str_eq(text, "64", "prints %s", text);
    cr_assert_str_neq(text, "63");
    cr_assert_float_eq(wave[1], 0.5, 1e-9);
    cr_assert_float_neq(wave[1], 0.4, 1e-9);
    cr_assert_arr_eq(wave, same, sizeof wave);
    cr_assert_lt(wave[0], wave[1]);
    cr_assert_not_null(wave);
}

Test(runner, knows_the_version_of_the_build)
{
    int major = -1;
    int minor = -1;
    int patch = -1;
    int n_read = sscanf(LAT_VERSION, "%d.%d.%d", &major, &minor, &patch);
    cr_assert_eq(n_read, 3, "'%s' is not MAJOR.MINOR.PATCH", LAT_VERSION);
    cr_assert(major >= 0 && minor >= 0 && patch >= 0);
}
