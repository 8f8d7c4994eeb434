// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What subscribers are sent, and when, by a clock of the test's own.

#include "test_osc.h"

#include "base/rt.h"
#include "osc/feedback.h"
#include "run/engine.h"

#include <criterion/criterion.h>
#include <arpa/inet.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MS UINT64_C(1000000)

static struct lat_osc_feedback *feedback;
static uint64_t now_ns;
static FILE *sent;
static char *sent_text;
static size_t sent_size;
static unsigned n_packets;
static size_t most_bytes;
static enum lat_osc_room room = LAT_OSC_ROOM;

static void
print_message(const struct lat_osc_message *m)
{
    double number = 0.0;
    fprintf(sent, "%s", m->path);
    for (uint32_t i = 0; i < m->argc; ++i) {
        if (lat_osc_number(m, i, &number)) {
            fprintf(sent, " %.6g", number);
        } else if (lat_osc_text(m, i)) {
            fprintf(sent, " %s", lat_osc_text(m, i));
        } else {
            fprintf(sent, " %c", m->types[i]);
        }
    }
    fputc('\n', sent);
}

static void
note_packet(void *data, const struct lat_osc_peer *peer, const void *packet,
            size_t size)
{
    struct lat_error error;
    struct lat_osc_bundle bundle = {0};
    struct lat_osc_message m;
    (void)data;
    (void)peer;
    ++n_packets;
    most_bytes = size > most_bytes ? size : most_bytes;
    if (lat_osc_is_bundle(packet, size)) {
        cr_assert_eq(lat_osc_bundle_read(&bundle, packet, size, &error),
                     LAT_OK);
        for (uint32_t i = 0; i < bundle.n_messages; ++i) {
            print_message(&bundle.messages[i]);
        }
        lat_osc_bundle_fini(&bundle);
    } else {
        cr_assert_eq(lat_osc_message_read(&m, packet, size, &error), LAT_OK);
        print_message(&m);
        lat_osc_message_fini(&m);
    }
}

static uint64_t found_line;
static char found_host[300];

static void
note_host(void *data, const char *host, const char *port, uint64_t line)
{
    (void)data;
    found_line = line;
    snprintf(found_host, sizeof(found_host), "%s %s", host, port);
}

static bool
is_port_9000(void *data, const struct sockaddr_storage *address)
{
    struct sockaddr_in a;
    (void)data;
    memcpy(&a, address, sizeof(a));
    return ntohs(a.sin_port) == 9000;
}

static enum lat_osc_room
ask_room(void *data, const struct lat_osc_peer *peer)
{
    (void)data;
    (void)peer;
    return room;
}

static void
set_up(void)
{
    const struct lat_osc_feedback_hooks hooks = {.send = note_packet,
                                                 .room = ask_room,
                                                 .find = note_host,
                                                 .is_us = is_port_9000};
    osc_setup();
    now_ns = 1000 * MS;
    cr_assert_eq(
        lat_osc_feedback_new(osc_control, &osc_options, &hooks, &feedback),
        LAT_OK);
}

static void
tear_down(void)
{
    lat_osc_feedback_free(feedback);
    osc_teardown();
}

TestSuite(osc_feedback, .init = set_up, .fini = tear_down);

/// Let time pass, and look; @return what was sent, each a line.
static const char *
after(uint64_t ms)
{
    free(sent_text);
    sent = open_memstream(&sent_text, &sent_size);
    n_packets = 0;
    most_bytes = 0;
    now_ns += ms * MS;
    lat_osc_feedback_tick(feedback, now_ns);
    fclose(sent);
    return sent_text;
}

static struct lat_osc_peer
peer_at(const char *host, uint16_t port)
{
    struct lat_osc_peer peer = {0};
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
    inet_pton(AF_INET, host, &a.sin_addr);
    memcpy(&peer.address, &a, sizeof(a));
    return peer;
}

/// From now on messages come from there.
static void
become(const struct lat_osc_peer *peer)
{
    osc_peer = *peer;
    lat_osc_feedback_heard(feedback, peer, now_ns);
}

static void
subscribe(const char *pattern, double hz)
{
    struct lat_error error;
    cr_assert_eq(
        lat_osc_subscribe(feedback, &osc_peer, pattern, hz, 0, now_ns, &error),
        LAT_OK, "%s", error.text);
}

static void
fader(const char *path, double x)
{
    lat_osc_feedback_heard(feedback, &osc_peer, now_ns);
    osc_send(path, "f", x);
}

