// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Whatever is written can be read, and gives the same bytes when it is written
// again: driven with generated names, from fixed seeds.

#include "test_sessions.h"

#include "base/rt.h"
#include "base/text.h"
#include "graph/name.h"
#include "sessions/draft.h"
#include "sessions/escape.h"
#include "support/odd_text.h"
#include "support/pace.h"

TestSuite(sessions_names, .timeout = 300);

/// JACK's limits: bytes of a client's name and of a port's.
#define CLIENT_MAX 63
#define PORT_MAX   255

#define N_FILES (300 / TEST_STRIDE)
#define N_NAMES 60 // per file

/// Save, load and save: the same bytes, which are returned, to free().
static char *
save_load_save(struct lat_control *c, uint64_t seed)
{
    struct lat_error error = {0};
    char *const first = write_text(c);
    cr_assert_eq(read_text(c, first, &error), LAT_OK, "seed %llu: %s in\n%s",
                 (unsigned long long)seed, error.text, first);
    char *const second = write_text(c);
    cr_assert_str_eq(second, first, "seed %llu", (unsigned long long)seed);
    free(second);
    return first;
}

// Names of JACK.

static void
append_connection(struct lat_line **list, uint64_t *seed)
{
    char client[CLIENT_MAX + 1];
    char port[PORT_MAX + 1];
    char text[512];
    odd_name(seed, CLIENT_MAX, ":", client);
    odd_name(seed, PORT_MAX, "", port);
    if (odd_draw(seed) % 2) {
        snprintf(text, sizeof(text), "main_1 -> %s:%s", client, port);
    } else {
        snprintf(text, sizeof(text), "%s:%s -> in_1", client, port);
    }
    cr_assert_eq(lat_line_append(list, "connect", text, NULL), LAT_OK);
}

Test(sessions_names, of_other_programs_survive)
{
    struct lat_control *const c = new_control();
    for (uint64_t file = 0; file < N_FILES; ++file) {
        uint64_t seed = file;
        struct lat_line *wanted = NULL;
        struct lat_document *const d = lat_control_document(c);
        lat_lines_free(&d->jack);
        for (int i = 0; i < N_NAMES; ++i) {
            append_connection(&wanted, &seed);
        }
        for (const struct lat_line *l = wanted; l; l = l->next) {
            lat_line_append(&d->jack, l->key, l->text, NULL);
        }
        free(save_load_save(c, file));
        const struct lat_line *l = lat_control_document(c)->jack;
        for (const struct lat_line *w = wanted; w; w = w->next) {
            cr_assert_not_null(l);
            cr_assert_str_eq(l->text, w->text, "file %llu",
                             (unsigned long long)file);
            l = l->next;
        }
        cr_assert_null(l);
        lat_lines_free(&wanted);
    }
    lat_control_free(c);
}

Test(sessions_names, that_end_in_a_blank_are_read_as_they_are_written)
{
    static const char text[] =
        HEAD "[jack]\nconnect = main_1 -> CLIENT:trail\\x20\n"
             "connect = \\x20lead: port\\x20 -> in_1\n"
             "connect = main_1 -> a:\\x20\n";
    struct lat_control *const c = new_control();
    struct lat_error error = {0};
    cr_assert_eq(read_text(c, text, &error), LAT_OK, "%s", error.text);
    const struct lat_line *const l = lat_control_document(c)->jack;
    cr_assert_str_eq(l->text, "main_1 -> CLIENT:trail ");
    cr_assert_str_eq(l->next->text, " lead: port  -> in_1");
    cr_assert_str_eq(l->next->next->text, "main_1 -> a: ");
    free(save_load_save(c, 0));
    lat_control_free(c);
}

// Texts.

/// Read what is to stand behind `note = `, and save it twice.
static void
expect_note(struct lat_control *c, const char *text, uint64_t seed)
{
    struct lat_buffer file = {0};
    static const char head[] = HEAD "[node a]\ntype = sine\nnote = ";
    struct lat_error error = {0};
    cr_assert_eq(lat_buffer_append(&file, head, strlen(head)), LAT_OK);
    cr_assert_eq(lat_text_escape(&file, text, strlen("note = ")), LAT_OK);
    cr_assert_eq(lat_buffer_append(&file, "\nat = 1 -2.5\n", 13), LAT_OK);
    cr_assert_eq(read_text(c, file.text, &error), LAT_OK,
                 "seed %llu: %s in\n%s", (unsigned long long)seed, error.text,
                 file.text);
    char *const saved = save_load_save(c, seed);
    const char *const value = strstr(saved, "\nnote");
    cr_assert_not_null(value, "%s", saved);
    cr_assert_not_null(strstr(saved, "\nat = 1 -2.5\n"), "%s", saved);
    free(saved);
    free(lat_buffer_take(&file));
}

