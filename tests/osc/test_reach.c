// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What patterns stand for: every message of the table, by its template.

#include "test_osc.h"

#include "base/rt.h"
#include "control/control.h"
#include "osc/reach.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

TestSuite(osc_reach, .init = osc_setup, .fini = osc_teardown, .timeout = 60);

/// Placeholders and what stands for them in the graph of make_graph().
static const char *const names[][2] = {
    {"SRC", "lfo"},    {"PORT", "out"}, {"DST", "lfo"},
    {"PARAM", "freq"}, {"NAME", "lfo"}, {"OUT", "out"},
};

static void
make_graph(void)
{
    osc_send("/node/new", "ss", "sine", "lfo");
    osc_send("/node/new", "ss", "gain", "out");
    osc_send("/connect/feedback", "ss", "lfo/out", "lfo/freq");
    osc_send("/transport/stop", "");
}

/// An address of the table with its placeholders filled in; the word at
/// @p wild as a pattern.
static void
fill(const char *template, uint32_t wild, char *out, size_t size)
{
    struct lat_osc_words words;
    size_t used = 0;
    bool has_port = false;
    cr_assert(lat_osc_split(&words, template));
    for (uint32_t i = 0; i < words.n; ++i) {
        const char *word = words.word[i];
        if (strcmp(word, "PORT") == 0) {
            word = has_port ? "freq" : "out";
            has_port = true;
        }
        for (size_t k = 0; k < LAT_COUNT(names); ++k) {
            word = strcmp(word, names[k][0]) == 0 ? names[k][1] : word;
        }
        used +=
            (size_t)(i == wild
                         ? snprintf(out + used, size - used, "/{%s,-}", word)
                         : snprintf(out + used, size - used, "/%s", word));
    }
}

static bool
can_be_reached(const struct lat_verb *v, const char *pattern, bool is_bare)
{
    struct lat_osc_words words;
    return lat_osc_split(&words, pattern) &&
           lat_osc_reaches(v, &words, is_bare);
}

/// For each message, and each of its words as a pattern: does it answer without
/// arguments as it does when it is written out, and change nothing?
Test(osc_reach, a_pattern_without_arguments_asks_as_the_address_does)
{
    unsigned n_asked = 0;
    make_graph();
    char *const before = osc_graph();
    for (const struct lat_verb *v = lat_verbs; v->path; ++v) {
        struct lat_osc_words words;
        lat_osc_split(&words, v->path);
        const bool asks = v->asks_when_bare || v->kind == LAT_VERB_ASK;
        for (uint32_t i = 0; i < words.n && v->kind != LAT_VERB_LATER; ++i) {
            char path[LAT_OSC_PATH_MAX];
            char pattern[LAT_OSC_PATH_MAX];
            fill(v->path, UINT32_MAX, path, sizeof(path));
            fill(v->path, i, pattern, sizeof(pattern));
            if (asks && can_be_reached(v, pattern, true)) {
                char *const wanted = strdup(osc_send(path, ""));
                cr_expect_str_eq(osc_send(pattern, ""), wanted, "%s", pattern);
                cr_expect_neq(strncmp(wanted, "/fail", 5), 0, "%s", wanted);
                free(wanted);
                ++n_asked;
            } else if (!asks) {
                const char *const answer = osc_send(pattern, "");
                cr_expect_eq(strncmp(answer, "/fail", 5), 0, "%s: %s", pattern,
                             answer);
            }
            char *const after = osc_graph();
            cr_expect_str_eq(after, before, "%s", pattern);
            free(after);
        }
    }
    cr_expect_gt(n_asked, 30);
    cr_expect_eq(osc_quits, 0);
    free(before);
}

