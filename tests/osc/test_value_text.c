// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Numbers with units, over OSC.

#include "sessions/test_sessions.h"
#include "test_osc.h"

TestSuite(value_text_osc, .init = osc_setup, .fini = osc_teardown,
          .timeout = 60);

Test(value_text_osc, is_taken_wherever_a_number_is)
{
    osc_send("/node/new", "ssssss", "saw", "v", "freq", "a3", "pitch", "C5");
    osc_send("/node/new", "ssss", "lowpass", "f", "cutoff", "1.2kHz");
    cr_expect_str_eq(osc_send("/node/v/freq", ""), "/node/v/freq 220\n");
    cr_expect_str_eq(osc_send("/node/f/cutoff", "ss", "900HZ", "0ms"), "");
    cr_expect_str_eq(osc_send("/node/f/cutoff", ""), "/node/f/cutoff 900\n");
    osc_send("/node/set", "sss", "f", "cutoff", "a4");
    cr_expect_str_eq(osc_send("/node/f/cutoff", ""), "/node/f/cutoff 440\n");
    cr_expect_str_eq(osc_send("/connect", "sss", "v", "f", "-20dB"),
                     "/done \"/connect\" \"v\" \"f\"\n");
    cr_expect_str_eq(osc_send("/cable/v/out/f/in", ""),
                     "/cable/v/out/f/in 0.1\n");
    cr_expect_str_eq(osc_send("/cable/v/out/f/in", "s", "50%"), "");
    cr_expect_str_eq(osc_send("/cable/v/out/f/in", ""),
                     "/cable/v/out/f/in 0.5\n");
    cr_expect_str_eq(osc_send("/node/v/phase/norm", "s", "50%"), "");
    cr_expect_str_eq(osc_send("/node/v/phase/norm", ""),
                     "/node/v/phase/norm 0.5\n");
    cr_expect_str_eq(osc_send("/transport/tempo", "s", "90"),
                     "/done \"/transport/tempo\"\n");
}

Test(value_text_osc, refuses_what_does_not_fit_and_names_what_would)
{
    osc_send("/node/new", "ss", "saw", "v");
    osc_send("/node/new", "ss", "lowpass", "f");
    const char *answer = osc_send("/node/f/cutoff", "s", "20ms");
    cr_expect_not_null(strstr(answer, "a number in Hz, like 440, 1.2kHz or a4, "
                                      "not '20ms'"),
                       "%s", answer);
    answer = osc_send("/node/f/cutoff", "ss", "1kHz", "1Hz");
    cr_expect_not_null(strstr(answer, "like 0.02 or 20ms, not '1Hz'"), "%s",
                       answer);
    answer = osc_send("/connect", "sss", "v", "f/cutoff", "-6dB");
    cr_expect_not_null(strstr(answer, "f/cutoff is a number in Hz"), "%s",
                       answer);
    answer = osc_send("/transport/tempo", "s", "2Hz");
    cr_expect_not_null(strstr(answer, "BPM must be a number"), "%s", answer);
    cr_expect_str_eq(osc_send("/graph/cables", ""),
                     "/done \"/graph/cables\" 0\n");
}

Test(value_text_osc, is_what_is_saved_whatever_came_before)
{
    osc_send("/node/new", "ss", "sine", "v");
    osc_send("/node/v/freq", "f", 100.0);
    osc_send("/node/v/freq", "s", "a4");
    osc_send("/node/v/freq", "f", 440.0);
    osc_send("/node/v/pitch", "s", "c4"); // the default, but a note
    char *const out = write_text(osc_control);
    cr_expect_not_null(strstr(out, "type = sine\nfreq = a4\npitch = c4\n"),
                       "%s", out);
    free(out);
}
