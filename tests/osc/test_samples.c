// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Sounds over OSC: which there are, and reading them again.

#include "test_osc.h"

#include "sessions/test_sessions.h"
#include "support/wav.h"

#include <sys/stat.h>
#include <unistd.h>

static struct lat_sessions *sessions;
static char *folder;

static void
teardown(void)
{
    lat_sessions_free(sessions);
    free(folder);
    osc_teardown();
}

TestSuite(osc_samples, .init = osc_setup, .fini = teardown);

static const char *
path_of(const char *name)
{
    static char path[1000];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static void
begin(void)
{
    folder = new_folder();
    cr_assert_eq(lat_sessions_new(osc_control, folder, &sessions), LAT_OK);
    cr_assert_eq(mkdir(path_of("bd"), 0700), 0);
    cr_assert_eq(mkdir(path_of("none"), 0700), 0);
    wav_write(path_of("bd/a.wav"), 0.25F);
    wav_write(path_of("bd/b.wav"), 0.5F);
    wav_write(path_of("one.wav"), 0.75F);
    cr_assert_eq(lat_sessions_add_sample_dir(sessions, folder), LAT_OK);
    osc_use_sessions(sessions);
}

Test(osc_samples, list_says_what_sample_can_be)
{
    begin();
    const char *answer = osc_send("/sample/list", "");
    cr_expect(strstr(answer, "/sample/list \"bd\" 2\n"), "%s", answer);
    cr_expect(strstr(answer, "/sample/list \"one.wav\" 1\n"), "%s", answer);
    cr_expect_null(strstr(answer, "none"), "%s", answer);
    cr_expect_null(strstr(strstr(answer, "\"bd\"") + 1, "\"bd\""), "%s",
                   answer);
}

Test(osc_samples, reload_is_answered)
{
    begin();
    (void)osc_send("/node/new", "ssss", "sampler", "s", "sample", "bd:1");
    cr_expect_str_eq(osc_send("/sample/reload", ""),
                     "/done \"/sample/reload\"\n");
    cr_expect(strstr(osc_send("/sample/reload", "s", "bd"), "/fail"));
}

Test(osc_samples, a_folder_behind_a_link_that_leads_out_is_refused)
{
    begin();
    char target[1000];
    char *const outside = new_folder();
    snprintf(target, sizeof(target), "%s/secret.wav", outside);
    wav_write(target, 0.5F);
    cr_assert_eq(symlink(outside, path_of("way")), 0);
    cr_assert_eq(symlink("bd", path_of("inside")), 0);
    cr_assert_eq(symlink(target, path_of("file.wav")), 0);
    free(outside);
    const char *answer =
        osc_send("/node/new", "ssss", "sampler", "a", "sample", "way");
    cr_expect(strstr(answer, "/fail"), "%s", answer);
    cr_expect(strstr(answer, "leads out"), "%s", answer);
    answer = osc_send("/node/new", "ssss", "sampler", "a", "pattern", "bd way");
    cr_expect(strstr(answer, "leads out"), "%s", answer);
    answer = osc_send("/node/new", "ssss", "sampler", "b", "sample", "inside");
    cr_expect(strstr(answer, "/done"), "%s", answer);
    answer =
        osc_send("/node/new", "ssss", "sampler", "c", "sample", "file.wav");
    cr_expect(strstr(answer, "/done"), "%s", answer);
}

Test(osc_samples, a_wrong_name_is_answered_with_the_nearest)
{
    begin();
    const char *answer =
        osc_send("/node/new", "ssss", "sampler", "a", "sample", "bdd");
    cr_expect(strstr(answer, "/fail"), "%s", answer);
    cr_expect(strstr(answer, "did you mean 'bd'?"), "%s", answer);
    answer = osc_send("/node/new", "ssss", "sampler", "a", "pattern", "~ bdd");
    cr_expect(strstr(answer, "column 3"), "%s", answer);
    cr_expect(strstr(answer, "did you mean 'bd'?"), "%s", answer);
}
