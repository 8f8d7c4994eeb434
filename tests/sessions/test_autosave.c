// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What plays is kept by itself and plays again; work that no file has is not
// lost when another session takes its place.

#include "autosave_fixture.h"

TestSuite(sessions_autosave, .timeout = 60);

Test(sessions_autosave, the_first_change_is_kept_within_two_seconds)
{
    struct fixture f;
    set_up(&f);
    cr_assert_eq(lat_autosave_next_ns(f.autosave), UINT64_MAX);
    const uint64_t before_ns = lat_now_ns();
    add_node(&f, "a");
    const uint64_t due_ns = lat_autosave_next_ns(f.autosave);
    cr_assert_leq(due_ns, lat_now_ns() + UINT64_C(1500000000));
    // More of them do not put it off.
    add_node(&f, "b");
    cr_assert_eq(lat_autosave_next_ns(f.autosave), due_ns);
    cr_assert_geq(due_ns, before_ns);
    lat_autosave_tick(f.autosave);
    cr_assert_null(f.job, "too early");
    keep(&f);
    cr_assert_eq(lat_autosave_next_ns(f.autosave), UINT64_MAX);
    start_again(&f);
    cr_assert(has_node(&f, "a") && has_node(&f, "b"));
    tear_down(&f);
}

Test(sessions_autosave, what_changes_while_a_file_is_written_is_kept_next)
{
    struct fixture f;
    set_up(&f);
    add_node(&f, "a");
    come_due(&f);
    add_node(&f, "b");
    cr_assert_eq(lat_autosave_next_ns(f.autosave), UINT64_MAX, "one at a time");
    let_write(&f);
    keep(&f);
    start_again(&f);
    cr_assert(has_node(&f, "b"));
    tear_down(&f);
}

Test(sessions_autosave, restores_everything_that_a_session_holds)
{
    struct fixture f;
    set_up(&f);
    cr_assert_eq(mkdir(f.folder, 0700), 0);
    put_file(
        f.folder, "s.ini",
        "; mine\n[session]\nformat = 1\nblock = 32\n\n[transport]\n"
        "tempo = 93.5\nplaying = no\n\n[node a]\ntype = sine\nfreq = 1kHz\n"
        "\n[node m]\ntype = audio_out\nnote = loud ; not\\x20\n\n"
        "[cables]\ncable = a -> m * -6dB\n\n[jack]\n"
        "connect = m_1 -> nobody:in\n; the end\n");
    cr_assert_eq(lat_sessions_load(f.sessions, "s", &f.error), LAT_OK, "%s",
                 f.error.text);
    cr_assert_not(lat_sessions_is_changed(f.sessions));
    char *const before = write_text(f.control);
    keep(&f);
    cr_assert_str_neq(start_again(&f), "");
    char *const after = write_text(f.control);
    cr_assert_str_eq(before, after);
    cr_assert_not(lat_sessions_is_changed(f.sessions));
    // It has no name: saving needs one.
    cr_assert_null(lat_sessions_loaded(f.sessions));
    cr_assert_eq(lat_sessions_save(f.sessions, NULL, false, &f.error),
                 LAT_EINVAL);
    cr_assert_not_null(strstr(f.error.text, "/session/save NAME"));
    // Nothing has changed since it was kept.
    cr_assert_eq(lat_autosave_next_ns(f.autosave), UINT64_MAX);
    free(before);
    free(after);
    tear_down(&f);
}

Test(sessions_autosave, files_are_found_where_they_were)
{
    struct fixture f;
    char *const songs = new_folder();
    char path[500];
    set_up(&f);
    put_file(songs, "s.ini", SINE);
    snprintf(path, sizeof(path), "%s/s.ini", songs);
    cr_assert_eq(
        lat_sessions_open(f.sessions, path, true, NULL, NULL, &f.error),
        LAT_OK);
    keep(&f);
    start_again(&f);
    add_node(&f, "b");
    keep(&f); // a copy of a copy
    char *const text = get_file(f.kept, "0000000002.ini");
    char line[600];
    snprintf(line, sizeof(line), "; unsaved; files in %s\n", songs);
    cr_assert_not_null(strstr(text, line), "%s", text);
    free(text);
    drop_folder(songs);
    tear_down(&f);
}

Test(sessions_autosave, the_last_five_stay)
{
    struct fixture f;
    set_up(&f);
    for (char name[2] = "a"; name[0] < 'a' + 8; ++name[0]) {
        add_node(&f, name);
        lat_autosave_finish(f.autosave);
        stop(&f);
        start(&f, "synth");
        restore(&f);
    }
    cr_assert_eq(count_files(f.kept), 5 + 1); // and the lock
    cr_assert(has_node(&f, "a") && has_node(&f, "h"));
    tear_down(&f);
}

