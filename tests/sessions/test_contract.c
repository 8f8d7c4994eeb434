// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What the session format promises and no other test speaks of.

#include "test_sessions.h"

#include "base/rt.h"
#include "base/text.h"
#include "run/engine_setup.h"

TestSuite(sessions_contract, .timeout = 60);

static uint32_t
block_of(struct lat_control *c)
{
    struct lat_engine_status s;
    lat_engine_status(lat_control_engine(c), &s);
    return s.block;
}

Test(sessions_contract, block_of_the_command_line_is_not_saved)
{
    const struct lat_control_options options = {
        .rate = 48000.0, .block = 256, .workers = 1, .is_offline = true};
    char *const folder = new_folder();
    char path[300];
    struct lat_control *c = NULL;
    struct lat_sessions *s = NULL;
    struct lat_error error;
    put_file(folder, "a.ini", HEAD "block = 32\n");
    snprintf(path, sizeof(path), "%s/a.ini", folder);
    cr_assert_eq(lat_control_new(&options, &c, &error), LAT_OK);
    cr_assert_eq(lat_sessions_new(c, folder, &s), LAT_OK);
    cr_assert_eq(lat_sessions_open(s, path, false, NULL, NULL, &error), LAT_OK);
    cr_assert_eq(block_of(c), 256);
    cr_assert_eq(lat_sessions_save(s, NULL, false, &error), LAT_OK);
    char *const text = get_file(folder, "a.ini");
    cr_assert_not_null(strstr(text, "block = 32\n"), "%s", text);
    free(text);
    // Loading it live takes its block.
    cr_assert_eq(lat_sessions_load(s, "a", &error), LAT_OK);
    lat_control_tick(c);
    cr_assert_eq(block_of(c), 32);
    lat_sessions_free(s);
    lat_control_free(c);
    drop_folder(folder);
}

Test(sessions_contract, places_and_notes_of_nodes_are_kept)
{
    static const char text[] =
        "[session]\nformat = 1\nmade_by = lattice " LAT_VERSION "\n\n"
        "[transport]\ntempo = 120\nbeats_per_cycle = 4\nplaying = yes\n"
        "sync = own\n\n"
        "[node a]\n; where\nat = 12 -3.5 ; left\ntype = sine\n"
        "note = The quick\n    brown fox \\x3b jumps\n"
        "freq = 3\n";
    char *const out = through(text);
    cr_assert_str_eq(out, text);
    free(out);
}

Test(sessions_contract, places_are_two_numbers)
{
    static const char *const wrong[] = {"1", "1 2 3", "", "a b", "1 nan"};
    static const char *const right[] = {"1 2", "-1e3  .5", "0 0"};
    struct lat_control *const c = new_control();
    struct lat_error error;
    char text[200];
    for (size_t i = 0; i < LAT_COUNT(wrong); ++i) {
        snprintf(text, sizeof(text), HEAD "[node a]\ntype = sine\nat = %s\n",
                 wrong[i]);
        cr_assert_neq(read_text(c, text, &error), LAT_OK, "%s", wrong[i]);
        cr_assert_not_null(strstr(error.text, "a.ini:5: at '"), "%s",
                           error.text);
    }
    for (size_t i = 0; i < LAT_COUNT(right); ++i) {
        snprintf(text, sizeof(text), HEAD "[node a]\ntype = sine\nat = %s\n",
                 right[i]);
        cr_assert_eq(read_text(c, text, &error), LAT_OK, "%s", error.text);
    }
    lat_control_free(c);
}

Test(sessions_contract, an_endpoint_without_port_means_the_output_called_out)
{
    // It is never compiled, so that it need not work.
    struct lat_node_type type = *lat_node_type_find("gain");
    struct lat_port outs[2] = {type.outputs[0], type.outputs[0]};
    outs[0].name = "level";
    struct lat_control *const c = new_control();
    struct lat_error error;
    type.outputs = outs;
    type.n_outputs = 2;
    lat_control_begin(c);
    cr_assert_eq(
        lat_control_node_new_of(c, &type, "two", false, NULL, 0, &error),
        LAT_OK, "%s", error.text);
    cr_assert_eq(lat_control_node_new(c, "gain", "g", false, NULL, 0, &error),
                 LAT_OK);
    cr_assert_eq(lat_control_connect(c, "two", "g", NULL, false, &error),
                 LAT_OK, "%s", error.text);
    cr_assert_eq(lat_control_graph(c)->first_cable->src_port, 1);
    char *const text = write_text(c);
    cr_assert_not_null(strstr(text, "cable = two -> g\n"), "%s", text);
    free(text);
    lat_control_rollback(c);
    lat_control_free(c);
}

Test(sessions_contract, words_agree_with_their_numbers)
{
    static const struct {
        size_t n;
        const char *noun, *says;
    } counts[] = {{0, "channel", "0 channels"},
                  {1, "channel", "1 channel"},
                  {2, "node", "2 nodes"}};
    for (size_t i = 0; i < LAT_COUNT(counts); ++i) {
        cr_assert_str_eq(lat_count(counts[i].n, counts[i].noun).text,
                         counts[i].says);
    }
    for (const struct lat_node_type *const *t = lat_node_types(); *t; ++t) {
        const char *const name = (*t)->name;
        const bool is_vowel = strchr("aeio", name[0]) != NULL;
        char says[100];
        snprintf(says, sizeof(says), "a%s %s", is_vowel ? "n" : "", name);
        cr_assert_str_eq(lat_with_article(name).text, says);
    }
}
