// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// /node/info: of every type, everything that a layout needs to draw it.

#include "test_osc.h"

#include "base/rt.h"
#include "control/control.h"
#include "node/common_settings.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

TestSuite(osc_info, .init = osc_setup, .fini = osc_teardown, .timeout = 60);

/// The row of /node/info for @p port of node n, or NULL; free() it.
static char *
row_of(const char *port)
{
    char start[100];
    snprintf(start, sizeof(start), "/node/info \"n\" \"%s\" ", port);
    const char *const row = strstr(osc_send("/node/info", "s", "n"), start);
    return row ? strndup(row, strcspn(row, "\n")) : NULL;
}

static void
expect_row_ends(const char *port, const char *end)
{
    char *const row = row_of(port);
    cr_assert_not_null(row, "%s", port);
    const size_t n = strlen(row);
    cr_expect(n > strlen(end) && strcmp(row + n - strlen(end), end) == 0,
              "%s does not end in %s", row, end);
    free(row);
}

static void
expect_words(const struct lat_setting *s)
{
    char end[512];
    int n = snprintf(end, sizeof(end), " \"\" %.7g %.7g", (double)(float)s->min,
                     (double)(float)s->max);
    for (uint32_t i = 0; s->words && s->words[i]; ++i) {
        n += snprintf(end + n, sizeof(end) - (size_t)n, " \"%s\"", s->words[i]);
        const char *const answer =
            osc_send("/node/set", "sss", "n", s->name, s->words[i]);
        cr_expect_str_eq(answer, "/done \"/node/set\" \"n\"\n");
    }
    expect_row_ends(s->name, end);
}

Test(osc_info, tells_fader_ranges_and_words_of_every_type_and_they_are_taken)
{
    for (const struct lat_node_type *const *t = lat_node_types(); *t; ++t) {
        osc_send("/node/new", "ss", (*t)->name, "n");
        const struct lat_node *const n =
            lat_graph_find(lat_control_graph(osc_control), "n");
        cr_assert_not_null(n);
        uint32_t rows = n->layout->n_in + n->layout->n_out;
        rows += (*t)->latency != NULL; // the row that tells it
        for (uint32_t i = 0; i < n->layout->n_in; ++i) {
            const struct lat_port *const p = n->layout->in[i].port;
            char end[100];
            snprintf(end, sizeof(end), "\" %.7g %.7g", (double)p->low,
                     (double)p->high);
            expect_row_ends(n->layout->in[i].name, end);
        }
        for (uint32_t i = 0; i < (*t)->n_settings; ++i, ++rows) {
            expect_words(&(*t)->settings[i]);
        }
        const struct lat_setting *s = NULL;
        for (uint32_t i = 0; (s = lat_common_setting(*t, i)); ++i, ++rows) {
            expect_words(s);
        }
        char done[64];
        snprintf(done, sizeof(done), "/done \"/node/info\" %u\n", rows);
        cr_expect_not_null(strstr(osc_send("/node/info", "s", "n"), done), "%s",
                           (*t)->name);
        osc_send("/node/free", "s", "n");
    }
}

Test(osc_info, shows_a_word_where_a_number_could_be)
{
    osc_send("/node/new", "ssss", "audio_out", "n", "limit", "off");
    char *row = row_of("limit");
    cr_expect_str_eq(row, "/node/info \"n\" \"limit\" \"setting\" \"off\" -60 "
                          "24 0 \"dB\" \"\" -60 24 \"off\"");
    free(row);
    osc_send("/node/set", "sss", "n", "limit", "-1dB");
    row = row_of("limit");
    cr_expect_not_null(strstr(row, "\"setting\" -1 -60 24 0 \"dB\""), "%s",
                       row);
    free(row);
    cr_expect_null(row_of("process")); // it never leaves the engine
}

Test(osc_info, tells_whether_sound_goes_around_a_node)
{
    osc_send("/node/new", "ss", "gain", "n");
    cr_expect_str_eq(osc_send("/node/n/bypass", ""), "/node/n/bypass 0\n");
    cr_expect_str_eq(osc_send("/node/n/bypass", "i", 1),
                     "/done \"/node/n/bypass\" \"n\"\n");
    cr_expect_str_eq(osc_send("/node/n/bypass", ""), "/node/n/bypass 1\n");
    char *const row = row_of("bypass");
    cr_expect_str_eq(row, "/node/info \"n\" \"bypass\" \"setting\" \"yes\" 0 0 "
                          "\"no\" \"\" \"\" 0 0 \"no\" \"yes\"");
    free(row);
    osc_send("/node/n/bypass", "T");
    cr_expect_str_eq(osc_send("/node/n/bypass", ""), "/node/n/bypass 1\n");
    cr_expect_not_null(strstr(osc_send("/node/n/bypass", "f", 0.5),
                              "bypass must be yes or no, or 1 or 0"));
    osc_send("/node/set", "sss", "n", "bypass", "no");
    cr_expect_str_eq(osc_send("/node/n/bypass", ""), "/node/n/bypass 0\n");
}

Test(osc_info, tells_where_a_node_runs)
{
    osc_send("/node/new", "ssss", "sine", "n", "process", "own");
    char *const row = row_of("process");
    cr_expect_str_eq(row,
                     "/node/info \"n\" \"process\" \"setting\" \"own\" 0 0 "
                     "\"engine\" \"\" \"\" 0 0 \"engine\" \"own\"");
    free(row);
}