/// What becomes of a pattern with an argument that makes sense.
Test(osc_reach, a_pattern_with_arguments_sets_values_and_nothing_else)
{
    static const struct {
        const char *pattern, *types;
        const char *text;
        const char *answer; ///< how it begins
    } cases[] = {
        {"/node/*/process", "s", "own", "/done \"/node/*/process\" \"*\"\n"},
        {"/node/lf?/process", "s", "engine", "/done \"/node/lf?/process\""},
        {"/node/{lfo,out}/process", "s", "engine",
         "/done \"/node/{lfo,out}/process\""},
        {"/node/lfo/pr*", "s", "engine", "/fail"}, // spell it out
        {"/node/{lfo,out}/bypass", "f", NULL,
         "/done \"/node/{lfo,out}/bypass\""},
        {"/node/{lfo,vco}/poly", "f", NULL, "/done \"/node/{lfo,vco}/poly\""},
        {"/node/l*/freq", "f", NULL, ""},
        {"/node/l*/freq/norm", "f", NULL, ""},
        {"/node/lfo/{freq,phase}", "f", NULL, ""},
        {"/cable/*/*/*/*", "f", NULL, ""},
        {"/transport/*", "f", NULL, "/done \"/transport/*\""}, // the tempo
        {"/node/{free,info}", "s", "lfo", "/node/info \"lfo\""},
        {"/node/f*", "s", "lfo", "/fail"},
        {"/node/*/restart", "", NULL, "/fail"},
        {"/node/{new,set}", "sss", "lfo", "/fail"},
        {"/connec?", "ss", "lfo", "/fail"},
        {"/dis*", "ss", "lfo", "/fail"},
        {"/pani?", "f", NULL, "/fail"},
        {"/transport/{play,stop}", "f", NULL, "/fail"},
        {"/transport/loc*", "f", NULL, "/fail"},
        {"/graph/cl*", "", NULL, "/fail"},
        {"/session/*", "s", "x", "/fail"},
        {"/quit*", "", NULL, "/fail"},
        {"/sy*", "f", NULL, "/fail"},
        {"/not*", "f", NULL, "/fail"},
        {"/clear*", "", NULL, "/fail"},
    };
    for (size_t i = 0; i < LAT_COUNT(cases); ++i) {
        osc_send("/graph/clear", "");
        make_graph();
        const char *const t = cases[i].text ? cases[i].text : "";
        const char *const answer =
            strchr(cases[i].types, 'f')
                ? osc_send(cases[i].pattern, cases[i].types, 1.0)
                : osc_send(cases[i].pattern, cases[i].types, t, t, t);
        cr_expect_eq(strncmp(answer, cases[i].answer, strlen(cases[i].answer)),
                     0, "%s: %s", cases[i].pattern, answer);
        cr_expect(*cases[i].answer || !*answer, "%s: %s", cases[i].pattern,
                  answer);
        cr_expect_eq(lat_control_graph(osc_control)->n_nodes, 2, "%s",
                     cases[i].pattern);
        cr_expect_eq(lat_control_graph(osc_control)->n_cables, 1, "%s",
                     cases[i].pattern);
        cr_expect_not(lat_control_transport(osc_control)->is_playing, "%s",
                      cases[i].pattern);
    }
    cr_expect_eq(osc_quits, 0);
}

Test(osc_reach, says_what_must_be_spelled_out)
{
    make_graph();
    static const struct {
        const char *pattern, *named;
    } cases[] = {
        {"/transport/st*", "/transport/stop is reached by none"},
        {"/p*c", "/panic is reached by none"},
        {"/node/{free,rename}", "/node/free is reached by none"},
        {"/node/*", "/node/new is reached by none"},
        {"/node/inf?", "/node/info needs arguments"},
        {"/node/*/restart", "/node/NAME/restart is reached by none"},
        {"/nod?/x*/freq", "the pattern matches nothing"},
    };
    for (size_t i = 0; i < LAT_COUNT(cases); ++i) {
        const char *const answer = osc_send(cases[i].pattern, "");
        cr_expect_not_null(strstr(answer, cases[i].named), "%s: %s",
                           cases[i].pattern, answer);
    }
}

Test(osc_reach, asks_where_nodes_run)
{
    make_graph();
    cr_expect_str_eq(osc_send("/node/*/process", ""),
                     "/node/lfo/process \"engine\"\n"
                     "/node/out/process \"engine\"\n");
}