Test(osc_feedback, tells_where_a_node_runs)
{
    const struct lat_osc_peer me = peer_at("10.0.0.1", 5000);
    const struct lat_osc_peer other = peer_at("10.0.0.2", 5000);
    osc_send("/node/new", "ss", "sine", "lfo");
    become(&me);
    subscribe("/node/*/process", 30);
    cr_expect_str_eq(after(0), "/node/lfo/process engine\n");
    become(&other);
    osc_send("/node/lfo/process", "s", "own");
    cr_expect_str_eq(after(40), "/node/lfo/process own\n");
    // Who moves it is told later.
    become(&me);
    osc_send("/node/lfo/process", "s", "engine");
    cr_expect_str_eq(after(40), "");
    cr_expect_str_eq(after(200), "/node/lfo/process engine\n");
}

Test(osc_feedback, refuses_what_can_mean_nothing)
{
    static const char *const wrong[] = {
        "/node/a",           "/node/a/out/last",  "/node/a/out/loudness",
        "/node/a/freq/nor*", "/transport/rewind", "/status/motor/late",
        "/graph/nodes"};
    static const char *const right[] = {
        "/node/a/*",         "/node/*/process",  "/node/a/out/*",
        "/node/a/freq/norm", "/transport/*",     "/status/engine/late",
        "/cable/*/*/a/in",   "/node/a/{x,peak}", "/*/*/*/{peak,rms}"};
    struct lat_error error;
    for (size_t i = 0; i < LAT_COUNT(wrong); ++i) {
        cr_expect_not(lat_feedback_is_pattern(wrong[i], &error), "%s",
                      wrong[i]);
        cr_expect_not_null(strstr(error.text, "/node/NAME/OUT/scope, /cable/"));
    }
    for (size_t i = 0; i < LAT_COUNT(right); ++i) {
        cr_expect(lat_feedback_is_pattern(right[i], &error), "%s: %s", right[i],
                  error.text);
    }
}

static void
make_voice(void)
{
    osc_send("/node/new", "sssf", "sine", "lfo", "freq", 2.0);
    osc_send("/node/new", "sssf", "gain", "amp", "gain", 0.5);
    osc_send("/node/new", "ss", "audio_out", "main");
    osc_send("/connect", "ssf", "lfo", "amp", 0.25);
    osc_send("/connect", "ss", "amp", "main/in_1");
}

/// A session with one line of feedback.
static void
load_line(const char *line)
{
    struct lat_error error;
    lat_control_begin_load(osc_control, 0);
    cr_assert_eq(lat_control_node_new(osc_control, "sine", "lfo", false, NULL,
                                      0, &error),
                 LAT_OK);
    cr_assert_eq(lat_line_append(&lat_control_document(osc_control)->osc,
                                 "feedback", line, NULL),
                 LAT_OK);
    cr_assert_eq(lat_control_commit(osc_control, &error), LAT_OK);
}

Test(osc_feedback, all_at_first_then_what_changes)
{
    make_voice();
    const struct lat_osc_peer page = peer_at("192.168.1.7", 9001);
    become(&page);
    subscribe("/node/amp/*", 30.0);
    const char *const first = after(0);
    cr_expect_not_null(strstr(first, "/node/amp/gain 0.5\n"), "%s", first);
    cr_expect_not_null(strstr(first, "/node/amp/cv 1\n"), "%s", first);
    cr_expect_not_null(strstr(first, "/node/amp/bypass 0\n"), "%s", first);
    cr_expect_null(strstr(first, "norm"), "%s", first);
    cr_expect_str_eq(after(100), "");
    const struct lat_osc_peer other = peer_at("192.168.1.8", 9001);
    become(&other);
    fader("/node/amp/gain", 0.75);
    cr_expect_str_eq(after(40), "/node/amp/gain 0.75\n");
    osc_send("/node/amp/bypass", "i", 1);
    cr_expect_str_eq(after(100), "/node/amp/bypass 1\n");
}

Test(osc_feedback, no_more_often_than_asked_and_then_the_newest)
{
    make_voice();
    subscribe("/node/lfo/freq", 10.0);
    after(0);
    const struct lat_osc_peer other = peer_at("127.0.0.1", 5);
    become(&other);
    for (int i = 0; i < 99; ++i) {
        fader("/node/lfo/freq", 3.0 + i);
        cr_expect_str_eq(after(1), "");
    }
    cr_expect_str_eq(after(1), "/node/lfo/freq 101\n");
    cr_expect_eq(lat_osc_feedback_next_ns(feedback) > now_ns + 50000 * MS,
                 true);
}

Test(osc_feedback, many_values_share_packets)
{
    char name[16];
    for (int i = 0; i < 200; ++i) {
        snprintf(name, sizeof(name), "g%d", i);
        osc_send("/node/new", "ss", "gain", name);
    }
    subscribe("/node/*/gain", 30.0);
    after(0);
    cr_expect_leq(n_packets, 8);
    cr_expect_leq(most_bytes, 1400);
    osc_send("/node/*/gain", "f", 0.5);
    after(40);
    unsigned n = 0;
    for (const char *at = sent_text; (at = strchr(at, '\n')); ++at) {
        ++n;
    }
    cr_expect_eq(n, 200);
}

