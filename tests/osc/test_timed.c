// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Bundles that wait for their time, on a clock that the test turns.

#include "control/control.h"
#include "osc/clock.h"
#include "osc/timed.h"
#include "run/engine.h"
#include "test_osc.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND (UINT64_C(1) << 32U)
#define START  (UINT64_C(3989000000) << 32U)
#define LEAD   100

static struct lat_timeline_clock now;

static void
read_clock(void *data, struct lat_timeline_clock *out)
{
    (void)data;
    *out = now;
}

static uint64_t
tags(double seconds)
{
    return (uint64_t)(int64_t)(seconds * (double)SECOND);
}

static void
wait_for(double seconds)
{
    now.now_tag += tags(seconds);
    now.tag += tags(seconds);
    now.steady_ns += (uint64_t)(seconds * 1e9);
    now.frame += now.is_running ? (uint64_t)(seconds * 48000.0) : 0;
}

static void
make_clock(void)
{
    now = (struct lat_timeline_clock){
        .is_running = true,
        .frame = 1000000,
        .tag = START,
        .now_tag = START,
        .steady_ns = UINT64_C(1000000000000),
        .rate = 48000,
        .period = 64,
    };
}

// What waits, without a router.

static struct lat_osc_timed timed;

static void
make_timed(void)
{
    make_clock();
    lat_osc_timed_init(&timed);
}

static void
drop_timed(void)
{
    lat_osc_timed_fini(&timed);
}

TestSuite(timed, .init = make_timed, .fini = drop_timed);

/// A bundle of @p n bytes comes, of a sender with this number.
static enum lat_osc_when
come(uint64_t tag, uint32_t sender, size_t n, uint64_t *frame)
{
    static const uint8_t bytes[1U << 20U];
    const struct lat_osc_peer peer = {.generation = sender};
    struct lat_error error;
    return lat_osc_timed_arrive(&timed, &now, LEAD, &peer, bytes, n, tag, frame,
                                &error);
}

/// The sender of the bundle that is due, or 0.
static uint32_t
due(uint64_t *frame)
{
    lat_osc_timed_look(&timed, &now);
    struct lat_osc_scheduled *const e = lat_osc_timed_due(&timed, &now, LEAD);
    const uint32_t sender = e ? e->peer.generation : 0;
    *frame = e ? e->frame : 0;
    free(e);
    return sender;
}

Test(timed, the_tag_of_another_clock_is_refused)
{
    uint64_t frame = 0;
    cr_expect_eq(come(START + tags(86300.0), 1, 20, &frame), LAT_OSC_LATER);
    cr_expect_eq(come(START + tags(86500.0), 1, 20, &frame), LAT_OSC_NEVER);
    cr_expect_eq(come(tags(100.0), 1, 20, &frame), LAT_OSC_NEVER);
    cr_expect_eq(timed.waiting.n, 1);
}

Test(timed, order_is_that_of_the_tags_and_then_of_arrival)
{
    uint64_t frame = 0;
    const uint64_t t = START + tags(0.5);
    cr_expect_eq(come(t + tags(0.2), 3, 20, &frame), LAT_OSC_LATER);
    cr_expect_eq(come(t, 1, 20, &frame), LAT_OSC_LATER);
    cr_expect_eq(come(t + tags(0.2), 4, 20, &frame), LAT_OSC_LATER);
    cr_expect_eq(come(t + tags(0.1), 2, 20, &frame), LAT_OSC_LATER);
    cr_expect_eq(due(&frame), 0);
    wait_for(0.7);
    timed.line.arrived_ns = now.steady_ns;
    uint32_t found[4];
    for (int i = 0; i < 4; ++i) {
        found[i] = due(&frame);
    }
    cr_expect(found[0] == 1 && found[1] == 2 && found[2] == 3 && found[3] == 4);
    cr_expect_eq(due(&frame), 0);
}

Test(timed, it_is_due_a_lead_and_some_slack_before_its_frame)
{
    uint64_t frame = 0;
    come(START + tags(0.5), 1, 20, &frame);
    cr_assert_eq(frame, 1024000);
    while (!due(&frame)) {
        wait_for(0.0005);
        const uint64_t wait_ns = lat_osc_timed_wait_ns(&timed, &now, LEAD);
        cr_assert(now.frame + wait_ns * 48000 / 1000000000 < 1024000 - LEAD);
    }
    cr_expect_eq(frame, 1024000);
    const uint64_t left = 1024000 - now.frame;
    cr_expect(left > LEAD + 48 && left < LEAD + 48 * 25, "%llu frames left",
              (unsigned long long)left);
    cr_expect_eq(timed.n_late, 0);
}

