// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// All errors of a file are told, each with its line and in their order; none is
// told that only follows from another.

#include "test_sessions.h"

#include "base/rt.h"
#include "sessions/apply.h"
#include "sessions/lines.h"

TestSuite(sessions_errors, .timeout = 120);

/// A part of the message of a line.
struct told {
    unsigned line;
    const char *says;
};

struct wrong {
    const char *text;
    struct told told[16]; ///< to the first that has no text
};

/// Read a file as all do.  @return its problems.
static struct lat_problems
problems_of(struct lat_control *c, const char *text)
{
    struct lat_problems problems = {0};
    struct lat_draft draft = {0};
    struct lat_draft_head head = {0};
    const struct lat_draft_target target = {
        .control = c,
        .wants_heard = true,
        .problems = &problems,
    };
    FILE *const stream = tmpfile();
    cr_assert_not_null(stream);
    fputs(text, stream);
    rewind(stream);
    lat_control_begin_load(c, 0);
    if (!lat_draft_read(&draft, stream, &problems)) {
        lat_draft_read_head(&draft, &head, &problems);
        lat_draft_apply(&draft, &head, &target);
    }
    fclose(stream);
    lat_draft_fini(&draft);
    lat_control_rollback(c);
    lat_problems_sort(&problems);
    return problems;
}

static void
expect_all(const struct wrong *wrong, size_t n)
{
    struct lat_control *const c = new_control();
    for (size_t i = 0; i < n; ++i) {
        struct lat_problems p = problems_of(c, wrong[i].text);
        struct heard all = {0};
        size_t n_told = 0;
        for (size_t k = 0; k < p.n; ++k) {
            struct lat_error line;
            lat_problem_print(&p.list[k], "a.ini", &line);
            hear(&all, line.text);
        }
        while (n_told < LAT_COUNT(wrong[i].told) &&
               wrong[i].told[n_told].says) {
            ++n_told;
        }
        cr_assert_eq(p.n, n_told, "%u of %zu told:\n%s\nof:\n%s", p.n, n_told,
                     all.text, wrong[i].text);
        for (size_t k = 0; k < n_told; ++k) {
            const struct told *const t = &wrong[i].told[k];
            cr_assert(p.list[k].line == t->line &&
                          strstr(p.list[k].text, t->says),
                      "not '%s' in line %u, but:\n%s\nof:\n%s", t->says,
                      t->line, all.text, wrong[i].text);
        }
        lat_problems_fini(&p);
    }
    lat_control_free(c);
}

#define EXPECT(...)                                                            \
 do {                                                                          \
  static const struct wrong wrong[] = {__VA_ARGS__};                           \
  expect_all(wrong, LAT_COUNT(wrong));                                         \
 } while (0)

#define MAIN "[node main]\ntype = audio_out\n"

Test(sessions_errors, are_all_told_in_the_order_of_lines)
{
    EXPECT({"[session]\n"
            "format = one\n"
            "block = 5000\n"
            "[transport]\n"
            "tempo = fast\n"
            "beats_per_cycle = -1\n"
            "playing = maybe\n"
            "sync = you\n"
            "colour = red\n"
            "[cables]\n"
            "cable = a -> main * loud\n"
            "cable = a => main\n"
            "cable = nobody -> main\n"
            "[node a]\n"
            "type = sine\n"
            "freq = high\n"
            "note = \\q\n"
            "[jack]\n"
            "connect = nowhere\n"
            "[map]\n"
            "map = fader\n"
            "map = /a -> nobody/freq\n" MAIN,
            {{2, "format 'one'"},
             {3, "block '5000'"},
             {5, "tempo 'fast'"},
             {6, "beats_per_cycle must"},
             {7, "playing is"},
             {8, "sync is"},
             {9, "unknown key 'colour'"},
             {11, "an amount is a number"},
             {12, "is no cable"},
             {13, "no node is called 'nobody'"},
             {16, "freq needs"},
             {17, "note: a \\ begins"},
             {19, "is no connection"},
             {20, "comes in a later release"},
             {21, "is no map"},
             {22, "is called 'nobody'"}}});
}

