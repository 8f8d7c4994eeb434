// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "source.h"
#include "base/file.h"
#include "lines.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/// Read all there is, and one byte more than a session may have at most.
char *
lat_source_read_all(int fd, size_t *length)
{
    const size_t most = (size_t)LAT_SESSION_FILE_MAX + 1;
    size_t capacity = 4096;
    size_t n = 0;
    char *text = malloc(capacity);
    while (text && n < most) {
        if (n == capacity) {
            capacity = 2 * capacity < most ? 2 * capacity : most;
            char *const grown = realloc(text, capacity);
            if (!grown) {
                free(text);
                return NULL;
            }
            text = grown;
        }
        const ssize_t got = read(fd, text + n, capacity - n);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            free(text);
            return NULL;
        }
        if (got == 0) {
            break;
        }
        // What a NUL is in is no session; a device may never end.
        const bool is_text = !memchr(text + n, '\0', (size_t)got);
        n += (size_t)got;
        if (!is_text) {
            break;
        }
    }
    *length = n;
    return text;
}

enum lat_status
lat_source_open_text(char *text, size_t length, struct lat_source *out,
                     struct lat_error *error)
{
    // An empty buffer is no stream everywhere; an empty line is the same.
    static char empty[] = "\n";
    FILE *const stream = length > 0 ? fmemopen(text, length, "r")
                                    : fmemopen(empty, sizeof(empty) - 1, "r");
    if (!stream) {
        lat_file_cannot_read("text", error);
        free(text);
        return LAT_ENOMEM;
    }
    *out = (struct lat_source){stream, text, length};
    return LAT_OK;
}

enum lat_status
lat_source_open(const char *path, const char *name, struct lat_source *out,
                struct lat_error *error)
{
    const bool is_input = strcmp(path, "-") == 0;
    const int fd = is_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat(fd, &st)) {
        return lat_file_cannot_read(name, error);
    }
    if (S_ISDIR(st.st_mode)) {
        if (!is_input) {
            close(fd);
        }
        return lat_error_set(error, LAT_EIO,
                             "cannot read %.400s: it is a folder, not a "
                             "session",
                             name);
    }
    if (S_ISREG(st.st_mode) && !is_input) {
        FILE *const stream = fdopen(fd, "r");
        if (!stream) {
            close(fd);
            return lat_file_cannot_read(name, error);
        }
        *out = (struct lat_source){.stream = stream};
        return LAT_OK;
    }
    size_t length = 0;
    char *const text = lat_source_read_all(fd, &length);
    const int problem = errno;
    if (!is_input) {
        close(fd);
    }
    errno = problem;
    return text ? lat_source_open_text(text, length, out, error)
                : lat_file_cannot_read(name, error);
}

void
lat_source_close(struct lat_source *source)
{
    if (source->stream) {
        fclose(source->stream);
    }
    free(source->text);
    *source = (struct lat_source){0};
}
