// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Files of messages: what `lattice send --file` makes of them.

#include "base/rt.h"
#include "osc/packet.h"
#include "osc/print.h"
#include "osc/script.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct lat_osc_script script;
static struct lat_error error;

static enum lat_status
read_text(const char *text)
{
    error.text[0] = '\0';
    return lat_osc_script_read("song", text, strlen(text), &script, &error);
}

/// All steps, a line each: its line, time, and what is sent.
static const char *
shown(void)
{
    static char text[4096];
    char line[1024];
    text[0] = '\0';
    for (uint32_t i = 0; i < script.n; ++i) {
        const struct lat_osc_step *const s = &script.steps[i];
        char *to = text + strlen(text);
        to += sprintf(to, "%u:", s->line);
        to += s->is_timed ? sprintf(to, " @%g", s->at_s) : 0;
        for (uint32_t k = 0; k < s->n_words; ++k) {
            to += sprintf(to, " <%s>", s->words[k]);
        }
        if (s->packet) {
            struct lat_osc_bundle b;
            cr_assert_eq(lat_osc_bundle_read(&b, s->packet, s->size, NULL),
                         LAT_OK);
            for (uint32_t k = 0; k < b.n_messages; ++k) {
                to += sprintf(
                    to, "%s %s", k ? ";" : "",
                    lat_osc_message_text(&b.messages[k], line, sizeof(line)));
                if (s->n_lines) {
                    to += sprintf(to, " (%u)", s->lines[k]);
                }
            }
            lat_osc_bundle_fini(&b);
        }
        sprintf(to, "\n");
    }
    return text;
}

static void
end(void)
{
    lat_osc_script_fini(&script);
}

TestSuite(script, .fini = end);

Test(script, reads_lines_bundles_and_times)
{
    cr_assert_eq(read_text("# a song\n"
                           "/node/new sine lfo freq 3   # a node\n"
                           "\n"
                           "  {\r\n"
                           "  /node/new saw a\n"
                           "  /connect a main\n"
                           "}\n"
                           "+0.5 /node/lfo/freq a4\n"
                           "+0.25 {\n"
                           "/node/lfo/freq 1\n"
                           "/note keys c4 1\n"
                           "}\n"
                           "@0.75 /node/lfo/freq 2\n"
                           "/graph/nodes\n"
                           "@0 /panic"),
                 LAT_OK, "%s", error.text);
    cr_expect_str_eq(shown(),
                     "2: </node/new> <sine> <lfo> <freq> <3>\n"
                     "4: /node/new saw a (5); /connect a main (6)\n"
                     "8: @0.5 /node/lfo/freq a4 (8)\n"
                     "9: @0.75 /node/lfo/freq 1 (10); /note keys c4 1 (11)\n"
                     "13: @0.75 /node/lfo/freq 2 (13)\n"
                     "14: </graph/nodes>\n"
                     "15: @0 /panic (15)\n");
}

Test(script, reads_quotes_as_a_shell_does)
{
    cr_assert_eq(read_text("/a \"two words\" 'it # is' x#y \"\" a\" \"b\n"
                           "/b \"a \\\" and \\\\\" '\\' \"@0\" \"{\"\n"),
                 LAT_OK, "%s", error.text);
    cr_expect_str_eq(shown(), "1: </a> <two words> <it # is> <x#y> <> <a b>\n"
                              "2: </b> <a \" and \\> <\\> <@0> <{>\n");
}

Test(script, types_arguments_of_bundles_by_the_table)
{
    cr_assert_eq(read_text("@0 /node/set a freq 440 440 440\n"), LAT_OK);
    struct lat_osc_bundle b;
    cr_assert_eq(lat_osc_bundle_read(&b, script.steps[0].packet,
                                     script.steps[0].size, NULL),
                 LAT_OK);
    cr_expect_str_eq(b.messages[0].types, "ssisi");
    lat_osc_bundle_fini(&b);
}

Test(script, an_empty_file_says_nothing)
{
    cr_expect_eq(read_text(""), LAT_OK);
    cr_expect_eq(read_text("\n# only this\n"), LAT_OK);
    cr_expect_eq(script.n, 0);
}