Test(osc_feedback, norm_only_where_it_is_spelt)
{
    make_voice();
    subscribe("/node/lfo/freq/*", 30.0);
    cr_expect_str_eq(after(0), "");
    subscribe("/node/lfo/f*/norm", 30.0);
    cr_expect_eq(strncmp(after(0), "/node/lfo/freq/norm 0\n", 22), 0);
    osc_send("/node/lfo/freq/norm", "f", 0.5);
    cr_expect_str_eq(after(40), "/node/lfo/freq/norm 0.5\n");
}

Test(osc_feedback, cables_transport_numbers_and_settings)
{
    make_voice();
    subscribe("/cable/lfo/*/amp/*", 30.0);
    cr_expect_str_eq(after(0), "/cable/lfo/out/amp/in 0.25\n");
    subscribe("/transport/*", 30.0);
    cr_expect_str_eq(after(0), "/transport/tempo 120\n/transport/playing 1\n"
                               "/transport/position 0\n");
    subscribe("/status/engine/nodes", 30.0);
    cr_expect_str_eq(after(0), "/status/engine/nodes 3\n");
    subscribe("/node/main/limit", 30.0);
    cr_expect_str_eq(after(0), "/node/main/limit 0\n");
    const struct lat_osc_peer other = peer_at("192.168.1.8", 9001);
    become(&other);
    osc_send("/cable/lfo/out/amp/in", "f", 0.5);
    osc_send("/transport/tempo", "f", 90.0);
    osc_send("/transport/stop", "");
    osc_send("/node/set", "sss", "main", "limit", "off");
    osc_send("/node/new", "ss", "sine", "more");
    cr_expect_str_eq(after(100),
                     "/cable/lfo/out/amp/in 0.5\n"
                     "/transport/tempo 90\n/transport/playing 0\n"
                     "/status/engine/nodes 4\n/node/main/limit off\n");
}

Test(osc_feedback, who_moves_a_value_is_left_alone_and_then_told_once)
{
    make_voice();
    const struct lat_osc_peer page = peer_at("192.168.1.7", 40000);
    const struct lat_osc_peer other = peer_at("192.168.1.8", 40000);
    become(&page);
    struct lat_error error;
    cr_assert_eq(lat_osc_subscribe(feedback, &page, "/node/lfo/freq", 30.0,
                                   9001, now_ns, &error),
                 LAT_OK);
    after(0);
    // From another port of that host: controllers do so.
    const struct lat_osc_peer moving = peer_at("192.168.1.7", 63763);
    become(&moving);
    for (int i = 0; i < 10; ++i) {
        fader("/node/lfo/freq", 5.0 + i);
        cr_expect_str_eq(after(50), "");
    }
    cr_expect_str_eq(after(100), "");
    cr_expect_leq(lat_osc_feedback_next_ns(feedback), now_ns + 50 * MS);
    cr_expect_str_eq(after(50), "/node/lfo/freq 14\n");
    cr_expect_str_eq(after(500), "");
    // What another does while it is quiet is in what comes in the end.
    become(&moving);
    fader("/node/lfo/freq", 20.0);
    become(&other);
    fader("/node/lfo/freq", 21.0);
    cr_expect_str_eq(after(190), "");
    cr_expect_str_eq(after(10), "/node/lfo/freq 21\n");
}

Test(osc_feedback, on_this_machine_the_port_counts)
{
    make_voice();
    const struct lat_osc_peer page = peer_at("127.0.0.1", 9001);
    const struct lat_osc_peer other = peer_at("127.0.0.1", 9002);
    become(&page);
    subscribe("/node/lfo/freq", 30.0);
    after(0);
    become(&other);
    fader("/node/lfo/freq", 9.0);
    cr_expect_str_eq(after(40), "/node/lfo/freq 9\n");
    become(&page);
    fader("/node/lfo/freq", 10.0);
    cr_expect_str_eq(after(40), "");
}

Test(osc_feedback, nothing_is_sent_under_a_finger)
{
    make_voice();
    const struct lat_osc_peer page = peer_at("192.168.1.7", 9001);
    const struct lat_osc_peer other = peer_at("192.168.1.8", 9001);
    become(&page);
    subscribe("/node/lfo/freq", 30.0);
    subscribe("/node/lfo/freq/norm", 30.0);
    after(0);
    become(&page);
    lat_osc_feedback_touch(feedback, &page, "/node/lfo/freq", true, now_ns);
    become(&other);
    fader("/node/lfo/freq", 7.0);
    cr_expect_str_eq(after(5000), "");
    lat_osc_feedback_touch(feedback, &page, "/node/lfo/freq", false, now_ns);
    cr_expect_str_eq(after(190), "");
    const char *const last = after(20);
    cr_expect_eq(strncmp(last, "/node/lfo/freq 7\n/node/lfo/freq/norm 0\n", 39),
                 0, "%s", last);
    // Its /z 0 is lost: 10 s after its last message the hand is off.
    lat_osc_feedback_touch(feedback, &page, "/node/lfo/freq/norm", true,
                           now_ns);
    after(6000);
    become(&page);
    fader("/node/lfo/freq", 8.0);
    cr_expect_str_eq(after(9990), "");
    cr_expect_neq(*after(20), '\0');
}

