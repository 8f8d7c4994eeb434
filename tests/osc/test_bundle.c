// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Bundles and patterns: what is done as one, or not at all; and bursts, which
// are done as one and nobody may notice.

#include "control/control.h"
#include "test_osc.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

TestSuite(osc_bundle, .init = osc_setup, .fini = osc_teardown, .timeout = 30);
TestSuite(osc_burst, .init = osc_setup, .fini = osc_teardown, .timeout = 30);
TestSuite(osc_pattern, .init = osc_setup, .fini = osc_teardown, .timeout = 30);

static uint32_t
n_nodes(void)
{
    return lat_control_graph(osc_control)->n_nodes;
}

/// The bundle fails with @p words in its text, at @p index, and the graph is
/// what it was.
static void
expect_nothing_done(const char *words, int index, const char *path)
{
    char *const before = osc_graph();
    const char *const answer = osc_send_bundle();
    char end[128];
    snprintf(end, sizeof(end), "\" %d \"%s\"\n", index, path);
    cr_expect_eq(strncmp(answer, "/fail \"/bundle\" \"", 17), 0, "%s", answer);
    cr_expect_not_null(strstr(answer, words), "no \"%s\" in %s", words, answer);
    const size_t n = strlen(answer);
    cr_expect(n > strlen(end) && strcmp(answer + n - strlen(end), end) == 0,
              "%s", answer);
    char *const after = osc_graph();
    cr_expect_str_eq(after, before);
    cr_expect_not(lat_control_is_open(osc_control));
    free(before);
    free(after);
}

Test(osc_bundle, does_all_and_answers_once)
{
    osc_bundle();
    osc_add("/node/new", "ss", "saw", "a");
    osc_add("/node/new", "ss", "lowpass", "b");
    osc_add("/connect", "ss", "a", "b");
    osc_add("/node/b/cutoff", "f", 500.0);
    osc_add("/transport/tempo", "f", 99.0);
    cr_expect_str_eq(osc_send_bundle(), "/done \"/bundle\" 5\n");
    cr_expect_eq(n_nodes(), 2);
    cr_expect_eq(lat_control_graph(osc_control)->n_cables, 1);
    cr_expect_str_eq(osc_send("/node/b/cutoff", ""), "/node/b/cutoff 500\n");
    cr_expect_str_eq(osc_send("/transport/tempo", ""), "/transport/tempo 99\n");
}

Test(osc_bundle, does_nothing_when_one_is_wrong)
{
    osc_send("/node/new", "ss", "saw", "a");
    osc_send("/node/new", "ss", "lowpass", "b");
    osc_send("/connect", "ss", "a", "b");
    osc_bundle();
    osc_add("/node/new", "ss", "sine", "c");
    osc_add("/node/a/freq", "f", 77.0);
    osc_add("/disconnect", "ss", "a", "b");
    osc_add("/node/rename", "ss", "a", "aa");
    osc_add("/transport/tempo", "f", 33.0);
    osc_add("/node/free", "s", "b");
    osc_add("/node/b/cutoff", "f", 1.0);
    osc_add("/node/new", "ss", "sine", "d");
    expect_nothing_done("b", 6, "/node/b/cutoff");
    cr_expect_str_eq(osc_send("/transport/tempo", ""),
                     "/transport/tempo 120\n");
}

Test(osc_bundle, does_nothing_for_every_place_of_the_wrong_one)
{
    osc_send("/node/new", "ss", "saw", "a");
    for (int wrong = 0; wrong < 6; ++wrong) {
        osc_bundle();
        for (int i = 0; i < 6; ++i) {
            char name[16];
            snprintf(name, sizeof(name), "n%d", i);
            if (i == wrong) {
                osc_add("/node/a/freq", "f", (double)NAN);
            } else {
                osc_add("/node/new", "ss", "sine", name);
            }
        }
        expect_nothing_done("finite", wrong, "/node/a/freq");
    }
}

Test(osc_bundle, refuses_what_must_stand_alone)
{
    static const char *const alone[] = {"/session/load", "/session/save",
                                        "/session/list", "/graph/clear",
                                        "/quit"};
    for (size_t i = 0; i < sizeof(alone) / sizeof(alone[0]); ++i) {
        osc_bundle();
        osc_add("/node/new", "ss", "sine", "a");
        osc_add(alone[i], "");
        expect_nothing_done("bundle", 1, alone[i]);
    }
    cr_expect_eq(osc_quits, 0);
}

Test(osc_bundle, refuses_unknown_addresses_and_later_ones)
{
    osc_bundle();
    osc_add("/node/new", "ss", "sine", "a");
    osc_add("/node/nwe", "ss", "sine", "b");
    expect_nothing_done("/node/new", 1, "/node/nwe");
    osc_bundle();
    osc_add("/node/new", "ss", "sine", "a");
    osc_add("/map/learn", "s", "a/freq");
    expect_nothing_done("later", 1, "/map/learn");
}

