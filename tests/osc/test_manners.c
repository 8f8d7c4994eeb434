// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What is said to people who send something else than they meant, and what
// controllers may send without being told off.

#include "test_osc.h"

#include "base/rt.h"
#include "control/control.h"
#include "graph/unknown.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

TestSuite(osc_manners, .init = osc_setup, .fini = osc_teardown, .timeout = 60);

static void
make_patch(void)
{
    osc_send("/node/new", "ss", "saw", "voice");
    osc_send("/node/new", "ss", "lowpass", "filter");
    osc_send("/node/new", "ss", "audio_out", "main");
    osc_send("/node/new", "ss", "meter", "peaks");
    osc_send("/connect", "ss", "voice", "main");
}

Test(osc_manners, a_refusal_says_what_would_do)
{
    static const struct {
        const char *path, *types, *a, *b;
        const char *said;
    } cases[] = {
        {"/node/main/channels/norm", "f", "", "",
         "channels is a setting, which has no fader range; "
         "/node/main/channels sets it"},
        {"/node/main/limit/norm", "", "", "", "limit is a setting"},
        {"/node/peaks/rms/norm", "f", "", "", "rms is an output"},
        {"/node/main/chanels/norm", "f", "", "", "did you mean 'channels'?"},
        {"/cable/voice/main", "f", "", "",
         "its form is /cable/SRC/PORT/DST/PORT [AMOUNT]"},
        {"/cable", "f", "", "", "its form is /cable/SRC/PORT/DST/PORT"},
        {"/cable/voice/out/main", "f", "", "", "its form is /cable/SRC"},
        {"/node/a/b/c", "f", "", "", "its form is /node/NAME/PARAM/norm [X]"},
        {"/node/peaks/rsm", "", "", "",
         "output or setting 'rsm'; did you mean 'rms'?"},
        {"/node/voice/freqq", "", "", "", "did you mean 'freq'?"},
        {"/node/voice/ouch", "f", "", "", "no input or setting 'ouch'"},
        {"/node/f2", "f", "", "", "no node is called 'f2'; there are "},
        {"/node/voise", "f", "", "", "did you mean 'voice'?"},
        {"/node/fere", "ss", "a", "b", "did you mean /node/free?"},
        {"/node/new", "ss", "revreb", "r", "no node type is called 'revreb'"},
        {"/node/new", "ss", "swa", "r", "did you mean 'saw'?"},
        {"", "", "", "", "/fail \"/\" "},
    };
    make_patch();
    for (size_t i = 0; i < LAT_COUNT(cases); ++i) {
        const char *const answer = *cases[i].types == 'f'
                                       ? osc_send(cases[i].path, "f", 0.5)
                                       : osc_send(cases[i].path, cases[i].types,
                                                  cases[i].a, cases[i].b);
        cr_expect_eq(strncmp(answer, "/fail", 5), 0, "%s: %s", cases[i].path,
                     answer);
        cr_expect_not_null(strstr(answer, cases[i].said), "%s: %s",
                           cases[i].path, answer);
    }
}

/// Every way to name a node, here one that there is not.
static const struct {
    const char *path, *types, *a, *b;
} unknown[] = {
    {"/node/voise/freq", "", NULL, NULL},
    {"/node/voise/freq", "s", "1", NULL},
    {"/node/voise/freq/norm", "", NULL, NULL},
    {"/node/voise/freq/norm", "s", "1", NULL},
    {"/node/voise/process", "", NULL, NULL},
    {"/node/voise/process", "s", "own", NULL},
    {"/node/info", "s", "voise", NULL},
    {"/node/free", "s", "voise", NULL},
    {"/node/rename", "ss", "voise", "v"},
    {"/node/set", "sss", "voise", "freq"},
    {"/connect", "ss", "voise", "main"},
    {"/connect", "ss", "filter", "voise/freq"},
    {"/connect/feedback", "ss", "voise/out", "main"},
    {"/disconnect", "ss", "voise", "main"},
    {"/cable/voise/out/main/in_1", "", NULL, NULL},
    {"/cable/voice/out/voise/in_1", "s", "1", NULL},
};

