// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Load, save, load gives the same bytes, with the comments where they were.

#include "test_sessions.h"

#include "base/rt.h"

TestSuite(sessions_write, .timeout = 60);

#define MADE_BY "made_by = lattice " LAT_VERSION "\n"
#define START   "[session]\nformat = 1\n" MADE_BY
#define TIME                                                                   \
 "\n[transport]\ntempo = 120\nbeats_per_cycle = 4\nplaying = yes\n"            \
 "sync = own\n"

static void
expect_same(const char *text)
{
    char *const out = through(text);
    cr_assert_str_eq(out, text);
    free(out);
}

static void
expect_stable(const char *text)
{
    char *const once = through(text);
    char *const twice = through(once);
    cr_assert_str_eq(twice, once);
    free(twice);
    free(once);
}

Test(sessions_write, gives_a_tidy_file_back_as_it_was)
{
    expect_same(START
                "block = 64\n"
                "\n[transport]\n"
                "tempo = 120            ; beats per minute\n"
                "beats_per_cycle = 4\nplaying = yes\n"
                "sync = own             ; own | jack\n"
                "\n[node lfo]\ntype = sine\nfreq = 0.3\n"
                "\n[node voice]\ntype = saw\nfreq = 110\n"
                "\n[node filter]\ntype = lowpass\ncutoff = 800\nq = 2\n"
                "\n[node main]\ntype = audio_out\nchannels = 2\nlevel = 0.5\n"
                "\n[cables]\ncable = voice -> filter\n"
                "cable = lfo -> filter/cutoff * 600\ncable = filter -> main\n"
                "\n[jack]\nconnect = main_1 -> system:playback_1\n"
                "\n[map]\nmap = /1/fader1 -> filter/cutoff 40 8000 exp\n"
                "\n[osc]\nfeedback = tablet.local:9001 /node/*/level 20\n");
}

Test(sessions_write, keeps_what_is_said_of_sleep)
{
    expect_same(START TIME "\n[node a]\ntype = sine\nsleep = yes\n"
                           "\n[node b]\ntype = sine\npoly = 3\nsleep = no\n"
                           "\n[node c]\ntype = sine\npoly = 3\n");
}

Test(sessions_write, writes_sleep_where_it_is_not_what_poly_makes_of_it)
{
    static const struct {
        const char *before, *set, *after;
    } all[] = {
        {"", "yes", "sleep = yes\n"},
        {"sleep = yes\n", "no", "sleep = no\n"},
        {"poly = 3\n", "no", "poly = 3\nsleep = no\n"},
        {"poly = 3\nsleep = no\n", "yes", "poly = 3\nsleep = yes\n"},
    };
    for (size_t i = 0; i < LAT_COUNT(all); ++i) {
        char text[256];
        struct lat_error error;
        struct lat_control *const c = new_control();
        snprintf(text, sizeof(text), START TIME "\n[node a]\ntype = sine\n%s",
                 all[i].before);
        cr_assert_eq(read_text(c, text, &error), LAT_OK, "%s", error.text);
        cr_assert_eq(
            lat_control_param_set(
                c, "a", "sleep",
                (struct lat_value){.is_text = true, .text = all[i].set}, -1.0,
                &error),
            LAT_OK, "%s", error.text);
        char *const out = write_text(c);
        snprintf(text, sizeof(text), START TIME "\n[node a]\ntype = sine\n%s",
                 all[i].after);
        cr_expect_str_eq(out, text);
        free(out);
        expect_same(text);
        lat_control_free(c);
    }
}

/// Wherever one voice's value stands, that of all does not clear it.
Test(sessions_write, keeps_values_of_voices_where_they_were)
{
    expect_same(START TIME "\n[node a]\ntype = sine\n; the second\n"
                           "freq.2 = a3\nfreq = 110\n; so many\npoly = 3\n"
                           "phase.3 = 0.5\n");
}

