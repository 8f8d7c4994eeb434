// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "run/engine.h"
#include "test_osc.h"

#include <criterion/criterion.h>

#include <string.h>

TestSuite(osc_outputs, .init = osc_setup, .fini = osc_teardown);

/// From here on a period is what run_period() makes of it.
static void
begin_sound(void)
{
    struct lat_engine *const e = lat_control_engine(osc_control);
    lat_engine_set_period(e, 64);
    lat_engine_set_running(e, true);
}

static const char *
run_period(void)
{
    const enum lat_role before = lat_thread_role;
    lat_thread_role = LAT_ROLE_AUDIO;
    // What is asked now is due a period later, by the clock.
    for (int i = 0; i < 8; ++i) {
        lat_engine_process(lat_control_engine(osc_control), 64);
    }
    lat_thread_role = before;
    lat_control_tick(osc_control);
    return osc_tick();
}

static void
make_graph(void)
{
    osc_send("/node/new", "sssf", "constant", "k", "value", 0.25);
    osc_send("/node/new", "ss", "delay", "d");
    osc_send("/node/new", "sssf", "gain", "g", "gain", 2.0);
    osc_send("/connect", "ss", "k", "g");
}

Test(osc_outputs, an_output_is_asked_as_a_parameter_is)
{
    make_graph();
    begin_sound();
    run_period();
    cr_expect_str_eq(osc_send("/node/g/out", ""), "");
    cr_expect_str_eq(run_period(), "/node/g/out 0.5\n");
    cr_expect_str_eq(osc_send("/node/g/out/last", ""), "");
    cr_expect_str_eq(run_period(), "/node/g/out/last 0.5\n");
}

Test(osc_outputs, where_no_sound_is_made_the_answer_is_0_and_comes_at_once)
{
    make_graph();
    cr_expect_str_eq(osc_send("/node/g/out", ""), "/node/g/out 0\n");
}

Test(osc_outputs, answers_keep_their_order_with_synced)
{
    make_graph();
    begin_sound();
    run_period();
    cr_expect_str_eq(osc_send("/node/k/out", ""), "");
    cr_expect_str_eq(osc_send("/sync", "i", 7), "");
    cr_expect_str_eq(osc_send("/node/g/out", ""), "");
    cr_expect_str_eq(run_period(), "/node/k/out 0.25\n/synced 7\n"
                                   "/node/g/out 0.5\n");
}

Test(osc_outputs, a_node_of_the_same_burst_can_be_asked)
{
    begin_sound();
    osc_begin_burst();
    osc_send("/node/new", "sssf", "constant", "k", "value", 0.75);
    osc_send("/node/k/out", "");
    osc_end_burst();
    cr_expect_str_eq(run_period(), "/node/k/out 0.75\n");
}

Test(osc_outputs, what_is_freed_meanwhile_is_told)
{
    make_graph();
    begin_sound();
    run_period();
    osc_send("/node/g/out", "");
    osc_send("/node/free", "s", "g");
    const char *const answer = run_period();
    cr_expect(strstr(answer,
                     "/fail \"/node/g/out\" \"g is not there any more\" "
                     "\"g\""),
              "%s", answer);
}

Test(osc_outputs, a_pattern_asks_for_outputs_too)
{
    make_graph();
    begin_sound();
    run_period();
    cr_expect_str_eq(osc_send("/node/{k,g}/out", ""), "");
    cr_expect_str_eq(run_period(), "/node/k/out 0.25\n/node/g/out 0.5\n");
    cr_expect_str_eq(osc_send("/node/*/*/last", ""), "");
    cr_expect_str_eq(run_period(), "/node/k/out/last 0.25\n"
                                   "/node/d/out/last 0\n"
                                   "/node/g/out/last 0.5\n");
}

Test(osc_outputs, info_tells_them)
{
    make_graph();
    begin_sound();
    run_period();
    osc_send("/node/info", "s", "g");
    const char *const answer = run_period();
    cr_expect(strstr(answer, "/node/info \"g\" \"out\" \"out\" 0.5 "), "%s",
              answer);
    cr_expect(strstr(answer, "/done \"/node/info\" "), "%s", answer);
}

Test(osc_outputs, is_refused_where_there_is_no_such_output)
{
    make_graph();
    const char *answer = osc_send("/node/g/in/last", "");
    cr_expect(strstr(answer, "g has no output 'in'; /node/info g lists them"),
              "%s", answer);
    answer = osc_send("/node/nobody/out/last", "");
    cr_expect_eq(strncmp(answer, "/fail", 5), 0, "%s", answer);
    answer = osc_send("/node/g/out", "f", 1.0);
    cr_expect_eq(strncmp(answer, "/fail", 5), 0, "%s", answer);
}

Test(osc_outputs, a_bundle_asks_as_things_are_afterwards)
{
    begin_sound();
    osc_bundle();
    osc_add("/node/new", "sssf", "constant", "k", "value", 0.75);
    osc_add("/node/k/out", "");
    osc_send_bundle();
    cr_expect_str_eq(run_period(), "/node/k/out 0.75\n");
}

Test(osc_outputs, more_than_can_wait_wait_their_turn)
{
    make_graph();
    begin_sound();
    run_period();
    unsigned n = 0;
    while (lat_osc_router_has_room(osc_router)) {
        osc_send("/node/g/out", "");
        ++n;
    }
    cr_expect_gt(n, 500);
    unsigned told = 0;
    // By the clock, more periods should have gone by than did.
    for (int period = 0; period < 10; ++period) {
        const char *answer = run_period();
        for (; (answer = strstr(answer, "/node/g/out 0.5\n")); ++answer) {
            ++told;
        }
    }
    cr_expect_eq(told, n, "%u of %u", told, n);
    cr_expect(lat_osc_router_has_room(osc_router));
}
