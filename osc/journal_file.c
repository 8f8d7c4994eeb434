// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "journal_file.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/// PATH, or with a number before its suffix; to free(), or NULL.
static char *
numbered(const char *path, uint32_t number)
{
    const char *const slash = strrchr(path, '/');
    const char *const leaf = slash ? slash + 1 : path;
    const char *const dot = strrchr(leaf, '.');
    const int stem =
        (int)((dot && dot > leaf ? dot : path + strlen(path)) - path);
    char *out = NULL;
    if (number < 2) {
        return strdup(path);
    }
    return asprintf(&out, "%.*s-%u%s", stem, path, (unsigned)number,
                    path + stem) < 0
               ? NULL
               : out;
}

enum lat_status
lat_journal_file_open(struct lat_journal_file *f, const char *path,
                      uint32_t number, struct lat_error *error)
{
    *f = (struct lat_journal_file){.fd = -1};
    if (strcmp(path, "-") == 0) {
        return lat_error_set(
            error, LAT_EINVAL,
            "a journal is a file, not standard output: give "
            "--journal a name, or ./- for a file of that name");
    }
    f->path = numbered(path, number);
    if (!f->path) {
        return lat_error_set(error, LAT_ENOMEM, "out of memory");
    }
    f->fd = open(f->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (f->fd >= 0) {
        return LAT_OK;
    }
    const int problem = errno;
    const enum lat_status status =
        problem == EEXIST
            ? lat_error_set(error, LAT_EEXIST,
                            "the journal %.400s exists already, and nothing is "
                            "overwritten: move it away, or give --journal "
                            "another name",
                            f->path)
            : lat_error_set(error, LAT_ESYSTEM,
                            "cannot write the journal %.400s: %s; give "
                            "--journal a file in a folder that can be written "
                            "to",
                            f->path, strerror(problem));
    lat_journal_file_close(f);
    return status;
}

static void
put_big_endian(uint8_t *to, uint64_t number, uint32_t n_bytes)
{
    for (uint32_t i = 0; i < n_bytes; ++i) {
        to[i] = (uint8_t)(number >> (8 * (n_bytes - 1 - i)));
    }
}

enum lat_status
lat_journal_file_add(struct lat_journal_file *f, uint8_t *packet, size_t size,
                     uint64_t tag)
{
    if (f->size + size + 4 > f->capacity) {
        const size_t wanted = 2 * (f->size + size + 4);
        uint8_t *const grown = realloc(f->bytes, wanted);
        if (!grown) {
            return LAT_ENOMEM;
        }
        f->bytes = grown;
        f->capacity = wanted;
    }
    put_big_endian(packet + 8, tag, 8);
    put_big_endian(f->bytes + f->size, size, 4);
    memcpy(f->bytes + f->size + 4, packet, size);
    f->size += size + 4;
    return LAT_OK;
}

enum lat_status
lat_journal_file_flush(struct lat_journal_file *f, struct lat_error *error)
{
    if (!lat_file_write_all(f->fd, f->bytes, f->size)) {
        const int problem = errno;
        if (ftruncate(f->fd, (off_t)f->n_written)) {
            // Then its reader finds a packet that is cut short.
        }
        return lat_error_set(error, LAT_ESYSTEM, "%s", strerror(problem));
    }
    f->n_written += f->size;
    f->size = 0;
    return LAT_OK;
}

bool
lat_journal_file_is_gone(const struct lat_journal_file *f)
{
    struct stat st;
    return f->path && fstat(f->fd, &st) == 0 && st.st_nlink == 0;
}

void
lat_journal_file_close(struct lat_journal_file *f)
{
    if (f->path && f->fd >= 0) {
        close(f->fd);
    }
    free(f->path);
    free(f->bytes);
    *f = (struct lat_journal_file){.fd = -1};
}