Test(osc_manners, an_unknown_node_is_told_in_the_same_words_everywhere)
{
    make_patch();
    for (size_t i = 0; i < LAT_COUNT(unknown); ++i) {
        const char *const answer = osc_send(unknown[i].path, unknown[i].types,
                                            unknown[i].a, unknown[i].b, "1");
        cr_expect_not_null(
            strstr(answer,
                   "\"no node is called 'voise'; did you mean 'voice'?\""),
            "%s: %s", unknown[i].path, answer);
    }
    const char *const far = osc_send("/node/free", "s", "qqqqqq");
    cr_expect_not_null(strstr(far, "no node is called 'qqqqqq'; there are "
                                   "voice, filter, main, peaks\""),
                       "%s", far);
    osc_send("/graph/clear", "");
    cr_expect_not_null(
        strstr(osc_send("/node/free", "s", "x"), "there are no nodes yet"));
}

Test(osc_manners, what_a_controller_sends_by_itself_is_taken_in_silence)
{
    static const char *const taken[] = {"/1",
                                        "/2",
                                        "/12",
                                        "/accxyz",
                                        "/1/fader1/z",
                                        "/1/multifader/3/z",
                                        "/node/filter/cutoff/norm/z",
                                        "/node/filter/cutoff/z",
                                        "/panic/z"};
    static const char *const refused[] = {"/1a",       "/accxy", "/z",
                                          "/1/fader1", "/1/2",   "/1/z/x"};
    make_patch();
    char *const before = osc_graph();
    for (size_t i = 0; i < LAT_COUNT(taken); ++i) {
        cr_expect_str_eq(osc_send(taken[i], ""), "", "%s", taken[i]);
        cr_expect_str_eq(osc_send(taken[i], "f", 1.0), "", "%s", taken[i]);
        cr_expect_str_eq(osc_send(taken[i], "fff", 0.1, -0.2, 9.8), "", "%s",
                         taken[i]);
    }
    osc_bundle();
    osc_add("/1/fader1/z", "f", 1.0);
    osc_add("/node/filter/cutoff", "f", 500.0);
    cr_expect_str_eq(osc_send_bundle(), "/done \"/bundle\" 2\n");
    osc_send("/node/filter/cutoff", "f", 1000.0);
    char *const after = osc_graph();
    cr_expect_str_eq(after, before);
    free(before);
    free(after);
    for (size_t i = 0; i < LAT_COUNT(refused); ++i) {
        cr_expect_eq(strncmp(osc_send(refused[i], "f", 1.0), "/fail", 5), 0,
                     "%s", refused[i]);
    }
}

static const char *
cables(void)
{
    return osc_send("/graph/cables", "");
}

Test(osc_manners, connecting_again_sets_the_amount_and_leaves_feedback_alone)
{
    make_patch();
    osc_send("/graph/clear", "");
    make_patch();
    osc_send("/disconnect", "ss", "voice", "main");
    osc_send("/connect/feedback", "ssf", "filter", "filter", 0.5);
    osc_send("/connect", "ssf", "filter", "filter", 0.25);
    cr_expect_str_eq(cables(),
                     "/graph/cables \"filter/out\" \"filter/in\" 0.25 "
                     "\"feedback\"\n/done \"/graph/cables\" 1\n");
    osc_send("/connect", "ss", "voice", "main/in_1");
    osc_send("/connect/feedback", "ssf", "voice", "main/in_1", 0.125);
    cr_expect_not_null(strstr(cables(), "\"voice/out\" \"main/in_1\" 0.125 "
                                        "\"feedback\""));
    osc_send("/connect", "sss", "voice", "main/in_1", "-6dB");
    cr_expect_not_null(strstr(cables(), "\"main/in_1\" 0.5011872 "
                                        "\"feedback\""));
}