static void
run_periods(int n)
{
    const enum lat_role before = lat_thread_role;
    lat_thread_role = LAT_ROLE_AUDIO;
    for (int i = 0; i < n; ++i) {
        lat_engine_process(lat_control_engine(osc_control), 64);
    }
    lat_thread_role = before;
    lat_control_tick(osc_control);
}

/// Let time pass, and look, while the engine plays.
static const char *
after_playing(uint64_t ms)
{
    run_periods((int)ms * 48 / 64);
    return after(ms);
}

Test(osc_feedback, a_glide_is_seen_on_its_way)
{
    make_voice();
    const struct lat_osc_peer page = peer_at("192.168.1.7", 9001);
    const struct lat_osc_peer other = peer_at("192.168.1.8", 9001);
    become(&page);
    subscribe("/node/lfo/freq", 10.0);
    after(0);
    become(&other);
    osc_send("/node/lfo/freq", "ff", 12.0, 1.0);
    for (int i = 1; i <= 9; ++i) {
        char line[64];
        snprintf(line, sizeof(line), "/node/lfo/freq %d\n", 2 + i);
        cr_expect_str_eq(after_playing(100), line);
    }
    cr_expect_str_eq(after_playing(100), "/node/lfo/freq 12\n");
    cr_expect_str_eq(after_playing(100), "");
}

Test(osc_feedback, who_subscribes_in_a_glide_sees_the_rest_of_it)
{
    make_voice();
    const struct lat_osc_peer page = peer_at("192.168.1.7", 9001);
    const struct lat_osc_peer other = peer_at("192.168.1.8", 9001);
    become(&other);
    osc_send("/node/lfo/freq", "ff", 12.0, 1.0);
    run_periods(375);
    cr_expect_str_eq(osc_send("/node/lfo/freq", ""), "/node/lfo/freq 7\n");
    become(&page);
    subscribe("/node/lfo/freq", 10.0);
    cr_expect_str_eq(after(0), "/node/lfo/freq 7\n");
    cr_expect_str_eq(after_playing(100), "/node/lfo/freq 8\n");
    cr_expect_str_eq(after_playing(200), "/node/lfo/freq 10\n");
    // It is another's node of this name that is there now, and does not glide.
    osc_send("/node/free", "s", "lfo");
    osc_send("/node/new", "sssf", "sine", "lfo", "freq", 3.0);
    cr_expect_str_eq(after_playing(100), "/node/lfo/freq 3\n");
    cr_expect_str_eq(after_playing(100), "");
}

Test(osc_feedback, who_renews_by_the_old_name_of_a_node_has_one_still)
{
    struct lat_error error;
    make_voice();
    const struct lat_osc_peer page = peer_at("192.168.1.7", 9001);
    become(&page);
    subscribe("/node/lfo/freq", 10.0);
    after(0);
    osc_send("/node/rename", "ss", "lfo", "slow");
    cr_expect_str_eq(after(100), "/node/slow/freq 2\n");
    subscribe("/node/lfo/freq", 10.0);
    cr_expect_str_eq(after(100), "/node/slow/freq 2\n", "all again, once");
    cr_expect_eq(
        lat_osc_unsubscribe(feedback, &page, "/node/lfo/freq", 0, &error),
        LAT_OK);
    subscribe("/node/slow/freq", 10.0);
    cr_expect_str_eq(after(100), "/node/slow/freq 2\n");
    cr_expect_str_eq(after(100), "");
}

Test(osc_feedback, the_nearest_number_of_the_engine_is_told)
{
    struct lat_error error;
    cr_expect_eq(lat_osc_subscribe(feedback, &osc_peer, "/status/engine/node",
                                   10.0, 0, now_ns, &error),
                 LAT_ENOTFOUND);
    cr_expect_not_null(strstr(error.text, "did you mean 'nodes'"), "%s",
                       error.text);
    subscribe("/status/engine/x*", 10.0);
}

