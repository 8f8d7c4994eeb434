// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Every way in which a file can be wrong is refused with its line, and nothing
// of the file is applied.

#include "test_sessions.h"

#include "base/rt.h"
#include "graph/graph.h"

TestSuite(sessions_read, .timeout = 60);

struct wrong {
    const char *text;
    unsigned line;
    const char *says; // a part of the message
};

/// 200 and 50 bytes.
#define LONG_WORD                                                              \
 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"                          \
 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"                          \
 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"                          \
 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define WORD_50 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static void
expect_all(const struct wrong *wrong, size_t n)
{
    struct lat_control *const c = new_control();
    struct lat_error error;
    cr_assert_eq(read_text(c, HEAD "[node before]\ntype = sine\n", &error),
                 LAT_OK, "%s", error.text);
    char *const before = write_text(c);
    for (size_t i = 0; i < n; ++i) {
        char place[32];
        snprintf(place, sizeof(place), "a.ini:%u: ", wrong[i].line);
        error.text[0] = '\0';
        cr_assert_neq(read_text(c, wrong[i].text, &error), LAT_OK,
                      "was taken:\n%s", wrong[i].text);
        cr_assert(strncmp(error.text, place, strlen(place)) == 0,
                  "'%s', not in line %u, of:\n%s", error.text, wrong[i].line,
                  wrong[i].text);
        cr_assert_not_null(strstr(error.text, wrong[i].says),
                           "'%s', not '%s', of:\n%s", error.text, wrong[i].says,
                           wrong[i].text);
        char *const after = write_text(c);
        cr_assert_str_eq(after, before);
        free(after);
    }
    free(before);
    lat_control_free(c);
}

#define EXPECT(...)                                                            \
 do {                                                                          \
  static const struct wrong wrong[] = {__VA_ARGS__};                           \
  expect_all(wrong, LAT_COUNT(wrong));                                         \
 } while (0)

Test(sessions_read, refuses_what_inih_would_cut)
{
    EXPECT({HEAD "[node a]\ntype = sine\nfreq = 1" LONG_WORD "\n", 5,
            "longer than 199 bytes; continue long text on an indented line"},
           {HEAD "[" WORD_50 WORD_50 WORD_50 "0123456789a"
                 "]\n",
            3, "longer than 160 bytes"},
           {HEAD "[node a" WORD_50 WORD_50 WORD_50 "0123456789a"
                 "]\ntype = sine\n",
            3, "longer than 160 bytes"},
           {HEAD "[jack]\nconnect = a -> b:c\n  d\n  " LONG_WORD "\n", 6,
            "longer than 199 bytes"});
}

Test(sessions_read, takes_a_line_of_199_bytes)
{
    char text[400];
    snprintf(text, sizeof(text), HEAD "[jack]\nconnect = a_1 -> c:%.180s\n",
             LONG_WORD);
    cr_assert_eq(strlen(strstr(text, "connect")), 200);
    char *const out = through(text);
    char *const again = through(out);
    cr_assert_str_eq(again, out);
    free(again);
    free(out);
}

