// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// docs/osc.md holds the table of messages as the program has it.  To bring it
// up to date: LAT_UPDATE_DOCS=1 lattice_tests --filter 'osc_reference/*'

#include "osc/verbs.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

#define FILE_NAME LAT_SOURCE_DIR "/docs/osc.md"

static const char begin_mark[] = "<!-- verbs: begin";
static const char end_mark[] = "<!-- verbs: end";

static char file[128 * 1024];

static void
read_file(void)
{
    FILE *const in = fopen(FILE_NAME, "r");
    cr_assert_not_null(in, "%s is not there", FILE_NAME);
    const size_t n = fread(file, 1, sizeof(file) - 1, in);
    cr_assert_lt(n, sizeof(file) - 1);
    file[n] = '\0';
    fclose(in);
}

static char *
print_reference(void)
{
    char *text = NULL;
    size_t size = 0;
    FILE *const out = open_memstream(&text, &size);
    lat_osc_print_reference(out);
    fclose(out);
    return text;
}

Test(osc_reference, is_up_to_date)
{
    read_file();
    char *const wanted = print_reference();
    char *begin = strstr(file, begin_mark);
    cr_assert_not_null(begin);
    begin = strchr(begin, '\n') + 1;
    char *const end = strstr(begin, end_mark);
    cr_assert_not_null(end);
    const size_t n = (size_t)(end - begin);
    const bool is_same = strlen(wanted) == n && strncmp(begin, wanted, n) == 0;
    if (!is_same && getenv("LAT_UPDATE_DOCS")) {
        FILE *const out = fopen(FILE_NAME, "w");
        cr_assert_not_null(out);
        fprintf(out, "%.*s%s%s", (int)(begin - file), file, wanted, end);
        fclose(out);
    } else {
        cr_expect(is_same, "docs/osc.md is out of date: LAT_UPDATE_DOCS=1 "
                           "lattice_tests --filter 'osc_reference/*'");
    }
    free(wanted);
}

Test(osc_reference, describes_every_message)
{
    for (const struct lat_verb *v = lat_verbs; v->path; ++v) {
        cr_expect_eq(v->path[0], '/', "%s", v->path);
        cr_expect_not_null(v->args, "%s", v->path);
        const bool is_later = v->kind == LAT_VERB_LATER;
        cr_expect_eq(!v->run && !v->list, is_later, "%s", v->path);
        cr_expect(is_later || *v->doc, "%s", v->path);
        // A question that changes nothing needs no transaction.
        cr_expect(!v->asks_when_bare || v->kind == LAT_VERB_EDIT, "%s",
                  v->path);
    }
}

Test(osc_reference, finds_each_message_by_its_own_path)
{
    for (const struct lat_verb *v = lat_verbs; v->path; ++v) {
        struct lat_osc_call call = {.path = v->path};
        cr_expect_eq(lat_osc_find_verb(&call), LAT_OK, "%s", v->path);
        cr_expect_str_eq(call.verb->path, v->path);
    }
}
