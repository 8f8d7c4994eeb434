// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "control/control.h"
#include "test_osc.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

TestSuite(osc_router, .init = osc_setup, .fini = osc_teardown, .timeout = 30);

/// The answer is one /fail for this path, whose text has @p words in it.
static void
expect_fail(const char *answer, const char *path, const char *words)
{
    char start[64];
    snprintf(start, sizeof(start), "/fail \"%s\" \"", path);
    cr_expect_eq(strncmp(answer, start, strlen(start)), 0, "%s", answer);
    cr_expect_not_null(strstr(answer, words), "no \"%s\" in %s", words, answer);
    cr_expect_eq(strchr(answer, '\n'), answer + strlen(answer) - 1, "%s",
                 answer);
}

Test(osc_router, makes_sets_renames_and_frees_nodes)
{
    cr_expect_str_eq(osc_send("/node/new", "sssf", "sine", "lfo", "freq", 3.0),
                     "/done \"/node/new\" \"lfo\"\n");
    cr_expect_str_eq(osc_send("/node/lfo/freq", ""), "/node/lfo/freq 3\n");
    cr_expect_str_eq(
        osc_send("/node/set", "ssfsi", "lfo", "freq", 5.0, "pitch", 12),
        "/done \"/node/set\" \"lfo\"\n");
    cr_expect_str_eq(osc_send("/node/lfo/pitch", ""), "/node/lfo/pitch 12\n");
    cr_expect_str_eq(osc_send("/node/rename", "SS", "lfo", "slow"),
                     "/done \"/node/rename\" \"lfo\" \"slow\"\n");
    cr_expect_str_eq(osc_send("/node/slow/freq", ""), "/node/slow/freq 5\n");
    osc_send("/node/new", "ss", "noise", "hiss");
    cr_expect_str_eq(osc_send("/node/free", "ss", "slow", "hiss"),
                     "/done \"/node/free\" \"slow\" \"hiss\"\n");
    cr_expect_str_eq(osc_send("/graph/nodes", ""),
                     "/done \"/graph/nodes\" 0\n");
}

Test(osc_router, says_nothing_when_a_fader_moves)
{
    osc_send("/node/new", "ss", "sine", "a");
    cr_expect_str_eq(osc_send("/node/a/freq", "f", 220.0), "");
    cr_expect_str_eq(osc_send("/node/a/freq", "ff", 110.0, 0.5), "");
    cr_expect_str_eq(osc_send("/node/a/freq/norm", "f", 0.5), "");
    osc_send("/node/new", "ss", "lowpass", "b");
    osc_send("/connect", "ss", "a", "b/cutoff");
    cr_expect_str_eq(osc_send("/cable/a/out/b/cutoff", "f", 600.0), "");
    cr_expect_str_eq(osc_send("/cable/a/out/b/cutoff", ""),
                     "/cable/a/out/b/cutoff 600\n");
}

Test(osc_router, takes_every_kind_of_number)
{
    osc_send("/node/new", "ss", "constant", "c");
    osc_send("/node/c/value", "i", 2);
    cr_expect_str_eq(osc_send("/node/c/value", ""), "/node/c/value 2\n");
    osc_send("/node/c/value", "h", INT64_C(3));
    cr_expect_str_eq(osc_send("/node/c/value", ""), "/node/c/value 3\n");
    osc_send("/node/c/value", "d", 4.5);
    cr_expect_str_eq(osc_send("/node/c/value", ""), "/node/c/value 4.5\n");
    osc_send("/node/c/value", "T");
    cr_expect_str_eq(osc_send("/node/c/value", ""), "/node/c/value 1\n");
    osc_send("/node/c/value", "F");
    cr_expect_str_eq(osc_send("/node/c/value", ""), "/node/c/value 0\n");
    osc_send("/node/set", "sss", "c", "value", "-1e-3");
    cr_expect_str_eq(osc_send("/node/c/value", ""), "/node/c/value -0.001\n");
}

