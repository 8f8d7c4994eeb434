// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What lattice decides about connections, against a server made of lists.

#include "jack_wires.h"

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
static uint64_t now_ns;
static struct lat_wires *wires;
static struct lat_line *lines;

static void
set_up(void)
{
    n_pairs = 0;
    n_orders = 0;
    has_own = true;
    has_synth = true;
    has_devices = true;
    now_ns = 10 * SECOND_NS;
    lines = NULL;
    cr_assert_eq(lat_wires_new(false, &wires), LAT_OK);
}

static void
tear_down(void)
{
    lat_wires_free(wires);
    lat_lines_free(&lines);
}

TestSuite(wires, .init = set_up, .fini = tear_down);

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

/// Let @p ns pass and show the wires the server.
static void
look_after(uint64_t ns)
{
    now_ns += ns;
    struct lat_jack_view view = {0};
    static const char *const own[] = {"main_1", "main_2", "mic_1"};
    for (unsigned i = 0; has_own && i < LAT_COUNT(own); ++i) {
        lat_names_add(&view.own, own[i]);
    }
    if (has_synth) {
        lat_names_add(&view.others, "synth:in");
        lat_names_add(&view.others, "synth:out");
    }
    if (has_devices) {
        lat_names_add(&view.others, "system:playback_1");
        lat_names_add(&view.others, "system:playback_2");
        lat_names_add(&view.others, "system:capture_1");
        lat_names_add(&view.physical[LAT_PHYSICAL_PLAYBACK],
                      "system:playback_1");
        lat_names_add(&view.physical[LAT_PHYSICAL_PLAYBACK],
                      "system:playback_2");
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
    lat_wires_update(wires, &view, now_ns, carry_out, NULL);
    lat_jack_view_fini(&view);
}

static void
add_ports(void)
{
    lat_wires_port_added(wires, "main_1", 1, lines);
    lat_wires_port_added(wires, "main_2", 2, lines);
    lat_wires_port_added(wires, "mic_1", 3, lines);
}

static void
add_line(const char *text)
{
    cr_assert_eq(lat_line_append(&lines, "connect", text, NULL), LAT_OK);
}

static void
assert_lines(const char *wanted)
{
    cr_assert_eq(lat_wires_collect(wires, &lines), LAT_OK);
    char text[1024] = "";
    for (const struct lat_line *l = lines; l; l = l->next) {
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s\n",
                 l->comment ? l->comment : "", l->text);
    }
    cr_assert_str_eq(text, wanted, "got:\n%s", text);
}

