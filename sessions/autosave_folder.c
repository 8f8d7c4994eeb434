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
#define BROKEN    ".ini.broken"
#define N_DIGITS  10 // of a number in a name
#define LEAF_SIZE 64
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

/// The lock's path, to free().
static char *
lock_path(const struct lat_autosave_folder *f)
{
    char *path = NULL;
    return asprintf(&path, "%s/lock", f->path) < 0 ? NULL : path;
}

/// Open the file that is locked.  A lock needs no right to write to it.
static int
open_lock(const char *path)
{
    const int how = O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    int fd = open(path, O_RDWR | O_CREAT | how, 0600);
    if (fd < 0 && errno == EACCES) {
        fd = open(path, O_RDONLY | how);
        errno = EACCES;
    }
    return fd;
}

/// Say that the lock cannot be opened: because of what lies in its place, or of
/// the folder.
static enum lat_status
fail_lock(const char *path, struct lat_error *error)
{
    const int problem = errno;
    struct stat st;
    const bool is_there = problem != EROFS && lstat(path, &st) == 0;
    return lat_error_set(error, LAT_EIO, "cannot write %.400s: %s; %s", path,
                         strerror(problem),
                         is_there ? "remove what is in its place" : ELSEWHERE);
}

/// Make the folder and lock it.
static enum lat_status
lock(struct lat_autosave_folder *f, int tries, struct lat_error *error)
{
    enum lat_status status = lat_store_make_folder(f->path, ELSEWHERE, error);
    if (status) {
        return status;
    }
    char *const path = lock_path(f);
    if (!path) {
        return no_memory(error);
    }
    const int fd = open_lock(path);
    bool is_locked = false;
    for (int i = 0; fd >= 0 && !is_locked && i < tries; ++i) {
        is_locked = flock(fd, LOCK_EX | LOCK_NB) == 0;
        if (!is_locked && i + 1 < tries) {
            nanosleep(&(struct timespec){.tv_nsec = LOCK_NS}, NULL);
        }
    }
    if (fd < 0) {
        status = fail_lock(path, error);
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
number_of(const char *name, enum lat_autosave_kind kind, const char *suffix)
{
    const size_t n = strlen(prefixes[kind]);
    if (strncmp(name, prefixes[kind], n) != 0) {
        return 0;
    }
    const size_t n_digits = strspn(name + n, "0123456789");
    if (n_digits == 0 || n_digits > N_DIGITS ||
        strcmp(name + n + n_digits, suffix) != 0) {
        return 0; // none that we write
    }
    return strtoull(name + n, NULL, 10);
}

/// What is in the folder with a suffix.
struct seen {
    uint64_t highest; ///< number below a limit, or 0
    uint64_t lowest;  ///< number, or 0
    unsigned n;
};

/// @return false with errno set where the folder cannot be read.
static bool
look(const struct lat_autosave_folder *f, enum lat_autosave_kind kind,
     const char *suffix, uint64_t below, struct seen *out)
{
    DIR *const dir = opendir(f->path);
    *out = (struct seen){0};
    if (!dir) {
        return false;
    }
    errno = 0;
    for (const struct dirent *e = readdir(dir); e; e = readdir(dir)) {
        const uint64_t number = number_of(e->d_name, kind, suffix);
        if (number == 0) {
            continue;
        }
        ++out->n;
        if (number < below && number > out->highest) {
            out->highest = number;
        }
        if (out->lowest == 0 || number < out->lowest) {
            out->lowest = number;
        }
    }
    const int problem = errno;
    closedir(dir);
    errno = problem;
    return problem == 0;
}

uint64_t
lat_autosave_folder_before(const struct lat_autosave_folder *f,
                           enum lat_autosave_kind kind, uint64_t below)
{
    struct seen seen;
    look(f, kind, SUFFIX, below, &seen);
    return seen.highest;
}

/// See which numbers there are: without that nothing is written.
static enum lat_status
count(struct lat_autosave_folder *f, struct lat_error *error)
{
    static const char *const suffixes[] = {SUFFIX, BROKEN};
    lat_store_clean(f->path);
    f->is_counted = false;
    for (unsigned i = 0; i < LAT_N_AUTOSAVE_KINDS * 2; ++i) {
        const enum lat_autosave_kind kind = (enum lat_autosave_kind)(i / 2);
        struct seen seen;
        if (!look(f, kind, suffixes[i % 2], UINT64_MAX, &seen)) {
            return lat_error_set(error, LAT_EIO, "cannot read %.400s: %s; %s",
                                 f->path, strerror(errno), ELSEWHERE);
        }
        if (seen.highest > f->newest[kind]) {
            f->newest[kind] = seen.highest;
        }
    }
    f->is_counted = true;
    return LAT_OK;
}

static void
put_leaf(char *out, size_t size, enum lat_autosave_kind kind, uint64_t number)
{
    snprintf(out, size, "%s%010" PRIu64 SUFFIX, prefixes[kind], number);
}

/// To free(), or NULL.
static char *
path_of(const struct lat_autosave_folder *f, enum lat_autosave_kind kind,
        uint64_t number, const char *suffix)
{
    char *path = NULL;
    return asprintf(&path, "%s/%s%010" PRIu64 "%s", f->path, prefixes[kind],
                    number, suffix) < 0
               ? NULL
               : path;
}

char *
lat_autosave_folder_path(const struct lat_autosave_folder *f,
                         enum lat_autosave_kind kind, uint64_t number)
{
    return path_of(f, kind, number, SUFFIX);
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
    if (!status) {
        status = count(&f, error);
    }
    if (status && status != LAT_EIO && status != LAT_ESYSTEM) {
        lat_autosave_folder_fini(&f);
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

void
lat_autosave_folder_remove(const struct lat_autosave_folder *f,
                           enum lat_autosave_kind kind, uint64_t number)
{
    char *const path = lat_autosave_folder_path(f, kind, number);
    if (path) {
        unlink(path); // else the next time
    }
    free(path);
}

void
lat_autosave_folder_remove_old(const struct lat_autosave_folder *f,
                               enum lat_autosave_kind kind)
{
    uint64_t number = UINT64_MAX;
    for (unsigned i = 0; number && i < LAT_AUTOSAVE_KEPT; ++i) {
        number = lat_autosave_folder_before(f, kind, number);
    }
    while (number) {
        number = lat_autosave_folder_before(f, kind, number);
        if (number) {
            lat_autosave_folder_remove(f, kind, number);
        }
    }
}

/// Is what we hold the lock of the folder that is there?
static bool
is_held(const struct lat_autosave_folder *f)
{
    struct stat held;
    struct stat there;
    char *const path = f->lock >= 0 ? lock_path(f) : NULL;
    const bool is_it =
        path && fstat(f->lock, &held) == 0 && lstat(path, &there) == 0 &&
        held.st_dev == there.st_dev && held.st_ino == there.st_ino;
    free(path);
    return is_it;
}

/// Where the folder was removed or moved away, make it again.
static enum lat_status
hold(struct lat_autosave_folder *f, struct lat_error *error)
{
    enum lat_status status = LAT_OK;
    if (!is_held(f)) {
        if (f->lock >= 0) {
            close(f->lock);
            f->lock = -1;
        }
        f->is_counted = false;
        status = lock(f, 1, error);
    }
    return status || f->is_counted ? status : count(f, error);
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
    char leaf[LEAF_SIZE];
    put_leaf(leaf, sizeof(leaf), kind, number);
    if (number_of(leaf, kind, SUFFIX) != number) {
        put_leaf(leaf, sizeof(leaf), kind, number - 1);
        return lat_error_set(
            error, LAT_EIO,
            "cannot write into %.400s: no number is above that "
            "of %s; rename that file",
            f->path, leaf);
    }
    status =
        lat_file_place_inside(f->path, leaf, leaf, ELSEWHERE, &place, error);
    if (!status) {
        status = lat_store_write(&place, text, length, ELSEWHERE, error);
        lat_file_place_fini(&place);
    }
    f->newest[kind] = number; // be it there by half
    return status;
}

/// Let no more than LAT_AUTOSAVE_KEPT of the files be there that are set apart.
static void
remove_broken(const struct lat_autosave_folder *f, enum lat_autosave_kind kind)
{
    struct seen seen;
    bool is_done = false;
    while (!is_done && look(f, kind, BROKEN, UINT64_MAX, &seen) &&
           seen.n > LAT_AUTOSAVE_KEPT) {
        char *const path = path_of(f, kind, seen.lowest, BROKEN);
        is_done = !path || unlink(path);
        free(path);
    }
}

char *
lat_autosave_folder_set_apart(const struct lat_autosave_folder *f,
                              enum lat_autosave_kind kind, uint64_t number)
{
    char *const from = path_of(f, kind, number, SUFFIX);
    char *to = path_of(f, kind, number, BROKEN);
    if (!from || !to || rename(from, to)) {
        free(to);
        to = NULL;
    } else {
        remove_broken(f, kind);
    }
    free(from);
    return to;
}
