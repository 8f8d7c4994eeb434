// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Finding, loading, importing and saving sessions, and what a failure leaves.

#include "test_sessions.h"

#include "sessions/file_place.h"

#include <signal.h>
#include <sys/resource.h>

TestSuite(sessions_folder, .timeout = 60);

#define SINE HEAD "[node a]\ntype = sine\n"
#define SAW  HEAD "[node b]\ntype = saw\n"

struct fixture {
    struct lat_control *control;
    struct lat_sessions *sessions;
    char *folder;
    struct lat_error error;
};

static void
set_up(struct fixture *f)
{
    f->folder = new_folder();
    f->control = new_control();
    cr_assert_eq(lat_sessions_new(f->control, f->folder, &f->sessions), LAT_OK);
}

static void
tear_down(struct fixture *f)
{
    lat_sessions_free(f->sessions);
    lat_control_free(f->control);
    drop_folder(f->folder);
}

static bool
has_node(const struct fixture *f, const char *name)
{
    return lat_graph_find(lat_control_graph(f->control), name) != NULL;
}

static enum lat_status
open_session(struct fixture *f, const char *session)
{
    return lat_sessions_open(f->sessions, session, true, NULL, NULL, &f->error);
}

static enum lat_status
save(struct fixture *f, const char *name, bool overwrite)
{
    f->error.text[0] = '\0';
    return lat_sessions_save(f->sessions, name, overwrite, &f->error);
}

static void
add_node(struct fixture *f, const char *name)
{
    cr_assert_eq(lat_control_node_new(f->control, "sine", name, false, NULL, 0,
                                      &f->error),
                 LAT_OK, "%s", f->error.text);
}

static void
expect_error(const struct fixture *f, const char *part)
{
    cr_assert_not_null(strstr(f->error.text, part), "'%s', not '%s'",
                       f->error.text, part);
}

Test(sessions_folder, is_where_the_desktop_keeps_data)
{
    struct lat_control *const c = new_control();
    struct lat_sessions *s = NULL;
    setenv("XDG_DATA_HOME", "/somewhere", 1);
    cr_assert_eq(lat_sessions_new(c, NULL, &s), LAT_OK);
    cr_assert_str_eq(lat_sessions_folder(s), "/somewhere/lattice/sessions");
    lat_sessions_free(s);
    unsetenv("XDG_DATA_HOME");
    setenv("HOME", "/home/me", 1);
    cr_assert_eq(lat_sessions_new(c, NULL, &s), LAT_OK);
    cr_assert_str_eq(lat_sessions_folder(s),
                     "/home/me/.local/share/lattice/sessions");
    lat_sessions_free(s);
    lat_sessions_free(NULL);
    lat_control_free(c);
}

Test(sessions_folder, opens_paths_and_names)
{
    struct fixture f;
    set_up(&f);
    char *const elsewhere = new_folder();
    cr_assert_eq(chdir(elsewhere), 0);
    put_file(f.folder, "drone.ini", SINE);
    put_file(elsewhere, "other.ini", SAW);

    cr_assert_eq(open_session(&f, "drone"), LAT_OK, "%s", f.error.text);
    cr_assert(has_node(&f, "a"));
    cr_assert_eq(open_session(&f, "other.ini"), LAT_OK, "%s", f.error.text);
    cr_assert(has_node(&f, "b") && !has_node(&f, "a"));
    cr_assert_eq(open_session(&f, "drone.ini"), LAT_OK, "%s", f.error.text);
    cr_assert(has_node(&f, "a"));
    cr_assert_eq(open_session(&f, "./other.ini"), LAT_OK, "%s", f.error.text);
    cr_assert(has_node(&f, "b"));

    // A file beats a name; a folder does not.
    put_file(elsewhere, "drone", SAW);
    cr_assert_eq(open_session(&f, "drone"), LAT_OK, "%s", f.error.text);
    cr_assert(has_node(&f, "b"));
    unlink("drone");
    cr_assert_eq(mkdir("drone", 0700), 0);
    cr_assert_eq(open_session(&f, "drone"), LAT_OK, "%s", f.error.text);
    cr_assert(has_node(&f, "a"));
    rmdir("drone");
    drop_folder(elsewhere);
    tear_down(&f);
}

