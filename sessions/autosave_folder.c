// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "autosave_folder.h"
#include "base/folders.h"
#include "store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define SUFFIX    ".ini"
#define ELSEWHERE "choose another folder with XDG_STATE_HOME"

/// A process that was killed lets go of its lock a little later.
#define LOCK_TRIES 50
#define LOCK_NS    20000000L

static const char *const prefixes[LAT_N_AUTOSAVE_KINDS] = {
    [LAT_AUTOSAVE_LAST] = "",
    [LAT_AUTOSAVE_UNSAVED] = "unsaved-",
};

static enum lat_status
no_memory(struct lat_error *error)
{
    return lat_error_set(error, LAT_ENOMEM, "%s", lat_strerror(LAT_ENOMEM));
}

/// A name as a folder's: what a file's name may not hold, or a '.' at its
/// start, is %XX.
static char *
escape(const char *name)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "abcdefghijklmnopqrstuvwxyz"
                                "0123456789_-.";
    char *const out = malloc(3 * strlen(name) + 1);
    char *end = out;
    for (const char *c = name; out && *c != '\0'; ++c) {
        if (strchr(plain, *c) && !(c == name && *c == '.')) {
            *end++ = *c;
        } else {
            end += sprintf(end, "%%%02X", (unsigned)(unsigned char)*c);
        }
    }
    if (out) {
        *end = '\0';
    }
    return out;
}

static enum lat_status
find_path(const char *name, char **out, struct lat_error *error)
{
    char *const leaf = escape(name);
    char *below = NULL;
    if (!leaf || asprintf(&below, "lattice/%s", leaf) < 0) {
        free(leaf);
        return no_memory(error);
    }
    free(leaf);
    const enum lat_status status =
        lat_folders_path(LAT_FOLDER_STATE, below, out);
    free(below);
    if (status == LAT_ENOTFOUND) {
        return lat_error_set(error, status,
                             "no folder for states is known; set HOME or "
                             "XDG_STATE_HOME");
    }
    return status ? no_memory(error) : LAT_OK;
}

/// Make the folder and lock it.
static enum lat_status
lock(struct lat_autosave_folder *f, int tries, struct lat_error *error)
{
    char *path = NULL;
    enum lat_status status = lat_store_make_folder(f->path, ELSEWHERE, error);
    if (status) {
        return status;
    }
    if (asprintf(&path, "%s/lock", f->path) < 0) {
        return no_memory(error);
    }
    const int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    bool is_locked = false;
    for (int i = 0; fd >= 0 && !is_locked && i < tries; ++i) {
        is_locked = flock(fd, LOCK_EX | LOCK_NB) == 0;
        if (!is_locked && i + 1 < tries) {
            nanosleep(&(struct timespec){.tv_nsec = LOCK_NS}, NULL);
        }
    }
    if (fd < 0) {
        status = lat_error_set(error, LAT_EIO, "cannot write %s: %s; %s", path,
                               strerror(errno), ELSEWHERE);
    } else if (!is_locked) {
        close(fd);
        status =
            lat_error_set(error, LAT_EEXIST,
                          "another lattice keeps what it plays in %s", f->path);
    } else {
        f->lock = fd;
    }
    free(path);
    return status;
}

/// The number in the name of a file of that kind, or 0.
static uint64_t
number_of(const char *name, enum lat_autosave_kind kind)
{
    const size_t n = strlen(prefixes[kind]);
    if (strncmp(name, prefixes[kind], n) != 0) {
        return 0;
    }
    const size_t n_digits = strspn(name + n, "0123456789");
    if (n_digits == 0 || n_digits > 18 ||
        strcmp(name + n + n_digits, SUFFIX) != 0) {
        return 0;
    }
    return strtoull(name + n, NULL, 10);
}

uint64_t
lat_autosave_folder_before(const struct lat_autosave_folder *f,
                           enum lat_autosave_kind kind, uint64_t below)
{
    uint64_t highest = 0;
    DIR *const dir = opendir(f->path);
    for (const struct dirent *e = dir ? readdir(dir) : NULL; e;
         e = readdir(dir)) {
        const uint64_t number = number_of(e->d_name, kind);
        highest = number < below && number > highest ? number : highest;
    }
    if (dir) {
        closedir(dir);
    }
    return highest;
}

