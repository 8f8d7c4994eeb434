// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "store.h"
#include "base/file.h"
#include "lines.h"
#include "session.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX ".ini"

/// Temporary files that crashes may have left before we give up.
#define TEMPORARY_TRIES 100U

/// Bytes of a file's name that the name of its temporary file has.
#define LEAF_SHOWN 200

bool
lat_store_is_autosave(const char *name)
{
    return strcmp(name, LAT_SESSION_AUTOSAVE) == 0 ||
           strcmp(name, LAT_SESSION_AUTOSAVE SUFFIX) == 0;
}

bool
lat_store_name_is_valid(const char *name)
{
    const size_t length = strlen(name);
    if (length == 0 || length > LAT_SESSION_NAME_MAX || name[0] == '.' ||
        lat_store_is_autosave(name)) {
        return false;
    }
    for (size_t i = 0; i < length;) {
        const size_t n = lat_utf8_length(name + i);
        const unsigned byte = (unsigned char)name[i];
        // The second 32 control characters are 0xc2 0x80 to 0xc2 0x9f.
        if (n == 0 || byte < ' ' || byte == 0x7f || byte == '/' ||
            (byte == 0xc2 && (unsigned char)name[i + 1] < 0xa0)) {
            return false;
        }
        i += n;
    }
    return true;
}

static bool
has_suffix(const char *name)
{
    const size_t length = strlen(name);
    const size_t n = sizeof(SUFFIX) - 1;
    return length > n && strcmp(name + length - n, SUFFIX) == 0;
}

/// Is it NAME.ini?
static bool
is_leaf(const char *leaf)
{
    char name[LAT_SESSION_NAME_MAX + 1];
    const size_t length = strlen(leaf);
    const size_t n = sizeof(SUFFIX) - 1;
    if (!has_suffix(leaf) || length - n >= sizeof(name)) {
        return false;
    }
    snprintf(name, sizeof(name), "%.*s", (int)(length - n), leaf);
    return lat_store_name_is_valid(name);
}

void
lat_store_leaf(const char *name, char *out, size_t size)
{
    snprintf(out, size, "%s%s", name, has_suffix(name) ? "" : SUFFIX);
}

void
lat_store_name(const char *leaf, char *out, size_t size)
{
    const size_t n =
        has_suffix(leaf) ? strlen(leaf) - (sizeof(SUFFIX) - 1) : strlen(leaf);
    snprintf(out, size, "%.*s", (int)n, leaf);
    if (has_suffix(out)) {
        snprintf(out, size, "%s", leaf); // NAME.ini alone means another file
    }
}

static enum lat_status
fail(struct lat_error *error, const char *path, const char *elsewhere)
{
    const int problem = errno;
    const bool is_full =
        problem == ENOSPC || problem == EDQUOT || problem == EFBIG;
    const enum lat_status status = problem == ENOMEM ? LAT_ENOMEM
                                   : is_full         ? LAT_ESYSTEM
                                                     : LAT_EIO;
    return lat_error_set(error, status, "cannot write %s: %s; %s%s", path,
                         strerror(problem), is_full ? "make room or " : "",
                         elsewhere);
}

enum lat_status
lat_store_make_folder(const char *folder, const char *elsewhere,
                      struct lat_error *error)
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
        // That a folder above is not there only follows from why.
        if (mkdir(path, 0700) && errno != EEXIST &&
            !(errno == ENOENT && problem)) {
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
    return problem ? fail(error, folder, elsewhere) : LAT_OK;
}

// Temporary files: `.NAME.ini.PID-N`, locked for as long as they are written.

