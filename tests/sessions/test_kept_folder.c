// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The folder of what plays cannot be written to, or not read, or is gone.

#include "autosave_fixture.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>

TestSuite(sessions_kept_folder, .timeout = 60);

static const char *
in_home(const struct fixture *f, const char *leaf)
{
    static char path[500];
    snprintf(path, sizeof(path), "%s/%s", f->home, leaf);
    return path;
}

/// Be nobody in particular, whom permissions bind; the folder is then his.
static bool
be_nobody(const struct fixture *f)
{
    char command[500];
    if (geteuid() != 0) {
        return true;
    }
    snprintf(command, sizeof(command), "chown -R 65534 '%s'", f->home);
    return system(command) == 0 && seteuid(65534) == 0;
}

/// Be what we were: a leak checker needs it.
static void
be_ourselves(void)
{
    cr_assert_eq(seteuid(getuid()), 0);
    prctl(PR_SET_DUMPABLE, 1);
}

/// Keep 'a', and end; then do to the folder what @p spoil does, and start.
static int
keep_then(struct fixture *f, void (*spoil_it)(const struct fixture *f))
{
    set_up(f);
    add_node(f, "a");
    keep(f);
    stop(f);
    cr_assert(be_nobody(f));
    spoil_it(f);
    const int log = take_log();
    start(f, "synth");
    return log;
}

/// What can be read is played, a warning says why nothing is written, and once
/// that is mended all is kept.
static void
expect_to_mend(struct fixture *f, int log, const char *why,
               void (*mend)(const struct fixture *f))
{
    cr_assert_eq(count_logged(log, "what plays is not kept"), 1);
    cr_assert_eq(count_logged(log, why), 1, "no '%s'", why);
    cr_assert_str_neq(restore(f), "");
    cr_assert(has_node(f, "a"));
    add_node(f, "b");
    keep(f);
    keep(f);
    cr_assert_eq(count_logged(log, "what plays is not kept"), 1);
    cr_assert_eq(count_logged(log, "kept again"), 0);
    mend(f);
    keep(f);
    cr_assert_eq(count_logged(log, "what plays is kept again"), 1);
    start_again(f);
    cr_assert(has_node(f, "b"));
    close(log);
    be_ourselves();
    tear_down(f);
}

static const char *
lock_of(const struct fixture *f)
{
    return in_home(f, "lattice/synth/lock");
}

static void
put_folder_at_lock(const struct fixture *f)
{
    cr_assert_eq(unlink(lock_of(f)), 0);
    cr_assert_eq(mkdir(lock_of(f), 0700), 0);
}

static void
remove_folder_at_lock(const struct fixture *f)
{
    cr_assert_eq(rmdir(lock_of(f)), 0);
}

Test(sessions_kept_folder, a_folder_in_the_place_of_the_lock)
{
    struct fixture f;
    const int log = keep_then(&f, put_folder_at_lock);
    expect_to_mend(&f, log,
                   "synth/lock: Is a directory; remove what is in its place",
                   remove_folder_at_lock);
}

static void
forbid_lock(const struct fixture *f)
{
    cr_assert_eq(chmod(lock_of(f), 0), 0);
}

static void
remove_lock(const struct fixture *f)
{
    cr_assert_eq(unlink(lock_of(f)), 0);
}

Test(sessions_kept_folder, a_lock_of_somebody_else)
{
    struct fixture f;
    const int log = keep_then(&f, forbid_lock);
    expect_to_mend(&f, log,
                   "synth/lock: Permission denied; remove what is in its place",
                   remove_lock);
}

static void
forbid_writing_lock(const struct fixture *f)
{
    cr_assert_eq(chmod(lock_of(f), 0400), 0);
}

Test(sessions_kept_folder, a_lock_that_is_only_read)
{
    struct fixture f;
    const int log = keep_then(&f, forbid_writing_lock);
    add_node(&f, "b");
    keep(&f);
    cr_assert_eq(count_logged(log, "not kept"), 0);
    close(log);
    be_ourselves();
    tear_down(&f);
}

