// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What lattice decides about connections, against a server made of lists.

#include "jack/remembered.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

#define SECOND_NS UINT64_C(1000000000)
#define MAX_PAIRS 32

struct pair {
    char from[64], to[64];
};

/// A server: ports are there or not, orders are carried out at once.
static struct pair pairs[MAX_PAIRS];
static unsigned n_pairs, n_orders;
static bool has_own, has_synth, has_devices;
static bool is_process_up, is_wired;
static const char *const dac[] = {"system:playback_1", "system:playback_2",
                                  NULL};
static const char *const *playback; ///< physical ports, in the server's order
static uint64_t now_ns;
static struct lat_remembered *remembered;
static struct lat_line *lines;

static void
carry_out(void *data, bool is_connect, const char *from, const char *to);
static lat_remembered_order_fn carry_out_orders;

static void
set_up(void)
{
    n_pairs = 0;
    n_orders = 0;
    has_own = true;
    has_synth = true;
    has_devices = true;
    playback = dac;
    now_ns = 10 * SECOND_NS;
    lines = NULL;
    carry_out_orders = carry_out;
    cr_assert_eq(lat_remembered_new(false, &remembered), LAT_OK);
}

static void
tear_down(void)
{
    lat_remembered_free(remembered);
    lat_lines_free(&lines);
}

TestSuite(remembered, .init = set_up, .fini = tear_down);

static void
connect_pair(const char *from, const char *to)
{
    cr_assert_lt(n_pairs, MAX_PAIRS);
    snprintf(pairs[n_pairs].from, sizeof(pairs[0].from), "%s", from);
    snprintf(pairs[n_pairs++].to, sizeof(pairs[0].to), "%s", to);
}

static bool
is_connected(const char *from, const char *to)
{
    for (unsigned i = 0; i < n_pairs; ++i) {
        if (!strcmp(pairs[i].from, from) && !strcmp(pairs[i].to, to)) {
            return true;
        }
    }
    return false;
}

static void
disconnect_pair(const char *from, const char *to)
{
    for (unsigned i = 0; i < n_pairs; ++i) {
        if (!strcmp(pairs[i].from, from) && !strcmp(pairs[i].to, to)) {
            pairs[i--] = pairs[--n_pairs];
        }
    }
}

/// All connections of a client go with it.
static void
drop_client(const char *client)
{
    const size_t n = strlen(client);
    for (unsigned i = 0; i < n_pairs; ++i) {
        if (!strncmp(pairs[i].from, client, n) ||
            !strncmp(pairs[i].to, client, n)) {
            pairs[i--] = pairs[--n_pairs];
        }
    }
}

static void
carry_out(void *data, bool is_connect, const char *from, const char *to)
{
    (void)data;
    ++n_orders;
    if (is_connect) {
        connect_pair(from, to);
    } else {
        disconnect_pair(from, to);
    }
}

/// Let @p ns pass and show the remembered the server.
static void
look_after(uint64_t ns)
{
    now_ns += ns;
    struct lat_jack_view view = {0};
    static const char *const own[] = {"main_1", "main_2", "mic_1"};
    for (unsigned i = 0; has_own && i < LAT_COUNT(own); ++i) {
        lat_names_add(&view.own, own[i]);
    }
    view.is_wired = is_wired;
    if (is_process_up) {
        lat_names_add(&view.own, "tone/in");
        lat_names_add(&view.own, "tone/out");
    }
    if (has_synth) {
        lat_names_add(&view.others, "synth:in");
        lat_names_add(&view.others, "synth:out");
    }
    if (has_devices) {
        for (const char *const *p = playback; *p; ++p) {
            lat_names_add(&view.others, *p);
            lat_names_add(&view.physical[LAT_PHYSICAL_PLAYBACK], *p);
        }
        lat_names_add(&view.others, "system:capture_1");
        lat_names_add(&view.physical[LAT_PHYSICAL_CAPTURE], "system:capture_1");
    }
    lat_names_sort(&view.own);
    lat_names_sort(&view.others);
    for (unsigned i = 0; i < n_pairs; ++i) {
        const bool is_output = !strchr(pairs[i].from, ':');
        lat_jack_view_add_pair(&view, is_output ? pairs[i].from : pairs[i].to,
                               is_output ? pairs[i].to : pairs[i].from,
                               is_output);
    }
    lat_remembered_update(remembered, &view, now_ns, carry_out_orders, NULL);
    lat_jack_view_fini(&view);
}

