// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "file.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum lat_status
lat_file_cannot_read(const char *name, struct lat_error *error)
{
    const int problem = errno;
    return lat_error_set(error,
                         problem == ENOENT   ? LAT_ENOTFOUND
                         : problem == ENOMEM ? LAT_ENOMEM
                                             : LAT_EIO,
                         "cannot read %.400s: %s", name, strerror(problem));
}

bool
lat_file_write_all(int fd, const void *bytes, size_t n)
{
    const char *next = bytes;
    while (n > 0) {
        const ssize_t written = write(fd, next, n);
        if (written > 0) {
            next += written;
            n -= (size_t)written;
        } else if (written == 0) {
            errno = ENOSPC;
            return false;
        } else if (errno != EINTR) {
            return false;
        }
    }
    return true;
}