static void
forbid_writing(const struct fixture *f)
{
    cr_assert_eq(unlink(lock_of(f)), 0);
    cr_assert_eq(chmod(f->kept, 0500), 0);
}

static void
permit_all(const struct fixture *f)
{
    cr_assert_eq(chmod(f->kept, 0700), 0);
}

Test(sessions_kept_folder, a_folder_that_is_only_read)
{
    struct fixture f;
    const int log = keep_then(&f, forbid_writing);
    expect_to_mend(
        &f, log, "Permission denied; choose another folder with XDG_STATE_HOME",
        permit_all);
}

static void
forbid_reading(const struct fixture *f)
{
    cr_assert_eq(chmod(f->kept, 0300), 0);
}

Test(sessions_kept_folder, a_folder_that_cannot_be_read_is_not_written_over)
{
    struct fixture f;
    const int log = keep_then(&f, forbid_reading);
    cr_assert_eq(count_logged(log, "cannot read"), 1);
    cr_assert_str_eq(restore(&f), "");
    add_node(&f, "b");
    keep(&f);
    cr_assert_neq(lat_autosave_next_ns(f.autosave), UINT64_MAX);
    permit_all(&f);
    char *const text = get_file(f.kept, "0000000001.ini");
    cr_assert_not_null(strstr(text, "[node a]"));
    free(text);
    keep(&f);
    start_again(&f);
    cr_assert(has_node(&f, "b"));
    close(log);
    be_ourselves();
    tear_down(&f);
}

Test(sessions_kept_folder, a_folder_that_was_moved_away_is_made_again)
{
    struct fixture f;
    set_up(&f);
    add_node(&f, "a");
    keep(&f);
    cr_assert_eq(rename(f.kept, in_home(&f, "lattice/old")), 0);
    add_node(&f, "b");
    keep(&f);
    cr_assert_eq(lat_autosave_next_ns(f.autosave), UINT64_MAX);
    start_again(&f);
    cr_assert(has_node(&f, "b"));
    tear_down(&f);
}

/// No file can have more than @p bytes.
static void
limit_files(rlim_t bytes)
{
    signal(SIGXFSZ, SIG_IGN);
    cr_assert_eq(
        setrlimit(RLIMIT_FSIZE, &(struct rlimit){bytes, RLIM_INFINITY}), 0);
}

Test(sessions_kept_folder, a_full_disk_is_told_once)
{
    struct fixture f;
    const int log = take_log();
    set_up(&f);
    add_node(&f, "a");
    limit_files(1);
    for (int i = 0; i < 3; ++i) {
        keep(&f);
    }
    limit_files(RLIM_INFINITY);
    keep(&f);
    cr_assert_eq(count_logged(log, "what plays is not kept"), 1);
    cr_assert_eq(count_logged(log, "make room or choose another folder"), 1);
    cr_assert_eq(count_logged(log, "what plays is kept again"), 1);
    close(log);
    tear_down(&f);
}

Test(sessions_kept_folder, work_that_is_lost_at_the_end_is_a_failure)
{
    struct fixture f;
    set_up(&f);
    add_node(&f, "a");
    put_folder_at_lock(&f);
    const int log = take_log();
    cr_assert_neq(lat_autosave_finish(f.autosave), LAT_OK);
    cr_assert_eq(count_logged(log, "what was not saved is lost: cannot write"),
                 1);
    close(log);
    tear_down(&f);
}

Test(sessions_kept_folder, what_a_session_file_has_is_not_lost)
{
    struct fixture f;
    set_up(&f);
    add_node(&f, "a");
    cr_assert_eq(lat_sessions_save(f.sessions, "s", false, &f.error), LAT_OK);
    put_folder_at_lock(&f);
    const int log = take_log();
    cr_assert_eq(lat_autosave_finish(f.autosave), LAT_OK);
    cr_assert_eq(count_logged(log, "what plays is not kept"), 1);
    close(log);
    tear_down(&f);
}

