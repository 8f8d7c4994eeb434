// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A session manager's project: a folder that holds all of a session.

#include "sessions/linking.h"
#include "sessions/managed.h"
#include "support/jobs.h"
#include "support/wav.h"
#include "test_sessions.h"

#include <errno.h>

static struct lat_control *c;
static struct lat_sessions *s;
static struct lat_error error;
static char *folder;
static char *elsewhere;

static void
begin(void)
{
    folder = new_folder();
    elsewhere = new_folder();
    c = new_control();
    cr_assert_eq(lat_sessions_new(c, elsewhere, &s), LAT_OK);
    lat_sessions_set_managed(s);
}

static void
end(void)
{
    lat_sessions_free(s);
    lat_control_free(c);
    drop_folder(folder);
    drop_folder(elsewhere);
}

TestSuite(sessions_managed, .init = begin, .fini = end, .timeout = 60);

static enum lat_status
open_project(struct heard *heard)
{
    return lat_sessions_open_project(s, folder, false, heard ? hear : NULL,
                                     heard, &error);
}

static void
add_sine(const char *name)
{
    cr_assert_eq(lat_control_node_new(c, "sine", name, false, NULL, 0, &error),
                 LAT_OK, "%s", error.text);
}

Test(sessions_managed, makes_its_folder_and_those_above)
{
    char path[600];
    snprintf(path, sizeof(path), "%s/a", folder);
    cr_assert_eq(lat_sessions_make_project(path, &error), LAT_OK);
    cr_assert_eq(lat_sessions_make_project(path, &error), LAT_OK);
    cr_assert_eq(rmdir(path), 0);
    put_file(folder, "file", "");
    snprintf(path, sizeof(path), "%s/file/a", folder);
    cr_assert_eq(lat_sessions_make_project(path, &error), LAT_EIO);
    cr_assert(strstr(error.text, "session manager"), "%s", error.text);
}

Test(sessions_managed, says_why_its_folder_cannot_be_made)
{
    char path[600];
    snprintf(path, sizeof(path), "%s/a/b/c", folder);
    cr_assert_eq(chmod(folder, 0555), 0);
    const bool is_root = geteuid() == 0; // who may write everywhere
    cr_assert(!is_root || seteuid(65534) == 0);
    cr_expect_eq(lat_sessions_make_project(path, &error), LAT_EIO);
    cr_assert(!is_root || seteuid(0) == 0);
    cr_expect(strstr(error.text, strerror(EACCES)), "%s", error.text);
    cr_assert_eq(chmod(folder, 0755), 0);
}

Test(sessions_managed, saves_nothing_without_a_project)
{
    add_sine("a");
    cr_assert_eq(lat_sessions_save(s, NULL, false, &error), LAT_EINVAL);
    cr_assert(strstr(error.text, "no project open"), "%s", error.text);
    cr_assert_eq(count_files(elsewhere), 0);
}

Test(sessions_managed, begins_empty_and_saves_into_its_folder)
{
    add_sine("old");
    cr_assert_eq(open_project(NULL), LAT_OK, "%s", error.text);
    cr_assert_eq(lat_control_graph(c)->n_nodes, 0);
    cr_assert_not(lat_sessions_is_changed(s));
    cr_assert_eq(count_files(folder), 0);
    add_sine("a");
    cr_assert(lat_sessions_is_changed(s));
    cr_assert_eq(lat_sessions_save(s, NULL, false, &error), LAT_OK, "%s",
                 error.text);
    cr_assert_not(lat_sessions_is_changed(s));
    char *const text = get_file(folder, "session.ini");
    cr_assert(text && strstr(text, "[node a]"));
    free(text);
    cr_assert_eq(lat_sessions_save(s, NULL, false, &error), LAT_OK, "again");
}

Test(sessions_managed, loads_what_is_there)
{
    put_file(folder, "session.ini", HEAD "[node b]\ntype = sine\n");
    cr_assert_eq(open_project(NULL), LAT_OK, "%s", error.text);
    cr_assert_not_null(lat_graph_find(lat_control_graph(c), "b"));
    cr_assert_not(lat_sessions_is_changed(s));
}