static void
add_ports(void)
{
    lat_remembered_port_added(remembered, "main_1", 1, lines);
    lat_remembered_port_added(remembered, "main_2", 2, lines);
    lat_remembered_port_added(remembered, "mic_1", 3, lines);
}

static void
add_line(const char *text)
{
    cr_assert_eq(lat_line_append(&lines, "connect", text, NULL), LAT_OK);
}

static void
assert_lines(const char *wanted)
{
    cr_assert_eq(lat_remembered_collect(remembered, &lines), LAT_OK);
    char text[1024] = "";
    for (const struct lat_line *l = lines; l; l = l->next) {
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s\n",
                 l->comment ? l->comment : "", l->text);
    }
    cr_assert_str_eq(text, wanted, "got:\n%s", text);
}

Test(remembered, makes_the_lines_of_a_session)
{
    add_line("main_1 -> synth:in");
    add_line("physical:1 -> mic_1");
    add_line("main_2 -> physical:2");
    add_ports();
    lat_remembered_load(remembered, lines);
    look_after(0);
    cr_assert(is_connected("main_1", "synth:in"));
    cr_assert(is_connected("system:capture_1", "mic_1"));
    cr_assert(is_connected("main_2", "system:playback_2"));
    look_after(SECOND_NS);
    cr_assert_eq(n_orders, 3);
    assert_lines("main_1 -> synth:in\n"
                 "physical:1 -> mic_1\n"
                 "main_2 -> physical:2\n");
}

Test(remembered, connects_two_ports_of_ours)
{
    add_line("main_1 -> mic_1");
    add_ports();
    look_after(0);
    cr_assert(is_connected("main_1", "mic_1"));
    look_after(SECOND_NS);
    assert_lines("main_1 -> mic_1\n");
}

Test(remembered, takes_names_with_arrows)
{
    add_line("a:b -> c -> mic_1");
    add_line("main_1 -> a -> b:in");
    cr_assert(lat_remembered_in_lines(lines, "mic_1"));
    cr_assert(lat_remembered_in_lines(lines, "main_1"));
    cr_assert_not(lat_remembered_in_lines(lines, "c -> mic_1"));
}

Test(remembered, waits_for_the_other_end)
{
    add_line("main_1 -> synth:in");
    has_synth = false;
    add_ports();
    look_after(0);
    cr_assert_eq(n_orders, 0);
    assert_lines("main_1 -> synth:in\n");
    has_synth = true;
    look_after(60 * SECOND_NS);
    cr_assert(is_connected("main_1", "synth:in"));
}

Test(remembered, makes_a_line_again_when_its_end_comes_again)
{
    add_line("main_1 -> synth:in");
    add_ports();
    look_after(0);
    look_after(0);
    has_synth = false;
    drop_client("synth:");
    look_after(SECOND_NS);
    look_after(60 * SECOND_NS);
    assert_lines("main_1 -> synth:in\n");
    has_synth = true;
    look_after(SECOND_NS);
    cr_assert(is_connected("main_1", "synth:in"));
}

Test(remembered, does_not_insist_on_what_was_taken_out_by_hand)
{
    add_line("main_1 -> synth:in");
    add_ports();
    look_after(0);
    look_after(0);
    disconnect_pair("main_1", "synth:in");
    look_after(0);
    look_after(SECOND_NS);
    look_after(SECOND_NS);
    cr_assert_not(is_connected("main_1", "synth:in"));
    assert_lines("");
}

