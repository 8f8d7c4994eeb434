// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "test_osc.h"

#include <criterion/criterion.h>

#include <string.h>

TestSuite(osc_column, .init = osc_setup, .fini = osc_teardown);

Test(osc_column, a_refusal_says_where_in_the_text_it_is_wrong)
{
    (void)osc_send("/node/new", "ss", "steps", "s");
    const char *answer =
        osc_send("/node/set", "sss", "s", "values", "c4 d4 oops");
    cr_expect(strstr(answer, "/fail \"/node/set\" \"'oops' in values"), "%s",
              answer);
    cr_expect(strstr(answer, "(column 7)"), "%s", answer);
}
