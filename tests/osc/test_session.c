// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Sessions by OSC, in a folder of their own.

#include "control/control.h"
#include "sessions/session.h"
#include "test_osc.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/lattice-osc-XXXXXX";
static struct lat_sessions *sessions;

static void
start(void)
{
    osc_setup();
    cr_assert_not_null(mkdtemp(folder));
    cr_assert_eq(lat_sessions_new(osc_control, folder, &sessions), LAT_OK);
    osc_use_sessions(sessions);
}

static void
end(void)
{
    static const char *const names[] = {"one.ini", "one.ini.bak", "two.ini",
                                        "two.ini.bak"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); ++i) {
        char path[64];
        snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        unlink(path);
    }
    rmdir(folder);
    lat_sessions_free(sessions);
    osc_teardown();
}

TestSuite(osc_session, .init = start, .fini = end, .timeout = 30);

static bool
is_fail(const char *answer)
{
    return strncmp(answer, "/fail ", 6) == 0;
}

Test(osc_session, saves_lists_loads_and_imports)
{
    osc_send("/node/new", "sssf", "sine", "a", "freq", 123.0);
    cr_expect_str_eq(osc_send("/session/save", "s", "one"),
                     "/done \"/session/save\" \"one\"\n");
    cr_expect_str_eq(osc_send("/session/save", ""),
                     "/done \"/session/save\"\n");
    cr_expect_str_eq(osc_send("/session/save", "s", "two"),
                     "/done \"/session/save\" \"two\"\n");
    cr_expect_str_eq(osc_send("/session/list", ""),
                     "/session/list \"one\"\n"
                     "/session/list \"two\"\n"
                     "/done \"/session/list\" 2\n");
    cr_expect_str_eq(osc_send("/session/new", ""), "/done \"/session/new\"\n");
    cr_expect_str_eq(osc_send("/graph/nodes", ""),
                     "/done \"/graph/nodes\" 0\n");
    cr_expect_str_eq(osc_send("/session/load", "s", "one"),
                     "/done \"/session/load\" \"one\"\n");
    cr_expect_str_eq(osc_send("/node/a/freq", ""), "/node/a/freq 123\n");
    cr_expect_str_eq(osc_send("/session/import", "ss", "one", "part"),
                     "/done \"/session/import\" \"one\" \"part\"\n");
    cr_expect_str_eq(osc_send("/node/part.a/freq", ""),
                     "/node/part.a/freq 123\n");
}

Test(osc_session, shows_what_only_a_newer_lattice_knows)
{
    char path[64];
    snprintf(path, sizeof(path), "%s/one.ini", folder);
    FILE *const file = fopen(path, "w");
    cr_assert_not_null(file);
    fputs("[session]\nformat = 2\n[node x]\ntype = granular\ngrain = 3\n"
          "[node s]\ntype = sine\n[cables]\ncable = s -> x\n"
          "cable = x/sub -> s/freq * 2 feedback\n",
          file);
    fclose(file);
    cr_expect_str_eq(osc_send("/session/load", "s", "one"),
                     "/done \"/session/load\" \"one\"\n");
    cr_expect_str_eq(osc_send("/graph/nodes", ""),
                     "/graph/nodes \"x\" \"granular\"\n"
                     "/graph/nodes \"s\" \"sine\"\n"
                     "/done \"/graph/nodes\" 2\n");
    cr_expect_str_eq(osc_send("/graph/cables", ""),
                     "/graph/cables \"s/out\" \"x/\" 1 \"signal\"\n"
                     "/graph/cables \"x/sub\" \"s/freq\" 2 \"feedback\"\n"
                     "/done \"/graph/cables\" 2\n");
    const char *const info = osc_send("/node/info", "s", "x");
    cr_expect_not_null(strstr(info, "/node/info \"x\" \"grain\" \"knob\" 3 "),
                       "%s", info);
    cr_expect_not_null(strstr(info, "/node/info \"x\" \"sub\" \"out\" 0 "),
                       "%s", info);
    cr_expect_str_eq(osc_send("/node/x/*", "f", 4.0), "");
    cr_expect_str_eq(osc_send("/node/x/grain", ""), "/node/x/grain 4\n");
    cr_expect_str_eq(osc_send("/disconnect", "ss", "s/out", "x/"),
                     "/done \"/disconnect\" \"s/out\" \"x/\"\n");
    cr_expect(is_fail(osc_send("/session/save", "")));
    cr_expect_str_eq(osc_send("/session/save", "s", "two"),
                     "/done \"/session/save\" \"two\"\n");
}

Test(osc_session, refuses_what_would_lose_or_leave_the_folder)
{
    cr_expect(is_fail(osc_send("/session/save", "")));
    osc_send("/node/new", "ss", "sine", "a");
    osc_send("/session/save", "s", "one");
    osc_send("/session/new", "");
    cr_expect(is_fail(osc_send("/session/save", "s", "one")));
    cr_expect(is_fail(osc_send("/session/save", "ss", "one", "please")));
    cr_expect(is_fail(osc_send("/session/save", "si", "one", 1)));
    cr_expect_not(is_fail(osc_send("/session/save", "ss", "one", "overwrite")));
    cr_expect(is_fail(osc_send("/session/save", "s", "../evil")));
    cr_expect(is_fail(osc_send("/session/save", "s", "/tmp/evil")));
    cr_expect(is_fail(osc_send("/session/save", "s", ".evil")));
    cr_expect(is_fail(osc_send("/session/save", "s", "")));
    cr_expect(is_fail(osc_send("/session/load", "s", "../../etc/passwd")));
    cr_expect(is_fail(osc_send("/session/load", "s", "nothing")));
    cr_expect(is_fail(osc_send("/session/load", "")));
    cr_expect(is_fail(osc_send("/session/load", "i", 1)));
    cr_expect(is_fail(osc_send("/session/import", "s", "one")));
    cr_expect(is_fail(osc_send("/session/import", "ss", "one", "a b")));
    cr_expect_str_eq(osc_send("/session/list", ""),
                     "/session/list \"one\"\n"
                     "/done \"/session/list\" 1\n");
}

Test(osc_session, keeps_the_graph_when_a_load_fails)
{
    osc_send("/node/new", "ss", "sine", "a");
    char *const before = osc_graph();
    cr_expect(is_fail(osc_send("/session/load", "s", "nothing")));
    osc_bundle();
    osc_add("/node/new", "ss", "sine", "b");
    osc_add("/session/save", "s", "one");
    cr_expect(is_fail(osc_send_bundle()));
    char *const after = osc_graph();
    cr_expect_str_eq(after, before);
    cr_expect_str_eq(osc_send("/session/list", ""),
                     "/done \"/session/list\" 0\n");
    free(before);
    free(after);
}