Test(sessions_folder, says_what_cannot_be_read)
{
    struct fixture f;
    set_up(&f);
    put_file(f.folder, "drone.ini", SINE);
    cr_assert_neq(open_session(&f, "dorne"), LAT_OK);
    expect_error(&f, "did you mean 'drone'");
    cr_assert_neq(open_session(&f, "./nothing.ini"), LAT_OK);
    expect_error(&f, "cannot read ./nothing.ini: No such file");
    cr_assert_neq(open_session(&f, "no such name"), LAT_OK);
    expect_error(&f, "no file 'no such name'");
    cr_assert_neq(open_session(&f, f.folder), LAT_OK);
    expect_error(&f, "it is a folder");
    cr_assert_neq(open_session(&f, ""), LAT_OK);
    cr_assert_null(lat_sessions_loaded(f.sessions));
    tear_down(&f);
}

Test(sessions_folder, does_not_wait_for_what_is_no_file)
{
    struct fixture f;
    set_up(&f);
    char path[300];
    snprintf(path, sizeof(path), "%s/pipe.ini", f.folder);
    cr_assert_eq(mkfifo(path, 0600), 0);
    cr_assert_neq(lat_sessions_load(f.sessions, "pipe", &f.error), LAT_OK);
    expect_error(&f, "no ordinary file");
    cr_assert_neq(lat_sessions_import(f.sessions, "pipe", "p", &f.error),
                  LAT_OK);
    expect_error(&f, "no ordinary file");
    tear_down(&f);
}

Test(sessions_folder, sees_links_to_nothing)
{
    struct fixture f;
    set_up(&f);
    char path[300];
    snprintf(path, sizeof(path), "%s/lost.ini", f.folder);
    cr_assert_eq(symlink("nothing.ini", path), 0);
    cr_assert_neq(lat_sessions_load(f.sessions, "lost", &f.error), LAT_OK);
    expect_error(&f, "cannot read lost.ini: No such file");
    cr_assert_neq(save(&f, "lost", false), LAT_OK);
    expect_error(&f, "overwrite");
    tear_down(&f);
}

Test(sessions_folder, names_the_file_as_it_was_given)
{
    struct fixture f;
    set_up(&f);
    put_file(f.folder, "bad.ini", HEAD "[node a]\ntype = sien\n");
    char path[300];
    char place[320];
    snprintf(path, sizeof(path), "%s/../%s/bad.ini", f.folder,
             strrchr(f.folder, '/') + 1);
    snprintf(place, sizeof(place), "%s:4: ", path);
    cr_assert_neq(open_session(&f, path), LAT_OK);
    expect_error(&f, place);
    cr_assert_neq(lat_sessions_load(f.sessions, "bad", &f.error), LAT_OK);
    cr_assert(strncmp(f.error.text, "bad.ini:4: ", 11) == 0, "%s",
              f.error.text);
    tear_down(&f);
}

Test(sessions_folder, loads_by_name_inside_the_folder_only)
{
    struct fixture f;
    set_up(&f);
    static const char *const wrong[] = {
        "",
        "../x",
        "/etc/passwd",
        ".hidden",
        "a/b",
        "a\nb",
        "a\x7f",
        "a\xc2\x85",
        "a\xff",
        "a234567890a234567890a234567890a234567890a234567890a2345678901234x",
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); ++i) {
        cr_assert_eq(lat_sessions_load(f.sessions, wrong[i], &f.error),
                     LAT_EINVAL, "'%s'", wrong[i]);
        cr_assert_eq(save(&f, wrong[i], true), LAT_EINVAL, "'%s'", wrong[i]);
        cr_assert_eq(lat_sessions_import(f.sessions, wrong[i], "p", &f.error),
                     LAT_EINVAL, "'%s'", wrong[i]);
    }
    cr_assert_eq(save(&f, "autosave", true), LAT_EINVAL);
    expect_error(&f, "choose another");
    cr_assert_eq(lat_sessions_load(f.sessions, "none", &f.error),
                 LAT_ENOTFOUND);
    cr_assert_eq(count_files(f.folder), 0);
    tear_down(&f);
}

/// A name that is saved, listed, loaded and part of another.
static void
goes_around(struct fixture *f, const char *name)
{
    struct heard heard = {0};
    char line[100];
    snprintf(line, sizeof(line), "%s\n", name);
    add_node(f, "a");
    cr_assert_eq(save(f, name, false), LAT_OK, "%s", f->error.text);
    cr_assert_eq(lat_sessions_new_session(f->sessions, &f->error), LAT_OK);
    cr_assert_eq(lat_sessions_list(f->sessions, hear, &heard, &f->error),
                 LAT_OK);
    cr_assert_str_eq(heard.text, line);
    cr_assert_eq(lat_sessions_load(f->sessions, name, &f->error), LAT_OK, "%s",
                 f->error.text);
    cr_assert(has_node(f, "a"));
    cr_assert_eq(lat_sessions_import(f->sessions, name, "p", &f->error), LAT_OK,
                 "%s", f->error.text);
    cr_assert(has_node(f, "p.a"));
    cr_assert_eq(save(f, NULL, false), LAT_OK, "%s", f->error.text);
    cr_assert_eq(count_files(f->folder), 2); // with NAME.ini.bak
}