Test(remembered, does_not_mistake_a_dying_client_for_a_hand)
{
    add_line("main_1 -> synth:in");
    add_ports();
    look_after(0);
    look_after(0);
    drop_client("synth:"); // its ports go a moment later
    look_after(0);
    has_synth = false;
    look_after(SECOND_NS / 10);
    look_after(SECOND_NS);
    has_synth = true;
    look_after(SECOND_NS);
    cr_assert(is_connected("main_1", "synth:in"));
}

Test(remembered, saves_what_was_connected_by_hand)
{
    add_line("main_1 -> synth:in");
    lines->comment = strdup("; to the synth\n");
    add_ports();
    look_after(0);
    connect_pair("synth:out", "mic_1");
    connect_pair("main_2", "system:playback_2");
    connect_pair("main_1", "system:playback_1");
    look_after(0);
    assert_lines("; to the synth\n"
                 "main_1 -> synth:in\n"
                 "main_1 -> system:playback_1\n"
                 "main_2 -> system:playback_2\n"
                 "synth:out -> mic_1\n");
}

Test(remembered, makes_hands_work_again_when_its_client_comes_again)
{
    add_ports();
    connect_pair("main_1", "synth:in");
    look_after(0);
    has_synth = false;
    drop_client("synth:");
    look_after(0);
    look_after(3600 * SECOND_NS);
    assert_lines("main_1 -> synth:in\n");
    has_synth = true;
    look_after(SECOND_NS);
    cr_assert(is_connected("main_1", "synth:in"));
    look_after(SECOND_NS);
    disconnect_pair("main_1", "synth:in");
    look_after(SECOND_NS);
    look_after(SECOND_NS);
    assert_lines("");
}

Test(remembered, takes_no_wait_for_a_client_into_another_session)
{
    add_ports();
    connect_pair("main_1", "synth:in");
    look_after(0);
    has_synth = false;
    drop_client("synth:");
    look_after(0);
    look_after(SECOND_NS);
    lat_remembered_load(remembered, lines);
    look_after(SECOND_NS);
    has_synth = true;
    look_after(SECOND_NS);
    cr_assert_eq(n_orders, 0);
    assert_lines("");
}

Test(remembered, connects_processes_behind_their_cables)
{
    add_line("tone/out -> synth:in");
    add_line("main_1 -> tone/in");
    add_ports();
    lat_remembered_port_added(remembered, "tone/out", 4, lines);
    lat_remembered_port_added(remembered, "tone/in", 5, lines);
    lat_remembered_load(remembered, lines);
    look_after(0);
    cr_assert_eq(n_orders, 0, "it is not there");
    is_process_up = true;
    look_after(SECOND_NS);
    cr_assert_eq(n_orders, 0, "the engine might wait for it");
    is_wired = true;
    look_after(SECOND_NS);
    cr_assert(is_connected("tone/out", "synth:in"));
    cr_assert(is_connected("main_1", "tone/in"));
    // It is started anew.
    is_process_up = is_wired = false;
    drop_client("tone/");
    look_after(SECOND_NS);
    look_after(60 * SECOND_NS);
    is_process_up = is_wired = true;
    look_after(SECOND_NS);
    cr_assert(is_connected("tone/out", "synth:in"));
    cr_assert(is_connected("main_1", "tone/in"));
    assert_lines("tone/out -> synth:in\n"
                 "main_1 -> tone/in\n");
    // Cables that are being made again are no reason to let go.
    is_wired = false;
    look_after(60 * SECOND_NS);
    cr_assert(is_connected("tone/out", "synth:in"));
    disconnect_pair("tone/out", "synth:in");
    look_after(SECOND_NS);
    look_after(SECOND_NS);
    assert_lines("main_1 -> tone/in\n");
    // Its node goes.
    lat_remembered_port_removed(remembered, "tone/out");
    lat_remembered_port_removed(remembered, "tone/in");
    lat_remembered_end_removed(remembered, "tone/in");
    drop_client("tone/");
    assert_lines("");
}