Test(timed, what_is_late_is_done_now_and_counted)
{
    uint64_t frame = 7;
    cr_expect_eq(come(START - tags(1.0), 1, 20, &frame), LAT_OSC_NOW);
    cr_expect_eq(frame, 0);
    cr_expect_eq(timed.n_late, 1);
    cr_expect_eq(come(START + tags(0.001), 1, 20, &frame), LAT_OSC_NOW);
    cr_expect_eq(timed.n_late, 2, "within the period that is under way");
    cr_expect_eq(come(START + tags(0.003), 1, 20, &frame), LAT_OSC_NOW);
    cr_expect_eq(frame, 1000144, "just in time");
    cr_expect_eq(timed.n_late, 2);
}

Test(timed, a_loop_that_is_late_gets_more_time)
{
    uint64_t frame = 0;
    come(START + tags(0.3), 1, 20, &frame);
    const uint64_t slack_ns = timed.slack_ns;
    wait_for(0.31);
    cr_expect_eq(due(&frame), 1);
    cr_expect_eq(frame, 0);
    cr_expect_eq(timed.n_late, 1);
    cr_expect_gt(timed.slack_ns, slack_ns);
    cr_expect_leq(timed.slack_ns, 60000000);
}

Test(timed, no_more_than_4096_wait)
{
    uint64_t frame = 0;
    for (uint32_t i = 0; i < 4096; ++i) {
        cr_assert_eq(come(START + tags(9.0), i, 20, &frame), LAT_OSC_LATER);
    }
    cr_expect_eq(come(START + tags(9.0), 1, 20, &frame), LAT_OSC_NEVER);
    cr_expect_eq(come(START - 5, 1, 20, &frame), LAT_OSC_NOW);
    struct lat_osc_scheduled *const e = lat_osc_schedule_take(&timed.waiting);
    free(e);
    cr_expect_eq(come(START + tags(9.0), 1, 20, &frame), LAT_OSC_LATER);
}

Test(timed, no_more_than_4_mib_wait)
{
    uint64_t frame = 0;
    for (uint32_t i = 0; i < 4; ++i) {
        cr_assert_eq(come(START + tags(9.0), i, 1U << 20U, &frame),
                     LAT_OSC_LATER);
    }
    cr_expect_eq(come(START + tags(9.0), 1, 20, &frame), LAT_OSC_NEVER);
}

Test(timed, lost_periods_place_what_waits_anew_in_its_order)
{
    uint64_t frame = 0;
    come(START + tags(0.5), 1, 20, &frame);
    come(START + tags(0.6), 2, 20, &frame);
    now.n_breaks = 1;
    wait_for(1024.0 / 48000.0);
    now.frame -= 1024;
    lat_osc_timed_look(&timed, &now);
    cr_expect_eq(timed.waiting.at[0]->frame, 1024000 - 1024);
    cr_expect_eq(timed.waiting.at[1]->frame, 1028800 - 1024);
}

Test(timed, what_waits_keeps_its_frame_when_the_wall_clock_is_set)
{
    uint64_t frame = 0;
    come(START + tags(0.5), 1, 20, &frame);
    const uint64_t before = timed.waiting.at[0]->frame;
    for (int hours = -1; hours <= 1; hours += 2) {
        now.tag += (uint64_t)((int64_t)hours * 3600) * SECOND;
        now.now_tag += (uint64_t)((int64_t)hours * 3600) * SECOND;
        lat_osc_timed_look(&timed, &now);
        cr_expect_eq(timed.waiting.at[0]->frame, before);
        cr_expect_eq(timed.waiting.at[0]->tag, now.now_tag + tags(0.5));
        // Another, by the new time, goes behind it, to the frame.
        come(now.now_tag + tags(0.5) + 100 * SECOND / 48000 + 1, 2, 20, &frame);
        cr_expect_eq(frame, before + 100);
    }
    cr_expect_eq(timed.n_late, 0);
}