Test(sessions_managed, a_sound_that_comes_later_is_no_change)
{
    char path[600];
    snprintf(path, sizeof(path), "%s/x.wav", folder);
    wav_write(path, 0.25F);
    lat_control_set_elsewhere(c, &jobs_later);
    put_file(folder, "session.ini",
             HEAD "[node b]\ntype = sampler\nsample = x.wav\n");
    cr_assert_eq(open_project(NULL), LAT_OK, "%s", error.text);
    cr_assert_eq(jobs_waiting(), 1);
    jobs_go_on();
    lat_control_tick(c);
    cr_assert_not(lat_sessions_is_changed(s));
    const struct lat_value other = {.text = "", .is_text = true};
    cr_assert_eq(lat_control_param_set(c, "b", "sample", other, -1.0, &error),
                 LAT_OK, "%s", error.text);
    cr_assert(lat_sessions_is_changed(s));
}

Test(sessions_managed, changes_nothing_for_what_is_wrong)
{
    struct heard heard = {0};
    cr_assert_eq(open_project(NULL), LAT_OK);
    add_sine("a");
    put_file(folder, "session.ini", HEAD "[node b]\ntype = sign\n");
    cr_assert_neq(open_project(&heard), LAT_OK);
    cr_assert(strstr(error.text, "session.ini:4"), "%s", error.text);
    cr_assert_not_null(lat_graph_find(lat_control_graph(c), "a"));
    cr_assert_eq(lat_sessions_save(s, NULL, false, &error), LAT_EINVAL,
                 "no project is open then");
    char *const text = get_file(folder, "session.ini");
    cr_assert(strstr(text, "sign\n"), "nothing is written over it");
    free(text);
}

Test(sessions_managed, waits_for_no_pipe)
{
    char path[600];
    snprintf(path, sizeof(path), "%s/session.ini", folder);
    cr_assert_eq(mkfifo(path, 0600), 0);
    cr_assert_eq(open_project(NULL), LAT_EIO);
}

Test(sessions_managed, refuses_other_files_and_imports_them)
{
    put_file(elsewhere, "part.ini", HEAD "[node k]\ntype = sine\n");
    cr_assert_eq(open_project(NULL), LAT_OK);
    cr_assert_eq(lat_sessions_save(s, "part", true, &error), LAT_EINVAL);
    cr_assert(strstr(error.text, "session manager"), "%s", error.text);
    cr_assert_eq(lat_sessions_load(s, "part", &error), LAT_EINVAL);
    cr_assert_eq(lat_sessions_load(s, "autosave", &error), LAT_EINVAL);
    cr_assert(strstr(error.text, "session manager"), "%s", error.text);
    cr_assert_eq(lat_sessions_import(s, "part", "p", &error), LAT_OK, "%s",
                 error.text);
    cr_assert_not_null(lat_graph_find(lat_control_graph(c), "p.k"));
}

Test(sessions_managed, a_new_session_is_the_same_project)
{
    cr_assert_eq(open_project(NULL), LAT_OK);
    add_sine("a");
    cr_assert_eq(lat_sessions_save(s, NULL, false, &error), LAT_OK);
    cr_assert_eq(lat_sessions_new_session(s, &error), LAT_OK);
    cr_assert_eq(lat_control_graph(c)->n_nodes, 0);
    cr_assert(lat_sessions_is_changed(s), "it is not saved");
    char *text = get_file(folder, "session.ini");
    cr_assert(strstr(text, "[node a]"));
    free(text);
    cr_assert_eq(lat_sessions_save(s, NULL, false, &error), LAT_OK);
    text = get_file(folder, "session.ini");
    cr_assert_not(strstr(text, "[node a]"));
    free(text);
}

Test(sessions_managed, makes_its_folder_again)
{
    cr_assert_eq(open_project(NULL), LAT_OK);
    cr_assert_eq(rmdir(folder), 0);
    cr_assert_eq(lat_sessions_save(s, NULL, false, &error), LAT_OK, "%s",
                 error.text);
    cr_assert_eq(count_files(folder), 1);
}