Test(sessions_autosave, a_broken_file_falls_back_to_the_one_before)
{
    struct fixture f;
    set_up(&f);
    add_node(&f, "a");
    keep(&f);
    add_node(&f, "b");
    keep(&f);
    char path[500];
    snprintf(path, sizeof(path), "%s/0000000002.ini", f.kept);
    struct stat st;
    cr_assert_eq(stat(path, &st), 0);
    char *const whole = get_file(f.kept, "0000000002.ini");
    for (long length = -1; length < st.st_size; ++length) {
        put_file(f.kept, "0000000002.ini", whole);
        spoil(path, length);
        const char *const file = start_again(&f);
        cr_assert_not_null(strstr(file, "0000000001.ini"), "%ld: %s", length,
                           file);
        cr_assert(has_node(&f, "a") && !has_node(&f, "b"));
    }
    free(whole);
    // The next one does not write over what may be looked into.
    add_node(&f, "c");
    keep(&f);
    start_again(&f);
    cr_assert(has_node(&f, "c"));
    tear_down(&f);
}

Test(sessions_autosave, no_file_that_can_be_read_is_an_empty_start)
{
    struct fixture f;
    set_up(&f);
    cr_assert_str_eq(restore(&f), "");
    put_file(f.kept, "0000000007.ini", "something else\n");
    put_file(f.kept, "x.ini", SINE);
    cr_assert_str_eq(restore(&f), "");
    cr_assert_eq(lat_control_graph(f.control)->n_nodes, 0);
    tear_down(&f);
}

Test(sessions_autosave, a_second_of_the_same_name_is_told)
{
    struct fixture f;
    set_up(&f);
    struct lat_autosave *other = NULL;
    const struct lat_elsewhere nowhere = {0};
    cr_assert_eq(
        lat_autosave_new(f.sessions, "synth", &nowhere, &other, &f.error),
        LAT_EEXIST);
    cr_assert_not_null(strstr(f.error.text, f.kept), "%s", f.error.text);
    // Another name is another folder, whatever is in it.
    static const char *const names[] = {"synth-01", "../synth", "a/b",
                                        ".x",       "%",        "\xc3\xbc \n"};
    for (size_t i = 0; i < LAT_COUNT(names); ++i) {
        cr_assert_eq(
            lat_autosave_new(f.sessions, names[i], &nowhere, &other, &f.error),
            LAT_OK, "%s", f.error.text);
        lat_autosave_free(other);
    }
    char path[500];
    snprintf(path, sizeof(path), "%s/lattice", f.home);
    cr_assert_eq(count_files(path), 1 + LAT_COUNT(names));
    tear_down(&f);
}

static void
set(struct fixture *f, const char *param, double number)
{
    const struct lat_value value = {.number = number};
    cr_assert_eq(
        lat_control_param_set(f->control, "e", param, value, -1.0, &f->error),
        LAT_OK, "%s", f->error.text);
}

Test(sessions_autosave, what_is_played_is_no_change)
{
    struct fixture f;
    set_up(&f);
    cr_assert_eq(
        lat_control_node_new(f.control, "adsr", "e", false, NULL, 0, &f.error),
        LAT_OK);
    keep(&f);
    set(&f, "gate", 1.0);
    cr_assert_eq(lat_control_locate(f.control, 4.0, &f.error), LAT_OK);
    cr_assert_eq(lat_autosave_next_ns(f.autosave), UINT64_MAX);
    set(&f, "decay", 0.5);
    cr_assert_neq(lat_autosave_next_ns(f.autosave), UINT64_MAX);
    tear_down(&f);
}

Test(sessions_autosave, the_end_waits_for_the_disk)
{
    struct fixture f;
    set_up(&f);
    add_node(&f, "a");
    come_due(&f);
    add_node(&f, "b");
    // A file is on its way that nobody writes any more.
    lat_autosave_finish(f.autosave);
    let_write(&f); // as a late thread does
    add_node(&f, "c");
    cr_assert_eq(lat_autosave_next_ns(f.autosave), UINT64_MAX);
    lat_autosave_finish(f.autosave);
    start_again(&f);
    cr_assert(has_node(&f, "b") && !has_node(&f, "c"));
    tear_down(&f);
}

Test(sessions_autosave, a_folder_that_was_removed_is_made_again)
{
    struct fixture f;
    set_up(&f);
    add_node(&f, "a");
    keep(&f);
    char command[500];
    snprintf(command, sizeof(command), "rm -r '%s/lattice'", f.home);
    cr_assert_eq(system(command), 0);
    add_node(&f, "b");
    keep(&f);
    start_again(&f);
    cr_assert(has_node(&f, "b"));
    tear_down(&f);
}

