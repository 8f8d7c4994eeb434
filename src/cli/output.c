// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "output.h"
#include "base/file.h"
#include "base/folders.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum lat_status
fail(struct lat_error *error, const char *path, const char *remedy)
{
    return lat_error_set(error, LAT_ESYSTEM, "cannot write %s: %s%s", path,
                         strerror(errno), remedy);
}

static const char *
remedy_of(int problem)
{
    switch (problem) {
    case ENOENT:
    case ENOTDIR:
        return "; make its folder first";
    case EACCES:
    case EPERM:
    case EROFS:
    case EISDIR:
        return "; choose another place";
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return "; make room, or choose another place";
    default:
        return "";
    }
}

/// Permissions of a new file: those of the old one, or what umask leaves.
static mode_t
mode_for(const struct stat *old)
{
    if (old) {
        return old->st_mode & 0777U;
    }
    const mode_t mask = umask(0);
    umask(mask);
    return 0666U & ~mask;
}

/// A temporary file in the folder of out->path.
static enum lat_status
open_part(struct lat_cli_output *out, const struct stat *old,
          struct lat_error *error)
{
    static const char suffix[] = ".part";
    if (asprintf(&out->part, "%s.XXXXXX%s", out->path, suffix) < 0) {
        out->part = NULL;
        return lat_error_set(error, LAT_ENOMEM, "out of memory");
    }
    out->fd = mkostemps(out->part, (int)sizeof(suffix) - 1, O_CLOEXEC);
    if (out->fd < 0) {
        free(out->part);
        out->part = NULL;
        return fail(error, out->path, remedy_of(errno));
    }
    if (fchmod(out->fd, mode_for(old)) != 0) {
        return fail(error, out->path, "");
    }
    return LAT_OK;
}

/// The pipe itself, and a file without a name to write to.
static enum lat_status
open_pipe(struct lat_cli_output *out, struct lat_error *error)
{
    out->pipe = open(out->path, O_WRONLY | O_CLOEXEC);
    if (out->pipe < 0) {
        return fail(error, out->path, remedy_of(errno));
    }
    char *name = NULL;
    if (asprintf(&name, "%s/lattice.XXXXXX", lat_folders_temporary()) < 0) {
        return lat_error_set(error, LAT_ENOMEM, "out of memory");
    }
    out->fd = mkostemp(name, O_CLOEXEC);
    const enum lat_status status =
        out->fd < 0 ? fail(error, name, remedy_of(errno)) : LAT_OK;
    if (out->fd >= 0) {
        unlink(name);
    }
    free(name);
    return status;
}

/// What whoever started us has opened, and may have written to before.
static enum lat_status
open_standard_output(struct lat_cli_output *out, struct lat_error *error)
{
    out->path = strdup("standard output");
    if (!out->path) {
        return lat_error_set(error, LAT_ENOMEM, "out of memory");
    }
    out->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
    if (out->fd < 0) {
        const enum lat_status status = fail(error, out->path, "");
        lat_cli_output_abort(out);
        return status;
    }
    return LAT_OK;
}

enum lat_status
lat_cli_output_open(struct lat_cli_output *out, const char *path,
                    bool needs_seek, struct lat_error *error)
{
    *out = (struct lat_cli_output){.fd = -1, .pipe = -1};
    if (!needs_seek &&
        (strcmp(path, "-") == 0 || strcmp(path, "/dev/stdout") == 0)) {
        return open_standard_output(out, error);
    }
    struct stat old;
    const bool is_there = stat(path, &old) == 0;
    // Through symbolic links, so that they stay; /dev/stdout must stay as it
    // is, its target has no name.
    out->path = is_there && S_ISREG(old.st_mode) ? realpath(path, NULL) : NULL;
    if (!out->path) {
        out->path = strdup(path);
    }
    if (!out->path) {
        return lat_error_set(error, LAT_ENOMEM, "out of memory");
    }
    enum lat_status status = LAT_OK;
    if (!is_there || S_ISREG(old.st_mode)) {
        if (is_there && access(out->path, W_OK) != 0) {
            status = fail(error, out->path, remedy_of(errno));
        } else {
            status = open_part(out, is_there ? &old : NULL, error);
        }
    } else if (needs_seek && !S_ISCHR(old.st_mode) && !S_ISBLK(old.st_mode)) {
        status = open_pipe(out, error);
    } else {
        out->fd = open(out->path, O_WRONLY | O_CLOEXEC);
        if (out->fd < 0) {
            status = fail(error, out->path, remedy_of(errno));
        }
    }
    if (status) {
        lat_cli_output_abort(out);
    }
    return status;
}

bool
lat_cli_output_write(struct lat_cli_output *out, const void *bytes, size_t n)
{
    return lat_file_write_all(out->fd, bytes, n);
}

static bool
copy(int from, int to)
{
    if (lseek(from, 0, SEEK_SET) != 0) {
        return false;
    }
    char bytes[65536];
    for (;;) {
        const ssize_t n = read(from, bytes, sizeof(bytes));
        if (n == 0) {
            return true;
        }
        if (n < 0 && errno != EINTR) {
            return false;
        }
        if (n > 0 && !lat_file_write_all(to, bytes, (size_t)n)) {
            return false;
        }
    }
}

enum lat_status
lat_cli_output_commit(struct lat_cli_output *out, struct lat_error *error)
{
    enum lat_status status = LAT_OK;
    if (out->pipe >= 0 && !copy(out->fd, out->pipe)) {
        status = fail(error, out->path, remedy_of(errno));
    }
    const int fd = out->fd;
    out->fd = -1;
    if (close(fd) != 0 && !status) {
        status = fail(error, out->path, remedy_of(errno));
    }
    if (!status && out->part) {
        if (rename(out->part, out->path) != 0) {
            status = fail(error, out->path, remedy_of(errno));
        } else {
            free(out->part);
            out->part = NULL;
        }
    }
    lat_cli_output_abort(out);
    return status;
}

void
lat_cli_output_abort(struct lat_cli_output *out)
{
    if (out->part) {
        unlink(out->part);
    }
    if (out->fd >= 0) {
        close(out->fd);
    }
    if (out->pipe >= 0) {
        close(out->pipe);
    }
    free(out->part);
    free(out->path);
    *out = (struct lat_cli_output){.fd = -1, .pipe = -1};
}