Test(osc_feedback, a_glide_that_is_cut_is_no_more)
{
    make_voice();
    const struct lat_osc_peer page = peer_at("192.168.1.7", 9001);
    const struct lat_osc_peer other = peer_at("192.168.1.8", 9001);
    become(&page);
    subscribe("/node/lfo/phase", 10.0);
    after(0);
    fader("/node/lfo/phase", 0.8);
    become(&other); // from what the page has set, though it was not told that
    osc_send("/node/lfo/phase", "ff", 0.0, 4.0);
    cr_expect_str_eq(after_playing(200), "/node/lfo/phase 0.76\n");
    fader("/node/lfo/phase", 0.0);
    cr_expect_str_eq(after_playing(100), "/node/lfo/phase 0\n");
    cr_expect_str_eq(after_playing(1000), "");
    // One glide out of another.
    osc_send("/node/lfo/phase", "ff", 1.0, 1.0);
    cr_expect_str_eq(after_playing(500), "/node/lfo/phase 0.5\n");
    osc_send("/node/lfo/phase", "ff", 0.0, 1.0);
    cr_expect_str_eq(after_playing(500), "/node/lfo/phase 0.25\n");
    cr_expect_str_eq(after_playing(500), "/node/lfo/phase 0\n");
}

Test(osc_feedback, who_renews_keeps_a_finger_where_it_is)
{
    make_voice();
    const struct lat_osc_peer page = peer_at("192.168.1.7", 9001);
    const struct lat_osc_peer other = peer_at("192.168.1.8", 9001);
    become(&page);
    subscribe("/node/lfo/freq", 10.0);
    after(0);
    lat_osc_feedback_touch(feedback, &page, "/node/lfo/freq", true, now_ns);
    become(&other);
    fader("/node/lfo/freq", 7.0);
    become(&page);
    subscribe("/node/lfo/freq", 10.0);
    cr_expect_str_eq(after(1000), "");
    lat_osc_feedback_touch(feedback, &page, "/node/lfo/freq", false, now_ns);
    cr_expect_str_eq(after(200), "/node/lfo/freq 7\n");
}

Test(osc_feedback, a_sender_has_64_wherever_they_go)
{
    struct lat_error error;
    const struct lat_osc_peer greedy = peer_at("192.168.1.7", 9001);
    for (uint16_t port = 20000; port < 20064; ++port) {
        cr_assert_eq(lat_osc_subscribe(feedback, &greedy, "/node/*/freq", 30.0,
                                       port, now_ns, &error),
                     LAT_OK);
    }
    cr_expect_eq(lat_osc_subscribe(feedback, &greedy, "/node/*/freq", 30.0,
                                   20064, now_ns, &error),
                 LAT_EFULL);
    // By its port it is ended from any other of that host.
    const struct lat_osc_peer another = peer_at("192.168.1.7", 50000);
    cr_expect_eq(
        lat_osc_unsubscribe(feedback, &another, "/node/*/freq", 0, &error),
        LAT_ENOTFOUND);
    cr_expect_eq(
        lat_osc_unsubscribe(feedback, &another, "/node/*/freq", 20007, &error),
        LAT_OK);
    cr_expect_eq(lat_osc_subscribe(feedback, &greedy, "/node/*/freq", 30.0,
                                   20064, now_ns, &error),
                 LAT_OK);
}

Test(osc_feedback, is_not_sent_to_ourselves)
{
    struct lat_error error;
    const struct lat_osc_peer page = peer_at("127.0.0.1", 5000);
    cr_expect_eq(lat_osc_subscribe(feedback, &page, "/node/*/freq", 30.0, 9000,
                                   now_ns, &error),
                 LAT_EINVAL);
    load_line("localhost:9000 /node/lfo/phase");
    const struct lat_osc_peer us = peer_at("127.0.0.1", 9000);
    lat_osc_feedback_found(feedback, found_line, &us.address);
    cr_expect_str_eq(after(1000), "");
}

Test(osc_feedback, names_are_followed)
{
    make_voice();
    subscribe("/node/lfo/freq", 30.0);
    subscribe("/cable/lfo/out/*/*", 30.0);
    after(0);
    osc_send("/node/rename", "ss", "lfo", "slow");
    cr_expect_str_eq(after(40), "/node/slow/freq 2\n"
                                "/cable/slow/out/amp/in 0.25\n");
    osc_send("/node/free", "s", "slow");
    cr_expect_str_eq(after(40), "");
    osc_send("/node/new", "sssf", "sine", "slow", "freq", 2.0);
    cr_expect_str_eq(after(40), "/node/slow/freq 2\n");
    osc_send("/graph/clear", "");
    cr_expect_str_eq(after(40), "");
    make_voice();
    osc_send("/node/rename", "ss", "lfo", "slow");
    cr_expect_str_eq(after(40), "/node/slow/freq 2\n"
                                "/cable/slow/out/amp/in 0.25\n");
}

Test(osc_feedback, only_names_of_nodes_are_followed)
{
    osc_send("/node/new", "ss", "sine", "tempo");
    osc_send("/node/new", "ss", "sine", "engine");
    subscribe("/transport/tempo", 30.0);
    subscribe("/status/engine/nodes", 30.0);
    after(0);
    osc_send("/node/rename", "ss", "tempo", "t");
    osc_send("/node/rename", "ss", "engine", "e");
    osc_send("/node/free", "s", "e");
    osc_send("/transport/tempo", "f", 90.0);
    cr_expect_str_eq(after(300), "/transport/tempo 90\n"
                                 "/status/engine/nodes 1\n");
}

