// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Sound files that are named over OSC: what fails later is told to whoever
// named it, and only files in the session's folder and the folders for samples
// can be named.

#include "test_osc.h"

#include "sessions/test_sessions.h"
#include "support/jobs.h"

#include <unistd.h>

TestSuite(osc_prepared, .init = osc_setup, .fini = osc_teardown);

#ifdef LAT_TEST_SOUND

static char *folder;
static struct lat_sessions *sessions;

static void
begin(void)
{
    folder = new_folder();
    cr_assert_eq(lat_sessions_new(osc_control, folder, &sessions), LAT_OK);
    osc_use_sessions(sessions);
    lat_control_set_elsewhere(osc_control, &jobs_later);
}

static void
tell(void *data, const struct lat_unprepared *what)
{
    bool *is_told = data;
    *is_told = lat_osc_router_unprepared(osc_router, what);
}

static const char *
answer_later(bool *is_told)
{
    lat_control_set_unprepared(osc_control, tell, is_told);
    jobs_go_on();
    osc_begin_burst();
    lat_control_tick(osc_control);
    return osc_end_burst();
}

Test(osc_prepared, what_fails_later_is_told_to_whoever_named_it)
{
    char want[1000];
    bool is_told = false;
    begin();
    cr_expect_str_eq(osc_send("/node/new", "ss", "test_sound", "a"),
                     "/done \"/node/new\" \"a\"\n");
    cr_expect_str_eq(osc_send("/node/set", "sss", "a", "file", "none.wav"),
                     "/done \"/node/set\" \"a\"\n");
    const char *answer = answer_later(&is_told);
    snprintf(want, sizeof(want),
             "/fail \"/node/a/file\" \"file of a: cannot read %s/none.wav ",
             folder);
    cr_expect_eq(strncmp(answer, want, strlen(want)), 0, "%s", answer);
    cr_expect(strstr(answer, "name a sound file that is there; the node goes "
                             "without it\""),
              "%s", answer);
    cr_expect(is_told);
}

Test(osc_prepared, each_of_two_senders_is_told_once)
{
    bool is_told = false;
    begin();
    (void)osc_send("/node/new", "ssss", "test_sound", "a", "file", "x.wav");
    const char *answer = answer_later(&is_told);
    const char *first = strstr(answer, "/fail");
    cr_assert(first, "%s", answer);
    cr_expect_null(strstr(first + 1, "/fail"), "%s", answer);
    cr_expect_str_eq(answer_later(&is_told), "");
}

Test(osc_prepared, the_answers_of_a_bundle_do_not_wait_for_files)
{
    bool is_told = false;
    begin();
    osc_bundle();
    osc_add("/node/new", "ssss", "test_sound", "a", "file", "x.wav");
    osc_add("/node/new", "ssss", "test_sound", "b", "file", "x.wav");
    cr_expect_str_eq(osc_send_bundle(), "/done \"/bundle\" 2\n");
    const char *answer = answer_later(&is_told);
    cr_expect(strstr(answer, "/node/a/file"), "%s", answer);
    cr_expect(strstr(answer, "/node/b/file"), "%s", answer);
}

Test(osc_prepared, files_outside_of_the_folders_are_refused)
{
    static const char *const outside[] = {"/etc/passwd", "../x.wav",
                                          "a/../../x.wav", "a/.."};
    char inside[1000];
    begin();
    (void)osc_send("/node/new", "ss", "test_sound", "a");
    for (size_t i = 0; i < LAT_COUNT(outside); ++i) {
        const char *answer =
            osc_send("/node/set", "sss", "a", "file", outside[i]);
        cr_expect(strstr(answer, "lies outside of the session's folder and of "
                                 "every --sample-dir"),
                  "%s", answer);
    }
    snprintf(inside, sizeof(inside), "%s/deep/x.wav", folder);
    cr_expect_str_eq(osc_send("/node/set", "sss", "a", "file", inside),
                     "/done \"/node/set\" \"a\"\n");
    cr_assert_eq(lat_sessions_add_sample_dir(sessions, "/etc/"), LAT_OK);
    cr_expect_str_eq(osc_send("/node/set", "sss", "a", "file", "/etc/passwd"),
                     "/done \"/node/set\" \"a\"\n");
    cr_expect(strstr(osc_send("/node/set", "sss", "a", "file", "/etcetera"),
                     "lies outside"));
}

// What is wrong with a file is told, a piece of it too.
Test(osc_prepared, what_is_no_sound_may_not_lie_behind_a_link_out)
{
    static const char scale[] = "a fifth\n1\n3/2\n";
    char path[1200];
    begin();
    (void)osc_send("/node/new", "ss", "midi_notes", "k");
    snprintf(path, sizeof(path), "%s/out.scl", folder);
    cr_assert_eq(symlink("/etc/passwd", path), 0);
    cr_expect(strstr(osc_send("/node/k/tuning", "s", "out.scl"),
                     "out.scl is a link that leads out of"));
    snprintf(path, sizeof(path), "%s/real.scl", folder);
    FILE *const file = fopen(path, "w");
    cr_assert(file && fputs(scale, file) >= 0 && fclose(file) == 0);
    snprintf(path, sizeof(path), "%s/in.scl", folder);
    cr_assert_eq(symlink("real.scl", path), 0);
    cr_expect_str_eq(osc_send("/node/set", "sss", "k", "tuning", "in.scl"),
                     "/done \"/node/set\" \"k\"\n");
}

#endif