Test(timed, without_a_driver_the_wall_clock_decides)
{
    uint64_t frame = 0;
    now.is_running = false;
    cr_expect_eq(come(START + tags(0.5), 1, 20, &frame), LAT_OSC_LATER);
    cr_expect_eq(come(START - 10, 2, 20, &frame), LAT_OSC_NOW);
    wait_for(0.4);
    cr_expect_eq(due(&frame), 0);
    cr_expect_leq(lat_osc_timed_wait_ns(&timed, &now, LEAD), 100000000);
    wait_for(0.11);
    cr_expect_eq(due(&frame), 1);
    come(now.now_tag + tags(0.5), 3, 20, &frame);
    now.is_running = true;
    lat_osc_timed_look(&timed, &now);
    cr_expect_eq(timed.waiting.at[0]->frame, now.frame + 24000, "it is back");
}

Test(timed, a_server_that_goes_takes_its_frames_with_it)
{
    uint64_t frame = 0;
    cr_expect_eq(come(START + tags(0.5), 1, 20, &frame), LAT_OSC_LATER);
    now.is_running = false;
    wait_for(0.51);
    cr_expect_eq(due(&frame), 1);
    cr_expect_eq(frame, 0);
}

// With a router, and an engine without a driver.

static void
make_router(void)
{
    make_clock();
    osc_options.clock = read_clock;
    osc_setup();
}

static void
drop_router(void)
{
    osc_teardown();
    osc_options.clock = NULL;
}

TestSuite(osc_timed, .init = make_router, .fini = drop_router);

static void
bundle_in(double seconds)
{
    osc_bundle_at(now.now_tag + tags(seconds));
}

Test(osc_timed, a_bundle_waits_for_its_time_and_is_answered_then)
{
    osc_send("/node/new", "ss", "sine", "a");
    bundle_in(0.5);
    osc_add("/node/a/freq", "f", 50.0);
    osc_add("/node/a/freq", "");
    cr_expect_str_eq(osc_send_bundle(), "");
    cr_expect_str_eq(osc_send("/node/a/freq", ""), "/node/a/freq 261.6256\n");
    cr_expect_str_eq(osc_send("/sync", "i", 5), "/synced 5\n");
    wait_for(0.4);
    cr_expect_str_eq(osc_tick(), "");
    wait_for(0.1);
    cr_expect_str_eq(osc_tick(), "/node/a/freq 50\n/done \"/bundle\" 2\n");
    cr_expect_str_eq(osc_tick(), "");
}

Test(osc_timed, a_bundle_is_checked_at_its_time)
{
    bundle_in(0.2);
    osc_add("/node/a/freq", "f", 50.0);
    osc_send_bundle();
    bundle_in(0.3);
    osc_add("/node/a/freq", "f", 60.0);
    osc_send_bundle();
    bundle_in(0.1);
    osc_add("/node/new", "ss", "sine", "a");
    osc_send_bundle();
    bundle_in(0.4);
    osc_add("/node/a/freq", "f", 70.0);
    osc_send_bundle();
    wait_for(0.1);
    cr_expect_str_eq(osc_tick(), "/done \"/bundle\" 1\n");
    wait_for(0.1);
    cr_expect_str_eq(osc_tick(), "/done \"/bundle\" 1\n");
    osc_send("/graph/clear", "");
    wait_for(0.1);
    const char *const answer = osc_tick();
    cr_expect_eq(strncmp(answer, "/fail \"/bundle\" ", 16), 0, "%s", answer);
    cr_expect_not_null(strstr(answer, " 0 \"/node/a/freq\"\n"), "%s", answer);
    osc_send("/node/new", "ss", "saw", "a");
    wait_for(0.1);
    cr_expect_str_eq(osc_tick(), "/done \"/bundle\" 1\n");
}

Test(osc_timed, what_must_stand_alone_is_refused_at_its_time)
{
    bundle_in(0.2);
    osc_add("/graph/clear", "");
    cr_expect_str_eq(osc_send_bundle(), "");
    wait_for(0.2);
    cr_expect_not_null(strstr(osc_tick(), "cannot be part of a bundle"));
}

Test(osc_timed, malformed_bytes_are_refused_at_once)
{
    static const char bytes[] = "#bundle\0\xff\xff\xff\xff\0\0\0\0\0\0\0\xff";
    cr_expect_not_null(
        strstr(osc_send_bytes(bytes, sizeof(bytes) - 1), "malformed"));
}

