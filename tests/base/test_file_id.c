// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Every spelling of a file, existing or not, against every other: two of them
// are the same exactly when writing to one can be read from the other.

#include "base/file_id.h"

#include <criterion/criterion.h>

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(file_id, .timeout = 20);

static char folder[PATH_MAX];

static void
go_to_folder(void)
{
    snprintf(folder, sizeof(folder), "/tmp/lattice-file-id.XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    cr_assert_eq(chdir(folder), 0);
    cr_assert_eq(mkdir("sub", 0700), 0);
    cr_assert_eq(symlink("sub", "linked"), 0);
    // What the links lead to need not be there.
    cr_assert_eq(symlink("a", "to_a"), 0);
    cr_assert_eq(symlink("to_a", "to_to_a"), 0);
    cr_assert_eq(symlink("../a", "sub/up_to_a"), 0);
    cr_assert_eq(symlink("round", "round"), 0);
}

static void
leave_folder(void)
{
    char command[PATH_MAX + 16];
    cr_assert_eq(chdir("/"), 0);
    snprintf(command, sizeof(command), "rm -rf '%s'", folder);
    cr_assert_eq(system(command), 0);
}

static void
touch(const char *path)
{
    const int fd = open(path, O_WRONLY | O_CREAT, 0600);
    cr_assert_geq(fd, 0);
    close(fd);
}

/// Spellings by the file that they mean.
static const struct {
    const char *path;
    int file;
} spellings[] = {
    {"a", 0},           {"./a", 0},
    {"sub/../a", 0},    {".//sub/.././a", 0},
    {"to_a", 0},        {"to_to_a", 0},
    {"sub/up_to_a", 0}, {"linked/up_to_a", 0},
    {"b", 1},           {"linked/../b", 1},
    {"sub/a", 2},       {"linked/a", 2},
    {"sub/./b", 3},     {"linked//b", 3},
};

#define N (sizeof(spellings) / sizeof(spellings[0]))

static void
compare_all(void)
{
    for (size_t i = 0; i < N; ++i) {
        for (size_t k = 0; k < N; ++k) {
            struct lat_file_id a;
            struct lat_file_id b;
            cr_assert(lat_file_id(spellings[i].path, &a));
            cr_assert(lat_file_id(spellings[k].path, &b));
            cr_expect_eq(lat_file_id_is_same(&a, &b),
                         spellings[i].file == spellings[k].file, "%s, %s",
                         spellings[i].path, spellings[k].path);
        }
    }
}

Test(file_id, knows_every_spelling_of_files_there_or_not, .init = go_to_folder,
     .fini = leave_folder)
{
    static const char *const files[] = {"a", "b", "sub/a", "sub/b"};
    for (unsigned there = 0; there < 16; ++there) {
        for (unsigned i = 0; i < 4; ++i) {
            if (there & (1U << i)) {
                touch(files[i]);
            } else {
                unlink(files[i]);
            }
        }
        compare_all();
    }
}

Test(file_id, knows_absolute_paths_hard_links_and_open_files,
     .init = go_to_folder, .fini = leave_folder)
{
    char path[PATH_MAX + 8];
    snprintf(path, sizeof(path), "%s/a", folder);
    struct lat_file_id a;
    struct lat_file_id b;
    cr_assert(lat_file_id("a", &a) && lat_file_id(path, &b));
    cr_expect(lat_file_id_is_same(&a, &b));
    touch("a");
    cr_assert_eq(link("a", "sub/hard"), 0);
    cr_assert(lat_file_id("a", &a) && lat_file_id("sub/hard", &b));
    cr_expect(lat_file_id_is_same(&a, &b));
    const int fd = open("to_a", O_RDONLY);
    cr_assert(lat_file_id_of_fd(fd, &b));
    cr_expect(lat_file_id_is_same(&a, &b));
    close(fd);
}

Test(file_id, knows_nothing_where_nothing_can_be_destroyed,
     .init = go_to_folder, .fini = leave_folder)
{
    static const char *const paths[] = {
        "/dev/null", ".", "sub/", "no/a", "a/", "", "round", "/dev/null/a",
    };
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); ++i) {
        struct lat_file_id id;
        cr_expect_not(lat_file_id(paths[i], &id), "%s", paths[i]);
    }
}