Test(osc_router, goes_there_and_back_along_the_fader)
{
    osc_send("/node/new", "sssf", "lowpass", "f", "cutoff", 440.0);
    char *const before = osc_graph();
    const char *const norm = osc_send("/node/f/cutoff/norm", "");
    const double x = strtod(strrchr(norm, ' '), NULL);
    cr_expect(x > 0.0 && x < 1.0, "%s", norm);
    cr_expect_str_eq(osc_send("/node/f/cutoff/norm", "d", x), "");
    const char *const value = osc_send("/node/f/cutoff", "");
    cr_expect_float_eq(strtod(strrchr(value, ' '), NULL), 440.0, 0.01, "%s",
                       value);
    // clamped
    cr_expect_str_eq(osc_send("/node/f/cutoff/norm", "f", 7.0), "");
    cr_expect_str_eq(osc_send("/node/f/cutoff/norm", ""),
                     "/node/f/cutoff/norm 1\n");
    free(before);
}

Test(osc_router, connects_and_disconnects)
{
    osc_send("/node/new", "ss", "saw", "a");
    osc_send("/node/new", "ss", "lowpass", "b");
    cr_expect_str_eq(osc_send("/connect", "ss", "a", "b"),
                     "/done \"/connect\" \"a\" \"b\"\n");
    cr_expect_str_eq(osc_send("/connect", "ssf", "a/out", "b/cutoff", 9.0),
                     "/done \"/connect\" \"a/out\" \"b/cutoff\"\n");
    cr_expect_str_eq(osc_send("/connect/feedback", "ss", "b", "a/freq"),
                     "/done \"/connect/feedback\" \"b\" \"a/freq\"\n");
    cr_expect_str_eq(osc_send("/graph/cables", ""),
                     "/graph/cables \"a/out\" \"b/in\" 1 \"signal\"\n"
                     "/graph/cables \"a/out\" \"b/cutoff\" 9 \"signal\"\n"
                     "/graph/cables \"b/out\" \"a/freq\" 1 \"feedback\"\n"
                     "/done \"/graph/cables\" 3\n");
    cr_expect_str_eq(osc_send("/disconnect", "ss", "a", "b"),
                     "/done \"/disconnect\" \"a\" \"b\"\n");
    expect_fail(osc_send("/disconnect", "ss", "a", "b"), "/disconnect", "a");
}

Test(osc_router, lists_nodes_types_batches_and_load)
{
    osc_send("/node/new", "ss", "saw", "a");
    osc_send("/node/new", "ss", "gain", "b");
    osc_send("/connect", "ss", "a", "b");
    cr_expect_str_eq(osc_send("/graph/nodes", ""),
                     "/graph/nodes \"a\" \"saw\"\n"
                     "/graph/nodes \"b\" \"gain\"\n"
                     "/done \"/graph/nodes\" 2\n");
    cr_expect_str_eq(osc_send("/graph/load", ""), "/graph/load \"a\" 0\n"
                                                  "/graph/load \"b\" 0\n"
                                                  "/done \"/graph/load\" 2\n");
    cr_expect_str_eq(osc_send("/graph/asleep", ""),
                     "/done \"/graph/asleep\" 0\n");
    cr_expect_str_eq(osc_send("/graph/batches", ""),
                     "/graph/batches 0 \"a\"\n"
                     "/graph/batches 1 \"b\"\n"
                     "/done \"/graph/batches\" 2\n");
    const char *const types = osc_send("/graph/types", "");
    cr_expect_not_null(strstr(types, "/graph/types \"sine\" "), "%s", types);
    cr_expect_not_null(strstr(types, "/done \"/graph/types\" "), "%s", types);
}

