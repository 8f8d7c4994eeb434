// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "kept.h"
#include "base/file.h"
#include "base/rt.h"
#include "reading.h"
#include "source.h"
#include "write.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MARK    "# kept by lattice; "
#define UNSAVED "unsaved; "
#define SAVED   "saved; "
#define FILES   "files in "

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
    struct lat_link_names links = {0};
    enum lat_status status =
        *folder ? lat_links_place(s->control, &s->finder, folder, &links)
                : LAT_OK;
    if (!status) {
        status = lat_session_write_linked(s->control, &links, stream);
    }
    lat_links_fini(&links);
    fprintf(stream, MARK "%s" FILES "%s\n", is_changed(s) ? UNSAVED : SAVED,
            folder);
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

/// Go on behind @p word, if it is there.
static bool
skip(const char **c, const char *end, const char *word)
{
    const size_t n = strlen(word);
    const bool is_there = (size_t)(end - *c) >= n && memcmp(*c, word, n) == 0;
    *c += is_there ? n : 0;
    return is_there;
}

/// @return whether the text is whole.
static bool
find_ending(const struct lat_kept *kept, struct ending *out)
{
    const char *const text = kept->text;
    size_t at = kept->length;
    if (at == 0 || text[--at] != '\n') {
        return false;
    }
    const char *const end = text + at;
    while (at > 0 && text[at - 1] != '\n') {
        --at;
    }
    const char *c = text + at;
    *out = (struct ending){.at = at};
    if (!skip(&c, end, MARK)) {
        return false;
    }
    out->is_unsaved = skip(&c, end, UNSAVED);
    if ((!out->is_unsaved && !skip(&c, end, SAVED)) || !skip(&c, end, FILES)) {
        return false;
    }
    out->folder = c;
    out->folder_length = (size_t)(end - c);
    return true;
}

static enum lat_status
check(const struct lat_kept *kept, const char *name, struct ending *out,
      struct lat_error *error)
{
    return find_ending(kept, out)
               ? LAT_OK
               : lat_error_set(error, LAT_EINVAL,
                               "%.400s is cut short: its last line is missing",
                               name);
}

enum lat_status
lat_kept_check(const struct lat_kept *kept, const char *name,
               struct lat_error *error)
{
    struct ending ending;
    return check(kept, name, &ending, error);
}

bool
lat_kept_is_unsaved(const struct lat_kept *kept)
{
    static const char node[] = "\n[node ";
    struct ending ending;
    return find_ending(kept, &ending) && ending.is_unsaved &&
           memmem(kept->text, kept->length, node, sizeof(node) - 1);
}

bool
lat_kept_is_same(const struct lat_kept *a, const struct lat_kept *b)
{
    struct ending of_a;
    struct ending of_b;
    return find_ending(a, &of_a) && find_ending(b, &of_b) &&
           of_a.at == of_b.at && memcmp(a->text, b->text, of_a.at) == 0 &&
           of_a.folder_length == of_b.folder_length &&
           memcmp(of_a.folder, of_b.folder, of_a.folder_length) == 0;
}

static const struct lat_nameless unnamed = {
    .what = "what was kept",
    .why = "what was kept has no name (that of a session that is there needs "
           "the word overwrite)",
};

enum lat_status
lat_kept_apply(struct lat_sessions *s, const struct lat_kept *kept,
               const char *name, bool take_block,
               void (*warn)(void *data, const char *line), void *data,
               struct lat_error *error)
{
    struct ending ending;
    char *path = NULL;
    if (check(kept, name, &ending, error)) {
        return error->status;
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
    const enum lat_status status = lat_reading_take(&r, kept->text, ending.at);
    free(path);
    if (!status) {
        lat_sessions_remember(s, NULL, &unnamed, false);
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