Test(sessions_autosave, what_cannot_be_written_is_tried_again)
{
    struct fixture f;
    set_up(&f);
    char path[500];
    snprintf(path, sizeof(path), "%s/lattice", f.home);
    char moved[500];
    snprintf(moved, sizeof(moved), "%s/moved", f.home);
    cr_assert_eq(rename(path, moved), 0);
    snprintf(moved, sizeof(moved), "rm -r '%s/moved'", f.home);
    cr_assert_eq(system(moved), 0);
    put_file(f.home, "lattice", "a file in the folder's place\n");
    add_node(&f, "a");
    keep(&f);
    cr_assert_neq(lat_autosave_next_ns(f.autosave), UINT64_MAX);
    cr_assert_eq(unlink(path), 0);
    keep(&f);
    cr_assert_eq(lat_autosave_next_ns(f.autosave), UINT64_MAX);
    start_again(&f);
    cr_assert(has_node(&f, "a"));
    tear_down(&f);
}

// Work that no file has.

Test(sessions_autosave, unsaved_work_can_be_loaded_back)
{
    struct fixture f;
    set_up(&f);
    cr_assert_eq(load(&f, "autosave"), LAT_ENOTFOUND);
    add_node(&f, "a");
    cr_assert_eq(lat_sessions_new_session(f.sessions, &f.error), LAT_OK);
    cr_assert_not(has_node(&f, "a"));
    cr_assert_not(lat_sessions_is_changed(f.sessions));
    // What comes after it by itself does not push it out.
    for (int i = 0; i < 7; ++i) {
        lat_sessions_touch(f.sessions);
        keep(&f);
    }
    cr_assert_eq(load(&f, "autosave"), LAT_OK, "%s", f.error.text);
    cr_assert(has_node(&f, "a"));
    cr_assert(lat_sessions_is_changed(f.sessions));
    cr_assert_null(lat_sessions_loaded(f.sessions));
    // Loading another way over it keeps it again, also for another life.
    add_node(&f, "b");
    cr_assert_eq(lat_sessions_save(f.sessions, "s", false, &f.error), LAT_OK);
    cr_assert_not(lat_sessions_is_changed(f.sessions));
    add_node(&f, "c");
    cr_assert_eq(load(&f, "s"), LAT_OK);
    cr_assert_not(has_node(&f, "c"));
    stop(&f);
    start(&f, "synth");
    cr_assert_eq(load(&f, "autosave"), LAT_OK, "%s", f.error.text);
    cr_assert(has_node(&f, "c"));
    tear_down(&f);
}

Test(sessions_autosave, two_unsaved_works_change_places)
{
    struct fixture f;
    set_up(&f);
    add_node(&f, "a");
    cr_assert_eq(lat_sessions_new_session(f.sessions, &f.error), LAT_OK);
    add_node(&f, "b");
    for (int i = 0; i < 3; ++i) {
        cr_assert_eq(load(&f, "autosave.ini"), LAT_OK);
        cr_assert(has_node(&f, "a") && !has_node(&f, "b"));
        cr_assert_eq(load(&f, "autosave"), LAT_OK);
        cr_assert(has_node(&f, "b") && !has_node(&f, "a"));
    }
    tear_down(&f);
}

Test(sessions_autosave, a_load_that_fails_keeps_what_was_kept)
{
    struct fixture f;
    set_up(&f);
    add_node(&f, "a");
    cr_assert_eq(lat_sessions_new_session(f.sessions, &f.error), LAT_OK);
    add_node(&f, "b");
    cr_assert_neq(load(&f, "none"), LAT_OK);
    cr_assert_eq(mkdir(f.folder, 0700), 0);
    put_file(f.folder, "bad.ini", HEAD "[node a]\ntype = sinne\n");
    cr_assert_neq(load(&f, "bad"), LAT_OK);
    cr_assert(has_node(&f, "b"));
    cr_assert_eq(load(&f, "autosave"), LAT_OK);
    cr_assert(has_node(&f, "a"));
    tear_down(&f);
}

Test(sessions_autosave, another_start_sets_unsaved_work_aside)
{
    struct fixture f;
    set_up(&f);
    add_node(&f, "a");
    lat_autosave_finish(f.autosave);
    stop(&f);
    start(&f, "synth");
    lat_sessions_set_aside(f.sessions); // lattice run SESSION
    for (int i = 0; i < 7; ++i) {
        lat_sessions_touch(f.sessions);
        keep(&f);
    }
    cr_assert_eq(load(&f, "autosave"), LAT_OK);
    cr_assert(has_node(&f, "a"));
    tear_down(&f);
}