Test(sessions_errors, of_lines_do_not_hide_those_of_values)
{
    EXPECT({HEAD "[node a]\ntype = sine\nfreq 440\nphase = x\n" MAIN
                 "level\n[cables]\ncable a\ncable = a -> b\n",
            {{5, "KEY = VALUE"},
             {6, "phase needs"},
             {9, "KEY = VALUE"},
             {11, "KEY = VALUE"},
             {12, "no node is called 'b'"}}},
           {HEAD "[node a]\ntype = sine\nfreq = \xff\n  1\n  \x01\nphase = x\n",
            {{5, "0xff"}, {7, "0x01"}, {8, "phase needs"}}},
           {HEAD "[node a]\ntype = sine\n= 1\n= 2\nfreq = 1\nfreq = 2\n"
                 "freq = 3\n",
            {{5, "no key"},
             {6, "no key"},
             {8, "'freq' stands in line 7"},
             {9, "'freq' stands in line 7"}}});
}

Test(sessions_errors, of_a_node_are_not_told_for_its_cables)
{
    EXPECT(
        {HEAD MAIN "[node a]\ntype = sien\n[cables]\ncable = a -> main\n"
                   "cable = a/left -> main/in_1 * 2\n[map]\nmap = /x -> a/f\n",
         {{6, "type is called 'sien'"}, {10, "comes in a later release"}}},
        {HEAD MAIN "[node a]\nfreq = 1\n[cables]\ncable = a -> main\n",
         {{5, "has no type"}}},
        {HEAD MAIN "[node a]\ntpye = sine\n[cables]\ncable = a -> main\n",
         {{6, "unknown key 'tpye'; did you mean 'type'?"}}},
        {HEAD MAIN "[node a]\ntype sine\n[cables]\ncable = a -> main\n",
         {{6, "KEY = VALUE"}}},
        {HEAD MAIN "[node 2]\ntype = sine\nfrq = 1\n[cables]\n"
                   "cable = 2 -> main\n",
         {{5, "is no name for a node"}, {7, "'frq'"}}},
        {HEAD MAIN "[node a\ntype = sine\nfrq = 1\n[cables]\n"
                   "cable = a -> main\n",
         {{5, "no ']'"}, {7, "'frq'"}}},
        {HEAD MAIN "[node a]\ntype = sine\n[node a]\ntype = sine\nfrq = 1\n"
                   "[cables]\ncable = a -> main\n",
         {{7, "stands in line 5 already"}, {9, "'frq'"}}},
        {HEAD "[node m]\ntype = mix\ninputs = 99999\nin_7 = x\nin_9 = 1\n" MAIN
              "[cables]\ncable = m -> main\ncable = m -> m/in_8 feedback\n",
         {{5, "inputs must"}}},
        {HEAD "[node main]\ntype = audio_out\nchanels = 8\n[node a]\n"
              "type = sine\n[cables]\ncable = a -> main/in_8\n",
         {{5, "did you mean 'channels'?"}}});
}

Test(sessions_errors, of_a_good_end_are_told_beside_a_bad_one)
{
    EXPECT({HEAD MAIN "[node a]\ntype = sien\n[cables]\ncable = a -> nobody\n"
                      "cable = nobody -> a\ncable = a -> main/in_9\n"
                      "cable = a -> main * loud\n",
            {{6, "no node type is called"},
             {8, "no node is called 'nobody'"},
             {9, "no node is called 'nobody'"},
             {10, "no input 'in_9'"},
             {11, "amount"}}});
}

Test(sessions_errors, of_a_section_name_are_told_once)
{
    EXPECT({"[Session]\nformat = 1\n",
            {{1, "did you mean [session]? Names of sections are in lower"}}},
           {"[sesion]\nformat = 1\nblok = 3\n",
            {{1, "did you mean [session]?"}, {3, "'blok'"}}},
           {HEAD "[Node a]\ntype = sine\nfrq = 1\n" MAIN
                 "[Cables]\ncable = a -> main\ncable = a -> b\n",
            {{3, "did you mean [node a]?"},
             {5, "'frq'"},
             {8, "did you mean [cables]?"},
             {10, "no node is called 'b'"}}},
           {HEAD "[lfo]\ntype = sine\n" MAIN "[cables]\ncable = lfo -> main\n",
            {{3, "a node's is [node lfo]"}}},
           {HEAD "[video]\nx = 1\nx = 1\n", {{3, "unknown section 'video'"}}},
           {HEAD "[transport]\n[transport]\ntempo = 1\n",
            {{4, "stands in line 3"}}},
           {HEAD "[cables]\n[cables]\ncable = a -> b\n",
            {{4, "stands in line 3"}, {5, "no node"}}});
}

