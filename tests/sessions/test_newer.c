// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Files of a newer lattice: what is unknown stays, silent, and is written back.

#include "test_sessions.h"

#include "base/rt.h"
#include "graph/placeholder.h"

TestSuite(sessions_newer, .timeout = 60);

#define NEWER "[session]\nformat = 1\nmade_by = lattice 999.1\n"
#define TIME                                                                   \
 "\n[transport]\ntempo = 120\nbeats_per_cycle = 4\nplaying = yes\n"            \
 "sync = own\n"

static struct lat_control *
load(const char *text, struct heard *heard)
{
    struct lat_control *const c = new_control();
    struct lat_error error = {0};
    cr_assert_eq(read_bytes(c, text, strlen(text), heard, &error), LAT_OK, "%s",
                 error.text);
    return c;
}

static void
expect_written(struct lat_control *c, const char *text)
{
    char *const out = write_text(c);
    cr_assert_str_eq(out, text);
    free(out);
}

static void
expect_same(const char *text)
{
    struct lat_control *const c = load(text, NULL);
    expect_written(c, text);
    lat_control_free(c);
}

static void
expect_refused(const char *text, const char *why)
{
    struct lat_control *const c = new_control();
    struct lat_error error = {0};
    cr_assert_neq(read_text(c, text, &error), LAT_OK);
    cr_assert_not_null(strstr(error.text, why), "%s", error.text);
    lat_control_free(c);
}

Test(sessions_newer, keeps_what_is_unknown_and_says_so)
{
    static const char newer[] = "[session]\nformat = 2\nmood = blue\n"
                                "[node a]\ntype = granular\ngrain = 3\n"
                                "[node b]\ntype = sine\nfreq = 3\nshape = 2\n"
                                "[node m]\ntype = audio_out\n"
                                "[cables]\ncable = a -> m\ncable = b -> m\n"
                                "cable = b/sub -> m\n"
                                "[map]\nmap = /x -> b/shape\n"
                                "map = /y -> a/grain\n[video]\nx = y\n";
    struct heard heard = {0};
    struct lat_control *const c = load(newer, &heard);
    cr_assert_str_eq(
        heard.text,
        "a.ini:1: warning: made by a newer lattice than this " LAT_VERSION
        "; what is unknown here is kept and does nothing, and the file is not "
        "overwritten\n"
        "a.ini:3: warning: unknown key 'mood' is kept and does nothing\n"
        "a.ini:5: warning: unknown type 'granular': a is kept, and silent\n"
        "a.ini:10: warning: unknown key 'shape' is kept and does nothing\n"
        "a.ini:16: warning: b (sine) has no output 'sub'; it has out; the "
        "cable is kept "
        "and does nothing\n"
        "a.ini:17: warning: [map] is kept, but comes in a later release and "
        "does "
        "nothing yet\n"
        "a.ini:18: warning: b has no input 'shape'; did you mean 'phase'?; the "
        "line is "
        "kept and does nothing\n"
        "a.ini:20: warning: unknown section 'video' is kept and does "
        "nothing\n");
    const struct lat_graph *const g = lat_control_graph(c);
    cr_assert_eq(g->n_nodes, 3);
    cr_assert_eq(g->n_cables, 4);
    const struct lat_node *const a = lat_graph_find(g, "a");
    cr_assert(lat_placeholder_is(a->type));
    cr_assert_str_eq(a->type->name, "granular");
    cr_assert_eq(a->in[lat_layout_input(a->layout, "grain")].value, 3.0F);
    cr_assert_str_eq(lat_control_document(c)->map->text, "/y -> a/grain");
    lat_control_free(c);
}

Test(sessions_newer, refuses_the_same_from_a_lattice_like_ours)
{
    expect_refused(HEAD "[node a]\ntype = granular\n",
                   "no node type is called");
    expect_refused(HEAD "mood = blue\n", "unknown key");
    expect_refused(HEAD "[video]\n", "unknown section");
    expect_refused(HEAD "[node a]\ntype = sine\nmode = x\n",
                   "no input or setting 'mode'");
}

Test(sessions_newer, gives_everything_back_as_it_was)
{
    expect_same(
        "; of tomorrow\n" NEWER "block = 64\nmood = blue ; as ever\n" TIME
        "swing = 0.6\n"
        "\n; grains\n[node a] ; one\ngrain = 0.50 ; s\ntype = granular ; new\n"
        "poly = 8\nprocess = own\npitch.3 = 1\n"
        "pattern = a b\\q\n    c d\nempty =\nsemicolon=; ;\n"
        "\n[node b]\ntype = sine\nfreq = 3\n; a shape\nshape = 2\npoly = 8\n"
        "freq.2 = 7\nprocess = engine\n"
        "\n[node m]\ntype = audio_out\n"
        "\n[cables]\ncable = a -> m\ncable = b -> a * 3\n"
        "cable = a/sub -> b/freq * -0.5 feedback\ncable = b -> a/position\n"
        "; a low one\ncable = b/sub -> m * 0.5 ; of b\nbundle = x y\n"
        "\n[jack]\nconnect = a_1 -> x:y\nsync = yes\n"
        "\n[map]\nmap = /y -> a/grain\nmap = /x -> b/shape\n"
        "\n[osc]\nfeedback = h:1 /b\nlearn = no\n"
        "\n; eyes\n[video] ; too\nx = y ; z\nx = y\n    more\n\n[video]\n"
        "\n; the end\n");
}