Test(osc_bundle, answers_questions_as_the_graph_is_afterwards)
{
    osc_send("/node/new", "ss", "sine", "a");
    osc_bundle();
    osc_add("/node/a/freq", "");
    osc_add("/node/a/freq", "f", 50.0);
    osc_add("/ping", "");
    cr_expect_str_eq(osc_send_bundle(), "/node/a/freq 50\n"
                                        "/pong\n"
                                        "/done \"/bundle\" 3\n");
    osc_bundle();
    osc_add("/node/a/freq", "");
    osc_add("/node/a/freq", "f", 60.0);
    osc_add("/node/b/freq", "f", 60.0);
    const char *const answer = osc_send_bundle();
    cr_expect_eq(strncmp(answer, "/node/a/freq 50\n/fail \"/bundle\" ", 32), 0,
                 "%s", answer);
}

Test(osc_bundle, does_not_fail_for_a_question_that_has_no_answer)
{
    osc_bundle();
    osc_add("/node/new", "ss", "sine", "a");
    osc_add("/node/ghost/freq", "");
    const char *const answer = osc_send_bundle();
    cr_expect_eq(strncmp(answer, "/fail \"/node/ghost/freq\" ", 25), 0, "%s",
                 answer);
    cr_expect_not_null(strstr(answer, "\n/done \"/bundle\" 2\n"), "%s", answer);
    cr_expect_eq(n_nodes(), 1);
}

Test(osc_bundle, may_be_empty_or_hold_questions_only)
{
    osc_bundle();
    cr_expect_str_eq(osc_send_bundle(), "/done \"/bundle\" 0\n");
    osc_add("/ping", "");
    cr_expect_str_eq(osc_send_bundle(), "/pong\n/done \"/bundle\" 1\n");
}

Test(osc_bundle, does_nothing_when_its_bytes_are_wrong)
{
    osc_bundle();
    osc_add("/node/new", "ss", "sine", "a");
    osc_add("/node/new", "ss", "sine", "b");
    char bytes[128];
    size_t size = 0;
    char *const packet = osc_packet(&size, "/node/new", "ss", "sine", "a");
    memcpy(bytes, "#bundle\0\0\0\0\0\0\0\0\1\0\0\0", 19);
    bytes[19] = (char)size;
    memcpy(bytes + 20, packet, size);
    free(packet);
    memcpy(bytes + 20 + size, "\0\0\0\x0c/a\0\0,i\0\0\0\0\0", 15);
    const char *const answer = osc_send_bytes(bytes, 20 + size + 12);
    cr_expect_eq(strncmp(answer, "/fail \"/bundle\" \"malformed", 26), 0, "%s",
                 answer);
    cr_expect_not_null(strstr(answer, "\" -1 \"\"\n"), "%s", answer);
    cr_expect_eq(n_nodes(), 0);
}

Test(osc_bundle, syncs_after_its_own_edits)
{
    osc_bundle();
    osc_add("/sync", "i", 5);
    osc_add("/node/new", "ss", "sine", "a");
    char *const answer = strdup(osc_send_bundle());
    lat_control_tick(osc_control);
    cr_expect(strstr(answer, "/synced 5\n") ||
              strcmp(osc_tick(), "/synced 5\n") == 0);
    free(answer);
}

Test(osc_bundle, takes_thousands_of_messages)
{
    char name[16];
    osc_bundle();
    for (int i = 0; i < 2000; ++i) {
        snprintf(name, sizeof(name), "n%d", i);
        osc_add("/node/new", "sssi", "sine", name, "freq", i);
    }
    cr_expect_str_eq(osc_send_bundle(), "/done \"/bundle\" 2000\n");
    cr_expect_eq(n_nodes(), 2000);
}

Test(osc_pattern, sets_all_that_match_and_are_there)
{
    osc_send("/node/new", "ss", "sine", "v1");
    osc_send("/node/new", "ss", "saw", "v2");
    osc_send("/node/new", "ss", "gain", "v3");
    osc_send("/node/new", "ss", "sine", "w");
    cr_expect_str_eq(osc_send("/node/v*/freq", "f", 99.0), "");
    cr_expect_str_eq(osc_send("/node/*/freq", ""), "/node/v1/freq 99\n"
                                                   "/node/v2/freq 99\n"
                                                   "/node/w/freq 261.6256\n");
    cr_expect_str_eq(osc_send("/node/v[12]/{pitch,phase}", "f", 0.25), "");
    cr_expect_str_eq(osc_send("/node/v?/p[hi]*", ""), "/node/v1/pitch 0.25\n"
                                                      "/node/v1/phase 0.25\n"
                                                      "/node/v2/pitch 0.25\n"
                                                      "/node/v2/phase 0.25\n");
    cr_expect_str_eq(osc_send("/node/v*/pitch/norm", "f", 1.0), "");
    cr_expect_str_eq(osc_send("/*/v1/pitch/n*", ""), "/node/v1/pitch/norm 1\n");
}