Test(remembered, makes_the_rules_connections_explicit)
{
    add_ports();
    lat_remembered_add_default(remembered, "main_1", 1);
    lat_remembered_add_default(remembered, "main_2", 2);
    look_after(0);
    cr_assert(is_connected("main_1", "system:playback_1"));
    cr_assert(is_connected("main_2", "system:playback_2"));
    look_after(0);
    assert_lines("main_1 -> physical:1\n"
                 "main_2 -> physical:2\n");
}

Test(remembered, writes_no_rule_that_found_no_port)
{
    has_devices = false;
    add_ports();
    lat_remembered_add_default(remembered, "main_1", 1);
    look_after(0);
    assert_lines("");
    has_devices = true;
    look_after(SECOND_NS);
    cr_assert(is_connected("main_1", "system:playback_1"));
}

static void
refuse_to_listen(void *data, bool is_connect, const char *from, const char *to)
{
    (void)data, (void)is_connect, (void)from, (void)to;
}

Test(remembered, writes_the_rules_connections_that_are_on_their_way)
{
    has_own = false;
    add_ports();
    look_after(0);
    lat_remembered_add_default(remembered, "main_1", 1);
    assert_lines("main_1 -> physical:1\n"); // not looked at
    tear_down();
    set_up();
    has_own = false;
    add_ports();
    lat_remembered_add_default(remembered, "main_1", 1);
    look_after(0);
    assert_lines("main_1 -> physical:1\n"); // its own end is not there yet
    tear_down();
    set_up();
    carry_out_orders = refuse_to_listen;
    add_ports();
    lat_remembered_add_default(remembered, "main_1", 1);
    look_after(0);
    assert_lines("main_1 -> physical:1\n"); // ordered
}

Test(remembered, writes_nothing_of_ports_that_fade_out)
{
    add_line("main_1 -> synth:in");
    add_ports();
    lat_remembered_load(remembered, lines);
    lat_remembered_add_default(remembered, "main_2", 2);
    look_after(0);
    look_after(0);
    lat_remembered_set_leaving(remembered, "main_1", true);
    lat_remembered_set_leaving(remembered, "main_2", true);
    assert_lines("");
    lat_remembered_set_leaving(remembered, "main_2", false);
    assert_lines("main_2 -> physical:2\n");
}

Test(remembered, replaces_the_last_sessions_connections_only)
{
    add_line("main_1 -> synth:in");
    add_ports();
    lat_remembered_load(remembered, lines);
    connect_pair("main_2", "synth:in");
    look_after(0);
    look_after(0);
    lat_lines_free(&lines);
    add_line("main_1 -> system:playback_1");
    lat_remembered_load(remembered, lines);
    look_after(0);
    look_after(0);
    cr_assert_not(is_connected("main_1", "synth:in"));
    cr_assert(is_connected("main_1", "system:playback_1"));
    cr_assert(is_connected("main_2", "synth:in"), "made by hand");
}

Test(remembered, leaves_alone_what_both_sessions_want)
{
    add_line("main_1 -> synth:in");
    add_ports();
    lat_remembered_load(remembered, lines);
    look_after(0);
    look_after(0);
    lat_remembered_load(remembered, lines);
    look_after(0);
    cr_assert_eq(n_orders, 1);
}

Test(remembered, leaves_alone_what_the_next_session_calls_otherwise)
{
    add_ports();
    lat_remembered_add_default(remembered, "main_1", 1);
    look_after(0);
    look_after(0);
    add_line("main_1 -> system:playback_1");
    lat_remembered_load(remembered, lines);
    look_after(0);
    cr_assert(is_connected("main_1", "system:playback_1"));
    look_after(SECOND_NS);
    look_after(SECOND_NS);
    cr_assert_eq(n_orders, 1);
    assert_lines("main_1 -> system:playback_1\n");
}