Test(wires, makes_the_lines_of_a_session)
{
    add_line("main_1 -> synth:in");
    add_line("physical:1 -> mic_1");
    add_line("main_2 -> physical:2");
    add_ports();
    lat_wires_load(wires, lines);
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

Test(wires, connects_two_ports_of_ours)
{
    add_line("main_1 -> mic_1");
    add_ports();
    look_after(0);
    cr_assert(is_connected("main_1", "mic_1"));
    look_after(SECOND_NS);
    assert_lines("main_1 -> mic_1\n");
}

Test(wires, takes_names_with_arrows)
{
    add_line("a:b -> c -> mic_1");
    add_line("main_1 -> a -> b:in");
    cr_assert(lat_wires_in_lines(lines, "mic_1"));
    cr_assert(lat_wires_in_lines(lines, "main_1"));
    cr_assert_not(lat_wires_in_lines(lines, "c -> mic_1"));
}

Test(wires, waits_for_the_other_end)
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

Test(wires, makes_a_line_again_when_its_end_comes_again)
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

Test(wires, does_not_insist_on_what_was_taken_out_by_hand)
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

Test(wires, does_not_mistake_a_dying_client_for_a_hand)
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

Test(wires, saves_what_was_connected_by_hand)
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

Test(wires, forgets_hands_work_with_its_client)
{
    add_ports();
    connect_pair("main_1", "synth:in");
    look_after(0);
    has_synth = false;
    drop_client("synth:");
    look_after(0);
    look_after(60 * SECOND_NS);
    has_synth = true;
    look_after(SECOND_NS);
    cr_assert_eq(n_orders, 0);
    assert_lines("");
}

Test(wires, makes_the_rules_connections_explicit)
{
    add_ports();
    lat_wires_add_default(wires, "main_1", 1);
    lat_wires_add_default(wires, "main_2", 2);
    look_after(0);
    cr_assert(is_connected("main_1", "system:playback_1"));
    cr_assert(is_connected("main_2", "system:playback_2"));
    look_after(0);
    assert_lines("main_1 -> system:playback_1\n"
                 "main_2 -> system:playback_2\n");
}

Test(wires, writes_no_rule_that_found_no_port)
{
    has_devices = false;
    add_ports();
    lat_wires_add_default(wires, "main_1", 1);
    look_after(0);
    assert_lines("");
    has_devices = true;
    look_after(SECOND_NS);
    cr_assert(is_connected("main_1", "system:playback_1"));
}

Test(wires, replaces_the_last_sessions_connections_only)
{
    add_line("main_1 -> synth:in");
    add_ports();
    lat_wires_load(wires, lines);
    connect_pair("main_2", "synth:in");
    look_after(0);
    look_after(0);
    lat_lines_free(&lines);
    add_line("main_1 -> system:playback_1");
    lat_wires_load(wires, lines);
    look_after(0);
    look_after(0);
    cr_assert_not(is_connected("main_1", "synth:in"));
    cr_assert(is_connected("main_1", "system:playback_1"));
    cr_assert(is_connected("main_2", "synth:in"), "made by hand");
}

Test(wires, leaves_alone_what_both_sessions_want)
{
    add_line("main_1 -> synth:in");
    add_ports();
    lat_wires_load(wires, lines);
    look_after(0);
    look_after(0);
    lat_wires_load(wires, lines);
    look_after(0);
    cr_assert_eq(n_orders, 1);
}

Test(wires, leaves_alone_what_the_next_session_calls_otherwise)
{
    add_ports();
    lat_wires_add_default(wires, "main_1", 1);
    look_after(0);
    look_after(0);
    add_line("main_1 -> system:playback_1");
    lat_wires_load(wires, lines);
    look_after(0);
    cr_assert(is_connected("main_1", "system:playback_1"));
    look_after(SECOND_NS);
    look_after(SECOND_NS);
    cr_assert_eq(n_orders, 1);
    assert_lines("main_1 -> system:playback_1\n");
}

Test(wires, brings_back_all_after_the_servers_death)
{
    add_line("main_1 -> synth:in");
    add_ports();
    look_after(0);
    connect_pair("main_2", "synth:in");
    look_after(SECOND_NS);
    lat_wires_lost(wires, now_ns);
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

Test(wires, brings_back_what_a_dying_server_took_first)
{
    add_ports();
    connect_pair("main_1", "system:playback_1");
    look_after(0);
    has_devices = false;
    n_pairs = 0;
    look_after(SECOND_NS / 10);
    lat_wires_lost(wires, now_ns + SECOND_NS / 10);
    has_devices = true;
    look_after(2 * SECOND_NS);
    cr_assert(is_connected("main_1", "system:playback_1"));
}

Test(wires, does_not_bring_back_what_was_taken_out)
{
    add_ports();
    lat_wires_add_default(wires, "main_1", 1);
    look_after(0);
    look_after(0);
    disconnect_pair("main_1", "system:playback_1");
    look_after(0);
    look_after(SECOND_NS);
    lat_wires_lost(wires, now_ns);
    look_after(2 * SECOND_NS);
    cr_assert_not(is_connected("main_1", "system:playback_1"));
}

Test(wires, follows_a_renamed_port)
{
    add_line("main_1 -> synth:in");
    add_line("synth:out -> mic_1");
    add_ports();
    look_after(0);
    lat_wires_port_renamed(wires, "main_1", "lead_1", lines);
    lat_wires_port_renamed(wires, "mic_1", "ear_1", lines);
    cr_assert_str_eq(lines->text, "lead_1 -> synth:in");
    cr_assert_str_eq(lines->next->text, "synth:out -> ear_1");
    assert_lines("lead_1 -> synth:in\n"
                 "synth:out -> ear_1\n");
}

Test(wires, drops_the_lines_of_a_freed_port)
{
    add_line("main_1 -> synth:in");
    add_line("main_2 -> synth:in");
    add_ports();
    look_after(0);
    look_after(0);
    lat_wires_port_removed(wires, "main_1");
    assert_lines("main_2 -> synth:in\n");
}

Test(wires, makes_a_line_for_a_port_that_comes_back)
{
    add_line("main_1 -> synth:in");
    add_ports();
    look_after(0);
    look_after(0);
    lat_wires_port_removed(wires, "main_1");
    drop_client("main_1");
    look_after(SECOND_NS);
    lat_wires_port_added(wires, "main_1", 1, lines);
    look_after(SECOND_NS);
    cr_assert(is_connected("main_1", "synth:in"));
}

Test(wires, keeps_lines_but_makes_none_if_told_so)
{
    lat_wires_free(wires);
    cr_assert_eq(lat_wires_new(true, &wires), LAT_OK);
    add_line("main_1 -> synth:in");
    add_ports();
    lat_wires_load(wires, lines);
    lat_wires_add_default(wires, "main_2", 1);
    look_after(0);
    look_after(SECOND_NS);
    cr_assert_eq(n_orders, 0);
    assert_lines("main_1 -> synth:in\n");
}

Test(wires, saves_a_connection_once)
{
    add_ports();
    connect_pair("main_1", "system:playback_1");
    look_after(0);
    lat_wires_add_default(wires, "main_1", 1);
    look_after(0);
    assert_lines("main_1 -> system:playback_1\n");
}

Test(wires, keeps_lines_that_are_not_its_own)
{
    cr_assert_eq(lat_line_append(&lines, "later", "what is this", NULL),
                 LAT_OK);
    add_ports();
    look_after(0);
    assert_lines("what is this\n");
}
