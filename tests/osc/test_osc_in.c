// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Messages to the addresses that nodes have chosen.

#include "nodes/osc_path.h"
#include "osc/verbs.h"
#include "test_osc.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define RATE 48000

TestSuite(osc_in_paths, .init = osc_setup, .fini = osc_teardown);

static void
make(const char *name, const char *path)
{
    cr_assert_str_neq(osc_send("/node/new", "ssssss", "osc_in", name, "path",
                               path, "smooth", "no"),
                      "");
}

/// What a node gives some frames later.
static float
value_of(const char *name)
{
    char path[100];
    snprintf(path, sizeof(path), "/node/%s/out", name);
    osc_send(path, "");
    lat_engine_process(lat_control_engine(osc_control), 64);
    lat_engine_process(lat_control_engine(osc_control), 64);
    lat_control_tick(osc_control);
    const char *const answer = osc_tick();
    const char *const space = strchr(answer, ' ');
    cr_assert_not_null(space, "'%s'", answer);
    return strtof(space, NULL);
}

static void
set_going(void)
{
    lat_engine_set_running(lat_control_engine(osc_control), true);
    lat_engine_process(lat_control_engine(osc_control), 64);
}

Test(osc_in_paths, take_every_kind_of_number)
{
    make("a", "/fader");
    set_going();
    cr_expect_str_empty(osc_send("/fader", "i", 3));
    cr_expect_eq(value_of("a"), 3.0F);
    cr_expect_str_empty(osc_send("/fader", "f", 0.5));
    cr_expect_eq(value_of("a"), 0.5F);
    cr_expect_str_empty(osc_send("/fader", "d", 0.25));
    cr_expect_eq(value_of("a"), 0.25F);
    cr_expect_str_empty(osc_send("/fader", "h", INT64_C(7)));
    cr_expect_eq(value_of("a"), 7.0F);
    cr_expect_str_empty(osc_send("/fader", "F"));
    cr_expect_eq(value_of("a"), 0.0F);
    cr_expect_str_empty(osc_send("/fader", "T"));
    cr_expect_eq(value_of("a"), 1.0F);
    // Of several numbers, as an xy pad sends them, the first.
    cr_expect_str_empty(osc_send("/fader", "ff", 0.125, 9.0));
    cr_expect_eq(value_of("a"), 0.125F);
}

Test(osc_in_paths, refuse_what_is_no_number)
{
    make("a", "/fader");
    const char *answer = osc_send("/fader", "s", "loud");
    cr_expect_eq(strncmp(answer, "/fail \"/fader\"", 14), 0, "%s", answer);
    answer = osc_send("/fader", "N");
    cr_expect_eq(strncmp(answer, "/fail \"/fader\"", 14), 0, "%s", answer);
    answer = osc_send("/fader", "");
    cr_expect_eq(strncmp(answer, "/fail \"/fader\"", 14), 0, "%s", answer);
    answer = osc_send("/fader", "f", (double)NAN);
    cr_expect_eq(strncmp(answer, "/fail \"/fader\"", 14), 0, "%s", answer);
    answer = osc_send("/fader", "d", 1e300);
    cr_expect_eq(strncmp(answer, "/fail \"/fader\"", 14), 0, "%s", answer);
    answer = osc_send("/fade", "f", 1.0);
    cr_expect(strstr(answer, "no message /fade"), "%s", answer);
}

Test(osc_in_paths, may_be_shared_and_are_followed)
{
    make("a", "/x");
    make("b", "/x");
    set_going();
    osc_send("/x", "f", 0.5);
    cr_expect_eq(value_of("a"), 0.5F);
    cr_expect_eq(value_of("b"), 0.5F);
    osc_send("/node/b/path", "s", "/y");
    osc_send("/node/rename", "ss", "a", "c");
    cr_expect_str_empty(osc_send("/x", "f", 2.0));
    cr_expect_str_empty(osc_send("/y", "f", 3.0));
    cr_expect_eq(value_of("c"), 2.0F);
    cr_expect_eq(value_of("b"), 3.0F);
    osc_send("/node/free", "s", "c");
    const char *const answer = osc_send("/x", "f", 1.0);
    cr_expect_eq(strncmp(answer, "/fail \"/x\"", 10), 0, "%s", answer);
}

// What a bundle makes it can play, and what it takes back nobody finds.
Test(osc_in_paths, are_those_of_the_open_transaction)
{
    make("old", "/old");
    cr_expect_str_empty(osc_send("/old", "f", 1.0));
    osc_bundle();
    osc_add("/node/new", "ssss", "osc_in", "new_one", "path", "/new");
    osc_add("/new", "f", 0.5);
    osc_add("/node/free", "s", "old");
    osc_add("/new", "f", 0.75);
    cr_expect_str_eq(osc_send_bundle(), "/done \"/bundle\" 4\n");
    osc_bundle();
    osc_add("/node/new", "ssss", "osc_in", "third", "path", "/third");
    osc_add("/third", "f", 0.5);
    osc_add("/old", "f", 0.5);
    const char *answer = osc_send_bundle();
    cr_expect_eq(strncmp(answer, "/fail \"/bundle\"", 15), 0, "%s", answer);
    answer = osc_send("/third", "f", 1.0);
    cr_expect_eq(strncmp(answer, "/fail \"/third\"", 14), 0, "%s", answer);
    cr_expect_str_empty(osc_send("/new", "f", 0.5));
}

Test(osc_in_paths, are_reached_by_patterns)
{
    make("a", "/mix/1");
    make("b", "/mix/2");
    make("c", "/mix/2");
    make("d", "/mix/2/z");
    set_going();
    cr_expect_str_empty(osc_send("/mix/*", "f", 0.5));
    cr_expect_eq(value_of("a"), 0.5F);
    cr_expect_eq(value_of("b"), 0.5F);
    cr_expect_eq(value_of("c"), 0.5F);
    cr_expect_eq(value_of("d"), 0.0F);
    const char *const answer = osc_send("/mi/*", "f", 0.5);
    cr_expect(strstr(answer, "matches nothing"), "%s", answer);
}

Test(osc_in_paths, that_are_taken_are_refused_where_they_are_set)
{
    const char *answer =
        osc_send("/node/new", "ssss", "osc_in", "a", "path", "/node/a/out");
    cr_expect_eq(strncmp(answer, "/fail \"/node/new\"", 17), 0, "%s", answer);
    cr_expect(strstr(answer, "taken"), "%s", answer);
    make("a", "/free");
    answer = osc_send("/node/a/path", "s", "/status");
    cr_expect(strstr(answer, "taken"), "%s", answer);
    cr_expect_str_empty(osc_send("/free", "f", 0.5));
}

Test(osc_in_paths, are_for_all_who_may_set_values)
{
    make("a", "/x");
    osc_peer.is_remote = true;
    cr_expect_str_empty(osc_send("/x", "f", 0.5));
}

// A word of the table that is not in the list would let a node take what the
// table has, and never hear of it.
Test(osc_in_paths, leave_out_what_the_table_has)
{
    for (const struct lat_verb *v = lat_verbs; v->path; ++v) {
        char path[LAT_OSC_PATH_MAX];
        struct lat_error error;
        snprintf(path, sizeof(path), "/%.*s/x", (int)strcspn(v->path + 1, "/"),
                 v->path + 1);
        cr_expect_eq(lat_osc_path_check_free(path, &error), LAT_EEXIST, "%s",
                     path);
    }
}