Test(remembered, brings_back_all_after_the_servers_death)
{
    add_line("main_1 -> synth:in");
    add_ports();
    look_after(0);
    connect_pair("main_2", "synth:in");
    look_after(SECOND_NS);
    lat_remembered_lost(remembered, now_ns);
    n_pairs = 0;
    has_synth = false;
    look_after(10 * SECOND_NS);
    assert_lines("main_1 -> synth:in\n"
                 "main_2 -> synth:in\n");
    has_synth = true;
    look_after(10 * SECOND_NS);
    cr_assert(is_connected("main_1", "synth:in"));
    cr_assert(is_connected("main_2", "synth:in"));
}

Test(remembered, brings_back_what_a_dying_server_took_first)
{
    add_ports();
    connect_pair("main_1", "system:playback_1");
    look_after(0);
    has_devices = false;
    n_pairs = 0;
    look_after(SECOND_NS / 10);
    lat_remembered_lost(remembered, now_ns + SECOND_NS / 10);
    has_devices = true;
    look_after(2 * SECOND_NS);
    cr_assert(is_connected("main_1", "system:playback_1"));
}

Test(remembered, does_not_bring_back_what_was_taken_out)
{
    add_ports();
    lat_remembered_add_default(remembered, "main_1", 1);
    look_after(0);
    look_after(0);
    disconnect_pair("main_1", "system:playback_1");
    look_after(0);
    look_after(SECOND_NS);
    lat_remembered_lost(remembered, now_ns);
    look_after(2 * SECOND_NS);
    cr_assert_not(is_connected("main_1", "system:playback_1"));
}

Test(remembered, follows_a_renamed_port)
{
    add_line("main_1 -> synth:in");
    add_line("synth:out -> mic_1");
    add_ports();
    look_after(0);
    lat_remembered_port_renamed(remembered, "main_1", "lead_1", lines);
    lat_remembered_port_renamed(remembered, "mic_1", "ear_1", lines);
    cr_assert_str_eq(lines->text, "lead_1 -> synth:in");
    cr_assert_str_eq(lines->next->text, "synth:out -> ear_1");
    assert_lines("lead_1 -> synth:in\n"
                 "synth:out -> ear_1\n");
}

Test(remembered, drops_the_lines_of_a_freed_port)
{
    add_line("main_1 -> synth:in");
    add_line("main_2 -> synth:in");
    add_ports();
    look_after(0);
    look_after(0);
    lat_remembered_port_removed(remembered, "main_1");
    assert_lines("main_2 -> synth:in\n");
}

Test(remembered, makes_a_line_for_a_port_that_comes_back)
{
    add_line("main_1 -> synth:in");
    add_ports();
    look_after(0);
    look_after(0);
    lat_remembered_port_removed(remembered, "main_1");
    drop_client("main_1");
    look_after(SECOND_NS);
    lat_remembered_port_added(remembered, "main_1", 1, lines);
    look_after(SECOND_NS);
    cr_assert(is_connected("main_1", "synth:in"));
}

Test(remembered, keeps_lines_but_makes_none_if_told_so)
{
    lat_remembered_free(remembered);
    cr_assert_eq(lat_remembered_new(true, &remembered), LAT_OK);
    add_line("main_1 -> synth:in");
    add_ports();
    lat_remembered_load(remembered, lines);
    lat_remembered_add_default(remembered, "main_2", 1);
    look_after(0);
    look_after(SECOND_NS);
    cr_assert_eq(n_orders, 0);
    assert_lines("main_1 -> synth:in\n");
}

Test(remembered, saves_a_connection_once)
{
    add_ports();
    connect_pair("main_1", "system:playback_1");
    look_after(0);
    lat_remembered_add_default(remembered, "main_1", 1);
    look_after(0);
    assert_lines("main_1 -> system:playback_1\n");
}

Test(remembered, keeps_lines_that_are_not_its_own)
{
    cr_assert_eq(lat_line_append(&lines, "later", "what is this", NULL),
                 LAT_OK);
    add_ports();
    look_after(0);
    assert_lines("what is this\n");
}