Test(osc_feedback, ends_after_a_minute_unless_it_is_renewed)
{
    make_voice();
    subscribe("/node/lfo/freq", 30.0);
    after(0);
    cr_expect_str_eq(after(59000), "");
    subscribe("/node/lfo/freq", 30.0);
    cr_expect_str_eq(after(0), "/node/lfo/freq 2\n");
    after(59000);
    const struct lat_osc_peer other = peer_at("192.168.1.8", 9001);
    become(&other);
    fader("/node/lfo/freq", 3.0);
    cr_expect_str_eq(after(40), "/node/lfo/freq 3\n");
    after(1000);
    fader("/node/lfo/freq", 4.0);
    cr_expect_str_eq(after(40), "");
    cr_expect_eq(lat_osc_feedback_next_ns(feedback), UINT64_MAX);
}

Test(osc_feedback, over_tcp_it_ends_with_the_connection)
{
    make_voice();
    const struct lat_osc_peer tcp = {.is_tcp = true, .connection = 3};
    osc_peer = tcp;
    subscribe("/node/lfo/freq", 30.0);
    cr_expect_str_eq(after(0), "/node/lfo/freq 2\n");
    after(600000);
    osc_peer = peer_at("127.0.0.1", 5);
    fader("/node/lfo/freq", 3.0);
    room = LAT_OSC_NO_ROOM; // it does not read: the newest comes later
    cr_expect_str_eq(after(100), "");
    room = LAT_OSC_ROOM;
    cr_expect_str_eq(after(100), "/node/lfo/freq 3\n");
    fader("/node/lfo/freq", 4.0);
    room = LAT_OSC_NOBODY;
    cr_expect_str_eq(after(100), "");
    cr_expect_eq(lat_osc_feedback_next_ns(feedback), UINT64_MAX);
    room = LAT_OSC_ROOM;
}

Test(osc_feedback, outputs_are_measured)
{
    osc_send("/node/new", "sssf", "constant", "k", "value", 0.25);
    osc_send("/node/new", "sssf", "sine", "s", "freq", 3000.0);
    osc_send("/node/new", "ss", "audio_out", "main");
    osc_send("/connect", "ss", "k", "main");
    osc_send("/connect", "ss", "s", "main");
    lat_engine_set_period(lat_control_engine(osc_control), 64);
    lat_engine_set_running(lat_control_engine(osc_control), true);
    subscribe("/node/k/out", 50.0);
    subscribe("/node/s/out/{peak,rms}", 50.0);
    subscribe("/node/s/out/scope", 1000.0); // as often as can be
    after(0);
    run_periods(100);
    const char *const text = after(20);
    double peak = 0.0;
    double rms = 0.0;
    cr_expect_not_null(strstr(text, "/node/k/out 0.25\n"), "%s", text);
    cr_expect_not_null(strstr(text, "/node/s/out/scope b\n"), "%s", text);
    cr_assert_not_null(strstr(text, "/node/s/out/peak "), "%s", text);
    sscanf(strstr(text, "/node/s/out/peak ") + 17, "%lf", &peak);
    sscanf(strstr(text, "/node/s/out/rms ") + 16, "%lf", &rms);
    cr_expect_float_eq(peak, 1.0, 1e-4, "%g", peak);
    cr_expect_float_eq(rms, sqrt(0.5), 1e-3, "%g", rms);
    osc_send("/node/free", "s", "s");
    run_periods(100);
    cr_expect_str_eq(after(20), "");
}

static void
make_voices(void)
{
    osc_send("/node/new", "sssiss", "constant", "k", "poly", 3, "value.2",
             "0.5");
    osc_send("/node/new", "ss", "audio_out", "main");
    osc_send("/connect", "ss", "k", "main");
}