Test(script, says_where_it_is_wrong_and_reads_nothing)
{
    static const struct {
        const char *text, *why;
    } wrong[] = {
        {"/a\nnode/new\n", "song:2: 'node/new' is no path"},
        {"/a \"b\n", "song:1: a quote is not closed"},
        {"/a 'b\n'", "song:1: a quote is not closed"},
        {"{\n/a\n", "song:1: this { has no }"},
        {"/a\n}\n", "song:2: a } without"},
        {"{\n}\n", "song:2: the bundle of line 1 is empty"},
        {"{\n/a\n{\n", "song:3: a { in the bundle of line 1"},
        {"{ /a }\n", "song:1: behind { a new line"},
        {"{\n/a\n} /b\n", "song:3: behind } a new line"},
        {"{\n@1 /a\n}\n", "song:2: the bundle of line 1 has one time"},
        {"@1\n", "song:1: behind the time"},
        {"@1 }\n", "song:1: a time stands in front of {"},
        {"@x /a\n", "song:1: '@x' is no time"},
        {"@-1 /a\n", "song:1: '@-1' is no time"},
        {"+0,5 /a\n", "song:1: '+0,5' is no time"},
        {"@nan /a\n", "song:1: '@nan' is no time"},
        {"@2 /a\n@1 /b\n", "song:2: the time @1 is before"},
        {"@1e9 /a\n", "song:1: the time @1e9 is more than a day"},
    };
    for (size_t i = 0; i < LAT_COUNT(wrong); ++i) {
        cr_expect_eq(read_text(wrong[i].text), LAT_EINVAL, "%s", wrong[i].text);
        cr_expect_eq(strncmp(error.text, wrong[i].why, strlen(wrong[i].why)), 0,
                     "%s: %s", wrong[i].text, error.text);
        cr_expect_eq(script.n, 0);
    }
    cr_expect_eq(lat_osc_script_read("song", "/a\n\0b", 5, &script, &error),
                 LAT_EINVAL);
    cr_expect_not_null(strstr(error.text, "song:2: a NUL"));
}

Test(script, refuses_a_bundle_that_no_lattice_takes)
{
    char *text = NULL;
    size_t size = 0;
    FILE *const out = open_memstream(&text, &size);
    fprintf(out, "/a\n{\n");
    for (int i = 0; i < 200; ++i) {
        fprintf(out, "/a x%06000d\n", i);
    }
    fprintf(out, "}\n");
    fclose(out);
    cr_expect_eq(lat_osc_script_read("song", text, size, &script, &error),
                 LAT_EINVAL);
    cr_expect_str_eq(error.text, "song:2: the bundle has more than 1024 KiB");
    free(text);
}

/// A score of two bundles: one message at 0 s, one at 1.5 s.
static const char score[] = "\0\0\0\x1c"
                            "#bundle\0"
                            "\0\0\0\0\0\0\0\0"
                            "\0\0\0\x08"
                            "/a\0\0"
                            ",\0\0\0"
                            "\0\0\0\x1c"
                            "#bundle\0"
                            "\0\0\0\1\x80\0\0\0"
                            "\0\0\0\x08"
                            "/b\0\0"
                            ",\0\0\0";

Test(script, reads_binary_scores)
{
    const size_t size = sizeof(score) - 1;
    cr_assert_eq(lat_osc_script_read("song", score, size, &script, &error),
                 LAT_OK, "%s", error.text);
    cr_expect(script.is_score);
    cr_expect_str_eq(shown(), "1: @0 /a\n2: @1.5 /b\n");
    lat_osc_script_fini(&script);
    for (size_t cut = 20; cut < size; ++cut) {
        if (cut != size / 2) {
            cr_expect_eq(
                lat_osc_script_read("song", score, cut, &script, &error),
                LAT_EINVAL, "cut at %zu", cut);
            cr_expect_eq(strncmp(error.text, "song:", 5), 0, "%s", error.text);
        }
    }
    char turned[sizeof(score)];
    memcpy(turned, score + size / 2, size / 2);
    memcpy(turned + size / 2, score, size / 2);
    cr_expect_eq(lat_osc_script_read("song", turned, size, &script, &error),
                 LAT_EINVAL);
    cr_expect_not_null(strstr(error.text, "song:2: its time, 0, is before"));
}