Test(sessions_write, keeps_comments_and_blank_lines)
{
    expect_same("# A drone for rainy days.\n"
                "; (c) me\n"
                "\n" START "; the first thing\n"
                "block = 16 ; small\n"
                "\n\n"
                "; time\n[transport] ; of the piece\n"
                "tempo = 120\n; bar\nbeats_per_cycle = 4\nplaying = yes\n"
                "sync = own\n"
                "; a voice\n[node a] ; low\n; its type\ntype = saw\n\n"
                "freq = 55   ; A\n"
                "[node m]\ntype = audio_out\n"
                "\n; wires\n[cables] ; all of them\n\n"
                "; to the ear\ncable = a -> m * 0.5 ; quiet\n"
                "  ; an indented one\ncable = a -> m/level * 0.1\n"
                "\n; J\n[jack]\n; left\nconnect = m_1 -> a:b ; desk\n"
                "\n[map]\n; knob\nmap = /a -> m/level ; mine\n"
                "\n[osc]\n; tablet\nfeedback = a:1 /b\n"
                "\n; the end\n");
}

Test(sessions_write, keeps_the_order_of_keys_and_defaults_that_were_written)
{
    expect_same(START TIME "\n[node a]\nfreq = 440\ntype = sine\nphase = 0\n");
}

Test(sessions_write, keeps_empty_sections_that_were_in_the_file)
{
    expect_same(START TIME "\n[cables]\n\n[jack]\n\n[map]\n; soon\n");
}

Test(sessions_write, brings_sections_into_order)
{
    char *const out = through("[map]\n; 1\nmap = /a -> s/freq\n[cables]\n"
                              "; 2\ncable = s -> m\n[node s]\ntype = sine\n"
                              "[session]\nformat = 1\n[node m]\n"
                              "type = audio_out\n[transport]\nsync = jack\n");
    cr_assert_str_eq(out,
                     START "[transport]\ntempo = 120\nbeats_per_cycle = 4\n"
                           "playing = yes\nsync = jack\n[node s]\ntype = sine\n"
                           "[node m]\ntype = audio_out\n[cables]\n; 2\n"
                           "cable = s -> m\n[map]\n; 1\nmap = /a -> s/freq\n");
    free(out);
    expect_stable(START "[cables]\n[jack]\n[node a]\ntype = sine");
}

Test(sessions_write, writes_cables_in_the_shortest_form_that_reads_back)
{
    expect_same(START TIME "\n[node s]\ntype = sine\n"
                           "\n[node p]\ntype = pan\n"
                           "\n[node g]\ntype = gain\n"
                           "\n[node m]\ntype = audio_out\n"
                           "\n[node mono]\ntype = audio_out\nchannels = 1\n"
                           "\n[node four]\ntype = audio_out\nchannels = 4\n"
                           "\n[cables]\n"
                           "cable = s -> p\n"
                           "cable = s -> p/pan * 0.25\n"
                           "cable = p -> m\n"
                           "cable = p/left -> m/level\n"
                           "cable = p/left -> mono * -1\n"
                           "cable = p/right -> mono\n"
                           "cable = p/right -> m/in_1\n"
                           "cable = p/left -> four/in_3\n"
                           "cable = s -> m\n"
                           "cable = g -> m/in_2 * 0.1\n"
                           "cable = g -> m/in_1 * 0.1\n"
                           "cable = p/left -> g * 1e-9\n"
                           "cable = g -> g * 0.5 feedback\n");
}

Test(sessions_write, gives_one_output_of_a_pair_to_both_of_another)
{
    expect_same(START TIME "\n[node p]\ntype = pan\n"
                           "\n[node m]\ntype = audio_out\n"
                           "\n[cables]\ncable = p/right -> m * 0.5\n");
}

Test(sessions_write, does_not_take_two_cables_for_a_pair)
{
    expect_same(START TIME "\n[node s]\ntype = sine\n"
                           "\n[node m]\ntype = audio_out\n"
                           "\n[node n]\ntype = audio_out\n"
                           "\n[cables]\n"
                           "cable = s -> m/in_1\n"
                           "cable = s -> m/in_2 * 0.5\n"
                           "cable = s -> n/in_1\n"
                           "; a comment of its own\n"
                           "cable = s -> n/in_2\n");
}

Test(sessions_write, writes_numbers_that_read_back_equal)
{
    expect_stable(START TIME "\n[node a]\ntype = sine\nfreq = 0.1\n"
                             "phase = 0.333333333333\npitch = -1e-7\n"
                             "[node b]\ntype = constant\nvalue = 167772.17\n"
                             "[node d]\ntype = delay\nmax_time = 1.1\n");
    struct lat_control *const c = new_control();
    const struct lat_assignment a = {"value", {.number = 0.10000000149011612}};
    cr_assert_eq(lat_control_node_new(c, "constant", "b", false, &a, 1, NULL),
                 LAT_OK);
    char *const out = write_text(c);
    cr_assert_not_null(strstr(out, "value = 0.1\n"), "%s", out);
    free(out);
    lat_control_free(c);
}