Test(osc_router, describes_a_node)
{
    osc_send("/node/new", "sssf", "gain", "g", "gain", 0.25);
    const char *info = osc_send("/node/info", "s", "g");
    cr_expect_not_null(strstr(info, "/node/info \"g\" \"in\" \"signal\" 0 "));
    cr_expect_not_null(strstr(info, "/node/info \"g\" \"gain\" \"knob\" 0.25 "),
                       "%s", info);
    cr_expect_not_null(strstr(info, "/node/info \"g\" \"out\" \"out\" "));
    cr_expect_not_null(strstr(info, "/done \"/node/info\" 8\n"), "%s", info);

    osc_send("/node/new", "ssss", "noise", "n", "color", "pink");
    info = osc_send("/node/info", "s", "n");
    cr_expect_not_null(
        strstr(info, "/node/info \"n\" \"color\" \"setting\" \"pink\" 0 0 "
                     "\"white\" \"\" \"\""),
        "%s", info);
    cr_expect_str_eq(osc_send("/node/n/color", ""), "/node/n/color \"pink\"\n");
}

Test(osc_router, names_the_nearest_when_it_knows_no_such_thing)
{
    osc_send("/node/new", "ss", "lowpass", "filter");
    expect_fail(osc_send("/node/filtre/cutoff", "f", 1.0),
                "/node/filtre/cutoff", "filter");
    expect_fail(osc_send("/node/filter/cutof", "f", 1.0), "/node/filter/cutof",
                "cutoff");
    expect_fail(osc_send("/node/filter/cutof", ""), "/node/filter/cutof",
                "cutoff");
    expect_fail(osc_send("/node/new", "ss", "lowpas", "x"), "/node/new",
                "lowpass");
    expect_fail(osc_send("/node/info", "s", "filtr"), "/node/info", "filter");
    expect_fail(osc_send("/node/fre", "s", "filter"), "/node/fre",
                "/node/free");
    expect_fail(osc_send("/node/filter", "f", 1.0), "/node/filter",
                "/node/filter/PARAM");
    expect_fail(osc_send("/connect", "ss", "filtr", "filter"), "/connect",
                "filter");
    expect_fail(osc_send("/nothing/like/it", ""), "/nothing/like/it", "/graph");
}

Test(osc_router, repeats_the_names_of_what_failed)
{
    const char *const answer = osc_send("/connect", "ss", "no/out", "where");
    cr_expect_not_null(strstr(answer, "\" \"no/out\" \"where\"\n"), "%s",
                       answer);
    const char *const param = osc_send("/node/ghost/freq", "f", 1.0);
    cr_expect_not_null(strstr(param, "\" \"ghost\"\n"), "%s", param);
    const char *const cable = osc_send("/cable/a/out/b/in", "f", 1.0);
    cr_expect_not_null(strstr(cable, "\" \"a/out\" \"b/in\"\n"), "%s", cable);
}

