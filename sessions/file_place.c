// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "file_place.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum lat_status
no_memory(struct lat_error *error)
{
    return lat_error_set(error, LAT_ENOMEM, "%s", lat_strerror(LAT_ENOMEM));
}

/// Open a folder, at least to name files in it.
static int
open_folder(int at, const char *name)
{
    const int how = O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    const int fd = openat(at, name, O_RDONLY | how);
    return fd >= 0 || errno != EACCES ? fd : openat(at, name, O_PATH | how);
}

/// errno says why.  @return LAT_ENOTFOUND or LAT_EIO.
static enum lat_status
cannot_enter(const char *file, const char *elsewhere, struct lat_error *error)
{
    return lat_error_set(error, errno == ENOENT ? LAT_ENOTFOUND : LAT_EIO,
                         "cannot open the folder of %.400s: %s; %s", file,
                         strerror(errno), elsewhere);
}

/// Go down from @p folder, which is closed, through all folders of @p path but
/// its last part.  @return a descriptor, or -1 with errno set.
static int
walk(int folder, const char *path)
{
    for (const char *slash = strchr(path, '/'); folder >= 0 && slash;
         slash = strchr(path, '/')) {
        char part[NAME_MAX + 1];
        const size_t n = (size_t)(slash - path);
        int next = -1;
        if (n >= sizeof(part)) {
            errno = ENAMETOOLONG;
        } else {
            memcpy(part, path, n);
            part[n] = '\0';
            next = open_folder(folder, part);
        }
        const int problem = errno;
        close(folder);
        errno = problem;
        folder = next;
        path = slash + 1;
    }
    return folder;
}

/// Make the place of the real path @p path; @p base is the folder of its first
/// @p n_base bytes.  Both are taken over, also on failure.
static enum lat_status
take(int base, char *path, size_t n_base, const char *name,
     const char *elsewhere, struct lat_file_place *out, struct lat_error *error)
{
    const int folder = walk(base, path + n_base);
    if (folder < 0) {
        const enum lat_status status = cannot_enter(name, elsewhere, error);
        free(path);
        return status;
    }
    *out = (struct lat_file_place){
        .folder = folder,
        .leaf = strrchr(path, '/') + 1,
        .path = path,
    };
    return LAT_OK;
}

/// What @p leaf in the real folder @p real is or links to, to free().  A link
/// to nothing is left as it is.
static char *
resolve(int folder, const char *real, const char *leaf)
{
    char *path = NULL;
    struct stat st;
    if (asprintf(&path, "%s/%s", strcmp(real, "/") == 0 ? "" : real, leaf) <
        0) {
        return NULL;
    }
    if (fstatat(folder, leaf, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
        S_ISLNK(st.st_mode)) {
        char *const target = realpath(path, NULL);
        if (target) {
            free(path);
            return target;
        }
    }
    return path;
}

/// The bytes of @p path up to what lies below @p folder; 0 if it lies outside.
static size_t
length_inside(const char *path, const char *folder)
{
    const size_t n = strcmp(folder, "/") == 0 ? 0 : strlen(folder);
    return strncmp(path, folder, n) == 0 && path[n] == '/' ? n + 1 : 0;
}

static bool
has_same_suffix(const char *path, const char *leaf)
{
    const char *const a = strrchr(path, '.');
    const char *const b = strrchr(leaf, '.');
    return !b || (a && strcmp(a, b) == 0);
}

enum lat_status
lat_file_place_inside(const char *folder, const char *leaf, const char *name,
                      const char *elsewhere, struct lat_file_place *out,
                      struct lat_error *error)
{
    char *const real = realpath(folder, NULL);
    const int fd = real ? open_folder(AT_FDCWD, real) : -1;
    if (fd < 0) {
        char shown[600];
        const int problem = errno;
        free(real);
        snprintf(shown, sizeof(shown), "%.400s/%.100s", folder, leaf);
        errno = problem;
        return cannot_enter(shown, elsewhere, error);
    }
    char *const path = resolve(fd, real, leaf);
    const size_t n = path ? length_inside(path, real) : 0;
    free(real);
    if (!path) {
        close(fd);
        return no_memory(error);
    }
    // A link to what is no session by its name is not followed either.
    if (n == 0 || !has_same_suffix(path, leaf)) {
        close(fd);
        free(path);
        return lat_error_set(error, LAT_EIO,
                             "'%.80s' is a link that leads %s; sessions lie "
                             "in their folder",
                             name,
                             n == 0 ? "out of the folder of the sessions"
                                    : "to no session");
    }
    return take(fd, path, n, name, elsewhere, out, error);
}

enum lat_status
lat_file_place_of(const char *path, const char *elsewhere,
                  struct lat_file_place *out, struct lat_error *error)
{
    char *const copy = strdup(path);
    const int root = copy ? open_folder(AT_FDCWD, "/") : -1;
    if (root < 0) {
        const enum lat_status status =
            copy ? cannot_enter(path, elsewhere, error) : no_memory(error);
        free(copy);
        return status;
    }
    return take(root, copy, 1, path, elsewhere, out, error);
}

void
lat_file_place_fini(struct lat_file_place *place)
{
    close(place->folder);
    free(place->path);
    *place = (struct lat_file_place){.folder = -1};
}

bool
lat_file_place_look(const struct lat_file_place *place, struct stat *out)
{
    return fstatat(place->folder, place->leaf, out, AT_SYMLINK_NOFOLLOW) == 0;
}

/// @return a descriptor, or -1 with an error.
static int
open_file(const struct lat_file_place *place, const char *name,
          struct lat_error *error)
{
    struct stat st;
    // Looked at first: to open a device may do things.
    if (lat_file_place_look(place, &st) && !S_ISREG(st.st_mode) &&
        !S_ISLNK(st.st_mode)) {
        lat_error_set(error, LAT_EIO, "cannot read %.200s: it is %s", name,
                      S_ISDIR(st.st_mode) ? "a folder, not a session"
                                          : "no ordinary file");
        return -1;
    }
    const int fd = openat(place->folder, place->leaf,
                          O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        if (errno == ELOOP) {
            errno = ENOENT; // a link to nothing
        }
        lat_file_cannot_read(name, error);
        return -1;
    }
    if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
        close(fd);
        lat_error_set(error, LAT_EIO,
                      "cannot read %.200s: it is no ordinary "
                      "file",
                      name);
        return -1;
    }
    return fd;
}

FILE *
lat_file_place_open(const struct lat_file_place *place, const char *name,
                    struct lat_error *error)
{
    const int fd = open_file(place, name, error);
    FILE *const stream = fd < 0 ? NULL : fdopen(fd, "r");
    if (fd >= 0 && !stream) {
        close(fd);
        no_memory(error);
    }
    return stream;
}
