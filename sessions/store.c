// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "sessions/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX ".ini"

/// Temporary files that crashes may have left before we give up.
#define TEMPORARY_TRIES 100

char *
lat_store_default_folder(void)
{
    const char *const data = getenv("XDG_DATA_HOME");
    const char *const home = getenv("HOME");
    char *folder = NULL;
    int n = 0;
    if (data && data[0] == '/') {
        n = asprintf(&folder, "%s/lattice/sessions", data);
    } else {
        n = asprintf(&folder, "%s/.local/share/lattice/sessions",
                     home && *home ? home : ".");
    }
    return n < 0 ? NULL : folder;
}

bool
lat_store_name_is_valid(const char *name)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "abcdefghijklmnopqrstuvwxyz"
                                  "0123456789_-.";
    const size_t length = strlen(name);
    return length > 0 && length <= LAT_SESSION_NAME_MAX && name[0] != '.' &&
           strspn(name, allowed) == length;
}

static bool
has_suffix(const char *name)
{
    const size_t length = strlen(name);
    const size_t n = sizeof(SUFFIX) - 1;
    return length > n && strcmp(name + length - n, SUFFIX) == 0;
}

char *
lat_store_path(const char *folder, const char *name)
{
    char *path = NULL;
    const int n = asprintf(&path, "%s/%s%s", folder, name,
                           has_suffix(name) ? "" : SUFFIX);
    return n < 0 ? NULL : path;
}

static enum lat_status
fail(struct lat_error *error, const char *path)
{
    const int problem = errno;
    const char *remedy = "";
    if (problem == ENOSPC || problem == EDQUOT || problem == EFBIG) {
        remedy = "; make room and save again";
    } else if (problem == EACCES || problem == EPERM || problem == EROFS ||
               problem == ENOTDIR) {
        remedy = "; choose another folder with --session-dir";
    }
    return lat_error_set(error, problem == ENOMEM ? LAT_ENOMEM : LAT_EIO,
                         "cannot write %s: %s%s", path, strerror(problem),
                         remedy);
}

/// Make a folder and those above it.
static enum lat_status
make_folder(const char *folder, struct lat_error *error)
{
    char *const path = strdup(folder);
    if (!path) {
        return lat_error_set(error, LAT_ENOMEM, "%s", lat_strerror(LAT_ENOMEM));
    }
    int problem = 0;
    for (char *c = path + 1;; ++c) {
        if (*c != '/' && *c != '\0') {
            continue;
        }
        const char end = *c;
        *c = '\0';
        if (mkdir(path, 0700) && errno != EEXIST) {
            problem = errno;
        }
        *c = end;
        if (end == '\0') {
            break;
        }
    }
    free(path);
    // Whether the folders above could be made does not matter if it is there.
    struct stat s;
    if (stat(folder, &s) == 0) {
        problem = S_ISDIR(s.st_mode) ? 0 : ENOTDIR;
    }
    errno = problem;
    return problem ? fail(error, folder) : LAT_OK;
}

/// The folder of @p path, to free().
static char *
folder_of(const char *path)
{
    const char *const slash = strrchr(path, '/');
    if (!slash) {
        return strdup(".");
    }
    return slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
}

/// Open a new file beside @p path; its name, to free(), into @p name.
static int
open_temporary(const char *path, char **name)
{
    const char *const slash = strrchr(path, '/');
    const int n_folder = slash ? (int)(slash - path) + 1 : 0;
    for (unsigned i = 0; i < TEMPORARY_TRIES; ++i) {
        if (asprintf(name, "%.*s.%s.%ld-%u", n_folder, path, path + n_folder,
                     (long)getpid(), i) < 0) {
            *name = NULL;
            errno = ENOMEM;
            return -1;
        }
        // Not mkstemp(): the file gets the permissions that umask leaves.
        const int fd =
            open(*name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd >= 0) {
            return fd;
        }
        const int problem = errno;
        free(*name);
        *name = NULL;
        errno = problem;
        if (problem != EEXIST) {
            return -1;
        }
    }
    return -1;
}

static bool
write_all(int fd, const char *text, size_t length)
{
    while (length > 0) {
        const ssize_t n = write(fd, text, length);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            if (n == 0) {
                errno = ENOSPC;
            }
            return false;
        }
        text += n;
        length -= (size_t)n;
    }
    return true;
}

/// Fill the temporary file; it gets the permissions of the one it replaces.
static bool
fill(int fd, const char *text, size_t length, const struct stat *old)
{
    bool ok = write_all(fd, text, length);
    if (ok && old && fchmod(fd, old->st_mode & 07777U)) {
        ok = errno == EPERM; // not ours; the text matters more
    }
    ok = ok && fsync(fd) == 0;
    const int problem = errno;
    if (close(fd) && ok) {
        return false;
    }
    errno = problem;
    return ok;
}