Test(sessions_write, keeps_a_bypass_in_its_place_and_adds_one_that_is_new)
{
    static const char given[] =
        "[node b]\ntype = gain\nbypass = yes\ngain = 2\n\n"
        "[node c]\ntype = gain\nbypass = no\n";
    char text[sizeof(HEAD) + sizeof(given)];
    snprintf(text, sizeof(text), HEAD "%s", given);
    char *const kept = through(text);
    cr_assert_not_null(strstr(kept, given), "%s", kept);
    free(kept);
    struct lat_control *const c = new_control();
    struct lat_error error;
    cr_assert_eq(read_text(c, HEAD "[node b]\ntype = gain\ngain = 2\n", &error),
                 LAT_OK, "%s", error.text);
    cr_assert_eq(lat_control_bypass(c, "b", true, &error), LAT_OK);
    char *const out = write_text(c);
    cr_assert_not_null(strstr(out, "bypass = yes\n"), "%s", out);
    free(out);
    cr_assert_eq(lat_control_bypass(c, "b", false, &error), LAT_OK);
    char *const again = write_text(c);
    cr_assert_null(strstr(again, "bypass"), "%s", again);
    free(again);
    lat_control_free(c);
}

Test(sessions_write, wraps_long_lines_and_reads_them_again)
{
    char *const out = through(
        HEAD "[jack]\nconnect = main_1 -> A client with quite a long name:and "
             "a port\n  whose name has \\x3b and\n  and  \\\\ and\\\n  x\n");
    static const char wrapped[] =
        "connect = main_1 -> A client with quite a long name:and a port whose "
        "name has \\x3b\n    and and  \\\\ andx\n";
    cr_assert_not_null(strstr(out, wrapped), "%s", out);
    char *const again = through(out);
    cr_assert_str_eq(again, out);
    free(again);
    free(out);
}

Test(sessions_write, moves_a_comment_up_that_no_longer_fits)
{
    struct lat_control *const c = new_control();
    struct lat_error error;
    char text[500];
    snprintf(text, sizeof(text),
             HEAD "[node s]\ntype = sine\n[node m]\ntype = audio_out\n"
                  "[cables]\n; above\ncable = s -> m ; %0*d\n",
             170, 1);
    cr_assert_eq(read_text(c, text, &error), LAT_OK, "%s", error.text);
    cr_assert_eq(lat_control_node_rename(c, "s", "a_much_longer_name", &error),
                 LAT_OK);
    char *const out = write_text(c);
    cr_assert_not_null(strstr(out, "; above\n; 000"), "%s", out);
    cr_assert_not_null(strstr(out, "1\ncable = a_much_longer_name -> m\n"),
                       "%s", out);
    expect_same(out);
    free(out);
    lat_control_free(c);
}

Test(sessions_write, writes_what_was_changed_since)
{
    struct lat_control *const c = new_control();
    struct lat_error error;
    const struct lat_value three = {.number = 3.0};
    cr_assert_eq(read_text(c,
                           START TIME "\n[node a]\ntype = sine\nfreq = 1 ; hz\n"
                                      "\n[node z]\ntype = saw\n",
                           &error),
                 LAT_OK, "%s", error.text);
    cr_assert_eq(lat_control_param_set(c, "a", "freq", three, -1.0, &error),
                 LAT_OK);
    cr_assert_eq(lat_control_param_set(c, "a", "pitch", three, -1.0, &error),
                 LAT_OK);
    const char *const z = "z";
    cr_assert_eq(lat_control_node_free(c, &z, 1, &error), LAT_OK);
    cr_assert_eq(
        lat_control_node_new(c, "audio_out", "m", false, NULL, 0, &error),
        LAT_OK);
    cr_assert_eq(lat_control_connect(c, "a", "m", NULL, false, &error), LAT_OK);
    cr_assert_eq(lat_control_tempo(c, 60.5, &error), LAT_OK);
    char *const out = write_text(c);
    cr_assert_str_eq(out,
                     START "\n[transport]\ntempo = 60.5\nbeats_per_cycle = 4\n"
                           "playing = yes\nsync = own\n"
                           "\n[node a]\ntype = sine\nfreq = 3 ; hz\npitch = 3\n"
                           "\n[node m]\ntype = audio_out\n"
                           "\n[cables]\ncable = a -> m\n");
    free(out);
    lat_control_free(c);
}