Test(sessions_newer, keeps_cables_of_placeholders_as_they_were)
{
    expect_same(NEWER TIME "\n[node x]\ntype = granular\n"
                           "\n[node y]\ntype = granular\n"
                           "\n[node s]\ntype = sine\n"
                           "\n[node p]\ntype = pan\n"
                           "\n[node i]\ntype = audio_in\n"
                           "\n[node m]\ntype = audio_out\n"
                           "\n[cables]\n"
                           "cable = s -> x\n"
                           "cable = p -> x\n"
                           "cable = i -> x\n"
                           "cable = p/left -> y\n"
                           "cable = p/right -> y\n"
                           "cable = s -> x/in\n"
                           "cable = x -> y\n"
                           "cable = x/out -> y/in\n"
                           "cable = x -> m\n"
                           "cable = x/out -> m\n"
                           "cable = y/left -> m/level\n"
                           "cable = y/a/b*c -> m/level\n"
                           "cable = x -> x/again feedback\n");
}

Test(sessions_newer, keeps_lines_that_are_full)
{
    char line[256];
    char more[256];
    char text[1024];
    memset(line, 'x', sizeof(line));
    memcpy(more, line, sizeof(more));
    line[199 - strlen("type=")] = '\0';
    more[199 - strlen(" ")] = '\0';
    snprintf(text, sizeof(text),
             NEWER TIME "\n[node a]\ntype=%s\ngran=%s\n %s\n", line, line,
             more);
    expect_same(text);
}

Test(sessions_newer, says_who_can_read_what_it_writes)
{
    // The file of a known format, and unknown only while there is something.
    struct lat_control *const c =
        load("[session]\nformat = 3\n[node a]\ntype = granular\n"
             "[node b]\ntype = sine\n",
             NULL);
    expect_written(c, "[session]\nformat = 3\nmade_by = lattice " LAT_VERSION
                      "\n" TIME "[node a]\ntype = granular\n"
                      "[node b]\ntype = sine\n");
    const char *const name = "a";
    cr_assert_eq(lat_control_node_free(c, &name, 1, NULL), LAT_OK);
    expect_written(c, "[session]\nformat = 1\nmade_by = lattice " LAT_VERSION
                      "\n" TIME "[node b]\ntype = sine\n");
    lat_control_free(c);
    // Nothing in it is unknown.
    struct lat_control *const known =
        load(NEWER "[node a]\ntype = sine\npoly = 1\n", NULL);
    expect_written(known,
                   "[session]\nformat = 1\nmade_by = lattice " LAT_VERSION
                   "\n" TIME "[node a]\ntype = sine\npoly = 1\n");
    lat_control_free(known);
}

Test(sessions_newer, lets_placeholders_be_edited)
{
    struct lat_control *const c =
        load(NEWER TIME "\n[node a]\ntype = granular\ngrain = 0.50\n"
                        "size = big\n\n[node b]\ntype = sine\n"
                        "\n[cables]\ncable = b -> a/size\n"
                        "cable = b/sub -> a\ncable = a -> b/shape\n",
             NULL);
    struct lat_error error;
    const struct lat_value two = {.number = 2.0};
    const char *const b = "b";
    cr_assert_eq(lat_control_param_set(c, "a", "grain", two, -1.0, &error),
                 LAT_OK, "%s", error.text);
    cr_assert_neq(lat_control_param_set(c, "a", "x", two, -1.0, &error),
                  LAT_OK);
    cr_assert_neq(lat_control_connect(c, "b", "a/x", NULL, false, &error),
                  LAT_OK);
    cr_assert_neq(
        lat_control_node_new(c, "granular", "a", false, NULL, 0, &error),
        LAT_OK);
    cr_assert_eq(lat_control_node_rename(c, "a", "cloud", &error), LAT_OK);
    cr_assert_eq(lat_control_node_rename(c, "b", "a", &error), LAT_OK);
    expect_written(c, NEWER TIME "\n[node cloud]\ntype = granular\n"
                                 "grain = 2\nsize = big\n"
                                 "\n[node a]\ntype = sine\n"
                                 "\n[cables]\ncable = a -> cloud/size\n"
                                 "cable = a/sub -> cloud\n"
                                 "cable = cloud -> a/shape\n");
    cr_assert_neq(lat_control_node_free(c, &b, 1, &error), LAT_OK);
    const char *const a = "a";
    cr_assert_eq(lat_control_node_free(c, &a, 1, &error), LAT_OK);
    expect_written(c, NEWER TIME "\n[node cloud]\ntype = granular\n"
                                 "grain = 2\nsize = big\n\n[cables]\n");
    lat_control_free(c);
}

Test(sessions_newer, refuses_ports_that_cannot_be)
{
    char text[16384];
    size_t used = (size_t)snprintf(text, sizeof(text),
                                   NEWER "[node s]\ntype = sine\n[node a]\n"
                                         "type = granular\n[cables]\n");
    for (int i = 0; i <= LAT_MAX_PORTS; ++i) {
        used += (size_t)snprintf(text + used, sizeof(text) - used,
                                 "cable = s -> a/x%d\n", i);
    }
    expect_refused(text, ": a has more than 130 inputs");
    expect_refused(NEWER "[node a]\ntype = granular\n[cables]\n"
                         "cable = a -> "
                         "a/x1234567890123456789012345678901234567890 "
                         "feedback\n",
                   "a.ini:7: the name of a port has up to 40 bytes");
    expect_refused(NEWER "[node a]\ntype =\n",
                   "a.ini:5: no node type is called ''");
}