Test(sessions_folder, names_are_utf_8)
{
    static const char *const names[] = {
        "a b",
        "Sonate f\xc3\xbcr Klavier, 2. Satz",
        "\xe9\x9f\xb3\xe6\xa5\xbd",
        "\xf0\x9f\x8e\xb9 = [x]; #1 \\ %s 'q' \"",
        "-rf",
        "~",
        // 64 bytes
        "a234567890a234567890a234567890a234567890a234567890a2345678901234",
        "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc"
        "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc"
        "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc"
        "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc",
    };
    for (size_t i = 0; i < LAT_COUNT(names); ++i) {
        struct fixture f;
        set_up(&f);
        goes_around(&f, names[i]);
        tear_down(&f);
    }
}

Test(sessions_folder, keeps_everything_when_a_load_fails)
{
    struct fixture f;
    set_up(&f);
    put_file(f.folder, "good.ini", SINE);
    put_file(f.folder, "bad.ini", SAW "[cables]\ncable = b -> c\n");
    cr_assert_eq(lat_sessions_load(f.sessions, "good", &f.error), LAT_OK);
    cr_assert_neq(lat_sessions_load(f.sessions, "bad", &f.error), LAT_OK);
    cr_assert(has_node(&f, "a") && !has_node(&f, "b"));
    cr_assert_not_null(strstr(lat_sessions_loaded(f.sessions), "/good.ini"));
    tear_down(&f);
}

Test(sessions_folder, needs_a_name_until_something_is_loaded)
{
    struct fixture f;
    set_up(&f);
    cr_assert_neq(save(&f, NULL, false), LAT_OK);
    expect_error(&f, "/session/save NAME");
    cr_assert_eq(save(&f, "new", false), LAT_OK, "%s", f.error.text);
    cr_assert_not_null(strstr(lat_sessions_loaded(f.sessions), "/new.ini"));
    add_node(&f, "x");
    cr_assert_eq(save(&f, NULL, false), LAT_OK, "%s", f.error.text);
    char *const text = get_file(f.folder, "new.ini");
    cr_assert_not_null(strstr(text, "[node x]"));
    free(text);
    cr_assert_eq(lat_sessions_new_session(f.sessions, &f.error), LAT_OK);
    cr_assert_not(has_node(&f, "x"));
    cr_assert_null(lat_sessions_loaded(f.sessions));
    cr_assert_neq(save(&f, NULL, false), LAT_OK);
    tear_down(&f);
}

Test(sessions_folder, replaces_another_session_only_when_told)
{
    struct fixture f;
    set_up(&f);
    put_file(f.folder, "a.ini", SINE);
    put_file(f.folder, "b.ini", SAW);
    cr_assert_eq(lat_sessions_load(f.sessions, "a", &f.error), LAT_OK);
    cr_assert_eq(save(&f, "b", false), LAT_EEXIST);
    expect_error(&f, "/session/save b overwrite");
    cr_assert_eq(save(&f, "a", false), LAT_OK, "%s", f.error.text);
    cr_assert_eq(save(&f, "b", true), LAT_OK, "%s", f.error.text);
    char *const saved = get_file(f.folder, "b.ini");
    char *const backup = get_file(f.folder, "b.ini.bak");
    cr_assert_not_null(strstr(saved, "type = sine"));
    cr_assert_str_eq(backup, SAW);
    free(saved);
    free(backup);
    // From here on it is the loaded one.
    cr_assert_eq(save(&f, NULL, false), LAT_OK);
    cr_assert_eq(count_files(f.folder), 4);
    tear_down(&f);
}

Test(sessions_folder, writes_over_a_file_that_was_opened_by_its_path)
{
    struct fixture f;
    set_up(&f);
    char *const elsewhere = new_folder();
    put_file(elsewhere, "here.ini", SINE);
    char *const old_place = getcwd(NULL, 0);
    cr_assert_eq(chdir(elsewhere), 0);
    cr_assert_eq(open_session(&f, "here.ini"), LAT_OK, "%s", f.error.text);
    cr_assert_eq(chdir(old_place), 0);
    free(old_place);
    add_node(&f, "x");
    cr_assert_eq(save(&f, NULL, false), LAT_OK, "%s", f.error.text);
    char *const text = get_file(elsewhere, "here.ini");
    char *const backup = get_file(elsewhere, "here.ini.bak");
    cr_assert_not_null(strstr(text, "[node x]"));
    cr_assert_str_eq(backup, SINE);
    free(text);
    free(backup);
    cr_assert_eq(count_files(f.folder), 0);
    drop_folder(elsewhere);
    tear_down(&f);
}

