// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "place.h"
#include "base/text.h"
#include "recording.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

/// Numbers behind a name that are tried.
#define MOST_NUMBERS 100000

/// For recordings, or NULL.  [control writes, before any recording]
static char *folder;

enum lat_status
lat_recording_set_folder(const char *name)
{
    char *const copy = lat_strdup(name);
    if (name && !copy) {
        return LAT_ENOMEM;
    }
    free(folder);
    folder = copy;
    return LAT_OK;
}

// --- Names -------------------------------------------------------------------

static bool
ends_with(const char *name, const char *end)
{
    const size_t n = strlen(name);
    const size_t n_end = strlen(end);
    return n > n_end && strcasecmp(name + n - n_end, end) == 0;
}

/// Is every part of a relative path the name of something below?
static bool
goes_down(const char *name)
{
    const char *part = name;
    while (*part && *part != '.' && *part != '/') {
        part += strcspn(part, "/");
        part += *part == '/' && part[1];
    }
    return *name && !*part;
}

enum lat_status
lat_recording_check_name(const char *name, struct lat_error *error)
{
    if (!ends_with(name, ".wav") && !ends_with(name, ".flac")) {
        return lat_error_set(error, LAT_EINVAL,
                             "'%.200s' does not say how it is to be written; "
                             "let it end in .wav or .flac",
                             name);
    }
    if (!goes_down(name) || strlen(name) >= LAT_RECORDING_NAME_MAX) {
        return lat_error_set(error, LAT_EINVAL,
                             "'%.200s' names no file inside of --record-dir; "
                             "give a name like take.wav, of up to %u bytes, "
                             "without / or . at the start of a part",
                             name, LAT_RECORDING_NAME_MAX - 1);
    }
    return LAT_OK;
}

// --- New files ---------------------------------------------------------------

static int
cannot_write(const char *path, struct lat_error *error)
{
    const int problem = errno;
    lat_error_set(error, problem == ENOMEM ? LAT_ENOMEM : LAT_ESYSTEM,
                  "cannot write %.400s: %s; %s", path, strerror(problem),
                  problem == ENOENT ? "make its folder first"
                                    : "make room, or choose another place");
    return -1;
}

/// Make a new file called @p leaf, or the like, in the folder @p at.
/// @param shown  the path of the folder and a slash, or "".
static int
make_new(int at, const char *shown, const char *leaf, char **path,
         struct lat_error *error)
{
    const char *const dot = strrchr(leaf, '.');
    const int n = (int)(dot - leaf);
    for (int number = 1; number < MOST_NUMBERS; ++number) {
        char *tried = NULL;
        const int length = number == 1 ? asprintf(&tried, "%s%s", shown, leaf)
                                       : asprintf(&tried, "%s%.*s-%d%s", shown,
                                                  n, leaf, number, dot);
        if (length < 0) {
            errno = ENOMEM;
            return cannot_write(leaf, error);
        }
        const int fd =
            openat(at, tried + strlen(shown),
                   O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
        if (fd >= 0) {
            *path = tried;
            return fd;
        }
        const int problem = errno;
        if (problem != EEXIST) {
            errno = problem;
            (void)cannot_write(tried, error);
            free(tried);
            return -1;
        }
        free(tried);
    }
    errno = EEXIST;
    return cannot_write(leaf, error);
}

/// Make a folder and those above it, as far as they are not there.
/// @return why the first could not be made that could not, or 0.
static int
make_folders(const char *path)
{
    char *const copy = lat_strdup(path);
    if (!copy) {
        return ENOMEM;
    }
    int problem = 0;
    for (char *c = copy + 1;; ++c) {
        const char end = *c;
        if (end != '/' && end != '\0') {
            continue;
        }
        *c = '\0';
        if (mkdir(copy, 0777) && errno != EEXIST && !problem) {
            problem = errno;
        }
        *c = end;
        if (end == '\0') {
            break;
        }
    }
    free(copy);
    return problem;
}

/// Go down from @p at, which is closed, to the folder of the last part.
static int
walk(int at, const char **rest)
{
    for (const char *slash = strchr(*rest, '/'); at >= 0 && slash;
         slash = strchr(*rest, '/')) {
        char part[LAT_RECORDING_NAME_MAX];
        snprintf(part, sizeof(part), "%.*s", (int)(slash - *rest), *rest);
        const int next =
            openat(at, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        const int problem = errno;
        close(at);
        errno = problem;
        at = next;
        *rest = slash + 1;
    }
    return at;
}

int
lat_disk_place_in_folder(const char *name, char **path, struct lat_error *error)
{
    char shown[PATH_MAX];
    if (lat_recording_check_name(name, error)) {
        return -1;
    }
    if (!folder) {
        lat_error_set(error, LAT_ESYSTEM,
                      "there is no folder for recordings; name one with "
                      "--record-dir");
        return -1;
    }
    // What could not be made does not matter if the folder is there.
    const int problem = make_folders(folder);
    const int top = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const char *leaf = name;
    if (top < 0 && problem) {
        errno = problem;
    }
    const int at = walk(top, &leaf);
    snprintf(shown, sizeof(shown), "%s/%.*s", folder, (int)(leaf - name), name);
    if (at < 0) {
        return cannot_write(shown, error);
    }
    const int fd = make_new(at, shown, leaf, path, error);
    close(at);
    return fd;
}

int
lat_disk_place_at(const char *path, char **taken, struct lat_error *error)
{
    const char *const slash = strrchr(path, '/');
    const char *const leaf = slash ? slash + 1 : path;
    if (lat_recording_check_name(leaf, error)) {
        return -1;
    }
    char *shown = NULL;
    if (asprintf(&shown, "%.*s", (int)(leaf - path), path) < 0) {
        lat_error_set(error, LAT_ENOMEM, "out of memory");
        return -1;
    }
    const int at =
        open(*shown ? shown : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const int fd = at < 0 ? cannot_write(path, error)
                          : make_new(at, shown, leaf, taken, error);
    if (at >= 0) {
        close(at);
    }
    free(shown);
    return fd;
}