Test(sessions_errors, of_what_is_no_session_are_few)
{
    EXPECT({"", {{1, "no format"}}}, {"; only a comment\n", {{1, "no format"}}},
           {"[session]\n", {{1, "no format"}}},
           {"[session]\nformat 1\n", {{2, "KEY = VALUE"}}},
           {"[session]\nfromat = 1\n", {{2, "did you mean 'format'?"}}},
           {"format = 1\n[session]\n", {{1, "above the first"}}},
           {"# Title\n\nSome text: more.\n[link](there)\nwords\n",
            {{3, "above the first"}}},
           {"one\ntwo\nthree\n", {{1, "KEY = VALUE"}}},
           {"a = 1\nb = 2\n" HEAD "[transport]\ntempo = x\n",
            {{1, "above the first"}, {6, "tempo"}}});
}

Test(sessions_errors, say_what_comes_later)
{
    EXPECT({HEAD "[node a]\ntype = sine\nbypass = on\npoly = 2\n"
                 "freq.2 = 3\n[snapshot x]\na = b\n[group y]\n",
            {{5, "bypass must be yes or no"},
             {8, "[snapshot NAME] comes in a later release"},
             {10, "[group NAME] comes in a later release"}}});
}

Test(sessions_errors, spell_out_every_cycle)
{
    EXPECT({HEAD "[node a]\ntype = gain\n[node b]\ntype = gain\n"
                 "[node c]\ntype = gain\n[cables]\n"
                 "cable = a -> b\ncable = b -> a\ncable = b -> c\n"
                 "cable = c -> a\ncable = c -> a feedback\n",
            {{11, "a -> b -> a"}, {13, "a -> b -> c -> a"}}});
}

/// What is written over OSC is no remedy for a file.
Test(sessions_errors, advise_nothing_that_is_sent_over_osc)
{
    static const char text[] =
        HEAD "block = x\n[transport]\ntempo = 1e9\n" MAIN
             "level = x\nlimit = 1e9\nchanels = 3\nprocess = own\npoly = 0\n"
             "[node a]\ntype = gain\n[node a]\ntype = sine\n[node new]\n"
             "[node s]\ntype = meter\nin.1 = 2\n"
             "[node d]\ntype = sine\n[node d]\ntype = saw\n"
             "[cables]\ncable = zzzzzz -> a\ncable = a -> zzzzzz\n"
             "cable = a -> a\ncable = s -> a\ncable = a -> s/zzz\n"
             "cable = a -> s\ncable = a -> s\ncable = d -> a * x\n"
             "[jack]\nconnect = x\n";
    struct lat_control *const c = new_control();
    struct lat_problems p = problems_of(c, text);
    cr_assert_gt(p.n, 15);
    for (size_t i = 0; i < p.n; ++i) {
        for (const char *at = strchr(p.list[i].text, '/'); at;
             at = strchr(at + 1, '/')) {
            // NODE/PORT is fine, "send /path" is not.
            cr_assert(at > p.list[i].text && at[-1] != ' ' && at[-1] != '\'',
                      "%s", p.list[i].text);
        }
    }
    lat_problems_fini(&p);
    lat_control_free(c);
}

Test(sessions_errors, are_bounded)
{
    struct lat_buffer b = {0};
    cr_assert_eq(lat_buffer_append(&b, HEAD, strlen(HEAD)), LAT_OK);
    for (int i = 0; i < 3000; ++i) {
        cr_assert_eq(lat_buffer_append(&b, "foo\n", 4), LAT_OK);
    }
    struct lat_control *const c = new_control();
    struct lat_problems p = problems_of(c, b.text);
    cr_assert_eq(p.n, LAT_PROBLEMS_MAX + 1);
    cr_assert_not_null(
        strstr(p.list[LAT_PROBLEMS_MAX].text, "more than 1000 errors"));
    cr_assert_eq(p.list[LAT_PROBLEMS_MAX].line, 1002);
    lat_problems_fini(&p);
    lat_control_free(c);
    free(b.text);
}