Test(sessions_folder, keeps_links_and_permissions)
{
    struct fixture f;
    set_up(&f);
    put_file(f.folder, "real.ini", SINE);
    char real[300];
    char other[300];
    snprintf(real, sizeof(real), "%s/real.ini", f.folder);
    snprintf(other, sizeof(other), "%s/other.ini", f.folder);
    cr_assert_eq(chmod(real, 0640), 0);
    cr_assert_eq(symlink("real.ini", other), 0);
    cr_assert_eq(lat_sessions_load(f.sessions, "other", &f.error), LAT_OK);
    add_node(&f, "x");
    cr_assert_eq(save(&f, "other", false), LAT_OK, "%s", f.error.text);
    struct stat st;
    cr_assert_eq(lstat(other, &st), 0);
    cr_assert(S_ISLNK(st.st_mode));
    cr_assert_eq(lstat(real, &st), 0);
    cr_assert_eq(st.st_mode & 07777U, 0640U);
    char *const text = get_file(f.folder, "real.ini");
    cr_assert_not_null(strstr(text, "[node x]"));
    free(text);
    tear_down(&f);
}

Test(sessions_folder, makes_its_folder)
{
    struct lat_control *const c = new_control();
    struct lat_error error;
    char *const folder = new_folder();
    char deep[300];
    snprintf(deep, sizeof(deep), "%s/x/y/z", folder);
    struct lat_sessions *s = NULL;
    cr_assert_eq(lat_sessions_new(c, deep, &s), LAT_OK);
    cr_assert_eq(lat_sessions_save(s, "a", false, &error), LAT_OK, "%s",
                 error.text);
    struct stat st;
    cr_assert_eq(stat(deep, &st), 0);
    cr_assert_eq(st.st_mode & 0777U, 0700U);
    cr_assert_eq(count_files(deep), 1);
    lat_sessions_free(s);
    lat_control_free(c);
    strcat(deep, "/a.ini");
    unlink(deep);
    for (int i = 0; i < 3; ++i) {
        *strrchr(deep, '/') = '\0';
        rmdir(deep);
    }
    drop_folder(folder);
}

Test(sessions_folder, says_that_its_folder_cannot_be_made)
{
    struct lat_control *const c = new_control();
    struct lat_error error;
    char *const folder = new_folder();
    put_file(folder, "file", "x");
    char below[300];
    snprintf(below, sizeof(below), "%s/file/sessions", folder);
    struct lat_sessions *s = NULL;
    cr_assert_eq(lat_sessions_new(c, below, &s), LAT_OK);
    cr_assert_eq(lat_sessions_save(s, "a", false, &error), LAT_EIO);
    cr_assert_not_null(strstr(error.text, "Not a directory"), "%s", error.text);
    cr_assert_not_null(strstr(error.text, "--session-dir"), "%s", error.text);
    cr_assert_null(lat_sessions_loaded(s));
    lat_sessions_free(s);
    lat_control_free(c);
    drop_folder(folder);
}

Test(sessions_folder, leaves_the_old_file_when_the_disk_is_full)
{
    struct fixture f;
    set_up(&f);
    put_file(f.folder, "a.ini", SINE);
    cr_assert_eq(lat_sessions_load(f.sessions, "a", &f.error), LAT_OK);
    add_node(&f, "x");

    signal(SIGXFSZ, SIG_IGN);
    struct rlimit old;
    cr_assert_eq(getrlimit(RLIMIT_FSIZE, &old), 0);
    const struct rlimit tight = {.rlim_cur = 50, .rlim_max = old.rlim_max};
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &tight), 0);
    const enum lat_status status = save(&f, NULL, false);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &old), 0);

    cr_assert_eq(status, LAT_ESYSTEM, "no input is wrong");
    expect_error(&f, "make room");
    char *const text = get_file(f.folder, "a.ini");
    cr_assert_str_eq(text, SINE);
    free(text);
    cr_assert_eq(count_files(f.folder), 1);
    cr_assert_eq(save(&f, NULL, false), LAT_OK, "%s", f.error.text);
    tear_down(&f);
}

Test(sessions_folder, does_not_replace_what_is_no_file)
{
    struct fixture f;
    set_up(&f);
    char path[300];
    snprintf(path, sizeof(path), "%s/a.ini", f.folder);
    cr_assert_eq(mkdir(path, 0700), 0);
    cr_assert_eq(save(&f, "a", true), LAT_EIO);
    expect_error(&f, "no ordinary file");
    cr_assert_eq(count_files(f.folder), 1);
    rmdir(path);
    tear_down(&f);
}