/// Let @p backup be what @p path is.  @return false with errno set.
static bool
back_up(const char *path, const char *backup, bool *is_moved)
{
    char *link_name = NULL;
    *is_moved = false;
    if (asprintf(&link_name, "%s~", backup) < 0) {
        errno = ENOMEM;
        return false;
    }
    unlink(link_name);
    const bool is_linked =
        link(path, link_name) == 0 && rename(link_name, backup) == 0;
    unlink(link_name);
    free(link_name);
    if (is_linked) {
        return true;
    }
    // A file system without links: for a moment there is only the backup.
    *is_moved = rename(path, backup) == 0;
    return *is_moved;
}

static bool
replace(const char *temporary, const char *path, bool is_there)
{
    char *backup = NULL;
    bool is_moved = false;
    if (is_there) {
        if (asprintf(&backup, "%s.bak", path) < 0) {
            errno = ENOMEM;
            return false;
        }
        if (!back_up(path, backup, &is_moved)) {
            free(backup);
            return false;
        }
    }
    const bool ok = rename(temporary, path) == 0;
    if (!ok && is_moved) {
        const int problem = errno;
        rename(backup, path);
        errno = problem;
    }
    free(backup);
    return ok;
}

/// Make the rename last.  That some file systems cannot is no failure: the file
/// is there.
static void
sync_folder(const char *folder)
{
    const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
}

/// Look at what is there.  @return LAT_OK also if nothing is.
static enum lat_status
look_at(const char *path, struct stat *out, bool *is_there,
        struct lat_error *error)
{
    *is_there = stat(path, out) == 0;
    if (!*is_there) {
        return LAT_OK;
    }
    if (!S_ISREG(out->st_mode)) {
        return lat_error_set(error, LAT_EIO,
                             "cannot write %s: it is no ordinary file", path);
    }
    if (access(path, W_OK)) {
        return lat_error_set(error, LAT_EIO,
                             "cannot write %s: %s; save under another name",
                             path, strerror(errno));
    }
    return LAT_OK;
}

static enum lat_status
write_in_folder(const char *folder, const char *path, const char *text,
                size_t length, struct lat_error *error)
{
    struct stat old;
    bool is_there = false;
    enum lat_status status = look_at(path, &old, &is_there, error);
    if (status) {
        return status;
    }
    char *temporary = NULL;
    const int fd = open_temporary(path, &temporary);
    if (fd < 0) {
        return fail(error, path);
    }
    if (!fill(fd, text, length, is_there ? &old : NULL) ||
        !replace(temporary, path, is_there)) {
        status = fail(error, path);
        unlink(temporary);
    } else {
        sync_folder(folder);
    }
    free(temporary);
    return status;
}

enum lat_status
lat_store_write(const char *path, const char *text, size_t length,
                struct lat_error *error)
{
    char *const folder = folder_of(path);
    if (!folder) {
        return lat_error_set(error, LAT_ENOMEM, "%s", lat_strerror(LAT_ENOMEM));
    }
    enum lat_status status = make_folder(folder, error);
    if (!status) {
        status = write_in_folder(folder, path, text, length, error);
    }
    free(folder);
    return status;
}

static int
is_session_file(const struct dirent *e)
{
    char name[LAT_SESSION_NAME_MAX + sizeof(SUFFIX)];
    const size_t length = strlen(e->d_name);
    if (!has_suffix(e->d_name) || length >= sizeof(name)) {
        return 0;
    }
    memcpy(name, e->d_name, length - (sizeof(SUFFIX) - 1));
    name[length - (sizeof(SUFFIX) - 1)] = '\0';
    return e->d_type != DT_DIR && lat_store_name_is_valid(name);
}

/// Order as the names do without the suffix.
static int
compare(const struct dirent **a, const struct dirent **b)
{
    const size_t n_a = strlen((*a)->d_name) - (sizeof(SUFFIX) - 1);
    const size_t n_b = strlen((*b)->d_name) - (sizeof(SUFFIX) - 1);
    const int order = memcmp((*a)->d_name, (*b)->d_name, n_a < n_b ? n_a : n_b);
    return order != 0 ? order : (n_a > n_b) - (n_a < n_b);
}

enum lat_status
lat_store_list(const char *folder, void (*each)(void *data, const char *name),
               void *data, struct lat_error *error)
{
    struct dirent **entries = NULL;
    const int n = scandir(folder, &entries, is_session_file, compare);
    if (n < 0) {
        return errno == ENOENT
                   ? LAT_OK
                   : lat_error_set(error, LAT_EIO, "cannot read %s: %s", folder,
                                   strerror(errno));
    }
    for (int i = 0; i < n; ++i) {
        char *const name = entries[i]->d_name;
        name[strlen(name) - (sizeof(SUFFIX) - 1)] = '\0';
        each(data, name);
        free(entries[i]);
    }
    free(entries);
    return LAT_OK;
}
