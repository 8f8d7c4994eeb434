// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A whole session as a text, out of lattice and back.

#include "base/log.h"
#include "kept.h"
#include "reading.h"
#include "session.h"

#include <stdlib.h>
#include <string.h>

static void
log_warning(void *data, const char *line)
{
    (void)data;
    lat_log(LAT_LOG_WARNING, "%s", line);
}

enum lat_status
lat_sessions_write_whole(const struct lat_sessions *s, char **text,
                         size_t *length)
{
    struct lat_kept whole;
    const enum lat_status status = lat_kept_write(s, &whole);
    if (!status) {
        *text = whole.text;
        *length = whole.length;
    }
    return status;
}

/// A session as somebody wrote it, without the line that says where its files
/// lie.
static enum lat_status
read_plain(struct lat_sessions *s, struct lat_kept *text, const char *name,
           bool take_block, struct lat_error *error)
{
    static const struct lat_nameless unnamed = {
        .what = "what a score holds",
        .why = "the session came out of a score",
    };
    struct reading r = {
        .sessions = s,
        .file_name = name,
        .takes_block = take_block,
        .warn = log_warning,
        .error = error,
    };
    const enum lat_status status =
        lat_reading_take(&r, text->text, text->length);
    if (!status) {
        lat_sessions_remember(s, NULL, &unnamed, false);
    }
    return status;
}

enum lat_status
lat_sessions_read_whole(struct lat_sessions *s, const char *text, size_t length,
                        const char *name, bool take_block,
                        struct lat_error *error)
{
    char *const copy = length ? malloc(length) : NULL;
    if (!copy) {
        return length ? no_memory(error)
                      : lat_error_set(error, LAT_EINVAL, "%s is empty", name);
    }
    memcpy(copy, text, length);
    struct lat_kept whole = {.text = copy, .length = length};
    lat_problems_fini(&s->problems);
    const enum lat_status status =
        lat_kept_check(&whole, name, NULL)
            ? read_plain(s, &whole, name, take_block, error)
            : lat_kept_apply(s, &whole, name, take_block, log_warning, NULL,
                             error);
    free(copy);
    return status;
}