static void
collect(void *data)
{
    struct lat_control *const c = data;
    struct lat_document *const d = lat_control_document(c);
    lat_lines_free(&d->jack);
    cr_assert_eq(lat_line_append(&d->jack, "connect", "m_1 -> a:b", NULL),
                 LAT_OK);
}

Test(sessions_folder, asks_for_the_connections_before_it_saves)
{
    struct fixture f;
    set_up(&f);
    lat_sessions_set_collect(f.sessions, collect, NULL, f.control);
    cr_assert_eq(save(&f, "a", false), LAT_OK);
    char *const text = get_file(f.folder, "a.ini");
    cr_assert_not_null(strstr(text, "\n[jack]\nconnect = m_1 -> a:b\n"));
    free(text);
    tear_down(&f);
}

Test(sessions_folder, does_not_overwrite_what_a_newer_lattice_made)
{
    struct fixture f;
    set_up(&f);
    put_file(f.folder, "n.ini",
             "[session]\nformat = 2\n[node a]\ntype = granular\n"
             "[node b]\ntype = sine\n");
    struct heard heard = {0};
    cr_assert_eq(
        lat_sessions_open(f.sessions, "n", true, hear, &heard, &f.error),
        LAT_OK, "%s", f.error.text);
    cr_assert_eq(heard.n, 2);
    cr_assert_neq(save(&f, NULL, false), LAT_OK);
    expect_error(&f, "/session/save NAME");
    cr_assert_neq(save(&f, "n", true), LAT_OK);
    cr_assert_eq(count_files(f.folder), 1);
    cr_assert_eq(save(&f, "mine", false), LAT_OK, "%s", f.error.text);
    cr_assert_eq(save(&f, NULL, false), LAT_OK, "%s", f.error.text);
    char *const text = get_file(f.folder, "mine.ini");
    cr_assert_not_null(strstr(text, "format = 2\n"));
    cr_assert_not_null(strstr(text, "[node a]\ntype = granular\n"));
    free(text);
    // Neither from elsewhere, nor when it comes anew.
    cr_assert_neq(save(&f, "n", true), LAT_OK);
    expect_error(&f, "/session/save NAME");
    cr_assert_eq(lat_sessions_load(f.sessions, "mine", &f.error), LAT_OK);
    cr_assert_neq(save(&f, NULL, false), LAT_OK);
    cr_assert_eq(lat_sessions_new_session(f.sessions, &f.error), LAT_OK);
    cr_assert_neq(save(&f, "mine", true), LAT_OK);
    cr_assert_eq(save(&f, "other", false), LAT_OK, "%s", f.error.text);
    tear_down(&f);
}

Test(sessions_folder, does_not_overwrite_what_it_cannot_read)
{
    struct fixture f;
    set_up(&f);
    put_file(f.folder, "n.ini", SINE);
    char path[500];
    snprintf(path, sizeof(path), "%s/n.ini", f.folder);
    cr_assert_eq(chmod(path, 0222), 0);
    if (geteuid() == 0) {
        cr_assert_eq(chmod(f.folder, 0777), 0);
        cr_assert_eq(seteuid(65534), 0); // who may do less than root
    }
    cr_assert_neq(save(&f, "n", true), LAT_OK);
    expect_error(&f, "cannot read");
    cr_assert_eq(getuid() == 0 ? seteuid(0) : chmod(path, 0666), 0);
    char *const text = get_file(f.folder, "n.ini");
    cr_assert_str_eq(text, SINE);
    free(text);
    tear_down(&f);
}

Test(sessions_folder, of_a_file_says_what_to_do_where_it_is_missing)
{
    struct lat_file_place place;
    struct lat_error error = {0};
    cr_assert_eq(lat_file_place_inside("/nowhere", "a.ini", "a.ini", "do that",
                                       &place, &error),
                 LAT_ENOTFOUND);
    cr_assert_not_null(strstr(error.text, "/nowhere/a.ini"));
    cr_assert_not_null(strstr(error.text, "; do that"));
    error.text[0] = '\0';
    cr_assert_eq(lat_file_place_of("/nowhere/a.ini", "do that", &place, &error),
                 LAT_ENOTFOUND);
    cr_assert_not_null(strstr(error.text, "; do that"));
}