Test(sessions_names, of_any_bytes_may_stand_in_notes)
{
    struct lat_control *const c = new_control();
    char text[2001];
    for (uint64_t i = 0; i < 2500 / TEST_STRIDE; ++i) {
        uint64_t seed = i;
        odd_name(&seed, i % 10 == 0 ? 2000 : 120, "", text);
        expect_note(c, text, i);
    }
    lat_control_free(c);
}

/// The value of the first key of a file of one section, to free().
static char *
text_in(const char *file)
{
    FILE *const stream = fmemopen((char *)file, strlen(file), "r");
    struct lat_problems problems = {0};
    struct lat_draft draft = {0};
    cr_assert_eq(lat_draft_read(&draft, stream, &problems), LAT_OK);
    cr_assert_eq(problems.n, 0, "%s in\n%s",
                 problems.n ? problems.list[0].text : "nothing", file);
    fclose(stream);
    cr_assert_eq(draft.n_entries, 1);
    char *text = NULL;
    const char *reason = "";
    cr_assert_eq(lat_text_unescape(draft.entries[0].value, &text, &reason),
                 LAT_OK, "%s in\n%s", reason, file);
    lat_draft_fini(&draft);
    return text;
}

Test(sessions_names, of_any_bytes_come_back_from_text)
{
    static const char head[] = "[node a]\npattern = ";
    char text[2001];
    for (uint64_t i = 0; i < 30000 / TEST_STRIDE; ++i) {
        uint64_t seed = i;
        struct lat_buffer file = {0};
        odd_name(&seed, i % 10 == 0 ? 2000 : 200, "", text);
        lat_buffer_append(&file, head, strlen(head));
        cr_assert_eq(lat_text_escape(&file, text, strlen("pattern = ")),
                     LAT_OK);
        lat_buffer_append(&file, "\n", 1);
        char *const back = text_in(file.text);
        cr_assert_str_eq(back, text, "seed %llu", (unsigned long long)i);
        free(back);
        free(lat_buffer_take(&file));
    }
}

// Names of ours.

Test(sessions_names, of_nodes_survive_with_cables_and_notes)
{
    struct lat_control *const c = new_control();
    for (uint64_t file = 0; file < N_FILES; ++file) {
        uint64_t seed = file;
        struct lat_error error = {0};
        char before[LAT_NAME_MAX] = "";
        cr_assert_eq(lat_control_clear(c, &error), LAT_OK);
        for (int i = 0; i < 20; ++i) {
            char name[LAT_NAME_MAX];
            const struct lat_assignment level = {
                "gain", {false, (double)odd_draw(&seed) / 1e18 - 9.0, NULL}};
            odd_node_name(&seed, name);
            if (!lat_name_is_valid(name, true) ||
                lat_graph_find(lat_control_graph(c), name)) {
                continue;
            }
            cr_assert_eq(
                lat_control_node_new(c, "gain", name, true, &level, 1, &error),
                LAT_OK, "%s: %s", name, error.text);
            const double amount = (double)(odd_draw(&seed) >> 11) * 0x1p-40;
            cr_assert(!*before ||
                          !lat_control_connect(c, before, name, &amount,
                                               odd_draw(&seed) % 2, &error),
                      "%s", error.text);
            memcpy(before, name, sizeof(before));
        }
        free(save_load_save(c, file));
    }
    lat_control_free(c);
}

// Comments.

Test(sessions_names, of_any_kind_may_stand_in_comments)
{
    static const char *const lines[] = {
        "[session]",
        "format = 1",
        "block = 32",
        "[transport]",
        "tempo = 133.25",
        "[node a]",
        "type = sine",
        "freq = 3",
        "note = so ; it is",
        "at = 1 2",
        "[node main]",
        "type = audio_out",
        "[cables]",
        "cable = a -> main * 0.25",
        "[jack]",
        "connect = main_1 -> a:b",
    };
    struct lat_control *const c = new_control();
    for (uint64_t file = 0; file < 2000 / TEST_STRIDE; ++file) {
        uint64_t seed = file;
        struct lat_buffer text = {0};
        struct lat_error error = {0};
        char comment[300];
        char line[800];
        for (size_t i = 0; i < LAT_COUNT(lines); ++i) {
            for (uint64_t n = odd_draw(&seed) % 3; n > 0; --n) {
                odd_comment(&seed, comment);
                snprintf(line, sizeof(line), "%s%s\n",
                         odd_draw(&seed) % 2 ? "; " : "  #", comment);
                lat_buffer_append(&text, line, strlen(line));
            }
            odd_comment(&seed, comment);
            comment[100] = '\0';
            snprintf(line, sizeof(line), "%s%s%s\n", lines[i],
                     odd_draw(&seed) % 2 ? " ;" : "   ; ",
                     odd_draw(&seed) % 3 ? comment : "");
            lat_buffer_append(&text, line, strlen(line));
        }
        cr_assert_eq(read_text(c, text.text, &error), LAT_OK, "%s in\n%s",
                     error.text, text.text);
        free(save_load_save(c, file));
        free(lat_buffer_take(&text));
    }
    lat_control_free(c);
}
