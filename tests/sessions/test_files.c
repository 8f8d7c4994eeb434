// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Any text survives the way into the file and back through inih.

#include "test_sessions.h"

#include "sessions/draft.h"
#include "sessions/escape.h"

TestSuite(sessions_text, .timeout = 60);

static char *
escaped(const char *text)
{
    struct lat_buffer out = {0};
    cr_assert_eq(lat_text_escape(&out, text, 10), LAT_OK);
    char *const result = lat_buffer_take(&out);
    return result ? result : calloc(1, 1);
}

/// What a file with the text after "pattern = " gives back, to free().
static char *
through_file(const char *raw)
{
    FILE *const f = tmpfile();
    cr_assert_not_null(f);
    fprintf(f, "[node a]\npattern = %s\n[node b]\nx = y\n", raw);
    rewind(f);
    struct lat_draft draft;
    struct lat_error error = {0};
    struct lat_problems problems = {0};
    cr_assert_eq(lat_draft_read(&draft, f, &problems), LAT_OK);
    cr_assert_eq(lat_problems_first(&problems, "a.ini", &error), LAT_OK,
                 "%s in:\n%s", error.text, raw);
    lat_problems_fini(&problems);
    fclose(f);
    cr_assert_eq(draft.n_sections, 2);
    cr_assert_eq(draft.sections[0].n, 1);
    cr_assert_eq(draft.sections[1].n, 1);
    cr_assert_null(draft.end_comment);
    char *text = NULL;
    const char *reason = NULL;
    cr_assert_eq(lat_text_unescape(draft.entries[0].value, &text, &reason),
                 LAT_OK, "%s", reason);
    lat_draft_fini(&draft);
    return text;
}

static void
expect_survival(const char *text)
{
    char *const raw = escaped(text);
    char *const back = through_file(raw);
    cr_assert_str_eq(back, text, "became:\n%s", raw);
    free(back);
    free(raw);
}

Test(sessions_text, writes_plain_text_as_it_is)
{
    static const char *const plain[] = {
        "",
        "bd*2 [sn, hh*4] <a b>",
        "100% \"quoted\" 'too'",
        "a;b#c = d : e",
        "# no comment here",
        "smörgåsbord → ok",
    };
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); ++i) {
        char *const raw = escaped(plain[i]);
        cr_assert_str_eq(raw, plain[i]);
        free(raw);
        expect_survival(plain[i]);
    }
}

Test(sessions_text, escapes_what_inih_would_swallow)
{
    static const char *const pairs[][2] = {
        {"a ;b", "a \\x3bb"},   {";a", "\\x3ba"},
        {" a ", "\\x20a\\x20"}, {"a\\b", "a\\\\b"},
        {"a\nb", "a\\nb"},      {"a\tb", "a\\x09b"},
        {"a\x7f", "a\\x7f"},    {"\xe9t\xe9", "\\xe9t\\xe9"},
        {"a\r", "a\\x0d"},      {" ", "\\x20"},
    };
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); ++i) {
        char *const raw = escaped(pairs[i][0]);
        cr_assert_str_eq(raw, pairs[i][1]);
        free(raw);
        expect_survival(pairs[i][0]);
    }
}

Test(sessions_text, wraps_long_text)
{
    char text[2000] = "";
    for (int i = 0; i < 300; ++i) {
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%d",
                 i ? " " : "", i);
    }
    char *const raw = escaped(text);
    size_t column = 10;
    for (const char *c = raw; *c != '\0'; ++c) {
        column = *c == '\n' ? 0 : column + 1;
        cr_assert_leq(column, 79U);
    }
    free(raw);
    expect_survival(text);
}

Test(sessions_text, cuts_words_that_fit_on_no_line)
{
    char text[1200];
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    expect_survival(text);
    memset(text, ' ', 500);
    expect_survival(text);
    memset(text, '\\', 500);
    expect_survival(text);
    memset(text, ';', 500);
    expect_survival(text);
    for (size_t i = 0; i < 500; i += 2) {
        memcpy(text + i, " ;", 2);
    }
    expect_survival(text);
    for (size_t i = 0; i + 2 <= 1198; i += 2) {
        memcpy(text + i, "\xc3\xa4", 2);
    }
    expect_survival(text);
}

Test(sessions_text, keeps_texts_made_by_chance)
{
    static const char signs[] = "  ;#\\[]=:abn\n\tx\xc3\xa4\xff\"";
    unsigned seed = 1;
    for (int round = 0; round < 3000; ++round) {
        char text[420];
        size_t n = 0;
        seed = seed * 1664525U + 1013904223U;
        const size_t length = (seed >> 16U) % (round % 2 ? 400 : 12);
        while (n < length) {
            seed = seed * 1664525U + 1013904223U;
            text[n++] = signs[(seed >> 16U) % (sizeof(signs) - 1)];
        }
        text[n] = '\0';
        expect_survival(text);
    }
}

static void
expect_text(const char *raw, const char *text)
{
    char *const back = through_file(raw);
    cr_assert_str_eq(back, text);
    free(back);
}

Test(sessions_text, joins_indented_lines_by_one_blank)
{
    expect_text("a b\n c\n\t  d  ", "a b c d");
    expect_text("a ; comment\n  b ; another\n  ; and a line\n\n  c", "a b c");
    expect_text("\n  a\n  b", " a b");
    expect_text("a\n  [b c]\n  d = e", "a [b c] d = e");
    expect_text("a\\\n  b", "ab");
    expect_text("a\\\\\n  b", "a\\ b");
    expect_text("a\\x20\n  b", "a  b");
}

Test(sessions_text, refuses_other_escapes)
{
    static const char *const wrong[] = {"\\t",   "\\x",    "\\xg0", "\\x0g",
                                        "\\x00", "a\\",    "\\X41", "\\\"",
                                        "\\ ",   "\\x4\n1"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); ++i) {
        char *text = NULL;
        const char *reason = NULL;
        cr_assert_eq(lat_text_unescape(wrong[i], &text, &reason), LAT_EINVAL,
                     "'%s' was taken", wrong[i]);
        cr_assert_not_null(reason);
    }
}

Test(sessions_text, bounds_the_length_of_a_text)
{
    FILE *const f = tmpfile();
    cr_assert_not_null(f);
    fprintf(f, "[node a]\npattern = a\n");
    for (int i = 0; i < 4000; ++i) {
        fprintf(f, " %0100d\\x\n", 7); // where it is cut does not matter
    }
    rewind(f);
    struct lat_draft draft;
    struct lat_error error = {0};
    struct lat_problems problems = {0};
    cr_assert_eq(lat_draft_read(&draft, f, &problems), LAT_OK);
    cr_assert_eq(lat_problems_first(&problems, "a.ini", &error), LAT_EINVAL);
    cr_assert_not_null(strstr(error.text, "longer than 327680 bytes"));
    cr_assert_eq(problems.n_errors, 1);
    lat_problems_fini(&problems);
    lat_draft_fini(&draft);
    fclose(f);
}