static void
put_leaf(char *out, size_t size, enum lat_autosave_kind kind, uint64_t number)
{
    snprintf(out, size, "%s%010" PRIu64 SUFFIX, prefixes[kind], number);
}

char *
lat_autosave_folder_path(const struct lat_autosave_folder *f,
                         enum lat_autosave_kind kind, uint64_t number)
{
    char leaf[64];
    char *path = NULL;
    put_leaf(leaf, sizeof(leaf), kind, number);
    return asprintf(&path, "%s/%s", f->path, leaf) < 0 ? NULL : path;
}

enum lat_status
lat_autosave_folder_open(const char *name, struct lat_autosave_folder *out,
                         struct lat_error *error)
{
    struct lat_autosave_folder f = {.lock = -1};
    enum lat_status status = find_path(name, &f.path, error);
    if (!status) {
        status = lock(&f, LOCK_TRIES, error);
    }
    if (status) {
        lat_autosave_folder_fini(&f);
    } else {
        lat_store_clean(f.path);
        for (unsigned i = 0; i < LAT_N_AUTOSAVE_KINDS; ++i) {
            f.newest[i] = lat_autosave_folder_before(
                &f, (enum lat_autosave_kind)i, UINT64_MAX);
        }
    }
    *out = f;
    return status;
}

void
lat_autosave_folder_fini(struct lat_autosave_folder *f)
{
    if (f->lock >= 0) {
        close(f->lock);
    }
    free(f->path);
    *f = (struct lat_autosave_folder){.lock = -1};
}

/// Remove those that are too old.
static void
remove_old(const struct lat_autosave_folder *f, enum lat_autosave_kind kind)
{
    uint64_t number = UINT64_MAX;
    for (unsigned i = 0; number && i < LAT_AUTOSAVE_KEPT; ++i) {
        number = lat_autosave_folder_before(f, kind, number);
    }
    while (number) {
        number = lat_autosave_folder_before(f, kind, number);
        char *const path =
            number ? lat_autosave_folder_path(f, kind, number) : NULL;
        if (!path || unlink(path)) {
            number = 0; // the next time
        }
        free(path);
    }
}

/// Where the folder was removed, make it again.
static enum lat_status
hold(struct lat_autosave_folder *f, struct lat_error *error)
{
    struct stat held;
    if (f->lock >= 0 && fstat(f->lock, &held) == 0 && held.st_nlink > 0) {
        return LAT_OK;
    }
    if (f->lock >= 0) {
        close(f->lock);
        f->lock = -1;
    }
    return lock(f, 1, error);
}

enum lat_status
lat_autosave_folder_write(struct lat_autosave_folder *f,
                          enum lat_autosave_kind kind, const char *text,
                          size_t length, struct lat_error *error)
{
    struct lat_file_place place;
    enum lat_status status = hold(f, error);
    if (status) {
        return status;
    }
    const uint64_t number = f->newest[kind] + 1;
    char leaf[64];
    put_leaf(leaf, sizeof(leaf), kind, number);
    status =
        lat_file_place_inside(f->path, leaf, leaf, ELSEWHERE, &place, error);
    if (!status) {
        status = lat_store_write(&place, text, length, ELSEWHERE, error);
        lat_file_place_fini(&place);
    }
    f->newest[kind] = number; // be it there by half
    if (!status) {
        remove_old(f, kind);
    }
    return status;
}

void
lat_autosave_folder_set_aside(struct lat_autosave_folder *f)
{
    const uint64_t number = f->newest[LAT_AUTOSAVE_LAST];
    const uint64_t unsaved = f->newest[LAT_AUTOSAVE_UNSAVED] + 1;
    char *const from = lat_autosave_folder_path(f, LAT_AUTOSAVE_LAST, number);
    char *const to = lat_autosave_folder_path(f, LAT_AUTOSAVE_UNSAVED, unsaved);
    if (from && to && rename(from, to) == 0) {
        f->newest[LAT_AUTOSAVE_UNSAVED] = unsaved;
        remove_old(f, LAT_AUTOSAVE_UNSAVED);
    }
    free(from);
    free(to);
}