Test(osc_feedback, voices_are_told_one_by_one)
{
    make_voices();
    subscribe("/node/k.2/value", 30.0);
    subscribe("/node/k.*/value", 30.0);
    cr_expect_str_eq(after(0), "/node/k.2/value 0.5\n"
                               "/node/k.1/value 0\n"
                               "/node/k.2/value 0.5\n"
                               "/node/k.3/value 0\n");
    const struct lat_osc_peer other = peer_at("192.168.1.8", 9001);
    become(&other);
    osc_send("/node/k.2/value", "f", 0.25);
    cr_expect_str_eq(after(40), "/node/k.2/value 0.25\n"
                                "/node/k.2/value 0.25\n");
    osc_send("/node/k/value", "f", 1.0);
    cr_expect_str_eq(after(40), "/node/k.2/value 1\n"
                                "/node/k.1/value 1\n"
                                "/node/k.2/value 1\n"
                                "/node/k.3/value 1\n");
    // One that goes is told no more; those that come are.
    osc_send("/node/k/poly", "i", 2);
    osc_send("/node/k.2/value", "f", 2.0);
    osc_send("/node/k/poly", "i", 4);
    cr_expect_str_eq(after(40), "/node/k.2/value 2\n"
                                "/node/k.2/value 2\n"
                                "/node/k.4/value 1\n");
    osc_send("/node/rename", "ss", "k", "lead");
    cr_expect_str_eq(after(40), "/node/lead.2/value 2\n"
                                "/node/lead.1/value 1\n"
                                "/node/lead.2/value 2\n"
                                "/node/lead.3/value 1\n"
                                "/node/lead.4/value 1\n");
    osc_send("/node/lead/poly", "i", 1);
    cr_expect_str_eq(after(40), "");
}

Test(osc_feedback, who_moves_a_voice_hears_the_others)
{
    const struct lat_osc_peer page = peer_at("192.168.1.7", 9001);
    make_voices();
    become(&page);
    subscribe("/node/k/value", 30.0);
    subscribe("/node/k.*/value", 30.0);
    after(0);
    // Its own hand is on the second; a value of all is the first one's.
    fader("/node/k.2/value", 0.75);
    cr_expect_str_eq(after(40), "");
    cr_expect_str_eq(after(300), "/node/k.2/value 0.75\n");
    fader("/node/k.1/value", 0.125);
    cr_expect_str_eq(after(40), "");
    cr_expect_str_eq(after(300), "/node/k/value 0.125\n"
                                 "/node/k.1/value 0.125\n");
}

Test(osc_feedback, outputs_of_voices_are_measured)
{
    make_voices();
    lat_engine_set_period(lat_control_engine(osc_control), 64);
    lat_engine_set_running(lat_control_engine(osc_control), true);
    subscribe("/node/k.2/out/peak", 50.0);
    subscribe("/node/k.{1,3}/out", 50.0);
    after(0);
    run_periods(100);
    cr_expect_str_eq(after(20), "/node/k.2/out/peak 0.5\n"
                                "/node/k.1/out 0\n"
                                "/node/k.3/out 0\n");
    osc_send("/node/k.3/value", "f", 0.25);
    osc_send("/node/k/poly", "i", 5); // those that stay are watched as before
    run_periods(100);
    cr_expect_str_eq(after(20), "/node/k.3/out 0.25\n");
    osc_send("/node/k/poly", "i", 2);
    osc_send("/node/k.2/value", "f", 2.0);
    run_periods(100);
    cr_expect_str_eq(after(20), "/node/k.2/out/peak 2\n");
}

Test(osc_feedback, lines_of_a_session_never_end_and_wake_who_was_silent)
{
    const struct lat_osc_peer page = peer_at("192.168.1.7", 9001);
    const struct lat_osc_peer moving = peer_at("192.168.1.7", 50000);
    load_line("tablet.local:9001 /node/lfo/phase 20");
    cr_expect_str_eq(found_host, "tablet.local 9001");
    cr_expect_str_eq(after(1000), "", "its host is not found yet");
    lat_osc_feedback_found(feedback, found_line, &page.address);
    cr_expect_str_eq(after(50), "/node/lfo/phase 0\n");
    cr_expect_str_eq(after(3600000), "");
    become(&moving); // it wakes up
    cr_expect_str_eq(after(50), "/node/lfo/phase 0\n");
    after(9000);
    become(&moving);
    cr_expect_str_eq(after(50), "");
    fader("/node/lfo/phase", 0.5);
    cr_expect_str_eq(after(150), "", "it moves that itself");
    cr_expect_str_eq(after(50), "/node/lfo/phase 0.5\n");
    osc_send("/graph/clear", "");
    osc_send("/node/new", "ss", "sine", "lfo");
    cr_expect_str_eq(after(50), "/node/lfo/phase 0\n");
    load_line("[fe80::1]:9002 /node/lfo/phase");
    cr_expect_str_eq(found_host, "fe80::1 9002");
    cr_expect_str_eq(after(1000), "", "that line is gone");
}

/// What the rules say that one value's subscriber is sent.
struct model {
    bool is_told;
    float value, told;
    bool is_due;
    uint64_t quiet_ns, touched_ns;
};