/// Open a new file beside the place; its name goes into @p name.
static int
open_temporary(const struct lat_file_place *place, char *name, size_t size)
{
    for (unsigned i = 0; i < TEMPORARY_TRIES; ++i) {
        snprintf(name, size, ".%.*s.%ld-%u", LEAF_SHOWN, place->leaf,
                 (long)getpid(), i);
        // Not mkstemp(): the file gets the permissions that umask leaves.
        const int fd =
            openat(place->folder, name,
                   O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
        if (fd >= 0) {
            flock(fd, LOCK_EX | LOCK_NB);
            return fd;
        }
        if (errno != EEXIST) {
            return -1;
        }
    }
    return -1;
}

/// Read up to nine digits.  @return what stands behind them, or NULL.
static const char *
take_digits(const char *c, long *out)
{
    const size_t n = strspn(c, "0123456789");
    *out = strtol(c, NULL, 10);
    return n > 0 && n <= 9 ? c + n : NULL;
}

/// Does a name have the form of a temporary file of @p leaf or, where that is
/// NULL, of any session?  @return the process in it, or 0.
static pid_t
process_of(const char *name, const char *leaf)
{
    const char *const dot = strrchr(name, '.');
    char of[NAME_MAX + 1];
    long pid = 0;
    long n = 0;
    if (name[0] != '.' || dot == name) {
        return 0;
    }
    const char *end = take_digits(dot + 1, &pid);
    end = end && *end == '-' ? take_digits(end + 1, &n) : NULL;
    if (!end || *end != '\0') {
        return 0;
    }
    snprintf(of, sizeof(of), "%.*s", (int)(dot - name - 1), name + 1);
    const bool is_it = leaf ? strncmp(of, leaf, LEAF_SHOWN) == 0 : is_leaf(of);
    return is_it ? (pid_t)pid : 0;
}

/// Remove the file if it is ours and nobody writes it any more.  A process of
/// this number may also live where we do not see it, so the lock counts too.
static void
remove_left_over(int folder, const char *name, pid_t pid)
{
    if (pid != getpid() && (kill(pid, 0) == 0 || errno != ESRCH)) {
        return;
    }
    const int fd =
        openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat st;
    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
        st.st_uid == geteuid() && flock(fd, LOCK_EX | LOCK_NB) == 0) {
        unlinkat(folder, name, 0);
    }
    if (fd >= 0) {
        close(fd);
    }
}

static void
clean(int folder, const char *leaf)
{
    const int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *const dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir) {
        if (fd >= 0) {
            close(fd);
        }
        return;
    }
    for (const struct dirent *e = readdir(dir); e; e = readdir(dir)) {
        const pid_t pid = process_of(e->d_name, leaf);
        if (pid) {
            remove_left_over(folder, e->d_name, pid);
        }
    }
    closedir(dir);
}

void
lat_store_clean(const char *folder)
{
    const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        clean(fd, NULL);
        close(fd);
    }
}

// Writing.

/// Fill the temporary file; it gets the permissions of the one it replaces.
static bool
fill(int fd, const char *text, size_t length, const struct stat *old)
{
    bool ok = lat_file_write_all(fd, text, length);
    if (ok && old && fchmod(fd, old->st_mode & 07777U)) {
        ok = errno == EPERM; // not ours; the text matters more
    }
    return ok && fsync(fd) == 0;
}

/// Let LEAF.bak be what the file is, by way of the name @p spare.
/// @return false with errno set.
static bool
back_up(const struct lat_file_place *place, const char *spare,
        const char *backup, bool *is_moved)
{
    const int folder = place->folder;
    *is_moved = false;
    if (linkat(folder, place->leaf, folder, spare, 0) == 0) {
        if (renameat(folder, spare, folder, backup) == 0) {
            // Where the two were one file already, rename does nothing.
            unlinkat(folder, spare, 0);
            return true;
        }
        unlinkat(folder, spare, 0);
    }
    // A file system without links: for a moment there is only the backup.
    *is_moved = renameat(folder, place->leaf, folder, backup) == 0;
    return *is_moved;
}

