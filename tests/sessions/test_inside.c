// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What is read and written by name lies inside the folder of the sessions,
// after links are resolved; what killed saves leave behind is removed.

#include "test_sessions.h"

#include "base/rt.h"

#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/wait.h>

TestSuite(sessions_inside, .timeout = 60);

#define SINE   HEAD "[node a]\ntype = sine\n"
#define SECRET "root:x:0:0:topsecret\n"

struct fixture {
    struct lat_control *control;
    struct lat_sessions *sessions;
    char *top;     ///< of all of it
    char *outside; ///< a folder
    char *folder;
    char *examples;
    struct lat_error error;
};

static char *
make_folder(const struct fixture *f, const char *name)
{
    char *path = NULL;
    cr_assert(asprintf(&path, "%s/%s", f->top, name) > 0);
    cr_assert_eq(mkdir(path, 0700), 0);
    return path;
}

static void
set_up(struct fixture *f)
{
    f->top = new_folder();
    f->folder = make_folder(f, "sessions");
    f->outside = make_folder(f, "outside");
    f->examples = make_folder(f, "examples");
    f->control = new_control();
    cr_assert_eq(lat_sessions_new(f->control, f->folder, &f->sessions), LAT_OK);
    cr_assert_eq(lat_sessions_set_examples(f->sessions, f->examples), LAT_OK);
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

static void
tear_down(struct fixture *f)
{
    lat_sessions_free(f->sessions);
    lat_control_free(f->control);
    cr_assert_eq(nftw(f->top, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
    free(f->examples);
    free(f->outside);
    free(f->folder);
    free(f->top);
}

static void
make_link(const struct fixture *f, const char *target, const char *name)
{
    char path[300];
    snprintf(path, sizeof(path), "%s/%s", f->folder, name);
    cr_assert_eq(symlink(target, path), 0, "%s", path);
}

static enum lat_status
save(struct fixture *f, const char *name)
{
    f->error.text[0] = '\0';
    return lat_sessions_save(f->sessions, name, true, &f->error);
}

static enum lat_status
load(struct fixture *f, const char *name)
{
    f->error.text[0] = '\0';
    return lat_sessions_load(f->sessions, name, &f->error);
}

static void
expect_file(const char *folder, const char *name, const char *text)
{
    char *const is = get_file(folder, name);
    cr_assert(text ? is && strcmp(is, text) == 0 : !is, "%s/%s is '%s'", folder,
              name, is ? is : "not there");
    free(is);
}

/// Links by which one might get out.
static void
make_traps(struct fixture *f)
{
    char absolute[300];
    put_file(f->outside, "victim.txt", SECRET);
    put_file(f->outside, "victim.ini", SECRET);
    put_file(f->outside, "good.ini", SINE);
    snprintf(absolute, sizeof(absolute), "%s/victim.ini", f->outside);
    make_link(f, "../outside/victim.txt", "text.ini");
    make_link(f, "../outside/victim.ini", "relative.ini");
    make_link(f, absolute, "absolute.ini");
    make_link(f, "../outside/good.ini", "good.ini");
    make_link(f, "../outside", "way");
    make_link(f, "way/good.ini", "by_way.ini");
    make_link(f, "by_way.ini", "twice.ini");
    make_link(f, "/proc/self/environ", "environ.ini");
    make_link(f, "/dev/null", "device.ini");
    // A name that begins as the folder's does is another folder.
    char *const other = make_folder(f, "sessions2");
    put_file(other, "near.ini", SINE);
    make_link(f, "../sessions2/near.ini", "near.ini");
    free(other);
}

static const char *const traps[] = {
    "text",  "relative", "absolute", "good", "by_way",
    "twice", "environ",  "device",   "near",
};

Test(sessions_inside, nothing_is_written_through_a_link_that_leads_out)
{
    struct fixture f;
    set_up(&f);
    make_traps(&f);
    for (size_t i = 0; i < LAT_COUNT(traps); ++i) {
        cr_assert_eq(save(&f, traps[i]), LAT_EIO, "%s was saved", traps[i]);
        cr_assert_not_null(strstr(f.error.text, "link"), "%s", f.error.text);
    }
    expect_file(f.outside, "victim.txt", SECRET);
    expect_file(f.outside, "victim.ini", SECRET);
    expect_file(f.outside, "good.ini", SINE);
    expect_file(f.outside, "victim.txt.bak", NULL);
    cr_assert_eq(count_files(f.outside), 3);
    cr_assert_eq(count_files(f.folder), LAT_COUNT(traps) + 1);
    tear_down(&f);
}

Test(sessions_inside, nothing_is_read_through_a_link_that_leads_out)
{
    struct fixture f;
    set_up(&f);
    make_traps(&f);
    for (size_t i = 0; i < LAT_COUNT(traps); ++i) {
        cr_assert_eq(load(&f, traps[i]), LAT_EIO, "%s was loaded", traps[i]);
        cr_assert_null(strstr(f.error.text, "root"), "%s", f.error.text);
        cr_assert_eq(lat_sessions_import(f.sessions, traps[i], "p", &f.error),
                     LAT_EIO, "%s was imported", traps[i]);
        cr_assert_null(strstr(f.error.text, "root"), "%s", f.error.text);
    }
    struct heard heard = {0};
    cr_assert_eq(lat_sessions_list(f.sessions, hear, &heard, &f.error), LAT_OK);
    cr_assert_str_eq(heard.text, "");
    tear_down(&f);
}

Test(sessions_inside, links_that_stay_inside_are_followed)
{
    struct fixture f;
    set_up(&f);
    char *const below = make_folder(&f, "sessions/below");
    char absolute[300];
    put_file(below, "deep.ini", SINE);
    snprintf(absolute, sizeof(absolute), "%s/below/deep.ini", f.folder);
    make_link(&f, "below/deep.ini", "a.ini");
    make_link(&f, absolute, "b.ini");
    for (int i = 0; i < 2; ++i) {
        const char *const name = i ? "b" : "a";
        cr_assert_eq(load(&f, name), LAT_OK, "%s", f.error.text);
        cr_assert_eq(save(&f, name), LAT_OK, "%s", f.error.text);
        cr_assert_eq(save(&f, NULL), LAT_OK, "%s", f.error.text);
    }
    struct stat st;
    char path[300];
    snprintf(path, sizeof(path), "%s/a.ini", f.folder);
    cr_assert(lstat(path, &st) == 0 && S_ISLNK(st.st_mode));
    char *const saved = get_file(below, "deep.ini");
    cr_assert_not_null(strstr(saved, "made_by"));
    free(saved);
    free(below);
    tear_down(&f);
}

Test(sessions_inside, the_folder_itself_may_be_a_link)
{
    struct fixture f;
    set_up(&f);
    char path[300];
    snprintf(path, sizeof(path), "%s/by_link", f.top);
    cr_assert_eq(symlink("sessions", path), 0);
    struct lat_sessions *s = NULL;
    cr_assert_eq(lat_sessions_new(f.control, path, &s), LAT_OK);
    cr_assert_eq(lat_sessions_save(s, "x", false, &f.error), LAT_OK, "%s",
                 f.error.text);
    cr_assert_eq(lat_sessions_load(s, "x", &f.error), LAT_OK, "%s",
                 f.error.text);
    lat_sessions_free(s);
    char *const text = get_file(f.folder, "x.ini");
    cr_assert_not_null(text);
    free(text);
    tear_down(&f);
}

Test(sessions_inside, a_link_to_nothing_is_replaced_itself)
{
    struct fixture f;
    set_up(&f);
    make_link(&f, "../outside/nothing.ini", "lost.ini");
    cr_assert_eq(save(&f, "lost"), LAT_OK, "%s", f.error.text);
    cr_assert_eq(count_files(f.outside), 0);
    struct stat st;
    char path[300];
    snprintf(path, sizeof(path), "%s/lost.ini", f.folder);
    cr_assert(lstat(path, &st) == 0 && S_ISREG(st.st_mode));
    tear_down(&f);
}

/// A session that was loaded may be replaced by a link meanwhile.
Test(sessions_inside, a_link_put_in_the_place_of_the_loaded_is_not_followed)
{
    struct fixture f;
    set_up(&f);
    put_file(f.folder, "x.ini", SINE);
    put_file(f.outside, "victim.ini", SECRET);
    cr_assert_eq(load(&f, "x"), LAT_OK);
    char path[300];
    snprintf(path, sizeof(path), "%s/x.ini", f.folder);
    unlink(path);
    make_link(&f, "../outside/victim.ini", "x.ini");
    save(&f, NULL);
    expect_file(f.outside, "victim.ini", SECRET);
    cr_assert_eq(count_files(f.outside), 1);
    tear_down(&f);
}

/// Swap a file for a link, and a folder for one, as fast as can be, while
/// @p parent lives.
static _Noreturn void
swap_for_ever(const struct fixture *f, pid_t parent)
{
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || chdir(f->folder) != 0) {
        _exit(1);
    }
    while (getppid() == parent) {
        // Whatever fails has lost a race.
        (void)!symlink("../outside/victim.ini", "new");
        (void)!rename("new", "x.ini");
        (void)!symlink("../outside/victim.ini", "new");
        (void)!rename("new", "x.ini.bak");
        const int fd = open("new", O_WRONLY | O_CREAT, 0600);
        (void)!write(fd, SINE, strlen(SINE));
        close(fd);
        (void)!rename("new", "x.ini");
        (void)!rename("below", "away");
        (void)!symlink("../outside", "below");
        unlink("below");
        (void)!rename("away", "below");
    }
    _exit(0);
}

Test(sessions_inside, nobody_wins_by_swapping_files_for_links_meanwhile)
{
    struct fixture f;
    set_up(&f);
    char *const below = make_folder(&f, "sessions/below");
    put_file(below, "victim.ini", SINE);
    put_file(f.outside, "victim.ini", SECRET);
    put_file(f.folder, "x.ini", SINE);
    make_link(&f, "below/victim.ini", "y.ini");
    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid == 0) {
        swap_for_ever(&f, parent);
    }
    cr_assert_gt(pid, 0);
    unsigned n_done = 0;
    unsigned n_refused = 0;
    for (int i = 0; i < 1500; ++i) {
        const char *const name = i % 2 ? "x" : "y";
        const bool ok =
            i % 4 < 2 ? save(&f, name) == LAT_OK : load(&f, name) == LAT_OK;
        n_done += ok;
        n_refused += !ok;
        cr_assert(ok || !strstr(f.error.text, "topsecret"), "%s", f.error.text);
    }
    kill(pid, SIGKILL);
    int status = 0;
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_assert(WIFSIGNALED(status), "it had ended by itself");
    cr_log_info("%u done, %u refused", n_done, n_refused);
    cr_assert_gt(n_done, 0);
    expect_file(f.outside, "victim.ini", SECRET);
    cr_assert_eq(count_files(f.outside), 1);
    free(below);
    tear_down(&f);
}

Test(sessions_inside, a_backup_does_not_follow_links)
{
    struct fixture f;
    set_up(&f);
    put_file(f.folder, "x.ini", SINE);
    put_file(f.outside, "victim.txt", SECRET);
    make_link(&f, "../outside/victim.txt", "x.ini.bak");
    cr_assert_eq(save(&f, "x"), LAT_OK, "%s", f.error.text);
    expect_file(f.outside, "victim.txt", SECRET);
    expect_file(f.folder, "x.ini.bak", SINE);
    tear_down(&f);
}

Test(sessions_inside, the_command_line_reads_and_saves_anywhere)
{
    struct fixture f;
    set_up(&f);
    char path[300];
    put_file(f.outside, "mine.ini", SINE);
    snprintf(path, sizeof(path), "%s/mine.ini", f.outside);
    cr_assert_eq(
        lat_sessions_open(f.sessions, path, true, NULL, NULL, &f.error), LAT_OK,
        "%s", f.error.text);
    cr_assert_eq(save(&f, NULL), LAT_OK, "%s", f.error.text);
    expect_file(f.outside, "mine.ini.bak", SINE);
    tear_down(&f);
}

Test(sessions_inside, nothing_of_a_file_that_is_no_session_is_shown)
{
    static const char *const foreign[] = {SECRET,
                                          "password = topsecret\n",
                                          "topsecret",
                                          "[topsecret]\na = b\n",
                                          "# x\ntopsecret = 1\n[topsecret]\n",
                                          "topsecret\xff\n",
                                          "\1topsecret\n",
                                          "[node topsecret]\ntype = sine\n",
                                          "  topsecret = 1\n"};
    struct fixture f;
    set_up(&f);
    for (size_t i = 0; i < LAT_COUNT(foreign); ++i) {
        put_file(f.folder, "x.ini", foreign[i]);
        cr_assert_eq(load(&f, "x"), LAT_EINVAL);
        cr_assert_str_eq(f.error.text, "x.ini is no session: it has no "
                                       "[session] with format = 1");
        cr_assert_eq(lat_sessions_import(f.sessions, "x", "p", &f.error),
                     LAT_EINVAL);
        cr_assert_null(strstr(f.error.text, "topsecret"));
    }
    tear_down(&f);
}

// Examples.

Test(sessions_inside, examples_are_loaded_imported_listed_but_not_written)
{
    struct fixture f;
    set_up(&f);
    put_file(f.examples, "demo.ini", SINE);
    put_file(f.examples, "both.ini", HEAD "[node b]\ntype = saw\n");
    put_file(f.folder, "both.ini", SINE);
    put_file(f.folder, "zoo.ini", SINE);
    struct heard heard = {0};
    cr_assert_eq(lat_sessions_list(f.sessions, hear, &heard, &f.error), LAT_OK);
    cr_assert_str_eq(heard.text, "both\ndemo\nzoo\n");
    cr_assert_eq(lat_sessions_import(f.sessions, "demo", "p", &f.error),
                 LAT_OK);
    cr_assert_not_null(lat_graph_find(lat_control_graph(f.control), "p.a"));
    cr_assert_eq(load(&f, "both"), LAT_OK);
    cr_assert_not_null(lat_graph_find(lat_control_graph(f.control), "a"));
    cr_assert_eq(load(&f, "demo"), LAT_OK, "%s", f.error.text);
    cr_assert_null(lat_sessions_loaded(f.sessions));
    cr_assert_eq(save(&f, NULL), LAT_EINVAL);
    cr_assert_not_null(strstr(f.error.text, "is an example; say which"));
    cr_assert_eq(lat_sessions_save(f.sessions, "demo", false, &f.error), LAT_OK,
                 "%s", f.error.text);
    cr_assert_not_null(lat_sessions_loaded(f.sessions));
    expect_file(f.examples, "demo.ini", SINE);
    cr_assert_eq(
        lat_sessions_open(f.sessions, "demo", true, NULL, NULL, &f.error),
        LAT_OK);
    cr_assert_neq(load(&f, "deno"), LAT_OK);
    cr_assert_not_null(strstr(f.error.text, "did you mean 'demo'"));
    tear_down(&f);
}

// What killed saves leave behind.

/// The number of a process that is gone.
static int
gone(void)
{
    const pid_t pid = fork();
    if (pid == 0) {
        _exit(0);
    }
    cr_assert_gt(pid, 0);
    waitpid(pid, NULL, 0);
    return (int)pid;
}

static void
put_left_over(const struct fixture *f, const char *format, int pid)
{
    char name[100];
    snprintf(name, sizeof(name), format, pid);
    put_file(f->folder, name, "half a");
}

Test(sessions_inside, left_over_files_of_killed_saves_are_removed)
{
    struct fixture f;
    set_up(&f);
    const int pid = gone();
    for (int way = 0; way < 3; ++way) {
        put_left_over(&f, ".song.ini.%d-0", pid);
        put_left_over(&f, ".song.ini.%d-1", pid);
        put_left_over(&f, ".x.y-z.ini.%d-17", pid);
        // A container may give us the number of who was killed.
        put_left_over(&f, ".song.ini.%d-99", (int)getpid());
        cr_assert_eq(count_files(f.folder), 4U);
        struct lat_sessions *s = NULL;
        struct heard heard = {0};
        switch (way) {
        case 0:
            cr_assert_eq(lat_sessions_new(f.control, f.folder, &s), LAT_OK);
            lat_sessions_free(s);
            break;
        case 1:
            cr_assert_eq(lat_sessions_list(f.sessions, hear, &heard, &f.error),
                         LAT_OK);
            break;
        default:
            cr_assert_eq(save(&f, "other"), LAT_OK);
            break;
        }
        cr_assert_eq(count_files(f.folder), way == 2 ? 1U : 0U, "%d", way);
    }
    tear_down(&f);
}

Test(sessions_inside, files_that_are_not_left_over_stay)
{
    struct fixture f;
    set_up(&f);
    const int pid = gone();
    static const char *const foreign[] = {
        ".song.txt.%d-0", "song.ini.%d-0",    ".song.ini.%d",
        ".song.ini.%d-",  ".song.ini.%d-0x",  ".song.ini.%d-0.bak",
        ".ini.%d-0",      ".so\tng.ini.%d-0", ".song.ini.-%d-0",
        ".song.ini.+%d-0"};
    for (size_t i = 0; i < LAT_COUNT(foreign); ++i) {
        put_left_over(&f, foreign[i], pid);
    }
    // Of a process that lives.
    put_left_over(&f, ".song.ini.%d-0", 1);
    put_left_over(&f, ".song.ini.%d-0", (int)getppid());
    // Of one that lives where we do not see it: it holds the lock.
    put_left_over(&f, ".locked.ini.%d-0", pid);
    char path[300];
    snprintf(path, sizeof(path), "%s/.locked.ini.%d-0", f.folder, pid);
    const int fd = open(path, O_RDONLY);
    cr_assert_eq(flock(fd, LOCK_EX), 0);
    // No files.
    snprintf(path, sizeof(path), ".song.ini.%d-5", pid);
    make_link(&f, "../outside/victim", path);
    snprintf(path, sizeof(path), "%s/.song.ini.%d-6", f.folder, pid);
    cr_assert_eq(mkdir(path, 0700), 0);
    const unsigned n = count_files(f.folder);
    struct heard heard = {0};
    cr_assert_eq(lat_sessions_list(f.sessions, hear, &heard, &f.error), LAT_OK);
    cr_assert_eq(count_files(f.folder), n);
    close(fd);
    cr_assert_eq(lat_sessions_list(f.sessions, hear, &heard, &f.error), LAT_OK);
    cr_assert_eq(count_files(f.folder), n - 1);
    tear_down(&f);
}

Test(sessions_inside, a_save_outside_the_folder_cleans_after_itself_only)
{
    struct fixture f;
    set_up(&f);
    char path[300];
    put_file(f.outside, "mine.ini", SINE);
    const int pid = gone();
    snprintf(path, sizeof(path), ".mine.ini.%d-0", pid);
    put_file(f.outside, path, "half");
    snprintf(path, sizeof(path), ".other.ini.%d-0", pid);
    put_file(f.outside, path, "half");
    snprintf(path, sizeof(path), "%s/mine.ini", f.outside);
    cr_assert_eq(
        lat_sessions_open(f.sessions, path, true, NULL, NULL, &f.error),
        LAT_OK);
    cr_assert_eq(save(&f, NULL), LAT_OK, "%s", f.error.text);
    cr_assert_eq(count_files(f.outside), 3); // mine, its backup, the other
    tear_down(&f);
}

// Pipes.

/// A pipe that gives @p text once, as a path.
static void
make_pipe(const char *text, char path[64])
{
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    const pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        _exit(write(ends[1], text, strlen(text)) < 0);
    }
    close(ends[1]);
    snprintf(path, 64, "/dev/fd/%d", ends[0]);
}