Test(osc_pattern, sets_all_or_none)
{
    osc_send("/node/new", "ss", "saw", "a");
    osc_send("/node/new", "ss", "gain", "b");
    char *const before = osc_graph();
    // a's inputs come first and would take it; -5 is beyond one of b's limits
    // or of a's: whichever, nothing may change
    const char *const answer = osc_send("/node/*/*", "f", 1e9);
    cr_expect_eq(strncmp(answer, "/fail \"/node/*/*\" \"/node/", 25), 0, "%s",
                 answer);
    char *const after = osc_graph();
    cr_expect_str_eq(after, before);
    free(before);
    free(after);
}

Test(osc_pattern, reaches_cables)
{
    osc_send("/node/new", "ss", "saw", "a");
    osc_send("/node/new", "ss", "saw", "b");
    osc_send("/node/new", "ss", "lowpass", "f");
    osc_send("/connect", "ss", "a", "f");
    osc_send("/connect", "ss", "b", "f");
    osc_send("/connect", "ss", "b", "f/cutoff");
    cr_expect_str_eq(osc_send("/cable/*/*/f/in", "f", 0.5), "");
    cr_expect_str_eq(osc_send("/cable/*/out/*/*", ""),
                     "/cable/a/out/f/in 0.5\n"
                     "/cable/b/out/f/in 0.5\n"
                     "/cable/b/out/f/cutoff 1\n");
}

Test(osc_pattern, reaches_verbs)
{
    osc_send("/node/new", "ss", "saw", "a");
    cr_expect_str_eq(osc_send("/transport/{play,tempo}", ""),
                     "/transport/tempo 120\n");
    cr_expect(lat_control_transport(osc_control)->is_playing);
    cr_expect_str_eq(osc_send("/p?ng", ""), "/pong\n");
}

Test(osc_pattern, never_reaches_what_must_be_spelled_out)
{
    osc_send("/node/new", "ss", "saw", "a");
    const char *const all = osc_send("/graph/*", "");
    cr_expect_not_null(strstr(all, "/done \"/graph/nodes\" 1\n"), "%s", all);
    cr_expect_eq(n_nodes(), 1);
    cr_expect_eq(strncmp(osc_send("/qui*", ""), "/fail", 5), 0);
    cr_expect_eq(strncmp(osc_send("/session/[lni]*", ""), "/fail", 5), 0);
    cr_expect_eq(strncmp(osc_send("/session/s[!t]*", ""), "/fail", 5), 0);
    cr_expect_eq(osc_quits, 0);
}

Test(osc_pattern, fails_when_nothing_matches)
{
    osc_send("/node/new", "ss", "saw", "a");
    static const char *const patterns[] = {
        "/node/x*/freq", "/node/a/x*",    "/cable/*/*/*/*", "/x*",
        "/node/[a/freq", "/node/a}/freq", "node/*/freq",    "/*/*/*/*/*/*/*"};
    for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); ++i) {
        cr_expect_eq(strncmp(osc_send(patterns[i], "f", 1.0), "/fail", 5), 0,
                     "%s", patterns[i]);
        cr_expect_eq(strncmp(osc_send(patterns[i], ""), "/fail", 5), 0, "%s",
                     patterns[i]);
    }
}

Test(osc_pattern, works_in_a_bundle_on_what_the_bundle_made)
{
    osc_bundle();
    osc_add("/node/new", "ss", "saw", "a");
    osc_add("/node/new", "ss", "saw", "b");
    osc_add("/node/*/freq", "f", 11.0);
    osc_add("/node/?/freq", "");
    cr_expect_str_eq(osc_send_bundle(), "/node/a/freq 11\n"
                                        "/node/b/freq 11\n"
                                        "/done \"/bundle\" 4\n");
    osc_bundle();
    osc_add("/node/*/freq", "f", 12.0);
    osc_add("/node/x*/freq", "f", 12.0);
    expect_nothing_done("matches nothing", 1, "/node/x*/freq");
}

static uint64_t
n_swaps(void)
{
    struct lat_engine_status status;
    lat_engine_status(lat_control_engine(osc_control), &status);
    return status.n_swaps;
}

