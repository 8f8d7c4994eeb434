// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Any bytes as a session file.  What is refused must leave nothing behind; what
// is taken must be written so that it reads back, to the same bytes.

#include "base/log.h"
#include "control/control.h"
#include "sessions/session.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
ignore(void *data, const char *line)
{
    (void)data;
    (void)line;
}

/// Read a file in the place of everything.
static enum lat_status
read_all(struct lat_control *c, const void *bytes, size_t size,
         struct lat_error *error)
{
    // fmemopen() refuses to read nothing.
    FILE *const stream = size > 0
                             ? fmemopen((void *)(uintptr_t)bytes, size, "r")
                             : fopen("/dev/null", "r");
    if (!stream) {
        abort();
    }
    lat_control_begin_load(c, 0);
    const enum lat_status status =
        lat_session_read(c, stream, "f", NULL, ignore, NULL, error);
    fclose(stream);
    if (status) {
        lat_control_rollback(c);
        return status;
    }
    return lat_control_commit(c, error);
}

static char *
write_all(struct lat_control *c, size_t *length)
{
    char *text = NULL;
    FILE *const stream = open_memstream(&text, length);
    if (!stream || lat_session_write(c, stream) || fclose(stream)) {
        abort();
    }
    return text;
}

static void
expect(bool ok, const char *what, const char *detail)
{
    if (!ok) {
        fprintf(stderr, "%s: %s\n", what, detail);
        abort();
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct lat_control *c;
    struct lat_error error = {0};
    if (!c) {
        const struct lat_control_options options = {
            .rate = 48000.0,
            .workers = 1,
        };
        lat_log_set_level(LAT_LOG_ERROR);
        if (lat_control_new(&options, &c, &error)) {
            abort();
        }
    }
    if (read_all(c, data, size, &error)) {
        expect(error.text[0] != '\0', "refused without a word", "");
        expect(lat_control_graph(c)->n_nodes == 0, "left nodes behind",
               error.text);
        return 0;
    }
    size_t n_once = 0;
    size_t n_twice = 0;
    char *const once = write_all(c, &n_once);
    expect(!read_all(c, once, n_once, &error), error.text, once);
    char *const twice = write_all(c, &n_twice);
    expect(n_once == n_twice && memcmp(once, twice, n_once) == 0,
           "did not settle", twice);
    free(once);
    free(twice);
    // The next file must find nothing.
    static const char empty[] = "[session]\nformat = 1\n";
    expect(!read_all(c, empty, sizeof(empty) - 1, &error), "empty", error.text);
    lat_control_tick(c);
    return 0;
}
