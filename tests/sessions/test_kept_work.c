// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Which work is kept: that of the last start, works that no file has, files
// that cannot be read.

#include "autosave_fixture.h"
#include "sessions/tell.h"

TestSuite(sessions_kept_work, .timeout = 60);

/// What an end in order keeps.
static void
end(struct fixture *f)
{
    cr_assert_eq(lat_autosave_finish(f->autosave), LAT_OK);
    stop(f);
}

static unsigned
count_named(const struct fixture *f, const char *part)
{
    unsigned n = 0;
    DIR *const dir = opendir(f->kept);
    cr_assert_not_null(dir);
    for (const struct dirent *e = readdir(dir); e; e = readdir(dir)) {
        n += strstr(e->d_name, part) != NULL;
    }
    closedir(dir);
    return n;
}

/// `lattice --empty`, in which nothing is done.
static void
start_empty(struct fixture *f)
{
    start(f, "synth");
    lat_sessions_set_aside(f->sessions);
    end(f);
}

Test(sessions_kept_work, another_start_leaves_what_is_restored)
{
    struct fixture f;
    set_up(&f);
    add_node(&f, "a");
    keep(&f);
    add_node(&f, "b");
    end(&f);
    for (int i = 0; i < 7; ++i) {
        start_empty(&f);
    }
    // Set aside it was, as one work.
    cr_assert_eq(count_named(&f, "unsaved-"), 1);
    start(&f, "synth");
    restore(&f);
    cr_assert(has_node(&f, "b"));
    tear_down(&f);
}

Test(sessions_kept_work, another_start_that_plays_is_restored_next)
{
    struct fixture f;
    set_up(&f);
    add_node(&f, "a");
    end(&f);
    start(&f, "synth");
    lat_sessions_set_aside(f.sessions);
    add_node(&f, "b");
    end(&f);
    start(&f, "synth");
    restore(&f);
    cr_assert(has_node(&f, "b") && !has_node(&f, "a"));
    cr_assert_eq(load(&f, "autosave"), LAT_OK);
    cr_assert(has_node(&f, "a"));
    tear_down(&f);
}

Test(sessions_kept_work, a_start_that_fails_takes_nothing)
{
    struct fixture f;
    set_up(&f);
    add_node(&f, "a");
    end(&f);
    start(&f, "synth"); // it is not set aside before all is open
    stop(&f);
    cr_assert_eq(count_files(f.kept), 1 + 1);
    start(&f, "synth");
    restore(&f);
    cr_assert(has_node(&f, "a"));
    tear_down(&f);
}

/// A work each of 'a', 'b', …, that no file has.
static void
leave_works(struct fixture *f, unsigned n)
{
    char name[2] = "a";
    for (unsigned i = 0; i < n; ++i, ++name[0]) {
        add_node(f, name);
        cr_assert_eq(new_session(f), LAT_OK);
    }
}

Test(sessions_kept_work, loading_back_evicts_nobody)
{
    struct fixture f;
    set_up(&f);
    leave_works(&f, 5);
    char found[] = "-----";
    for (int i = 0; i < 20; ++i) {
        cr_assert_eq(load(&f, "autosave"), LAT_OK);
        cr_assert_eq(lat_control_graph(f.control)->n_nodes, 1);
        for (char name[2] = "a"; name[0] < 'f'; ++name[0]) {
            if (has_node(&f, name)) {
                found[name[0] - 'a'] = name[0];
            }
        }
        cr_assert_eq(count_named(&f, "unsaved-"), 5);
    }
    // Each of them has had its turn.
    cr_assert_str_eq(found, "abcde");
    tear_down(&f);
}

Test(sessions_kept_work, the_newest_is_loaded_first_then_the_one_before)
{
    struct fixture f;
    set_up(&f);
    leave_works(&f, 6);
    for (char name[2] = "f"; name[0] > 'a'; --name[0]) {
        cr_assert_eq(load(&f, "autosave"), LAT_OK);
        cr_assert(has_node(&f, name), "%s", name);
    }
    cr_assert_eq(load(&f, "autosave"), LAT_OK);
    cr_assert_not(has_node(&f, "a"), "the last five stay");
    tear_down(&f);
}