Test(sessions_managed, links_its_tuning_from_elsewhere)
{
    char text[2000];
    char path[600];
    put_file(elsewhere, "x.scl", "! x\nX\n 2\n 3/2\n 2/1\n");
    put_file(elsewhere, "x.kbm", "0\n0\n127\n60\n69\n440.0\n0\n");
    snprintf(text, sizeof(text),
             "[session]\nformat = 1\ntuning = %s/x.scl\nkeymap = %s/x.kbm\n",
             elsewhere, elsewhere);
    put_file(folder, "session.ini", text);
    cr_assert_eq(open_project(NULL), LAT_OK, "%s", error.text);
    cr_assert_eq(lat_sessions_save(s, NULL, false, &error), LAT_OK);
    char *const saved = get_file(folder, "session.ini");
    cr_expect(strstr(saved, "tuning = x.scl\nkeymap = x.kbm\n"), "%s", saved);
    free(saved);
    snprintf(path, sizeof(path), "%s/x.scl", folder);
    char real[600] = {0};
    cr_expect_gt(readlink(path, real, sizeof(real) - 1), 0);
    cr_assert_eq(open_project(NULL), LAT_OK, "%s", error.text);
    cr_expect_not_null(lat_control_document(c)->tuned);
}

#ifdef LAT_TEST_SOUND

static void
add_sound(const char *name, const char *file)
{
    const struct lat_assignment a = {.key = "file",
                                     .value = {.is_text = true, .text = file}};
    cr_assert_eq(
        lat_control_node_new(c, "test_sound", name, false, &a, 1, &error),
        LAT_OK, "%s", error.text);
}

static void
put_sound(const char *in, const char *name)
{
    char path[600];
    snprintf(path, sizeof(path), "%s/%s", in, name);
    wav_write(path, 0.0F);
}

static bool
says(const char *line)
{
    char *const text = get_file(folder, "session.ini");
    const bool is_there = text && strstr(text, line);
    free(text);
    return is_there;
}

static void
save(void)
{
    cr_assert_eq(lat_sessions_save(s, NULL, false, &error), LAT_OK, "%s",
                 error.text);
}

Test(sessions_managed, links_files_from_elsewhere)
{
    char path[600];
    char link[600];
    char real[600] = {0};
    put_sound(elsewhere, "kick.wav");
    put_sound(folder, "own.wav");
    snprintf(path, sizeof(path), "%s/kick.wav", elsewhere);
    cr_assert_eq(open_project(NULL), LAT_OK);
    add_sound("a", path);
    add_sound("b", "own.wav");
    add_sound("c", path);
    save();
    snprintf(link, sizeof(link), "%s/kick.wav", folder);
    cr_assert_gt(readlink(link, real, sizeof(real) - 1), 0);
    cr_assert_str_eq(real, path);
    cr_assert(says("[node a]\ntype = test_sound\nfile = kick.wav\n"));
    cr_assert(says("[node b]\ntype = test_sound\nfile = own.wav\n"));
    cr_assert(says("[node c]\ntype = test_sound\nfile = kick.wav\n"));
    save();
    cr_assert_eq(count_files(folder), 4, "one link; a backup");
    cr_assert_str_eq(
        lat_graph_find(lat_control_graph(c), "a")->settings[0].text, path,
        "what plays stays as it is");
    cr_assert_eq(open_project(NULL), LAT_OK);
    save();
    cr_assert(says("[node a]\ntype = test_sound\nfile = kick.wav\n"),
              "loaded by the link, saved by the link");
    cr_assert_eq(count_files(folder), 4);
}

Test(sessions_managed, tells_files_of_one_name_apart)
{
    char path[600];
    put_sound(elsewhere, "kick.wav");
    put_sound(elsewhere, "session.ini");
    put_sound(folder, "kick.wav");
    cr_assert_eq(open_project(NULL), LAT_OK);
    snprintf(path, sizeof(path), "%s/kick.wav", elsewhere);
    add_sound("a", path);
    snprintf(path, sizeof(path), "%s/kick.wav", folder);
    add_sound("b", path);
    snprintf(path, sizeof(path), "%s/session.ini", elsewhere);
    add_sound("c", path);
    save();
    cr_assert(says("[node a]\ntype = test_sound\nfile = kick-2.wav\n"));
    cr_assert(says("[node b]\ntype = test_sound\nfile = kick.wav\n"),
              "named from its root it would be lost in a moved folder");
    cr_assert(says("[node c]\ntype = test_sound\nfile = session-2.ini\n"));
}

#endif