Test(sessions_folder, imports_nodes_and_cables_as_a_part)
{
    struct fixture f;
    set_up(&f);
    put_file(f.folder, "d.ini",
             HEAD "block = 7\n[transport]\ntempo = 99\n"
                  "; low\n[node kick]\ntype = sine\nfreq = 50 ; hz\n"
                  "[node out]\ntype = gain\n"
                  "[cables]\n; wire\ncable = kick -> out * 0.5\n"
                  "[jack]\nconnect = nonsense\n");
    add_node(&f, "kick");
    cr_assert_eq(lat_sessions_import(f.sessions, "d", "drums", &f.error),
                 LAT_OK, "%s", f.error.text);
    cr_assert(has_node(&f, "kick") && has_node(&f, "drums.kick"));
    cr_assert_eq(lat_control_transport(f.control)->tempo_bpm, 120.0);
    cr_assert_eq(lat_control_document(f.control)->block, 0);
    cr_assert_null(lat_control_document(f.control)->jack);
    cr_assert_null(lat_sessions_loaded(f.sessions));

    // It can be saved and read again, comments too.
    char *const out = write_text(f.control);
    cr_assert_not_null(strstr(out, "; low\n[node drums.kick]\ntype = sine\n"
                                   "freq = 50 ; hz\n"),
                       "%s", out);
    cr_assert_not_null(
        strstr(out, "; wire\ncable = drums.kick -> drums.out * 0.5\n"), "%s",
        out);
    char *const again = through(out);
    cr_assert_str_eq(again, out);
    free(again);
    free(out);
    tear_down(&f);
}

#define LONG_A "a234567890123456789012345678901234567890"
#define LONG_B "b234567890123456789012345678901234567890"

Test(sessions_folder, parts_of_long_names_are_imported_saved_and_imported_again)
{
    struct fixture f;
    set_up(&f);
    static const char kit[] =
        HEAD "[node " LONG_A "]\ntype = gain\n[node " LONG_B "]\ntype = gain\n"
             "[cables]\n; the way\ncable = " LONG_A " -> " LONG_B
             "/gain * -12.345678dB feedback ; back\n";
    put_file(f.folder, "kit.ini", kit);
    cr_assert_eq(lat_sessions_import(f.sessions, "kit", LONG_B, &f.error),
                 LAT_OK, "%s", f.error.text);
    cr_assert_eq(save(&f, "song", false), LAT_OK, "%s", f.error.text);
    cr_assert_eq(lat_sessions_load(f.sessions, "song", &f.error), LAT_OK, "%s",
                 f.error.text);
    cr_assert_eq(lat_sessions_import(f.sessions, "song", LONG_A, &f.error),
                 LAT_OK, "%s", f.error.text);
    cr_assert(has_node(&f, LONG_A "." LONG_B "." LONG_B));
    char *const before = write_text(f.control);
    cr_assert_eq(save(&f, "set", false), LAT_OK, "%s", f.error.text);
    cr_assert_eq(lat_sessions_load(f.sessions, "set", &f.error), LAT_OK, "%s",
                 f.error.text);
    char *const after = write_text(f.control);
    cr_assert_str_eq(before, after);
    cr_assert_eq(lat_control_graph(f.control)->n_cables, 2);
    // No client of JACK has such a name.
    cr_assert_eq(lat_control_process_set(
                     f.control, LONG_A "." LONG_B "." LONG_B, true, &f.error),
                 LAT_EINVAL);
    expect_error(&f, "too long");
    // Nor has anything four of them.
    cr_assert_neq(lat_sessions_import(f.sessions, "set", "c", &f.error),
                  LAT_OK);
    expect_error(&f, "longer than the 122 bytes of a name");
    free(before);
    free(after);
    tear_down(&f);
}

