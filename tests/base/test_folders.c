// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A user's folders are absolute, whatever the environment says.

#include "base/folders.h"
#include "base/rt.h"

#include <criterion/criterion.h>

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

TestSuite(folders, .timeout = 30);

static void
set(const char *variable, const char *value)
{
    if (value) {
        setenv(variable, value, 1);
    } else {
        unsetenv(variable);
    }
}

/// Values that name no place.
static const char *const useless[] = {NULL,       "",        ".",
                                      "relative", "~/there", "./x"};

Test(folders, are_never_relative)
{
    static const struct {
        enum lat_folder folder;
        const char *variable, *below_home;
    } kinds[] = {
        {LAT_FOLDER_DATA, "XDG_DATA_HOME", ".local/share"},
        {LAT_FOLDER_STATE, "XDG_STATE_HOME", ".local/state"},
        {LAT_FOLDER_CONFIG, "XDG_CONFIG_HOME", ".config"},
        {LAT_FOLDER_RUNTIME, "XDG_RUNTIME_DIR", NULL},
    };
    const struct passwd *const me = getpwuid(geteuid());
    cr_assert_not_null(me);
    for (size_t k = 0; k < LAT_COUNT(kinds); ++k) {
        for (size_t i = 0; i < LAT_COUNT(useless); ++i) {
            for (size_t h = 0; h < LAT_COUNT(useless); ++h) {
                set(kinds[k].variable, useless[i]);
                set("HOME", useless[h]);
                char *path = NULL;
                char expected[512];
                const enum lat_status status =
                    lat_folders_path(kinds[k].folder, "a/b", &path);
                if (!kinds[k].below_home) {
                    cr_assert(status == LAT_ENOTFOUND || path[0] == '/');
                    free(path);
                    continue;
                }
                snprintf(expected, sizeof(expected), "%s/%s/a/b", me->pw_dir,
                         kinds[k].below_home);
                cr_assert_eq(status, LAT_OK);
                cr_assert_str_eq(path, expected);
                free(path);
            }
        }
    }
}

Test(folders, follow_their_variables)
{
    char *path = NULL;
    set("HOME", "/home/me");
    set("XDG_CONFIG_HOME", NULL);
    set("XDG_DATA_HOME", NULL);
    set("XDG_STATE_HOME", NULL);
    set("XDG_CACHE_HOME", NULL);
    cr_assert_eq(lat_folders_path(LAT_FOLDER_CONFIG, "x", &path), LAT_OK);
    cr_assert_str_eq(path, "/home/me/.config/x");
    free(path);
    set("XDG_CONFIG_HOME", "/etc/me");
    cr_assert_eq(lat_folders_path(LAT_FOLDER_CONFIG, "x", &path), LAT_OK);
    cr_assert_str_eq(path, "/etc/me/x");
    free(path);
    set("XDG_RUNTIME_DIR", "/run/me");
    cr_assert_eq(lat_folders_path(LAT_FOLDER_RUNTIME, "x", &path), LAT_OK);
    cr_assert_str_eq(path, "/run/me/x");
    free(path);
    set("HOME", "/");
    cr_assert_eq(lat_folders_path(LAT_FOLDER_DATA, "x", &path), LAT_OK);
    cr_assert_str_eq(path, "/.local/share/x");
    free(path);
}

Test(folders, for_temporary_files_are_absolute_too)
{
    for (size_t i = 0; i < LAT_COUNT(useless); ++i) {
        set("TMPDIR", useless[i]);
        cr_assert_str_eq(lat_folders_temporary(), "/tmp");
    }
    set("TMPDIR", "/var/tmp");
    cr_assert_str_eq(lat_folders_temporary(), "/var/tmp");
}