static bool
replace(const struct lat_file_place *place, const char *temporary,
        bool is_there)
{
    const int folder = place->folder;
    char backup[NAME_MAX + 8];
    char spare[NAME_MAX + 8];
    bool is_moved = false;
    snprintf(backup, sizeof(backup), "%s.bak", place->leaf);
    // Cleaned like the temporary file itself.
    snprintf(spare, sizeof(spare), ".%.*s.%ld-%u", LEAF_SHOWN, place->leaf,
             (long)getpid(), TEMPORARY_TRIES);
    if (is_there && !back_up(place, spare, backup, &is_moved)) {
        return false;
    }
    const bool ok = renameat(folder, temporary, folder, place->leaf) == 0;
    if (!ok && is_moved) {
        const int problem = errno;
        renameat(folder, backup, folder, place->leaf);
        errno = problem;
    }
    return ok;
}

/// Look at what is there.  @return LAT_OK also if nothing is.
static enum lat_status
look_at(const struct lat_file_place *place, struct stat *out, bool *is_there,
        const char *elsewhere, struct lat_error *error)
{
    *is_there = lat_file_place_look(place, out);
    if (!*is_there || S_ISLNK(out->st_mode)) {
        return LAT_OK; // the link itself is replaced
    }
    if (!S_ISREG(out->st_mode)) {
        return lat_error_set(error, LAT_EIO,
                             "cannot write %s: it is no ordinary file; save "
                             "under another name",
                             place->path);
    }
    if (faccessat(place->folder, place->leaf, W_OK, 0)) {
        if (errno != EACCES && errno != EPERM) {
            return fail(error, place->path, elsewhere);
        }
        return lat_error_set(error, LAT_EIO,
                             "cannot write %s: %s; save under another name",
                             place->path, strerror(errno));
    }
    return LAT_OK;
}

enum lat_status
lat_store_write(const struct lat_file_place *place, const char *text,
                size_t length, const char *elsewhere, struct lat_error *error)
{
    struct stat old;
    bool is_there = false;
    char temporary[NAME_MAX + 8];
    enum lat_status status = look_at(place, &old, &is_there, elsewhere, error);
    if (status) {
        return status;
    }
    clean(place->folder, place->leaf);
    const int fd = open_temporary(place, temporary, sizeof(temporary));
    if (fd < 0) {
        return fail(error, place->path, elsewhere);
    }
    const bool has_mode = is_there && S_ISREG(old.st_mode);
    if (!fill(fd, text, length, has_mode ? &old : NULL) ||
        !replace(place, temporary, is_there)) {
        status = fail(error, place->path, elsewhere);
        unlinkat(place->folder, temporary, 0);
    } else {
        // Make the rename last.  That some file systems cannot is no failure,
        // nor that the folder is one that cannot be read.
        if (fsync(place->folder) && errno != EINVAL && errno != ENOTSUP &&
            errno != EBADF) {
            status = fail(error, place->path, elsewhere);
        }
    }
    close(fd);
    return status;
}

// Listing.

static int
is_session_file(const struct dirent *e)
{
    return e->d_type != DT_DIR && is_leaf(e->d_name);
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

/// Is it an ordinary file, or a link to one inside the folder?
static bool
is_readable(const char *folder, const char *leaf)
{
    struct lat_file_place place;
    struct stat st;
    if (lat_file_place_inside(folder, leaf, leaf, LAT_STORE_ELSEWHERE, &place,
                              NULL)) {
        return false;
    }
    const bool is_file =
        lat_file_place_look(&place, &st) && S_ISREG(st.st_mode);
    lat_file_place_fini(&place);
    return is_file;
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
        char *const leaf = entries[i]->d_name;
        if (entries[i]->d_type == DT_REG || is_readable(folder, leaf)) {
            char name[LAT_SESSION_NAME_MAX + sizeof(SUFFIX)];
            lat_store_name(leaf, name, sizeof(name));
            each(data, name);
        }
        free(entries[i]);
    }
    free(entries);
    return LAT_OK;
}