// What the rule made, and what the user wants of it.

static void
play_by_the_rule(void)
{
    add_ports();
    lat_remembered_set_ruled(remembered, "main_1", true);
    lat_remembered_set_ruled(remembered, "main_2", true);
    lat_remembered_add_default(remembered, "main_1", 1);
    lat_remembered_add_default(remembered, "main_2", 2);
    look_after(0);
    look_after(0);
}

Test(remembered, writes_both_of_the_rule_where_one_port_is_missing)
{
    static const char *const mono[] = {"card:out", NULL};
    playback = mono;
    play_by_the_rule();
    cr_assert(is_connected("main_1", "card:out"));
    assert_lines("main_1 -> physical:1\n"
                 "main_2 -> physical:2\n");
}

Test(remembered, says_that_the_user_wants_no_connection)
{
    play_by_the_rule();
    n_pairs = 0;
    look_after(0);
    assert_lines("main_1 -> nothing\n"
                 "main_2 -> nothing\n");
    look_after(SECOND_NS);
    assert_lines("main_1 -> nothing\n"
                 "main_2 -> nothing\n");
    cr_assert(lat_remembered_is_refused(remembered, "main_1"));
}

Test(remembered, leaves_alone_what_the_rule_comes_to_later)
{
    add_ports();
    look_after(0);
    connect_pair("main_2", "synth:in");
    look_after(0);
    lat_remembered_set_ruled(remembered, "main_1", true);
    lat_remembered_set_ruled(remembered, "main_2", true);
    lat_remembered_leave_alone(remembered, "main_1");
    lat_remembered_leave_alone(remembered, "main_2");
    look_after(0);
    cr_assert(!is_connected("main_1", "system:playback_1"));
    cr_assert(is_connected("main_2", "synth:in"));
    assert_lines("main_1 -> nothing\n"
                 "main_2 -> synth:in\n");
}

Test(remembered, says_so_of_one_port_alone)
{
    play_by_the_rule();
    disconnect_pair("main_2", "system:playback_2");
    look_after(0);
    look_after(SECOND_NS);
    assert_lines("main_1 -> physical:1\n"
                 "main_2 -> nothing\n");
}

Test(remembered, says_nothing_of_ports_that_the_rule_leaves_alone)
{
    add_line("main_1 -> synth:in");
    add_ports();
    look_after(0);
    look_after(0);
    n_pairs = 0;
    look_after(0);
    look_after(SECOND_NS);
    assert_lines("");
}

Test(remembered, calls_by_name_what_the_user_connected_instead)
{
    play_by_the_rule();
    n_pairs = 0;
    look_after(0);
    look_after(SECOND_NS);
    connect_pair("main_1", "system:playback_1");
    connect_pair("main_2", "synth:in");
    look_after(0);
    assert_lines("main_1 -> system:playback_1\n"
                 "main_2 -> synth:in\n");
    n_pairs = 0;
    look_after(0);
    assert_lines("main_1 -> nothing\n"
                 "main_2 -> nothing\n");
}

Test(remembered, takes_out_what_is_connected_where_a_session_wants_nothing)
{
    play_by_the_rule();
    connect_pair("main_2", "synth:in");
    look_after(0);
    add_line("main_1 -> nothing");
    add_line("main_2 -> nothing");
    lat_remembered_load(remembered, lines);
    look_after(0);
    look_after(SECOND_NS);
    cr_assert_eq(n_pairs, 0);
    assert_lines("main_1 -> nothing\n"
                 "main_2 -> nothing\n");
}

Test(remembered, goes_back_to_the_rule_where_a_session_says_no_more)
{
    play_by_the_rule();
    n_pairs = 0;
    look_after(0);
    look_after(SECOND_NS);
    lat_remembered_load(remembered, NULL);
    cr_assert_not(lat_remembered_is_refused(remembered, "main_1"));
    lat_remembered_add_default(remembered, "main_1", 1);
    look_after(0);
    look_after(0);
    cr_assert(is_connected("main_1", "system:playback_1"));
}

