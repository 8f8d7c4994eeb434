// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What the tests of sessions/ share: a synth without sound, texts in and out,
/// a folder of their own.
#ifndef LAT_TEST_SESSIONS_H
#define LAT_TEST_SESSIONS_H

#include "control/control.h"
#include "sessions/session.h"

#include <criterion/criterion.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/// A file that begins as all of them do; what follows is in line 3.
#define HEAD "[session]\nformat = 1\n"

static inline struct lat_control *
new_control(void)
{
    const struct lat_control_options options = {
        .rate = 48000.0,
        .workers = 1,
        .is_offline = true,
    };
    struct lat_control *c = NULL;
    struct lat_error error;
    cr_assert_eq(lat_control_new(&options, &c, &error), LAT_OK, "%s",
                 error.text);
    return c;
}

/// Warnings, one a line.
struct heard {
    char text[4096];
    unsigned n;
};

static inline void
hear(void *data, const char *line)
{
    struct heard *const h = data;
    const size_t used = strlen(h->text);
    snprintf(h->text + used, sizeof(h->text) - used, "%s\n", line);
    ++h->n;
}

/// Read @p length bytes of @p text in the place of everything.
static inline enum lat_status
read_bytes(struct lat_control *c, const char *text, size_t length,
           struct heard *heard, struct lat_error *error)
{
    FILE *const stream = tmpfile();
    cr_assert_not_null(stream);
    cr_assert_eq(fwrite(text, 1, length, stream), length);
    rewind(stream);
    lat_control_begin_load(c, 0);
    enum lat_status status = lat_session_read(
        c, stream, "a.ini", NULL, heard ? hear : NULL, heard, error);
    fclose(stream);
    if (status) {
        lat_control_rollback(c);
    } else {
        status = lat_control_commit(c, error);
    }
    return status;
}

static inline enum lat_status
read_text(struct lat_control *c, const char *text, struct lat_error *error)
{
    return read_bytes(c, text, strlen(text), NULL, error);
}

/// The present state as text, to free().
static inline char *
write_text(struct lat_control *c)
{
    char *text = NULL;
    size_t length = 0;
    FILE *const stream = open_memstream(&text, &length);
    cr_assert_not_null(stream);
    cr_assert_eq(lat_session_write(c, stream), LAT_OK);
    fclose(stream);
    return text;
}

/// What saving a file with @p text after loading it gives, to free().
static inline char *
through(const char *text)
{
    struct lat_control *const c = new_control();
    struct lat_error error = {0};
    cr_assert_eq(read_text(c, text, &error), LAT_OK, "%s", error.text);
    char *const out = write_text(c);
    lat_control_free(c);
    return out;
}

/// An empty folder for files, to free().
static inline char *
new_folder(void)
{
    char *folder = NULL;
    cr_assert(asprintf(&folder, "%s/lattice-test.XXXXXX", P_tmpdir) > 0);
    cr_assert_not_null(mkdtemp(folder));
    return folder;
}

static inline void
put_file(const char *folder, const char *name, const char *text)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *const f = fopen(path, "w");
    cr_assert_not_null(f, "%s", path);
    fputs(text, f);
    cr_assert_eq(fclose(f), 0);
}

/// A file's text, to free(), or NULL.
static inline char *
get_file(const char *folder, const char *name)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *const f = fopen(path, "r");
    if (!f) {
        return NULL;
    }
    char *const text = calloc(1, 1 << 20);
    cr_assert_not_null(text);
    cr_assert_lt(fread(text, 1, (1 << 20) - 1, f), (size_t)(1 << 20) - 1);
    fclose(f);
    return text;
}

/// Files in a folder, hidden ones too.
static inline unsigned
count_files(const char *folder)
{
    DIR *const dir = opendir(folder);
    cr_assert_not_null(dir);
    unsigned n = 0;
    for (const struct dirent *e = readdir(dir); e; e = readdir(dir)) {
        n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    }
    closedir(dir);
    return n;
}

/// Remove a folder and the files in it, and free its name.
static inline void
drop_folder(char *folder)
{
    DIR *const dir = opendir(folder);
    for (const struct dirent *e = dir ? readdir(dir) : NULL; e;
         e = readdir(dir)) {
        char path[800];
        snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
        unlink(path);
    }
    if (dir) {
        closedir(dir);
    }
    rmdir(folder);
    free(folder);
}

#endif // LAT_TEST_SESSIONS_H