Test(sessions_inside, the_command_line_reads_pipes)
{
    struct fixture f;
    set_up(&f);
    char path[64];
    make_pipe(SINE, path);
    cr_assert_eq(
        lat_sessions_open(f.sessions, path, true, NULL, NULL, &f.error), LAT_OK,
        "%s", f.error.text);
    cr_assert_not_null(lat_graph_find(lat_control_graph(f.control), "a"));
    cr_assert_null(lat_sessions_loaded(f.sessions));
    cr_assert_eq(save(&f, NULL), LAT_EINVAL);
    cr_assert_not_null(strstr(f.error.text, "read from a pipe; say which"));
    // It can be read again by another.
    size_t length = 0;
    char *const text = lat_sessions_take_text(f.sessions, &length);
    cr_assert_eq(length, strlen(SINE));
    struct lat_sessions *s = NULL;
    cr_assert_eq(lat_sessions_new(f.control, f.folder, &s), LAT_OK);
    lat_sessions_give_text(s, text, length);
    cr_assert_eq(lat_sessions_open(s, path, true, NULL, NULL, &f.error), LAT_OK,
                 "%s", f.error.text);
    lat_sessions_free(s);
    make_pipe("", path);
    cr_assert_eq(
        lat_sessions_open(f.sessions, path, true, NULL, NULL, &f.error),
        LAT_EINVAL);
    cr_assert_not_null(strstr(f.error.text, ":1: no format"));
    tear_down(&f);
}
