// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "folders.h"

#include <errno.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/// Most bytes of an entry of the user database.
#define ENTRY_MAX (1U << 20)

/// The variable's value, or NULL where it names no place.
static const char *
absolute(const char *variable)
{
    const char *const value = getenv(variable);
    return value && value[0] == '/' ? value : NULL;
}

/// The home of the user database.
static enum lat_status
home_of_user(char **out)
{
    for (size_t size = 1024; size <= ENTRY_MAX; size *= 2) {
        char *const buffer = malloc(size);
        struct passwd entry;
        struct passwd *found = NULL;
        if (!buffer) {
            return LAT_ENOMEM;
        }
        const int rc = getpwuid_r(geteuid(), &entry, buffer, size, &found);
        const bool is_there =
            rc == 0 && found && entry.pw_dir && entry.pw_dir[0] == '/';
        char *const home = is_there ? strdup(entry.pw_dir) : NULL;
        free(buffer);
        if (is_there) {
            *out = home;
            return home ? LAT_OK : LAT_ENOMEM;
        }
        if (rc != ERANGE) {
            return LAT_ENOTFOUND;
        }
    }
    return LAT_ENOTFOUND;
}

enum lat_status
lat_folders_home(char **out)
{
    const char *const home = absolute("HOME");
    if (!home) {
        return home_of_user(out);
    }
    char *const copy = strdup(home);
    if (!copy) {
        return LAT_ENOMEM;
    }
    *out = copy;
    return LAT_OK;
}

static enum lat_status
join(const char *a, const char *b, const char *c, char **out)
{
    char *path = NULL;
    if (asprintf(&path, "%s%s%s%s", a, b, *c ? "/" : "", c) < 0) {
        return LAT_ENOMEM;
    }
    *out = path;
    return LAT_OK;
}

/// Only the system makes this folder; it must be the user's own.
static enum lat_status
runtime(const char *name, char **out)
{
    char folder[64];
    struct stat st;
    snprintf(folder, sizeof(folder), "/run/user/%lu", (unsigned long)geteuid());
    if (stat(folder, &st) || !S_ISDIR(st.st_mode) || st.st_uid != geteuid()) {
        return LAT_ENOTFOUND;
    }
    return join(folder, "", name, out);
}

enum lat_status
lat_folders_path(enum lat_folder folder, const char *name, char **out)
{
    static const struct {
        const char *variable;
        const char *below_home; ///< or NULL
    } rules[] = {
        [LAT_FOLDER_DATA] = {"XDG_DATA_HOME", "/.local/share"},
        [LAT_FOLDER_STATE] = {"XDG_STATE_HOME", "/.local/state"},
        [LAT_FOLDER_CONFIG] = {"XDG_CONFIG_HOME", "/.config"},
        [LAT_FOLDER_RUNTIME] = {"XDG_RUNTIME_DIR", NULL},
    };
    const char *const set = absolute(rules[folder].variable);
    if (set) {
        return join(set, "", name, out);
    }
    if (!rules[folder].below_home) {
        return runtime(name, out);
    }
    char *home = NULL;
    enum lat_status status = lat_folders_home(&home);
    if (!status) {
        // A home of "/" has no second slash.
        status = join(strcmp(home, "/") == 0 ? "" : home,
                      rules[folder].below_home, name, out);
        free(home);
    }
    return status;
}

const char *
lat_folders_temporary(void)
{
    const char *const set = absolute("TMPDIR");
    return set ? set : "/tmp";
}