Test(sessions_kept_work, all_have_their_turn_and_none_is_evicted_by_that)
{
    struct fixture f;
    set_up(&f);
    leave_works(&f, 5);
    for (const char *turn = "edcbaedcbaed"; *turn; ++turn) {
        const char name[2] = {*turn, '\0'};
        cr_assert_eq(load(&f, "autosave"), LAT_OK);
        cr_assert(has_node(&f, name), "%s", turn);
    }
    cr_assert_eq(new_session(&f), LAT_OK);
    add_node(&f, "f");
    cr_assert_eq(new_session(&f), LAT_OK);
    for (const char *turn = "fedcbf"; *turn; ++turn) {
        const char name[2] = {*turn, '\0'};
        cr_assert_eq(load(&f, "autosave"), LAT_OK);
        cr_assert(has_node(&f, name), "%s", turn);
    }
    tear_down(&f);
}

/// Is there, among all that can be loaded back, a state with so many nodes?
static bool
can_load(struct fixture *f, uint32_t n_nodes)
{
    bool is_found = false;
    for (int i = 0; i < 7 && !is_found; ++i) {
        cr_assert_eq(load(f, "autosave"), LAT_OK);
        is_found = lat_control_graph(f->control)->n_nodes == n_nodes;
    }
    return is_found;
}

Test(sessions_kept_work, an_older_state_takes_the_place_of_none)
{
    struct fixture f;
    set_up(&f);
    add_node(&f, "a");
    keep(&f);
    add_node(&f, "b");
    cr_assert_eq(load(&f, "autosave"), LAT_OK); // what was kept
    cr_assert_not(has_node(&f, "b"));
    end(&f);
    start_empty(&f); // that is set aside, too
    start(&f, "synth");
    lat_sessions_set_aside(f.sessions);
    cr_assert(can_load(&f, 2) && can_load(&f, 1));
    tear_down(&f);
}

Test(sessions_kept_work, what_was_set_aside_outlives_a_crash_and_an_older_last)
{
    struct fixture f;
    set_up(&f);
    add_node(&f, "a");
    keep(&f);
    add_node(&f, "b");
    cr_assert_eq(new_session(&f), LAT_OK);
    stop(&f); // killed before the empty session was kept
    start_empty(&f);
    start(&f, "synth");
    restore(&f);
    cr_assert(has_node(&f, "a") && !has_node(&f, "b"));
    add_node(&f, "c");
    add_node(&f, "d");
    cr_assert_eq(new_session(&f), LAT_OK);
    cr_assert(can_load(&f, 3) && can_load(&f, 2) && can_load(&f, 1));
    tear_down(&f);
}

Test(sessions_kept_work, the_newest_whole_file_is_set_aside)
{
    struct fixture f;
    char path[500];
    set_up(&f);
    add_node(&f, "a");
    keep(&f);
    add_node(&f, "b");
    end(&f);
    snprintf(path, sizeof(path), "%s/0000000002.ini", f.kept);
    spoil(path, 40);
    start(&f, "synth");
    lat_sessions_set_aside(f.sessions);
    cr_assert_eq(load(&f, "autosave"), LAT_OK, "%s", f.error.text);
    cr_assert(has_node(&f, "a"));
    cr_assert_eq(count_named(&f, "0000000002.ini.broken"), 1);
    tear_down(&f);
}

Test(sessions_kept_work, an_empty_graph_is_no_work)
{
    struct fixture f;
    set_up(&f);
    add_node(&f, "a");
    cr_assert_eq(new_session(&f), LAT_OK);
    lat_sessions_touch(f.sessions);
    end(&f);
    start(&f, "synth");
    lat_sessions_set_aside(f.sessions);
    cr_assert_eq(load(&f, "autosave"), LAT_OK);
    cr_assert(has_node(&f, "a"));
    tear_down(&f);
}

