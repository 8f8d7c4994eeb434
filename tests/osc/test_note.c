// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// /note: a keyboard over OSC.

#include "test_osc.h"

#include <criterion/criterion.h>

#include <string.h>

TestSuite(osc_note, .init = osc_setup, .fini = osc_teardown);

Test(osc_note, takes_numbers_and_names)
{
    osc_send("/node/new", "ss", "midi_notes", "keys");
    cr_expect_str_eq(osc_send("/note", "sif", "keys", 60, 0.5),
                     "/done \"/note\" \"keys\"\n");
    cr_expect_str_eq(osc_send("/note", "sff", "keys", 60.5, 1.0),
                     "/done \"/note\" \"keys\"\n");
    cr_expect_str_eq(osc_send("/note", "ssf", "keys", "eb3", 0.0),
                     "/done \"/note\" \"keys\"\n");
    cr_expect_str_eq(osc_send("/note", "ssf", "keys", "61.25", 0.0),
                     "/done \"/note\" \"keys\"\n");
}

Test(osc_note, says_what_is_wrong)
{
    osc_send("/node/new", "ss", "midi_notes", "keys");
    const char *answer = osc_send("/note", "ssf", "keys", "h4", 1.0);
    cr_expect(strstr(answer, "neither a number nor a name"), "%s", answer);
    answer = osc_send("/note", "ssf", "keyz", "a4", 1.0);
    cr_expect(strstr(answer, "keys"), "%s", answer);
    answer = osc_send("/note", "ss", "keys", "a4");
    cr_expect_eq(strncmp(answer, "/fail", 5), 0, "%s", answer);
}

Test(osc_note, is_part_of_a_bundle)
{
    osc_bundle();
    osc_add("/node/new", "ss", "midi_notes", "keys");
    osc_add("/note", "ssf", "keys", "a4", 1.0);
    osc_add("/note", "ssf", "keys", "a4", 0.0);
    cr_expect_str_eq(osc_send_bundle(), "/done \"/bundle\" 3\n");
}

Test(osc_note, takes_a_length_with_its_unit)
{
    osc_send("/node/new", "ss", "midi_notes", "keys");
    cr_expect_str_eq(osc_send("/note", "sffs", "keys", 60.0, 1.0, "20ms"),
                     "/done \"/note\" \"keys\"\n");
    cr_expect_neq(lat_control_next_release(osc_control), UINT64_MAX);
    cr_expect(strstr(osc_send("/note", "sffs", "keys", 60.0, 1.0, "20Hz"),
                     "/fail \"/note\""));
    cr_expect(strstr(osc_send("/note", "sfff", "keys", 60.0, 1.0, -1.0),
                     "/fail \"/note\""));
}