Test(sessions_folder, imports_all_or_nothing)
{
    struct fixture f;
    set_up(&f);
    put_file(f.folder, "d.ini",
             HEAD "[node one]\ntype = sine\n[node two]\ntype = saw\n");
    put_file(f.folder, "long.ini",
             HEAD "[node one]\ntype = sine\n"
                  "[node a234567890123456789012345678901234567890.b.c.d."
                  "a234567890123456789012345678901234567890."
                  "a2345678901234567890123456789012345]\n"
                  "type = saw\n");
    put_file(f.folder, "bad.ini",
             HEAD "[node one]\ntype = sine\n[cables]\ncable = one -> two\n");
    cr_assert_eq(lat_sessions_import(f.sessions, "d", "p", &f.error), LAT_OK);
    cr_assert_eq(lat_sessions_import(f.sessions, "d", "p", &f.error),
                 LAT_EEXIST);
    cr_assert_str_eq(f.error.text, "d.ini:3: there is a node 'p.one' already; "
                                   "choose another PART (and 1 more error)");
    const char *const one = "p.one";
    cr_assert_eq(lat_control_node_free(f.control, &one, 1, &f.error), LAT_OK);
    cr_assert_eq(lat_sessions_import(f.sessions, "d", "p", &f.error),
                 LAT_EEXIST);
    cr_assert(strncmp(f.error.text, "d.ini:5: ", 9) == 0, "%s", f.error.text);
    cr_assert_not(has_node(&f, "p.one"));
    cr_assert_neq(lat_sessions_import(f.sessions, "long", "p", &f.error),
                  LAT_OK);
    expect_error(&f, "long.ini:5: ");
    cr_assert_neq(lat_sessions_import(f.sessions, "bad", "q", &f.error),
                  LAT_OK);
    expect_error(&f, "bad.ini:6: ");
    cr_assert_not(has_node(&f, "q.one"));
    cr_assert_neq(lat_sessions_import(f.sessions, "d", "a.b", &f.error),
                  LAT_OK);
    cr_assert_neq(lat_sessions_import(f.sessions, "d", "", &f.error), LAT_OK);
    cr_assert_neq(lat_sessions_import(f.sessions, "none", "p", &f.error),
                  LAT_OK);
    tear_down(&f);
}

Test(sessions_folder, lists_sessions_sorted)
{
    struct fixture f;
    set_up(&f);
    struct heard heard = {0};
    cr_assert_eq(lat_sessions_list(f.sessions, hear, &heard, &f.error), LAT_OK);
    cr_assert_eq(heard.n, 0);
    static const char *const files[] = {
        "b.ini", "a.ini", "a-1.ini", "A.ini",   "a.ini.bak",    ".a.ini.12-0",
        "c.txt", ".ini",  "a b.ini", "x.y.ini", "autosave.ini",
    };
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); ++i) {
        put_file(f.folder, files[i], SINE);
    }
    cr_assert_eq(lat_sessions_list(f.sessions, hear, &heard, &f.error), LAT_OK);
    cr_assert_str_eq(heard.text, "A\na\na b\na-1\nb\nx.y\n");
    drop_folder(strdup(f.folder));
    heard = (struct heard){0};
    cr_assert_eq(lat_sessions_list(f.sessions, hear, &heard, &f.error), LAT_OK);
    cr_assert_eq(heard.n, 0);
    tear_down(&f);
}

Test(sessions_folder, a_name_that_ends_as_a_file_does_is_listed_as_it_loads)
{
    struct fixture f;
    set_up(&f);
    add_node(&f, "a");
    cr_assert_eq(save(&f, "b.ini.ini", false), LAT_OK, "%s", f.error.text);
    struct heard heard = {0};
    cr_assert_eq(lat_sessions_list(f.sessions, hear, &heard, &f.error), LAT_OK);
    cr_assert_str_eq(heard.text, "b.ini.ini\n");
    cr_assert_eq(lat_sessions_load(f.sessions, "b.ini.ini", &f.error), LAT_OK,
                 "%s", f.error.text);
    tear_down(&f);
}