Test(remembered, keeps_nothing_without_connecting)
{
    lat_remembered_free(remembered);
    cr_assert_eq(lat_remembered_new(true, &remembered), LAT_OK);
    play_by_the_rule();
    assert_lines("");
    add_line("main_1 -> nothing");
    lat_remembered_load(remembered, lines);
    look_after(0);
    assert_lines("main_1 -> nothing\n");
}

Test(remembered, renames_and_drops_nothing_with_its_port)
{
    add_line("main_1 -> nothing");
    add_line("nothing -> mic_1");
    cr_assert(lat_remembered_in_lines(lines, "main_1"));
    cr_assert(lat_remembered_in_lines(lines, "mic_1"));
    add_ports();
    lat_remembered_load(remembered, lines);
    look_after(0);
    lat_remembered_port_renamed(remembered, "main_1", "lead_1", lines);
    assert_lines("lead_1 -> nothing\n"
                 "nothing -> mic_1\n");
    lat_remembered_port_removed(remembered, "lead_1");
    assert_lines("nothing -> mic_1\n");
}

Test(remembered, does_not_take_a_death_for_a_wish)
{
    play_by_the_rule();
    has_devices = false;
    n_pairs = 0;
    look_after(0);
    look_after(SECOND_NS);
    has_devices = true;
    look_after(SECOND_NS);
    look_after(0);
    cr_assert(is_connected("main_1", "system:playback_1"));
    assert_lines("main_1 -> physical:1\n"
                 "main_2 -> physical:2\n");
}

Test(remembered, stays_with_a_physical_port_when_another_comes_before_it)
{
    static const char *const more[] = {"usb:l", "usb:r", "system:playback_1",
                                       "system:playback_2", NULL};
    play_by_the_rule();
    playback = more;
    look_after(SECOND_NS);
    look_after(SECOND_NS);
    cr_assert_eq(n_orders, 2);
    cr_assert(is_connected("main_1", "system:playback_1"));
    assert_lines("main_1 -> physical:1\n"
                 "main_2 -> physical:2\n");
}

Test(remembered, goes_to_another_physical_port_when_its_own_has_gone)
{
    static const char *const usb[] = {"usb:l", "usb:r", NULL};
    play_by_the_rule();
    playback = usb;
    drop_client("system:playback");
    for (unsigned i = 0; i < LAT_COUNT(dac); ++i) {
        look_after(SECOND_NS);
    }
    look_after(SECOND_NS);
    cr_assert(is_connected("main_1", "usb:l"));
    cr_assert(is_connected("main_2", "usb:r"));
    cr_assert_eq(n_pairs, 2);
}

Test(remembered, follows_no_device_that_goes_port_by_port)
{
    static const char *const second[] = {"system:playback_2", NULL};
    play_by_the_rule();
    playback = second; // the first port is gone, the other about to go
    drop_client("system:playback_1");
    n_pairs = 0;
    n_orders = 0;
    look_after(0);
    has_devices = false;
    look_after(SECOND_NS / 10);
    look_after(60 * SECOND_NS);
    cr_assert_eq(n_orders, 0);
    has_devices = true;
    playback = dac;
    look_after(SECOND_NS);
    cr_assert(is_connected("main_1", "system:playback_1"));
    cr_assert(is_connected("main_2", "system:playback_2"));
}

Test(remembered, waits_for_physical_ports_that_are_not_there)
{
    static const char *const one[] = {"card:1", NULL};
    static const char *const three[] = {"card:1", "card:2", "card:3", NULL};
    playback = one;
    add_line("main_1 -> physical:3");
    add_ports();
    lat_remembered_load(remembered, lines);
    look_after(0);
    cr_assert_eq(n_orders, 0);
    assert_lines("main_1 -> physical:3\n");
    playback = three;
    look_after(SECOND_NS);
    cr_assert(is_connected("main_1", "card:3"));
    assert_lines("main_1 -> physical:3\n");
}