Test(osc_router, refuses_wrong_arguments_and_changes_nothing)
{
    osc_send("/node/new", "ss", "sine", "a");
    char *const before = osc_graph();
    expect_fail(osc_send("/node/new", ""), "/node/new", "TYPE NAME");
    expect_fail(osc_send("/node/new", "s", "sine"), "/node/new", "TYPE NAME");
    expect_fail(osc_send("/node/new", "si", "sine", 3), "/node/new",
                "NAME must be text");
    expect_fail(osc_send("/node/new", "sss", "sine", "b", "freq"), "/node/new",
                "VALUE");
    expect_fail(osc_send("/node/new", "sssN", "sine", "b", "freq"), "/node/new",
                "nil");
    expect_fail(osc_send("/node/new", "ssif", "sine", "b", 1, 2.0), "/node/new",
                "PARAM");
    expect_fail(osc_send("/node/new", "ssss", "sine", "b", "freq", "high"),
                "/node/new", "freq");
    expect_fail(osc_send("/node/new", "sssf", "sine", "b", "frequncy", 1.0),
                "/node/new", "freq");
    expect_fail(osc_send("/node/new", "ss", "sine", "part.b"), "/node/new",
                "part.b");
    expect_fail(osc_send("/node/new", "ss", "saw", "a"), "/node/new", "sine");
    expect_fail(osc_send("/node/set", "ss", "a", "freq"), "/node/set",
                "NAME PARAM VALUE");
    expect_fail(osc_send("/node/free", ""), "/node/free", "NAME");
    expect_fail(osc_send("/node/free", "ss", "a", "b"), "/node/free", "b");
    expect_fail(osc_send("/node/a/freq", "I"), "/node/a/freq", "impulse");
    expect_fail(osc_send("/node/a/freq", "fff", 1.0, 2.0, 3.0), "/node/a/freq",
                "too many");
    expect_fail(osc_send("/node/a/freq", "ff", 1.0, -1.0), "/node/a/freq",
                "SECONDS");
    expect_fail(osc_send("/node/a/freq/norm", "s", "half"), "/node/a/freq/norm",
                "a number");
    expect_fail(osc_send("/connect", "s", "a"), "/connect", "SRC DST");
    expect_fail(osc_send("/transport/tempo", "s", "fast"), "/transport/tempo",
                "BPM");
    expect_fail(osc_send("/sync", ""), "/sync", "ID");
    expect_fail(osc_send("/sync", "f", 1.5), "/sync", "whole number");
    char *const after = osc_graph();
    cr_expect_str_eq(after, before);
    free(before);
    free(after);
}

Test(osc_router, refuses_what_is_not_finite)
{
    osc_send("/node/new", "ss", "sine", "a");
    osc_send("/node/new", "ss", "gain", "b");
    osc_send("/connect", "ss", "a", "b");
    char *const before = osc_graph();
    expect_fail(osc_send("/node/a/freq", "f", (double)NAN), "/node/a/freq",
                "finite");
    expect_fail(osc_send("/node/a/freq", "d", (double)INFINITY), "/node/a/freq",
                "finite");
    expect_fail(osc_send("/node/a/freq", "ff", 1.0, (double)NAN),
                "/node/a/freq", "finite");
    expect_fail(osc_send("/node/a/freq", "s", "nan"), "/node/a/freq", "freq");
    expect_fail(osc_send("/node/a/freq/norm", "f", -(double)INFINITY),
                "/node/a/freq/norm", "finite");
    expect_fail(osc_send("/node/set", "ssd", "a", "freq", (double)NAN),
                "/node/set", "finite");
    expect_fail(osc_send("/connect", "ssf", "a", "b", (double)NAN), "/connect",
                "finite");
    expect_fail(osc_send("/cable/a/out/b/in", "f", (double)NAN),
                "/cable/a/out/b/in", "finite");
    expect_fail(osc_send("/transport/tempo", "f", (double)NAN),
                "/transport/tempo", "finite");
    expect_fail(osc_send("/node/a/freq", "d", 1e300), "/node/a/freq", "freq");
    char *const after = osc_graph();
    cr_expect_str_eq(after, before);
    free(before);
    free(after);
}

Test(osc_router, survives_64_kib_strings)
{
    char *const huge = calloc(1, 65537);
    memset(huge, 'x', 65536);
    huge[0] = '/';
    cr_expect_lt(strlen(osc_send(huge, "f", 1.0)), 2000);
    huge[0] = 'x';
    cr_expect_lt(strlen(osc_send("/node/new", "ss", huge, "a")), 2000);
    cr_expect_lt(strlen(osc_send("/node/new", "ss", "sine", huge)), 2000);
    osc_send("/node/new", "ss", "sine", "a");
    cr_expect_lt(strlen(osc_send("/node/a/freq", "s", huge)), 2000);
    cr_expect_lt(strlen(osc_send("/node/set", "ssf", "a", huge, 1.0)), 2000);
    cr_expect_lt(strlen(osc_send("/connect", "ss", huge, huge)), 2000);
    cr_expect_lt(strlen(osc_send("/session/load", "s", huge)), 2000);
    cr_expect_lt(strlen(osc_send("/quit", "s", huge)), 2000);
    cr_expect_lt(strlen(osc_send("/ping", "s", huge)), 2000);
    free(huge);
    cr_expect_eq(lat_control_graph(osc_control)->n_nodes, 1);
}