Test(osc_timed, an_inner_tag_is_not_before_the_outer_one)
{
    uint8_t bytes[64] = "#bundle\0";
    static const struct {
        int64_t ms;
        bool is_fine;
    } cases[] = {{100, true}, {300, true}, {99, false}, {-1000000, true}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
        const uint64_t outer = START + tags(0.1);
        const uint64_t inner =
            cases[i].ms < -1000 ? 1 : START + tags((double)cases[i].ms / 1000);
        for (unsigned k = 0; k < 8; ++k) {
            bytes[8 + k] = (uint8_t)(outer >> (56 - 8 * k));
            bytes[28 + k] = (uint8_t)(inner >> (56 - 8 * k));
        }
        bytes[19] = 16;
        memcpy(bytes + 20, "#bundle", 8);
        const char *const answer = osc_send_bytes(bytes, 36);
        cr_expect_eq(*answer == '\0', cases[i].is_fine, "%zu: %s", i, answer);
    }
}

Test(osc_timed, clear_sched_drops_what_waits_and_tells_who_sent_it)
{
    for (int i = 0; i < 3; ++i) {
        bundle_in(0.5);
        osc_add("/node/new", "ss", "sine", "a");
        osc_send_bundle();
    }
    const char *const answer = osc_send("/clearSched", "");
    static const char one[] = "/fail \"/bundle\" \"dropped by /clearSched "
                              "before its time\" -1 \"\"\n";
    char wanted[400];
    snprintf(wanted, sizeof(wanted), "%s%s%s/done \"/clearSched\"\n", one, one,
             one);
    cr_expect_str_eq(answer, wanted);
    wait_for(1.0);
    cr_expect_str_eq(osc_tick(), "");
}

Test(osc_timed, late_bundles_are_told_to_those_who_want_to_know)
{
    osc_send("/notify", "i", 1);
    for (int i = 0; i < 3; ++i) {
        bundle_in(-0.5);
        osc_add("/ping", "");
        cr_expect_str_eq(osc_send_bundle(), "/pong\n/done \"/bundle\" 1\n");
    }
    cr_expect_str_eq(osc_tick(), "/late 3\n");
    cr_expect_str_eq(osc_tick(), "");
    const char *const numbers = osc_send("/status/engine", "");
    cr_expect_not_null(strstr(numbers, "\"bundles_late\" 3\n"));
    cr_expect_not_null(strstr(numbers, "\"bundles_waiting\" 0\n"));
    osc_send("/notify", "i", 0);
    bundle_in(-0.5);
    osc_add("/ping", "");
    osc_send_bundle();
    cr_expect_str_eq(osc_tick(), "");
}

Test(osc_timed, a_long_list_of_a_bundle_is_told_to_its_end)
{
    char name[16];
    for (int i = 0; i < 300; ++i) {
        snprintf(name, sizeof(name), "n%d", i);
        osc_send("/node/new", "ss", "constant", name);
    }
    bundle_in(0.1);
    osc_add("/node/*/value", "");
    osc_send_bundle();
    wait_for(0.1);
    const char *const answer = osc_tick();
    const char *const end = strrchr(answer, '/');
    cr_expect_not_null(strstr(answer, "/node/n299/value 0\n"));
    cr_expect(end && strcmp(end, "/bundle\" 1\n") == 0, "%s", end);
}

static void
start_at(void *data, uint64_t frame)
{
    (void)data;
    (void)frame;
}

Test(osc_timed, only_a_bundle_for_a_process_is_given_a_frame)
{
    cr_expect_not_null(
        strstr(osc_send("/process/at", "i", 5), "give the bundle a time tag"));
    osc_options.start = start_at;
    osc_use_sessions(NULL);
    osc_send("/node/new", "ss", "sine", "a");
    cr_expect_not_null(
        strstr(osc_send("/process/at", "i", 5), "only a bundle"));
    osc_bundle();
    osc_add("/process/at", "d", 5.0);
    osc_add("/node/a/freq", "f", 50.0);
    cr_expect_str_eq(osc_send_bundle(), "/done \"/bundle\" 2\n");
    cr_expect_str_eq(osc_send("/node/a/freq", ""), "/node/a/freq 50\n");
    osc_options.start = NULL;
}