Test(osc_feedback, a_thousand_random_plays_go_as_the_rules_say)
{
    const struct lat_osc_peer page = peer_at("192.168.1.7", 9001);
    const struct lat_osc_peer other = peer_at("192.168.1.8", 9001);
    unsigned seed = 1;
    osc_send("/node/new", "ss", "sine", "lfo");
    for (int play = 0; play < 1000; ++play) {
        struct model m = {.value = 0.0F};
        become(&other);
        osc_send("/node/lfo/phase", "f", 0.0);
        become(&page);
        subscribe("/node/lfo/phase", 1000.0);
        for (int step = 0; step < 12; ++step) {
            const unsigned what = (unsigned)rand_r(&seed) % 8;
            const float x = (float)(rand_r(&seed) % 1000) / 1000.0F;
            if (what < 3) {
                become(what < 2 ? &page : &other);
                fader("/node/lfo/phase", (double)x);
                m.value = x;
                if (what < 2) {
                    m.is_due = true;
                    m.quiet_ns = now_ns + 200 * MS;
                    m.touched_ns = m.touched_ns > now_ns ? now_ns + 10000 * MS
                                                         : m.touched_ns;
                }
            } else if (what < 5) {
                lat_osc_feedback_touch(feedback, &page, "/node/lfo/phase",
                                       what == 3, now_ns);
                m.is_due = true;
                m.quiet_ns = now_ns + 200 * MS;
                m.touched_ns = what == 3 ? now_ns + 10000 * MS : 0;
            }
            const uint64_t wait = (uint64_t)(rand_r(&seed) % 4 ? 50 : 4000) +
                                  (uint64_t)(rand_r(&seed) % 250);
            char line[64] = "";
            const uint64_t then = now_ns + wait * MS;
            if (then >= m.quiet_ns && then >= m.touched_ns &&
                (m.is_due || !m.is_told || m.told != m.value)) {
                snprintf(line, sizeof(line), "/node/lfo/phase %.6g\n",
                         (double)m.value);
                m.is_told = true;
                m.is_due = false;
                m.told = m.value;
            }
            cr_assert_str_eq(after(wait), line, "play %d, step %d", play, step);
        }
        struct lat_error error;
        lat_osc_unsubscribe(feedback, &page, "/node/lfo/phase", 0, &error);
    }
}

Test(osc_feedback, what_is_meant_by_nothing_is_refused)
{
    static const struct {
        const char *pattern, *why;
    } wrong[] = {
        {"node/x/y", "begins with /"},
        {"/node/[x/freq", "bracket"},
        {"/nodes/x/y", "nothing can be subscribed"},
        {"/node/x", "nothing can be subscribed"},
        {"/1/fader1", "nothing can be subscribed"},
        {"/node/a/b/c/d/e", "nothing can be subscribed"},
        {"/a/b/c/d/e/f/g", "begins with /"},
    };
    struct lat_error error;
    for (size_t i = 0; i < LAT_COUNT(wrong); ++i) {
        cr_expect_eq(lat_osc_subscribe(feedback, &osc_peer, wrong[i].pattern,
                                       30.0, 0, now_ns, &error),
                     LAT_EINVAL, "%s", wrong[i].pattern);
        cr_expect_not_null(strstr(error.text, wrong[i].why), "%s", error.text);
    }
    cr_expect_eq(
        lat_osc_unsubscribe(feedback, &osc_peer, "/node/a/b", 0, &error),
        LAT_ENOTFOUND);
    for (int i = 0; i < 64; ++i) {
        char pattern[40];
        snprintf(pattern, sizeof(pattern), "/node/n%d/freq", i);
        subscribe(pattern, 30.0);
    }
    cr_expect_eq(lat_osc_subscribe(feedback, &osc_peer, "/node/more/freq", 30.0,
                                   0, now_ns, &error),
                 LAT_EFULL);
    cr_expect_eq(
        lat_osc_unsubscribe(feedback, &osc_peer, "/node/n7/freq", 0, &error),
        LAT_OK);
    subscribe("/node/more/freq", 30.0);
}

Test(osc_feedback, is_asked_for_over_osc)
{
    make_voice();
    osc_peer = peer_at("127.0.0.1", 57120);
    cr_expect_str_eq(osc_send("/subscribe", "sf", "/node/lfo/freq", 20.0),
                     "/done \"/subscribe\" \"/node/lfo/freq\"\n");
    cr_expect_str_eq(osc_tick(), "/node/lfo/freq 2\n");
    cr_expect_str_eq(osc_send("/unsubscribe", "s", "/node/lfo/freq"),
                     "/done \"/unsubscribe\" \"/node/lfo/freq\"\n");
    cr_expect_not_null(strstr(osc_send("/subscribe", "sf", "/node/*/freq", 0.0),
                              "HZ is 0; it is from 0.01 to 1000"));
    cr_expect_not_null(
        strstr(osc_send("/subscribe", "sfi", "/node/*/freq", 1.0, 70000),
               "PORT is 70000"));
    cr_expect_not_null(strstr(osc_send("/subscribe", ""), "/fail"));
    cr_expect_str_eq(osc_send("/node/lfo/freq/z", "f", 1.0), "");
    cr_expect_str_eq(osc_send("/node/nobody/freq/z", "s", "x"), "");
}