Test(osc_router, fails_addresses_that_are_none)
{
    expect_fail(osc_send("status", ""), "status", "begin with /");
    expect_fail(osc_send("", ""), "/", "begin with /");
    expect_fail(osc_send("/", ""), "/", "no message");
    expect_fail(osc_send("//freq", ""), "//freq", "no message");
    expect_fail(osc_send("/node//freq", "f", 1.0), "/node//freq", "no message");
    expect_fail(osc_send("/status/", ""), "/status/", "no message");
    expect_fail(osc_send("/node/a/b/c/d/e/f/g/h", ""), "/node/a/b/c/d/e/f/g/h",
                "no message");
}

Test(osc_router, answers_malformed_packets)
{
    expect_fail(osc_send_bytes("", 0), "/", "malformed");
    expect_fail(osc_send_bytes("abc", 3), "/", "malformed");
    expect_fail(osc_send_bytes("/abc", 4), "/", "malformed");
    expect_fail(osc_send_bytes("/abc\0\0\0\0,i\0\0", 12), "/abc", "malformed");
    expect_fail(osc_send_bytes("/abc\0\0\0\0nope", 12), "/abc", "type tags");
    // without type tags, as old senders write it
    cr_expect_str_eq(osc_send_bytes("/ping\0\0\0", 8), "/pong\n");
}

Test(osc_router, never_answers_an_answer)
{
    cr_expect_str_eq(osc_send("/fail", "ss", "/x", "text"), "");
    cr_expect_str_eq(osc_send("/done", "s", "/x"), "");
    cr_expect_str_eq(osc_send("/pong", ""), "");
    cr_expect_str_eq(osc_send("/synced", "i", 1), "");
    cr_expect_str_eq(osc_send_bytes("/fail\0\0\0oops", 12), "");
}

Test(osc_router, moves_the_transport)
{
    cr_expect_str_eq(osc_send("/transport/tempo", "f", 90.0),
                     "/done \"/transport/tempo\"\n");
    cr_expect_str_eq(osc_send("/transport/tempo", ""), "/transport/tempo 90\n");
    cr_expect_str_eq(osc_send("/transport/play", ""),
                     "/done \"/transport/play\"\n");
    cr_expect(lat_control_transport(osc_control)->is_playing);
    // a button that is let go does nothing
    cr_expect_str_eq(osc_send("/transport/stop", "f", 0.0),
                     "/done \"/transport/stop\"\n");
    cr_expect(lat_control_transport(osc_control)->is_playing);
    osc_send("/transport/stop", "f", 1.0);
    cr_expect_not(lat_control_transport(osc_control)->is_playing);
    cr_expect_str_eq(osc_send("/transport/locate", "i", 4),
                     "/done \"/transport/locate\"\n");
    expect_fail(osc_send("/transport/tempo", "f", 0.0), "/transport/tempo",
                "tempo");
    cr_expect_str_eq(osc_send("/panic", ""), "/done \"/panic\"\n");
}

Test(osc_router, answers_as_supercollider_does)
{
    osc_send("/node/new", "ss", "sine", "a");
    const char *const status = osc_send("/status", "");
    cr_expect_eq(strncmp(status, "/status.reply 1 1 1 1 ", 22), 0, "%s",
                 status);
    cr_expect_not_null(strstr(status, " 48000 48000\n"), "%s", status);
    cr_expect_eq(
        strncmp(osc_send("/version", ""), "/version.reply \"lattice\" ", 25),
        0);
    cr_expect_str_eq(osc_send("/ping", ""), "/pong\n");
    cr_expect_str_eq(osc_send("/clearSched", ""), "/done \"/clearSched\"\n");
    const char *const engine = osc_send("/status/engine", "");
    cr_expect_not_null(strstr(engine, "/status/engine \"nodes\" 1\n"));
    cr_expect_not_null(strstr(engine, "/status/engine \"rate\" 48000\n"));
    cr_expect_not_null(strstr(engine, "/done \"/status/engine\" "));
}

