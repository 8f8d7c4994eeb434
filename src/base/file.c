// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "file.h"
#include "rt.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
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

enum lat_status
lat_file_read_all(FILE *file, const char *name, size_t most, uint8_t **bytes,
                  size_t *size, struct lat_error *error)
{
    enum lat_status status = LAT_OK;
    uint8_t *all = NULL;
    size_t capacity = 0;
    size_t n_all = 0;
    size_t n = 0;
    do {
        if (n_all == capacity) {
            capacity = capacity ? 2 * capacity : 65536;
            uint8_t *const grown = realloc(all, capacity);
            if (!grown) {
                status = lat_error_set(error, LAT_ENOMEM,
                                       "%.400s does not fit into memory", name);
                break;
            }
            all = grown;
        }
        n = fread(all + n_all, 1, capacity - n_all, file);
        n_all += n;
    } while (n > 0 && n_all <= most);
    if (!status && ferror(file)) {
        status = lat_file_cannot_read(name, error);
    } else if (!status && n_all > most) {
        status = LAT_EFULL;
    }
    if (status) {
        free(all);
        return status;
    }
    *bytes = all;
    *size = n_all;
    return LAT_OK;
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

bool
lat_file_has_sound_name(const char *name)
{
    static const char *const endings[] = {
        "wav", "aif", "aiff", "aifc", "flac", "ogg",  "opus",
        "mp3", "caf", "au",   "snd",  "w64",  "rf64",
    };
    const char *const dot = strrchr(name, '.');
    size_t i = 0;
    while (dot && i < LAT_COUNT(endings) &&
           strcasecmp(dot + 1, endings[i]) != 0) {
        ++i;
    }
    return dot && i < LAT_COUNT(endings);
}
