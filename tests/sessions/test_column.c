// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What a type finds wrong with a text is told with its column.

#include "test_sessions.h"

#include "base/column.h"

static const char *
refusal(struct lat_control *c, const char *text)
{
    static struct lat_error error;
    const struct lat_assignment a = {"values", {.is_text = true, .text = text}};
    cr_expect_eq(lat_control_node_new(c, "steps", "s", false, &a, 1, &error),
                 LAT_EINVAL);
    return error.text;
}

Test(column, a_command_says_where_in_a_text_it_is_wrong)
{
    struct lat_control *const c = new_control();
    cr_expect(strstr(refusal(c, "c4 ~  x7 e4"),
                     "'x7' in values is no step (column 7)"));
    cr_expect(strstr(refusal(c, "x7"), "(column 1)"));
    cr_expect_null(strstr(refusal(c, ""), "column"), "nothing has no place");
    lat_control_free(c);
}

Test(column, characters_count_and_not_bytes)
{
    const char *const text = "\xc3\xa4\xe2\x99\xaf x"; // two, and a blank
    cr_expect_eq(lat_column_of(text, text), 1);
    cr_expect_eq(lat_column_of(text, strchr(text, 'x')), 4);
}

Test(column, a_session_says_it_behind_file_and_line)
{
    struct lat_control *const c = new_control();
    struct lat_error error = {0};
    cr_expect_eq(read_text(c,
                           HEAD "[node s]\ntype = steps\nvalues = 1 2 oops 3\n",
                           &error),
                 LAT_EINVAL);
    cr_expect_eq(strncmp(error.text,
                         "a.ini:5: 'oops' in values is no step (column 5)", 47),
                 0, "%s", error.text);
    lat_control_free(c);
}