Test(sessions_folder, maps_follow_their_nodes)
{
    struct fixture f;
    set_up(&f);
    put_file(f.folder, "m.ini",
             HEAD "[node v]\ntype = sine\n[node w]\ntype = mix\n"
                  "inputs = 3\n[map]\nmap = /1/fader1 -> v/freq 40 8000 exp\n"
                  "map = /2 -> w/level_3\nmap =   /3   -> v/pitch\n"
                  "map = /4 -> v.1/freq\n");
    cr_assert_eq(open_session(&f, "m"), LAT_OK, "%s", f.error.text);
    cr_assert_eq(lat_control_node_rename(f.control, "v", "vv", &f.error),
                 LAT_OK);
    cr_assert_eq(save(&f, NULL, false), LAT_OK, "%s", f.error.text);
    char *text = get_file(f.folder, "m.ini");
    cr_assert_not_null(strstr(text, "map = /1/fader1 -> vv/freq 40 8000 exp\n"
                                    "map = /2 -> w/level_3\n"
                                    "map = /3   -> vv/pitch\n"
                                    "map = /4 -> vv.1/freq\n"),
                       "%s", text);
    free(text);
    // So does feedback.
    put_file(f.folder, "o.ini",
             HEAD "[node v]\ntype = sine\n[osc]\n"
                  "feedback = 127.0.0.1:9001 /node/v/* 10\n"
                  "feedback = [::1]:9001 /cable/v/out/v/freq\n"
                  "feedback = a:1 /transport/v\n"
                  "feedback = a:2 /node/v.2/freq\n"
                  "feedback = a:3 /node/v.*/freq 5\n"
                  "feedback = a:4 /node/v.v/freq\n");
    cr_assert_eq(open_session(&f, "o"), LAT_OK, "%s", f.error.text);
    cr_assert_eq(lat_control_node_rename(f.control, "v", "vv", &f.error),
                 LAT_OK);
    cr_assert_eq(save(&f, NULL, false), LAT_OK, "%s", f.error.text);
    text = get_file(f.folder, "o.ini");
    cr_assert_not_null(strstr(text, "feedback = 127.0.0.1:9001 /node/vv/* 10\n"
                                    "feedback = [::1]:9001 "
                                    "/cable/vv/out/vv/freq\n"
                                    "feedback = a:1 /transport/v\n"
                                    "feedback = a:2 /node/vv.2/freq\n"
                                    "feedback = a:3 /node/vv.*/freq 5\n"
                                    "feedback = a:4 /node/v.v/freq\n"),
                       "%s", text);
    free(text);
    cr_assert_eq(open_session(&f, "m"), LAT_OK, "%s", f.error.text);
    // What leads nowhere any more would not be loaded again.
    const struct lat_assignment fewer = {"inputs", {.number = 2.0}};
    cr_assert_eq(lat_control_node_set(f.control, "w", &fewer, 1, &f.error),
                 LAT_OK);
    const char *const gone = "vv";
    cr_assert_eq(lat_control_node_free(f.control, &gone, 1, &f.error), LAT_OK);
    add_node(&f, "vv");
    cr_assert_eq(save(&f, NULL, false), LAT_OK, "%s", f.error.text);
    text = get_file(f.folder, "m.ini");
    cr_assert_null(strstr(text, "map ="), "%s", text);
    free(text);
    cr_assert_eq(open_session(&f, "m"), LAT_OK, "%s", f.error.text);
    tear_down(&f);
}

Test(sessions_folder, the_longest_texts_load_again)
{
    struct fixture f;
    set_up(&f);
    char *const text = malloc(LAT_SETTING_TEXT_MAX + 2);
    cr_assert_not_null(text);
    memset(text, '\t', LAT_SETTING_TEXT_MAX + 1); // each is an escape
    text[0] = '1';
    text[LAT_SETTING_TEXT_MAX - 1] = '2';
    text[LAT_SETTING_TEXT_MAX] = '\0';
    const struct lat_assignment values = {"values",
                                          {.is_text = true, .text = text}};
    cr_assert_eq(lat_control_node_new(f.control, "steps", "s", false, &values,
                                      1, &f.error),
                 LAT_OK, "%s", f.error.text);
    cr_assert_eq(save(&f, "long", false), LAT_OK, "%s", f.error.text);
    cr_assert_eq(open_session(&f, "long"), LAT_OK, "%s", f.error.text);
    char got[LAT_SETTING_TEXT_MAX + 2];
    struct lat_value value;
    cr_assert_eq(lat_control_param_get(f.control, "s", "values", got,
                                       sizeof(got), &value, &f.error),
                 LAT_OK);
    cr_assert_str_eq(value.text, text);
    text[LAT_SETTING_TEXT_MAX] = ' ';
    text[LAT_SETTING_TEXT_MAX + 1] = '\0';
    cr_assert_neq(lat_control_node_set(f.control, "s", &values, 1, &f.error),
                  LAT_OK);
    expect_error(&f, "texts of up to 65536 bytes, not of 65537");
    free(text);
    tear_down(&f);
}

Test(sessions_folder, takes_the_block_of_the_file_unless_told)
{
    struct fixture f;
    set_up(&f);
    struct lat_engine_status engine;
    put_file(f.folder, "s.ini", HEAD "block = 16\n");
    put_file(f.folder, "plain.ini", HEAD);
    cr_assert_eq(open_session(&f, "s"), LAT_OK, "%s", f.error.text);
    lat_engine_status(lat_control_engine(f.control), &engine);
    cr_assert_eq(engine.block, 16);
    cr_assert_eq(lat_sessions_load(f.sessions, "plain", &f.error), LAT_OK);
    lat_engine_status(lat_control_engine(f.control), &engine);
    cr_assert_eq(engine.block, 64);
    cr_assert_eq(
        lat_sessions_open(f.sessions, "s", false, NULL, NULL, &f.error),
        LAT_OK);
    lat_engine_status(lat_control_engine(f.control), &engine);
    cr_assert_eq(engine.block, 64);
    cr_assert_eq(save(&f, NULL, false), LAT_OK);
    char *const text = get_file(f.folder, "s.ini");
    cr_assert_not_null(strstr(text, "\nblock = 16\n"));
    free(text);
    tear_down(&f);
}
