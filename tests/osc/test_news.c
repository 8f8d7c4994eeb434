// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What those who sent /notify 1 are told.  Answers and news go to one peer
// here.

#include "sessions/session.h"
#include "test_osc.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/lattice-news-XXXXXX";
static struct lat_sessions *sessions;
static uint64_t n_xruns;

static void
count_xruns(void *data, struct lat_osc_jack *out)
{
    (void)data;
    *out = (struct lat_osc_jack){.is_open = true, .n_xruns = n_xruns};
}

static void
start(void)
{
    osc_setup();
    osc_options.jack_status = count_xruns;
    cr_assert_not_null(mkdtemp(folder));
    cr_assert_eq(lat_sessions_new(osc_control, folder, &sessions), LAT_OK);
    osc_use_sessions(sessions);
    osc_send("/notify", "i", 1);
}

static void
end(void)
{
    char path[64];
    snprintf(path, sizeof(path), "%s/one.ini", folder);
    unlink(path);
    rmdir(folder);
    lat_sessions_free(sessions);
    osc_teardown();
}

TestSuite(osc_news, .init = start, .fini = end, .timeout = 30);

static void
expect_told(const char *news, const char *answer)
{
    cr_expect_not_null(strstr(answer, news), "no \"%s\" in %s", news, answer);
}

Test(osc_news, the_graph_is_told_change_by_change)
{
    expect_told("/node/made \"lfo\" \"sine\"\n",
                osc_send("/node/new", "ss", "sine", "lfo"));
    osc_send("/node/new", "sssi", "mix", "sum", "inputs", 3);
    expect_told("/cable/made \"lfo/out\" \"sum/in_3\" 0.5 \"signal\"\n",
                osc_send("/connect", "ssf", "lfo", "sum/in_3", 0.5));
    expect_told("/node/renamed \"lfo\" \"slow\"\n",
                osc_send("/node/rename", "ss", "lfo", "slow"));
    const char *const bypassed = osc_send("/node/slow/bypass", "i", 1);
    expect_told("/node/bypassed \"slow\" 1\n", bypassed);
    // The port goes, and its cable with it.
    expect_told("/cable/cut \"slow/out\" \"sum/in_3\"\n",
                osc_send("/node/set", "ssi", "sum", "inputs", 2));
    expect_told("/cable/made \"sum/out\" \"sum/in_1\" 1 \"feedback\"\n",
                osc_send("/connect/feedback", "ss", "sum", "sum/in_1"));
    const char *const freed = osc_send("/node/free", "s", "sum");
    expect_told("/cable/cut \"sum/out\" \"sum/in_1\"\n", freed);
    expect_told("/node/freed \"sum\"\n", freed);
    osc_send("/notify", "i", 0);
    cr_expect_str_eq(osc_send("/node/new", "ss", "sine", "x"),
                     "/done \"/node/new\" \"x\"\n");
}

Test(osc_news, what_fails_is_no_news)
{
    osc_send("/node/new", "ss", "sine", "a");
    osc_bundle();
    osc_add("/node/new", "ss", "sine", "b");
    osc_add("/connect", "ss", "a", "nobody");
    cr_expect_null(strstr(osc_send_bundle(), "made"));
    osc_bundle();
    osc_add("/node/new", "ss", "gain", "c");
    osc_add("/connect", "ss", "a", "c");
    osc_add("/disconnect", "ss", "a", "c");
    osc_add("/node/free", "s", "c");
    const char *const answer = osc_send_bundle();
    expect_told("/node/made \"c\" \"gain\"\n", answer);
    expect_told("/node/freed \"c\"\n", answer);
}

Test(osc_news, sessions_are_told_by_name)
{
    osc_send("/node/new", "ss", "sine", "a");
    osc_send("/session/save", "s", "one");
    cr_expect_str_eq(osc_tick(), "/session/saved \"one\"\n");
    osc_send("/session/new", "");
    cr_expect_str_eq(osc_tick(), "/session/loaded \"\"\n");
    osc_send("/session/load", "s", "one");
    cr_expect_str_eq(osc_tick(), "/session/loaded \"one\"\n");
    osc_send("/session/load", "s", "nothing");
    cr_expect_str_eq(osc_tick(), "");
}

Test(osc_news, xruns_are_counted_from_now_on)
{
    n_xruns = 5;
    cr_expect_str_eq(osc_tick(), "");
    n_xruns = 7;
    usleep(110000);
    cr_expect_str_eq(osc_tick(), "/xrun 2\n");
    n_xruns = 8;
    cr_expect_str_eq(osc_tick(), "", "ten times a second at most");
    usleep(110000);
    cr_expect_str_eq(osc_tick(), "/xrun 1\n");
}