Test(sessions_errors, are_counted_where_one_is_told)
{
    struct lat_control *const c = new_control();
    struct lat_error error;
    cr_assert_eq(read_text(c, HEAD "[cables]\nx = 1\ny = 2\nz = 3\n", &error),
                 LAT_ENOTFOUND);
    cr_assert_str_eq(error.text,
                     "a.ini:4: unknown key 'x' (and 2 more errors)");
    lat_control_free(c);
}

// Who may not send.

Test(sessions_errors, warn_of_hosts_that_no_line_allows)
{
#define OUT HEAD "[node o]\ntype = osc_out\npath = /x\n"
    EXPECT({OUT "host = 192.0.2.1:9\n", {{6, "'o' sends nothing: 192.0.2.1"}}},
           {OUT "host = 192.0.2.1:9\n[osc]\nsend = 192.0.2.1:10\n",
            {{6, "no line `send = 192.0.2.1:9`"}}},
           {OUT "host = 192.0.2.1:9\n[osc]\nsend = 192.0.2.1:9\n", {{0, NULL}}},
           {OUT "host = 192.0.2.1:9\n[osc]\nsend = 192.0.2.1\n", {{0, NULL}}},
           {OUT "host = localhost:9\n", {{0, NULL}}}, {OUT, {{0, NULL}}},
           {OUT "host = 192.0.2.1\n", {{6, "no HOST:PORT"}}});
#undef OUT
}

// What nobody hears.

Test(sessions_errors, warn_of_what_nobody_hears)
{
    EXPECT({HEAD MAIN "[node a]\ntype = sine\n[node g]\ntype = gain\n"
                      "[node b]\ntype = sine\n[cables]\ncable = a -> g\n"
                      "cable = b -> main\n",
            {{5, "nobody hears 'a'"}, {7, "nobody hears 'g'"}}},
           // By way of others, on a knob, through feedback.
           {HEAD MAIN "[node a]\ntype = sine\n[node b]\ntype = sine\n"
                      "[node c]\ntype = gain\n[node d]\ntype = delay\n"
                      "[cables]\ncable = a -> b/freq\ncable = b -> c\n"
                      "cable = c -> main\ncable = c -> d\n"
                      "cable = d -> c/gain feedback\n",
            {{0, NULL}}},
           // A loop that leads nowhere.
           {HEAD "[node a]\ntype = gain\n[node b]\ntype = gain\n[cables]\n"
                 "cable = a -> b\ncable = b -> a feedback\n",
            {{3, "'a'"}, {5, "'b'"}}},
           // A meter can be read, a process has ports of its own.
           {HEAD "[node a]\ntype = sine\n[node m]\ntype = meter\n"
                 "[node p]\ntype = sine\nprocess = own\n"
                 "[cables]\ncable = a -> m\n",
            {{0, NULL}}},
           {HEAD, {{0, NULL}}},
           // Nor can a port be heard that no node has.
           {HEAD MAIN "[node a.b_1]\ntype = audio_in\nchannels = 1\n"
                      "[node o]\ntype = midi_out\n[cables]\n"
                      "cable = a.b_1 -> main\n[jack]\n"
                      "connect = main_2 -> physical:1\n"
                      "connect = main_1 -> nothing\n"
                      "connect = x y:z -> a.b_1_1\n"
                      "connect = o -> midi_in\nconnect = a:b -> o/gate\n"
                      "connect = main_3 -> physical:1\n"
                      "connect = mian_1 -> a:b\nconnect = a:b -> o_1\n"
                      "connect = a:b -> p/in\nconnect = main_1 -> p\n",
            {{18, "no node has the port 'main_3'"},
             {19, "'mian_1'"},
             {20, "'o_1'"},
             {21, "'p/in'"},
             {22, "'p'"}}},
           // With an error, a cable may be missing for its sake.
           {HEAD "[node a]\ntype = sine\n[cables]\ncable = a -> main\n",
            {{6, "no node is called 'main'"}}});
}
