// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "kept.h"
#include "base/file.h"
#include "base/rt.h"
#include "reading.h"
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const beginnings[] = {
    "# kept by lattice; saved; files in ",
    "# kept by lattice; unsaved; files in ",
};

enum lat_status
lat_kept_write(const struct lat_sessions *s, struct lat_kept *out)
{
    char folder[PATH_MAX];
    *out = (struct lat_kept){0};
    if (!realpath(s->finder.folder ? s->finder.folder : ".", folder) ||
        strchr(folder, '\n')) {
        folder[0] = '\0';
    }
    FILE *const stream = open_memstream(&out->text, &out->length);
    if (!stream) {
        return LAT_ENOMEM;
    }
    enum lat_status status = lat_session_write(s->control, stream);
    fprintf(stream, "%s%s\n", beginnings[is_changed(s)], folder);
    if (fclose(stream) || status) {
        lat_kept_fini(out);
        status = LAT_ENOMEM;
    }
    return status;
}

enum lat_status
lat_kept_read(const char *path, struct lat_kept *out, struct lat_error *error)
{
    const int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    *out = (struct lat_kept){0};
    if (fd >= 0) {
        out->text = lat_source_read_all(fd, &out->length);
        const int problem = errno;
        close(fd);
        errno = problem;
    }
    return out->text ? LAT_OK : lat_file_cannot_read(path, error);
}

struct ending {
    size_t at; ///< where it begins in the text
    bool is_unsaved;
    const char *folder; ///< up to the newline
    size_t folder_length;
};

/// @return whether the text is whole.
static bool
find_ending(const struct lat_kept *kept, struct ending *out)
{
    const char *const text = kept->text;
    size_t at = kept->length;
    if (at == 0 || text[--at] != '\n') {
        return false;
    }
    const size_t end = at;
    while (at > 0 && text[at - 1] != '\n') {
        --at;
    }
    for (size_t i = 0; i < LAT_COUNT(beginnings); ++i) {
        const size_t n = strlen(beginnings[i]);
        if (end - at >= n && memcmp(text + at, beginnings[i], n) == 0) {
            *out = (struct ending){
                .at = at,
                .is_unsaved = i == 1,
                .folder = text + at + n,
                .folder_length = end - at - n,
            };
            return true;
        }
    }
    return false;
}

bool
lat_kept_is_unsaved(const struct lat_kept *kept)
{
    struct ending ending;
    return find_ending(kept, &ending) && ending.is_unsaved;
}

enum lat_status
lat_kept_apply(struct lat_sessions *s, const struct lat_kept *kept,
               const char *name, bool take_block,
               void (*warn)(void *data, const char *line), void *data,
               struct lat_error *error)
{
    struct ending ending;
    char *path = NULL;
    if (!find_ending(kept, &ending)) {
        return lat_error_set(error, LAT_EINVAL,
                             "%s is cut short: its last line is missing", name);
    }
    if (ending.folder_length > 0 &&
        asprintf(&path, "%.*s/", (int)ending.folder_length, ending.folder) <
            0) {
        return no_memory(error);
    }
    struct reading r = {
        .sessions = s,
        .file_name = name,
        .path = path,
        .takes_block = take_block,
        .warn = warn,
        .data = data,
        .error = error,
    };
    FILE *const stream = fmemopen(kept->text, ending.at, "r");
    enum lat_status status =
        stream ? lat_reading_read(&r, stream) : no_memory(error);
    if (stream) {
        fclose(stream);
    }
    if (!status) {
        status = lat_reading_apply(&r);
    }
    free(path);
    if (!status) {
        lat_sessions_remember(s, NULL, "what was kept has no name", false);
        s->n_saved -= ending.is_unsaved;
    }
    return status;
}

void
lat_kept_fini(struct lat_kept *kept)
{
    free(kept->text);
    *kept = (struct lat_kept){0};
}