Test(sessions_read, takes_comments_of_any_sensible_length)
{
    char *const out = through("; " LONG_WORD LONG_WORD "\n" HEAD);
    cr_assert(strncmp(out, "; xxx", 5) == 0, "%s", out);
    free(out);
    char text[5000];
    memset(text, ';', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    const struct wrong wrong = {text, 1, "longer than 4000 bytes"};
    expect_all(&wrong, 1);
}

Test(sessions_read, refuses_bytes_that_are_no_text)
{
    EXPECT({HEAD "[node a]\ntype = si\x01ne\n", 4, "control byte 0x01"},
           {HEAD "[node a]\ntype = si\x7fne\n", 4, "control byte 0x7f"},
           {HEAD "[node a]\rtype = sine\n", 3, "control byte 0x0d"},
           {HEAD "; caf\xe9\n", 3, "byte 0xe9 is not UTF-8"},
           {HEAD "; \xc0\x80\n", 3, "byte 0xc0 is not UTF-8"},
           {HEAD "; \xed\xa0\x80\n", 3, "byte 0xed is not UTF-8"},
           {HEAD "; \xf4\x90\x80\x80\n", 3, "byte 0xf4 is not UTF-8"},
           {HEAD "; \xe2\x82\n", 3, "byte 0xe2 is not UTF-8"},
           {"\x89PNG\r\n\x1a\n", 1, "byte 0x89 is not UTF-8"});

    struct lat_control *const c = new_control();
    struct lat_error error;
    static const char with_nul[] = HEAD "[node a]\ntype = sine\0\n";
    cr_assert_neq(read_bytes(c, with_nul, sizeof(with_nul) - 1, NULL, &error),
                  LAT_OK);
    cr_assert_str_eq(error.text, "a.ini:4: NUL byte; this is no text file");
    lat_control_free(c);
}

Test(sessions_read, refuses_lines_that_mean_nothing)
{
    EXPECT({HEAD "[node a]\ntype = sine\nfreq 440\n", 5, "KEY = VALUE"},
           {HEAD "[node a]\ntype = sine\nfreq ; = 440\n", 5, "KEY = VALUE"},
           {HEAD "[node a\ntype = sine\n", 3, "no ']'"},
           {HEAD "[node a ; b]\ntype = sine\n", 3, "no ']'"},
           {HEAD "[node a] b\ntype = sine\n", 3, "only a comment"},
           {HEAD "[node a]\n= sine\n", 4, "no key"},
           {"format = 1\n[session]\n", 1, "above the first [section]"},
           {HEAD "[cables]\nfoo\n  a = b\n", 4, "KEY = VALUE"},
           {"foo\n  a = b\n" HEAD, 1, "KEY = VALUE"});
}

Test(sessions_read, refuses_things_given_twice)
{
    EXPECT({HEAD "[node a]\ntype = sine\nfreq = 1\nfreq = 2\n", 6,
            "'freq' stands in line 5 already"},
           {HEAD "[node a]\ntype = sine\n[node a]\ntype = saw\n", 5,
            "[node a] stands in line 3 already"},
           {HEAD "[node a]\ntype = sine\n[node  a ]\ntype = sine\n", 5,
            "[node a] stands in line 3 already"},
           {HEAD "[cables]\n[jack]\n[cables]\n", 5,
            "section [cables] stands in line 3 already"},
           {HEAD "[session]\nformat = 1\n", 3, "stands in line 1 already"},
           {HEAD "[transport]\ntempo = 1\ntempo = 1\n", 5, "'tempo' stands"},
           {HEAD "[node a]\ntype=sine\n[node m]\ntype=audio_out\n[cables]\n"
                 "cable = a -> m\ncable = a -> m/in_2\n",
            9, "this cable stands above already"});
}

Test(sessions_read, needs_a_format_that_it_knows)
{
    EXPECT({"", 1, "no format"}, {"[node a]\ntype = sine\n", 1, "no format"},
           {"\n[session]\nmade_by = me\n", 2, "no format"},
           {"[session]\nformat = 0\n", 2, "format '0' is not known"},
           {"[session]\nformat = one\n", 2, "format 'one' is not known"},
           {"[session]\nformat = 1.5\n", 2, "format '1.5' is not known"},
           {"[session]\nformat =\n", 2, "format '' is not known"},
           {HEAD "block = 0\n", 3, "from 1 to 4096"},
           {HEAD "block = 4097\n", 3, "from 1 to 4096"},
           {HEAD "block = 64.5\n", 3, "from 1 to 4096"},
           {HEAD "blok = 64\n", 3, "did you mean 'block'"});
}

Test(sessions_read, refuses_a_wrong_transport)
{
    EXPECT({HEAD "[transport]\ntempo = 0\n", 4, "tempo must lie between"},
           {HEAD "[transport]\ntempo = 120,5\n", 4, "not a number"},
           {HEAD "[transport]\ntempo = inf\n", 4, "not a number"},
           {HEAD "[transport]\nbeats_per_cycle = 1e9\n", 4, "must lie between"},
           {HEAD "[transport]\nplaying = maybe\n", 4, "no or yes"},
           {HEAD "[transport]\nsync = mine\n", 4, "own, jack or midi"},
           {HEAD "[transport]\ntemp = 120\n", 4, "did you mean 'tempo'"},
           {HEAD "[transport]\ntempo = 120\n  130\n", 5, "indented"});
}

Test(sessions_read, refuses_sections_it_does_not_know)
{
    EXPECT({HEAD "[cable]\n", 3, "did you mean [cables]?"},
           {HEAD "[nodes a]\ntype = sine\n", 3, "unknown section 'nodes a'"},
           {HEAD "[]\n", 3, "unknown section ''"},
           {HEAD "[Jack]\n", 3, "did you mean [jack]? Names of sections"});
}

Test(sessions_read, refuses_wrong_nodes)
{
    EXPECT(
        {HEAD "[node]\ntype = sine\n", 3, "no name"},
        {HEAD "[node 2a]\ntype = sine\n", 3, "'2a' is no name"},
        {HEAD "[node a b]\ntype = sine\n", 3, "'a b' is no name"},
        {HEAD "[node free]\ntype = sine\n", 3, "'free' is no name"},
        {HEAD "[node a]\nfreq = 3\n", 3, "has no type"},
        {HEAD "[node a]\n[node b]\ntype = sine\n", 3, "has no type"},
        {HEAD "[node a]\ntype = sien\n", 4, "did you mean 'sine'"},
        {HEAD "[node a]\ntype = \n", 4, "no node type is called ''"},
        {HEAD "[node a]\nfreqq = 1\ntype = sine\n", 4, "did you mean 'freq'"},
        {HEAD "[node a]\ntype = sine\nfreq = high\n", 5,
         "needs a number in Hz"},
        {HEAD "[node a]\ntype = sine\nfreq =\n", 5, "needs a number in Hz"},
        {HEAD "[node a]\ntype = sine\n\nfreq = 1e30\n", 6, "must lie between"},
        {HEAD "[node a]\ntype = noise\ncolor = purple\n", 5,
         "color must be one of"},
        {HEAD "[node a]\ntype = mix\nlevel_3 = 1\ninputs = 2\n", 5,
         "no input or setting 'level_3'"},
        {HEAD "[node a]\ntype = sine\n\tfreq = 3\n", 5, "indented"},
        {HEAD "[node a]\n  type = sine\n  freq = 3\n", 5, "indented"},
        {HEAD "[node a]\ntype = sine\nfreq = 3\n  4\n", 6, "indented"});
}

Test(sessions_read, says_what_comes_later)
{
    EXPECT({HEAD "[node a]\ntype = sine\npoly = 65\n", 5, "from 1 to 64"},
           {HEAD "[node a]\ntype = sine\nprocess = no\n", 5, "own or engine"},
           {HEAD "[node a]\ntype = sine\nfreq.2 = 220\n", 5, "no voice 2"});
    free(through(HEAD "[node a]\ntype = sine\npoly = 1\nprocess = engine\n"));
}

#define TWO_NODES                                                              \
 HEAD "[node a]\ntype = sine\n[node b]\ntype = gain\n[cables]\n"

Test(sessions_read, refuses_wrong_cables)
{
    EXPECT({TWO_NODES "cable = a\n", 8, "is no cable"},
           {TWO_NODES "cable = a->b\n", 8, "is no cable"},
           {TWO_NODES "cable =\n", 8, "is no cable"},
           {TWO_NODES "cable = a -> b 2\n", 8, "is no cable"},
           {TWO_NODES "cable = a -> b *2\n", 8, "is no cable"},
           {TWO_NODES "cable = a -> b * two\n", 8, "not 'two'"},
           {TWO_NODES "cable = a -> b *\n", 8, "is no cable"},
           {TWO_NODES "cable = a -> b * 2 3\n", 8, "is no cable"},
           {TWO_NODES "cable = a -> b feedback * 2\n", 8, "is no cable"},
           {TWO_NODES "cable = a -> b * 2 Feedback\n", 8, "is no cable"},
           {TWO_NODES "cable = a -> b * 1e300\n", 8, "amount"},
           {TWO_NODES "cable = a -> c\n", 8, "no node is called 'c'"},
           {TWO_NODES "cable = aa -> b\n", 8, "aa"},
           {TWO_NODES "cable = a/in -> b\n", 8, "no output 'in'"},
           {TWO_NODES "cable = a -> b/out\n", 8, "no input 'out'"},
           {TWO_NODES "wire = a -> b\n", 8, "unknown key 'wire'"},
           {TWO_NODES "cable = a\n  -> b\n", 9, "indented"},
           {TWO_NODES "cable = a -> b\n\ncable = b -> b/gain\n", 10, "b -> b"});
}

Test(sessions_read, spells_a_cycle_out)
{
    EXPECT({HEAD "[cables]\ncable = a -> b\ncable = b -> c\ncable = c -> a\n"
                 "[node a]\ntype = gain\n[node b]\ntype = gain\n"
                 "[node c]\ntype = gain\n",
            6, "a -> b -> c -> a"});
    free(through(HEAD "[cables]\ncable = a -> b\ncable = b -> c\n"
                      "cable = c -> a feedback\n[node a]\ntype = gain\n"
                      "[node b]\ntype = gain\n[node c]\ntype = gain\n"));
}

Test(sessions_read, refuses_wrong_connections)
{
    EXPECT(
        {HEAD "[jack]\nconnect = main_1\n", 4, "is no connection"},
        {HEAD "[jack]\nconnect = a:b -> c:d\n", 4, "is no connection"},
        {HEAD "[jack]\nconnect = main_1->system:playback_1\n", 4,
         "is no connection"},
        {HEAD "[jack]\nconnect = main_1 -> physical:0\n", 4, "physical:1"},
        {HEAD "[jack]\nconnect = main_1 -> physical:left\n", 4, "physical:1"},
        {HEAD "[jack]\nconnect = main_1 -> :x\n", 4, "is no connection"},
        {HEAD "[jack]\nconnect = main_1 -> x:\n", 4, "is no connection"},
        {HEAD "[jack]\nconnect = main_1 -> a:\\q\n", 4, "\\xHH"},
        {HEAD "[jack]\nconnect = main_1 -> a:\\x4\n", 4, "two hexadecimal"},
        {HEAD "[jack]\nconnect = main_1 -> a:\\x00\n", 4, "\\x00"},
        {HEAD "[jack]\ncable = main_1 -> a:b\n", 4, "unknown key 'cable'"});
    free(through(HEAD "[jack]\nconnect = main_1 -> a:b -> c\n"
                      "connect = a:b c -> in.x_1\n"
                      "connect = main_1 -> mic_1\n"
                      "connect = main_1 -> physical:12\n"));
}

#define FILTER HEAD "[node f]\ntype = lowpass\n[map]\n"

Test(sessions_read, refuses_wrong_maps)
{
    EXPECT(
        {FILTER "map = /a\n", 6, "is no map"},
        {FILTER "map = /a -> f/cutoff 1\n", 6, "is no map"},
        {FILTER "map = /a -> f/cutoff 40 8000\n", 6, "is no map"},
        {FILTER "map = /a -> f/cutoff 40 8000 exp toggle x\n", 6, "is no map"},
        {FILTER "map = a -> f/cutoff\n", 6, "'a' is no source"},
        {FILTER "map = /a* -> f/cutoff\n", 6, "is no source"},
        {FILTER "map = /a#0 -> f/cutoff\n", 6, "is no source"},
        {FILTER "map = /a#x -> f/cutoff\n", 6, "is no source"},
        {FILTER "map = midi:0:7 -> f/cutoff\n", 6, "midi:CHANNEL:CONTROL"},
        {FILTER "map = midi:17:7 -> f/cutoff\n", 6, "midi:CHANNEL:CONTROL"},
        {FILTER "map = midi:1:128 -> f/cutoff\n", 6, "midi:CHANNEL:CONTROL"},
        {FILTER "map = midi:1 -> f/cutoff\n", 6, "midi:CHANNEL:CONTROL"},
        {FILTER "map = /a -> f\n", 6, "NODE/INPUT"},
        {FILTER "map = /a -> g/cutoff\n", 6, "no node is called 'g'"},
        {FILTER "map = /a -> f/cutof\n", 6, "did you mean 'cutoff'"},
        {FILTER "map = /a -> f/cutoff low 8000 exp\n", 6, "'low' is no"},
        {FILTER "map = /a -> f/cutoff 40 1e30 exp\n", 6, "outside"},
        {FILTER "map = /a -> f/cutoff 40 8000 cubic\n", 6, "is no curve"},
        {FILTER "map = /a -> f/pitch -12 12 exp\n", 6, "of one sign"},
        {FILTER "map = /a -> f/cutoff 40 8000 exp jump\n", 6, "is no mode"});
    free(through(FILTER "map = /a -> f/cutoff\nmap = /a#2 -> f/q 8 1 lin\n"
                        "map = midi:16:0 -> f/cutoff 40 8000 exp pickup\n"));
}

Test(sessions_read, takes_maps_to_single_voices)
{
#define LEAD HEAD "[node lead]\ntype = saw\npoly = 3\n[map]\n"
    free(through(LEAD "map = /a -> lead.2/freq 40 8000 exp\n"
                      "map = midi:1:7 -> lead.3/freq\n"
                      "map = /b -> lead/freq\n"));
    free(through(FILTER "map = /a -> f.1/cutoff\n"));
    EXPECT({LEAD "map = /a -> lead.4/freq\n", 7, "lead has 3 voices"},
           {LEAD "map = /a -> lead.0/freq\n", 7, "no node is called 'lead.0'"},
           {LEAD "map = /a -> lead.2/freqq\n", 7, "did you mean 'freq'"},
           {FILTER "map = /a -> f.2/cutoff\n", 6, "f has 1 voice"});
#undef LEAD
}

Test(sessions_read, refuses_wrong_feedback)
{
    EXPECT(
        {HEAD "[osc]\nfeedback = host:9000\n", 4, "is no feedback"},
        {HEAD "[osc]\nfeedback = host /a\n", 4, "is no feedback"},
        {HEAD "[osc]\nfeedback = host:0 /a\n", 4, "is no feedback"},
        {HEAD "[osc]\nfeedback = host:70000 /a\n", 4, "is no feedback"},
        {HEAD "[osc]\nfeedback = :9000 /a\n", 4, "is no feedback"},
        {HEAD "[osc]\nfeedback = host:9000 a\n", 4, "is no feedback"},
        {HEAD "[osc]\nfeedback = host:9000 /a x\n", 4, "is no rate"},
        {HEAD "[osc]\nfeedback = host:9000 /a 0\n", 4, "is no rate"},
        {HEAD "[osc]\nfeedback = host:9000 /a 10 20\n", 4, "is no feedback"});
    free(through(HEAD "[osc]\nfeedback = 192.168.0.7:9001 /node/*/level 20\n"
                      "feedback = [::1]:9001 /status\n"));
}

Test(sessions_read, reports_the_first_wrong_line)
{
    EXPECT({HEAD "[node a]\ntype = sine\nfoo\nbar\n", 5, "KEY = VALUE"},
           {HEAD "[node a]\ntype = sine\nfoo\n[node b\n", 5, "KEY = VALUE"},
           {HEAD "[node a]\n[node b\nfoo\n", 3, "has no type"},
           {HEAD "[node a]\r\ntype = sine\r\nfreq = x\r\n", 5, "freq"});
}

Test(sessions_read, takes_what_editors_leave)
{
    char *const plain = through(HEAD "[node a]\ntype = sine\nfreq = 3\n");
    char *const windows = through("\xef\xbb\xbf[session]\r\nformat = 1\r\n"
                                  "[node a]\r\ntype = sine\r\nfreq = 3\r\n");
    char *const colons =
        through("[session]\nformat: 1\n[ node \t a ]\ntype :sine\nfreq:3");
    cr_assert_str_eq(windows, plain);
    cr_assert_str_eq(colons, plain);
    free(colons);
    free(windows);
    free(plain);
}

Test(sessions_read, creates_nodes_and_cables_in_file_order)
{
    struct lat_control *const c = new_control();
    struct lat_error error;
    const enum lat_status status = read_text(
        c,
        HEAD "[cables]\ncable = z -> m * -0.5\ncable = a -> m/in_2\n"
             "[node z]\ntype = sine\nfreq = -3\n[node a]\ntype = saw\n"
             "[node m]\ntype = audio_out\n",
        &error);
    cr_assert_eq(status, LAT_OK, "%s", error.text);
    const struct lat_graph *const g = lat_control_graph(c);
    cr_assert_str_eq(g->first->name, "z");
    cr_assert_eq(g->first->in[0].value, -3.0F);
    cr_assert_str_eq(g->first->next->name, "a");
    cr_assert_eq(g->n_cables, 3);
    cr_assert_eq(g->first_cable->amount, -0.5F);
    cr_assert_eq(g->first_cable->next->dst_port, 1);
    cr_assert_str_eq(g->last_cable->src->name, "a");
    lat_control_free(c);
}

Test(sessions_read, says_what_it_keeps_but_does_not_do_yet)
{
    static const char text[] = FILTER "map = /a -> f/q\n[osc]\n"
                                      "feedback = a:1 /b\n[jack]\n"
                                      "connect = a_1 -> b:c\n";
    struct lat_control *const c = new_control();
    struct lat_error error;
    struct heard heard = {0};
    cr_assert_eq(read_bytes(c, text, sizeof(text) - 1, &heard, &error), LAT_OK,
                 "%s", error.text);
    cr_assert_str_eq(heard.text, "a.ini:5: warning: [map] is kept, but comes "
                                 "in a later release and does nothing "
                                 "yet\n");
    lat_control_free(c);
}

Test(sessions_read, knows_a_newer_lattice_by_its_version)
{
    struct lat_control *const c = new_control();
    struct lat_error error;
    static const struct {
        const char *made_by;
        bool is_newer;
    } cases[] = {
        {LAT_VERSION, false},  {"0.0.9", false}, {"999.0", true},
        {"999.0.0-rc1", true}, {"x", false},     {LAT_VERSION ".9", false},
    };
    for (size_t i = 0; i < LAT_COUNT(cases); ++i) {
        char text[200];
        snprintf(text, sizeof(text),
                 HEAD "made_by = lattice %s\n[node a]\ntype = granular\n",
                 cases[i].made_by);
        const bool taken = read_text(c, text, &error) == LAT_OK;
        cr_assert_eq(taken, cases[i].is_newer, "made by %s", cases[i].made_by);
    }
    cr_assert_neq(read_text(c,
                            HEAD "made_by = other 999\n[node a]\n"
                                 "type = granular\n",
                            &error),
                  LAT_OK);
    lat_control_free(c);
}

Test(sessions_read, sets_transport_and_block)
{
    struct lat_control *const c = new_control();
    struct lat_error error;
    cr_assert_eq(read_text(c,
                           HEAD "block = 17\n[transport]\ntempo = 97.5\n"
                                "beats_per_cycle = 3\nplaying = no\n"
                                "sync = jack\n",
                           &error),
                 LAT_OK, "%s", error.text);
    const struct lat_transport *t = lat_control_transport(c);
    cr_assert_eq(t->tempo_bpm, 97.5);
    cr_assert_eq(t->beats_per_cycle, 3.0);
    cr_assert_not(t->is_playing);
    cr_assert_eq(lat_control_document(c)->sync, LAT_SYNC_JACK);
    cr_assert_eq(lat_control_document(c)->block, 17);

    cr_assert_eq(read_text(c, HEAD, &error), LAT_OK, "%s", error.text);
    t = lat_control_transport(c);
    cr_assert_eq(t->tempo_bpm, 120.0);
    cr_assert_eq(t->beats_per_cycle, 4.0);
    cr_assert(t->is_playing);
    cr_assert_eq(lat_control_document(c)->sync, LAT_SYNC_OWN);
    cr_assert_eq(lat_control_document(c)->block, 0);
    lat_control_free(c);
}

Test(sessions_read, keeps_send_lines_in_their_order)
{
    static const char text[] =
        HEAD "[osc]\n; the tablet\nfeedback = 192.168.0.7:9001 /node/*/level\n"
             "; whoever plays along\nsend = studio.example\n"
             "send = [fe80::1]:57120\nfeedback = 192.168.0.8:9001 /a\n";
    char *const once = through(text);
    cr_expect(strstr(once, "[osc]\n; the tablet\n"
                           "feedback = 192.168.0.7:9001 /node/*/level\n"
                           "; whoever plays along\nsend = studio.example\n"
                           "send = [fe80::1]:57120\n"
                           "feedback = 192.168.0.8:9001 /a\n"),
              "%s", once);
    char *const twice = through(once);
    cr_expect_str_eq(once, twice);
    free(once);
    free(twice);
}

Test(sessions_read, refuses_wrong_send_lines)
{
    EXPECT({HEAD "[osc]\nsend = two words\n", 4, "nobody to send to"},
           {HEAD "[osc]\nsend = host:0\n", 4, "nobody to send to"},
           {HEAD "[osc]\nsend = host:70000\n", 4, "nobody to send to"},
           {HEAD "[osc]\nsend = *\n", 4, "nobody to send to"},
           {HEAD "[osc]\nsent = host\n", 4, "send"});
}