Test(sessions_kept_work, what_cannot_be_read_stays_to_be_mended)
{
    struct fixture f;
    char name[64];
    const int log = take_log();
    set_up(&f);
    for (unsigned i = 1; i <= 5; ++i) {
        snprintf(name, sizeof(name), "000000000%u.ini", i);
        put_file(f.kept, name, "[node a]\ntype = sinne\n");
    }
    cr_assert_str_eq(start_again(&f), "");
    for (int i = 0; i < 7; ++i) {
        add_node(&f, (char[]){(char)('a' + i), '\0'});
        keep(&f);
    }
    cr_assert_eq(count_named(&f, ".ini.broken"), 5);
    cr_assert_eq(count_logged(log, "0000000001.ini.broken"), 1);
    // It is said once.
    start_again(&f);
    cr_assert(has_node(&f, "g"));
    cr_assert_eq(count_logged(log, ".ini.broken"), 5);
    // No later file takes its name, and there are not ever more of them.
    cr_assert_eq(count_named(&f, "0000000012.ini"), 1);
    put_file(f.kept, "0000000013.ini", "");
    start_again(&f);
    cr_assert_eq(count_named(&f, ".ini.broken"), 5);
    cr_assert_eq(count_named(&f, "0000000013.ini.broken"), 1);
    cr_assert_eq(count_named(&f, "0000000001.ini.broken"), 0);
    close(log);
    tear_down(&f);
}

Test(sessions_kept_work, saving_it_makes_it_saved_work)
{
    struct fixture f;
    set_up(&f);
    add_node(&f, "a");
    keep(&f);
    cr_assert_eq(lat_sessions_save(f.sessions, "s", false, &f.error), LAT_OK);
    lat_autosave_finish(f.autosave);
    start_again(&f);
    cr_assert(has_node(&f, "a"));
    cr_assert_not(lat_sessions_is_changed(f.sessions));
    cr_assert_neq(lat_sessions_save(f.sessions, NULL, false, &f.error), LAT_OK);
    cr_assert_not_null(strstr(f.error.text, "/session/save NAME"));
    cr_assert_not_null(strstr(f.error.text, "overwrite"));
    // It is no unsaved work either.
    stop(&f);
    start_empty(&f);
    cr_assert_eq(count_named(&f, "unsaved-"), 0);
    start(&f, "synth");
    tear_down(&f);
}

Test(sessions_kept_work, what_becomes_of_it_is_said)
{
    struct fixture f;
    const int log = take_log();
    set_up(&f);
    end(&f);
    cr_assert_eq(count_logged(log, "not saved"), 0, "nothing plays");
    start(&f, "synth");
    add_node(&f, "a");
    end(&f);
    cr_assert_eq(count_logged(log, "what was not saved is kept: lattice "
                                   "without a session plays it again"),
                 1);
    start_empty(&f);
    cr_assert_eq(count_logged(log, "what was not saved is kept: /session/load "
                                   "autosave brings it back"),
                 1);
    start(&f, "synth");
    close(log);
    tear_down(&f);
}

Test(sessions_kept_work, where_nothing_is_kept_memory_keeps_it)
{
    struct fixture f;
    const int log = take_log();
    set_up(&f);
    lat_autosave_free(f.autosave); // a second one of its name
    add_node(&f, "a");
    cr_assert_eq(new_session(&f), LAT_OK);
    cr_assert_eq(count_logged(log, "kept in memory only, until lattice ends"),
                 1);
    cr_assert_eq(count_logged(log, "not saved is kept: "), 0);
    cr_assert(lat_sessions_has_unsaved(f.sessions));
    cr_assert_eq(load(&f, "autosave"), LAT_OK);
    cr_assert(has_node(&f, "a"));
    f.autosave = NULL;
    close(log);
    tear_down(&f);
}

Test(sessions_kept_work, the_log_says_what_was_loaded)
{
    struct fixture f;
    const int log = take_log();
    set_up(&f);
    leave_works(&f, 1);
    lat_sessions_tell(f.sessions, f.control, "began");
    cr_assert_eq(count_logged(log, "began an empty session: 0 nodes"), 1);
    cr_assert_eq(load(&f, "autosave"), LAT_OK);
    lat_sessions_tell(f.sessions, f.control, "loaded");
    cr_assert_eq(count_logged(log, "loaded what was kept: 1 node, "), 1);
    close(log);
    tear_down(&f);
}

Test(sessions_kept_work, the_name_autosave_says_what_to_do)
{
    struct fixture f;
    set_up(&f);
    cr_assert_eq(
        lat_sessions_open(f.sessions, "autosave", true, NULL, NULL, &f.error),
        LAT_ENOTFOUND);
    cr_assert_not_null(strstr(f.error.text, "/session/load autosave"), "%s",
                       f.error.text);
    tear_down(&f);
}