Test(remembered, becomes_a_pair_when_one_channel_becomes_two)
{
    lat_remembered_port_added(remembered, "main_1", 1, NULL);
    lat_remembered_add_default(remembered, "main_1", 1);
    lat_remembered_add_default(remembered, "main_1", 2);
    look_after(0);
    look_after(0);
    cr_assert_eq(n_pairs, 2);
    lat_remembered_port_added(remembered, "main_2", 2, NULL);
    lat_remembered_add_default(remembered, "main_1", 1);
    lat_remembered_drop_default(remembered, "main_1", 2);
    lat_remembered_add_default(remembered, "main_2", 2);
    look_after(0);
    look_after(0);
    cr_assert_eq(n_pairs, 2);
    cr_assert(is_connected("main_2", "system:playback_2"));
    assert_lines("main_1 -> physical:1\n"
                 "main_2 -> physical:2\n");
}

Test(remembered, does_not_save_a_client_that_is_called_physical)
{
    add_ports();
    connect_pair("main_1", "physical:in");
    connect_pair("main_2", "physical:1");
    look_after(0);
    assert_lines("");
}

Test(remembered, saves_what_it_loads_whatever_is_there)
{
    static const char *const kept[] = {
        "main_1 -> physical:1", "main_1 -> physical:7", "main_1 -> nothing",
        "physical:1 -> mic_1",  "nothing -> mic_1",     "main_1 -> synth:in",
        "main_1 -> later:in",   "main_1 -> mic_1",      "main_1 -> a b: c ",
    };
    for (unsigned i = 0; i < LAT_COUNT(kept) * 4; ++i) {
        tear_down();
        set_up();
        has_devices = i & 1;
        has_synth = i & 2;
        add_line(kept[i / 4]);
        add_ports();
        lat_remembered_set_ruled(remembered, "main_1", true);
        lat_remembered_load(remembered, lines);
        char wanted[80];
        snprintf(wanted, sizeof(wanted), "%s\n", kept[i / 4]);
        for (unsigned k = 0; k < 3; ++k) {
            look_after(SECOND_NS);
            assert_lines(wanted);
        }
    }
}

Test(remembered, knows_whether_it_would_write_something_else)
{
    add_ports();
    lat_remembered_add_default(remembered, "main_1", 1);
    lat_remembered_set_ruled(remembered, "main_1", true);
    look_after(0);
    const uint64_t first = lat_remembered_digest(remembered);
    look_after(SECOND_NS);
    cr_expect_eq(lat_remembered_digest(remembered), first, "it is connected");
    assert_lines("main_1 -> physical:1\n");
    cr_expect_eq(lat_remembered_digest(remembered), first, "it is a line now");
    connect_pair("main_2", "synth:in");
    look_after(SECOND_NS);
    const uint64_t second = lat_remembered_digest(remembered);
    cr_expect_neq(second, first, "a hand");
    has_synth = false;
    drop_client("synth:");
    look_after(SECOND_NS);
    cr_expect_eq(lat_remembered_digest(remembered), second, "a program ends");
    has_own = has_devices = false;
    n_pairs = 0;
    lat_remembered_lost(remembered, now_ns);
    cr_expect_eq(lat_remembered_digest(remembered), second, "the server ends");
    has_own = has_devices = has_synth = true;
    look_after(SECOND_NS);
    look_after(SECOND_NS);
    cr_expect_eq(lat_remembered_digest(remembered), second, "all are back");
    disconnect_pair("main_2", "synth:in");
    look_after(SECOND_NS);
    look_after(SECOND_NS);
    cr_expect_eq(lat_remembered_digest(remembered), first, "the hand again");
    disconnect_pair("main_1", "system:playback_1");
    look_after(SECOND_NS);
    look_after(SECOND_NS);
    cr_expect_neq(lat_remembered_digest(remembered), first);
    assert_lines("main_1 -> nothing\n");
}
