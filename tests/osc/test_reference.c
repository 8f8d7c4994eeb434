// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// docs/osc.md holds the tables of messages and of addresses as the program has
// them.  To bring it up to date:
// LAT_UPDATE_DOCS=1 lattice_tests --filter 'osc_reference/*'

#include "osc/addresses.h"
#include "osc/verbs.h"
#include "test_osc.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

#define FILE_NAME LAT_SOURCE_DIR "/docs/osc.md"

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

/// Is the table between the marks of @p name what @p print gives?  With
/// LAT_UPDATE_DOCS it is made so.
static void
expect_table(const char *name, void (*print)(FILE *stream))
{
    char *wanted = NULL;
    size_t size = 0;
    char mark[64];
    FILE *const text = open_memstream(&wanted, &size);
    print(text);
    fclose(text);
    read_file();
    snprintf(mark, sizeof(mark), "<!-- %s: begin", name);
    char *begin = strstr(file, mark);
    cr_assert_not_null(begin);
    begin = strchr(begin, '\n') + 1;
    snprintf(mark, sizeof(mark), "<!-- %s: end", name);
    char *const end = strstr(begin, mark);
    cr_assert_not_null(end);
    const size_t n = (size_t)(end - begin);
    const bool is_same = size == n && strncmp(begin, wanted, n) == 0;
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

// In one test: both write the same file.
Test(osc_reference, is_up_to_date)
{
    expect_table("verbs", lat_osc_print_reference);
    expect_table("addresses", lat_osc_print_addresses);
}

Test(osc_reference, what_can_be_set_or_asked_is_a_message)
{
    for (size_t i = 0; i < LAT_N_ADDRESS_KINDS; ++i) {
        const struct lat_osc_address_form *const f = &lat_osc_address_forms[i];
        struct lat_osc_call call = {.path = f->path};
        cr_assert_not_null(f->path);
        cr_expect_neq(f->access, 0, "%s", f->path);
        if (!(f->access & (LAT_ACCESS_SET | LAT_ACCESS_ASK))) {
            continue;
        }
        cr_assert_eq(lat_osc_find_verb(&call), LAT_OK, "%s", f->path);
        const bool is_edit = call.verb->kind == LAT_VERB_EDIT;
        cr_expect(is_edit || !(f->access & LAT_ACCESS_SET), "%s", f->path);
        cr_expect(!is_edit || call.verb->asks_when_bare, "%s", f->path);
        cr_expect(f->domain == LAT_DOMAIN_WORDS ||
                      call.verb->domain == f->domain,
                  "%s", f->path);
    }
}

Test(osc_reference, names_every_number_of_the_engine, .init = osc_setup,
     .fini = osc_teardown)
{
    static const char path[] = "/status/engine \"";
    read_file();
    for (const char *line = osc_send("/status/engine", "");
         strncmp(line, path, sizeof(path) - 1) == 0;
         line = strchr(line, '\n') + 1) {
        char quoted[64];
        const char *const key = line + sizeof(path) - 1;
        snprintf(quoted, sizeof(quoted), "`%.*s`", (int)strcspn(key, "\""),
                 key);
        cr_expect_not_null(strstr(file, quoted), "%s", quoted);
    }
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