Test(osc_router, syncs_when_everything_before_is_in_the_sound)
{
    osc_send("/node/new", "ss", "sine", "a");
    char *const answer = strdup(osc_send("/sync", "i", 17));
    lat_control_tick(osc_control);
    cr_expect_str_eq(*answer ? answer : osc_tick(), "/synced 17\n");
    free(answer);
}

Test(osc_router, quits_after_its_answer)
{
    cr_expect_str_eq(osc_send("/quit", ""), "/done \"/quit\"\n");
    cr_expect_eq(osc_quits, 1);
    expect_fail(osc_send("/quit", "i", 1), "/quit", "none");
    cr_expect_eq(osc_quits, 1);
}

Test(osc_router, refuses_what_comes_later)
{
    static const char *const later[] = {
        "/map/list",     "/undo", "/redo", "/snapshot/save",
        "/node/replace", "/try",  "/keep", "/revert",
    };
    for (size_t i = 0; i < sizeof(later) / sizeof(later[0]); ++i) {
        expect_fail(osc_send(later[i], ""), later[i], "later release");
    }
}

Test(osc_router, has_no_sessions_without_a_folder)
{
    expect_fail(osc_send("/session/save", ""), "/session/save", "no sessions");
    expect_fail(osc_send("/session/list", ""), "/session/list", "no sessions");
}

/// What a sender on another machine may do.
static void
remote_may(enum lat_remote remote, bool may_edit, bool may_all)
{
    osc_options.remote = remote;
    osc_setup();
    osc_peer.is_remote = true;
    osc_send("/node/new", "ss", "sine", "mine");
    cr_expect_eq(lat_control_graph(osc_control)->n_nodes, may_edit);
    osc_peer.is_remote = false;
    osc_send("/node/new", "ss", "sine", "a");
    osc_peer.is_remote = true;
    cr_expect_str_eq(osc_send("/node/a/freq", "f", 2.0), "");
    cr_expect_str_eq(osc_send("/node/a/freq", ""), "/node/a/freq 2\n");
    cr_expect_str_eq(osc_send("/node/set", "ssf", "a", "freq", 3.0),
                     "/done \"/node/set\" \"a\"\n");
    cr_expect_str_eq(osc_send("/transport/tempo", ""),
                     "/transport/tempo 120\n");
    const char *const tempo = osc_send("/transport/tempo", "f", 99.0);
    cr_expect_eq(strncmp(tempo, "/done", 5) == 0, may_edit, "%s", tempo);
    if (!may_edit) {
        expect_fail(osc_send("/node/free", "s", "a"), "/node/free",
                    "--remote edit");
        osc_bundle();
        osc_add("/node/free", "s", "a");
        expect_fail(osc_send_bundle(), "/bundle", "--remote edit");
        expect_fail(osc_send("/node/{free,rename}", "s", "a"),
                    "/node/{free,rename}", "is reached by none");
    }
    osc_send("/graph/clear", "");
    cr_expect_eq(lat_control_graph(osc_control)->n_nodes == 0, may_all);
    if (!may_all) {
        expect_fail(osc_send("/quit", ""), "/quit", "--remote all");
        expect_fail(osc_send("/session/list", ""), "/session/list",
                    "--remote all");
    }
    osc_teardown();
}

Test(osc_remote, plays_only_by_default)
{
    remote_may(LAT_REMOTE_PLAY, false, false);
}

Test(osc_remote, edits_when_allowed)
{
    remote_may(LAT_REMOTE_EDIT, true, false);
}

Test(osc_remote, does_everything_when_allowed)
{
    remote_may(LAT_REMOTE_ALL, true, true);
}