Test(sessions_kept_folder, what_played_last_is_not_lost_on_a_full_disk)
{
    struct fixture f;
    set_up(&f);
    add_node(&f, "a");
    cr_assert_eq(lat_autosave_finish(f.autosave), LAT_OK);
    stop(&f);
    limit_files(1);
    const int log = take_log();
    start(&f, "synth");
    lat_sessions_set_aside(f.sessions); // --empty
    cr_assert_eq(count_logged(log, "kept in memory only"), 1);
    cr_assert_eq(lat_autosave_finish(f.autosave), LAT_OK);
    cr_assert_eq(count_logged(log, "is lost"), 0);
    start_again(&f);
    cr_assert(has_node(&f, "a"));
    // Neither is it once there is room.
    stop(&f);
    start(&f, "synth");
    lat_sessions_set_aside(f.sessions);
    limit_files(RLIM_INFINITY);
    add_node(&f, "b");
    keep(&f);
    cr_assert_eq(load(&f, "autosave"), LAT_OK);
    cr_assert(has_node(&f, "a"));
    start_again(&f);
    cr_assert(has_node(&f, "b"));
    close(log);
    tear_down(&f);
}

Test(sessions_kept_folder, what_only_memory_has_is_lost_at_the_end)
{
    struct fixture f;
    set_up(&f);
    add_node(&f, "a");
    keep(&f);
    limit_files(1);
    add_node(&f, "b"); // newer than what is kept
    cr_assert_eq(lat_sessions_new_session(f.sessions, &f.error), LAT_OK);
    const int log = take_log();
    cr_assert_neq(lat_autosave_finish(f.autosave), LAT_OK);
    cr_assert_eq(count_logged(log, "what was not saved is lost"), 1);
    close(log);
    limit_files(RLIM_INFINITY);
    tear_down(&f);
}

Test(sessions_kept_folder, the_end_looks_whether_its_folder_is_there)
{
    struct fixture f;
    set_up(&f);
    add_node(&f, "a");
    keep(&f);
    char moved[500];
    snprintf(moved, sizeof(moved), "%s/moved", f.home);
    cr_assert_eq(rename(f.kept, moved), 0);
    cr_assert_eq(lat_autosave_finish(f.autosave), LAT_OK);
    start_again(&f);
    cr_assert(has_node(&f, "a"));
    tear_down(&f);
}

Test(sessions_kept_folder, what_memory_keeps_is_written_once_it_can_be)
{
    struct fixture f;
    set_up(&f);
    put_folder_at_lock(&f);
    const int log = take_log();
    add_node(&f, "a");
    cr_assert_eq(new_session(&f), LAT_OK);
    cr_assert_eq(count_logged(log, "kept in memory only"), 1);
    cr_assert_eq(count_logged(log, "not saved is kept: "), 0);
    add_node(&f, "b");
    keep(&f);
    remove_folder_at_lock(&f);
    keep(&f);
    start_again(&f);
    cr_assert(has_node(&f, "b"));
    cr_assert_eq(load(&f, "autosave"), LAT_OK);
    cr_assert(has_node(&f, "a"));
    close(log);
    tear_down(&f);
}

Test(sessions_kept_folder, names_that_nobody_wrote_do_not_count)
{
    struct fixture f;
    set_up(&f);
    add_node(&f, "a");
    keep(&f);
    char *const text = get_file(f.kept, "0000000001.ini");
    put_file(f.kept, "999999999999999999.ini", text);
    start_again(&f);
    add_node(&f, "b");
    keep(&f);
    start_again(&f);
    cr_assert(has_node(&f, "b"));
    // The highest number there can be is told.
    put_file(f.kept, "9999999999.ini", text);
    const int log = take_log();
    start_again(&f);
    add_node(&f, "c");
    keep(&f);
    cr_assert_eq(count_logged(log, "9999999999.ini; rename that file"), 1);
    free(text);
    close(log);
    tear_down(&f);
}