Test(osc_burst, makes_one_plan_and_answers_in_order)
{
    const uint64_t before = n_swaps();
    osc_begin_burst();
    osc_send("/node/new", "ss", "saw", "a");
    osc_send("/node/a/freq", "f", 5.0);
    osc_send("/node/a/freq", "");
    osc_send("/node/new", "ss", "lowpass", "b");
    osc_send("/connect", "ss", "a", "b");
    osc_send("/transport/tempo", "f", 99.0);
    cr_expect_str_eq(osc_end_burst(), "/done \"/node/new\" \"a\"\n"
                                      "/node/a/freq 5\n"
                                      "/done \"/node/new\" \"b\"\n"
                                      "/done \"/connect\" \"a\" \"b\"\n"
                                      "/done \"/transport/tempo\"\n");
    cr_expect_eq(n_swaps(), before + 1);
    cr_expect_eq(n_nodes(), 2);
}

Test(osc_burst, lets_each_message_fail_by_itself)
{
    osc_begin_burst();
    osc_send("/node/new", "ss", "nonsense", "x");
    osc_send("/node/new", "ss", "saw", "a");
    osc_send("/node/new", "sssf", "saw", "c", "frq", 1.0);
    osc_send("/node/free", "ss", "a", "ghost");
    osc_send("/node/a/freq", "f", (double)NAN);
    osc_send("/unknown", "");
    osc_send("/node/new", "ss", "saw", "b");
    const char *answer = osc_end_burst();
    static const char *const starts[] = {
        "/fail \"/node/new\"",       "/done \"/node/new\" \"a\"",
        "/fail \"/node/new\"",       "/fail \"/node/free\"",
        "/fail \"/node/a/freq\"",    "/fail \"/unknown\"",
        "/done \"/node/new\" \"b\"",
    };
    for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); ++i) {
        cr_assert_eq(strncmp(answer, starts[i], strlen(starts[i])), 0, "%s",
                     answer);
        answer = strchr(answer, '\n') + 1;
    }
    cr_expect_str_empty(answer);
    cr_expect_eq(n_nodes(), 2);
}

Test(osc_burst, ends_where_something_must_stand_alone)
{
    osc_begin_burst();
    osc_send("/node/new", "ss", "saw", "a");
    osc_send("/graph/nodes", "");
    osc_send("/node/new", "ss", "saw", "b");
    osc_bundle();
    osc_add("/node/b/freq", "f", 3.0);
    osc_send_bundle();
    osc_send("/node/new", "ss", "saw", "c");
    osc_send("/node/*/freq", "");
    osc_send("/graph/clear", "");
    osc_send("/node/new", "ss", "saw", "d");
    cr_expect_str_eq(osc_end_burst(), "/done \"/node/new\" \"a\"\n"
                                      "/graph/nodes \"a\" \"saw\"\n"
                                      "/done \"/graph/nodes\" 1\n"
                                      "/done \"/node/new\" \"b\"\n"
                                      "/done \"/bundle\" 1\n"
                                      "/done \"/node/new\" \"c\"\n"
                                      "/node/a/freq 261.6256\n"
                                      "/node/b/freq 3\n"
                                      "/node/c/freq 261.6256\n"
                                      "/done \"/graph/clear\"\n"
                                      "/done \"/node/new\" \"d\"\n");
    cr_expect_eq(n_nodes(), 1);
}

Test(osc_burst, ends_by_itself_when_it_is_long)
{
    char name[16];
    osc_begin_burst();
    for (int i = 0; i < 3000; ++i) {
        snprintf(name, sizeof(name), "n%d", i);
        osc_send("/node/new", "ss", "constant", name);
    }
    cr_expect_leq(n_nodes(), 3000);
    const char *answer = osc_end_burst();
    uint32_t n = 0;
    while ((answer = strchr(answer, '\n'))) {
        ++answer;
        ++n;
    }
    cr_expect_eq(n, 3000);
    cr_expect_eq(n_nodes(), 3000);
}

// Device slots run out only when the transaction is committed.
Test(osc_burst, blames_only_the_message_that_the_engine_refuses)
{
    char name[16];
    osc_begin_burst();
    for (int i = 0; i < 20; ++i) {
        snprintf(name, sizeof(name), "out%d", i);
        osc_send("/node/new", "sssi", "audio_out", name, "channels", 64);
    }
    const char *answer = osc_end_burst();
    uint32_t n_done = 0;
    uint32_t n_fail = 0;
    for (; *answer; answer = strchr(answer, '\n') + 1) {
        n_done += strncmp(answer, "/done", 5) == 0;
        n_fail += strncmp(answer, "/fail", 5) == 0;
    }
    cr_expect_eq(n_done, 16);
    cr_expect_eq(n_fail, 4);
    cr_expect_eq(n_nodes(), 16);
}