Test(sessions_write, keeps_a_gate_as_the_file_had_it)
{
    struct lat_control *const c = new_control();
    struct lat_error error;
    static const char text[] = START TIME "\n[node e]\ntype = adsr\ngate = 1\n";
    const struct lat_value zero = {.number = 0.0};
    cr_assert_eq(read_text(c, text, &error), LAT_OK, "%s", error.text);
    cr_assert_eq(lat_control_param_set(c, "e", "gate", zero, -1.0, &error),
                 LAT_OK);
    char *const out = write_text(c);
    cr_assert_str_eq(out, text);
    free(out);
    lat_control_free(c);
}

Test(sessions_write, writes_every_type_so_that_it_reads_back)
{
    struct lat_control *const c = new_control();
    struct lat_error error;
    for (const struct lat_node_type *const *t = lat_node_types(); *t; ++t) {
        char name[LAT_NAME_MAX];
        snprintf(name, sizeof(name), "x_%s", (*t)->name);
        cr_assert_eq(
            lat_control_node_new(c, (*t)->name, name, false, NULL, 0, &error),
            LAT_OK, "%s", error.text);
        const struct lat_node *const node =
            lat_graph_find(lat_control_graph(c), name);
        for (uint32_t i = 0; i < node->layout->n_in; ++i) {
            const struct lat_port *const port = node->layout->in[i].port;
            const struct lat_value value = {
                .number = ((double)port->low + (double)port->high) / 2.0};
            cr_assert_eq(lat_control_param_set(c, name,
                                               node->layout->in[i].name, value,
                                               -1.0, &error),
                         LAT_OK, "%s", error.text);
        }
    }
    char *const out = write_text(c);
    expect_same(out);
    free(out);
    lat_control_free(c);
}

/// Cut the line that names the version out of @p text.
static char *
without_made_by(char *text)
{
    char *const line = strstr(text, "made_by = ");
    cr_assert_not_null(line);
    char *const end = strchr(line, '\n') + 1;
    memmove(line, end, strlen(end) + 1);
    return text;
}

Test(sessions_write, gives_the_examples_back_as_they_are)
{
    static const char folder[] = LAT_SOURCE_DIR "/sessions/examples";
    DIR *const dir = opendir(folder);
    cr_assert_not_null(dir);
    unsigned n = 0;
    for (const struct dirent *e = readdir(dir); e; e = readdir(dir)) {
        if (e->d_name[0] == '.') {
            continue;
        }
        char *const text = get_file(folder, e->d_name);
        char *const out = through(text);
        cr_assert_str_eq(without_made_by(out), without_made_by(text), "%s",
                         e->d_name);
        free(out);
        free(text);
        ++n;
    }
    closedir(dir);
    cr_assert_geq(n, 4U);
}

Test(sessions_write, reports_a_stream_that_takes_no_more)
{
    struct lat_control *const c = new_control();
    FILE *const full = fopen("/dev/full", "w");
    if (!full) {
        cr_skip_test("no /dev/full here");
    }
    cr_assert_eq(lat_session_write(c, full), LAT_EIO);
    fclose(full);
    lat_control_free(c);
}

// Who is sent what is no part of the graph.
Test(sessions_write, clearing_the_graph_leaves_osc_lines)
{
    static const char text[] = HEAD "\n[node a]\ntype = sine\n\n[osc]\n; mine\n"
                                    "send = 192.0.2.5\n"
                                    "feedback = 127.0.0.1:9001 /transport/*\n";
    struct lat_control *const c = new_control();
    struct lat_error error;
    cr_assert_eq(read_bytes(c, text, sizeof(text) - 1, NULL, &error), LAT_OK,
                 "%s", error.text);
    cr_assert_eq(lat_control_clear(c, &error), LAT_OK);
    char *const out = write_text(c);
    cr_expect_null(strstr(out, "[node a]"));
    cr_expect(strstr(out, "[osc]\n; mine\nsend = 192.0.2.5\n"
                          "feedback = 127.0.0.1:9001 /transport/*\n"),
              "%s", out);
    free(out);
    lat_control_free(c);
}
