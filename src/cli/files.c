// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "files.h"
#include "base/array.h"
#include "base/file_id.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct file {
    char *path;
    const char *role;
    bool is_written;
    bool is_known; ///< `id` holds
    struct lat_file_id id;
};

struct lat_cli_files {
    struct file *files;
    uint32_t n, capacity;
};

struct lat_cli_files *
lat_cli_files_new(void)
{
    return calloc(1, sizeof(struct lat_cli_files));
}

void
lat_cli_files_free(struct lat_cli_files *files)
{
    for (size_t i = 0; files && i < files->n; ++i) {
        free(files->files[i].path);
    }
    if (files) {
        free(files->files);
    }
    free(files);
}

static void
identify(struct file *f)
{
    f->is_known =
        strcmp(f->path, "-") == 0
            ? lat_file_id_of_fd(f->is_written ? STDOUT_FILENO : STDIN_FILENO,
                                &f->id)
            : lat_file_id(f->path, &f->id);
}

/// Takes over @p path.
static enum lat_status
add(struct lat_cli_files *files, char *path, const char *role, bool is_written)
{
    if (!path) {
        return LAT_ENOMEM;
    }
    if (!lat_grow((void **)&files->files, &files->capacity, files->n,
                  sizeof(*files->files))) {
        free(path);
        return LAT_ENOMEM;
    }
    struct file *const f = &files->files[files->n++];
    *f = (struct file){.path = path, .role = role, .is_written = is_written};
    identify(f);
    return LAT_OK;
}

enum lat_status
lat_cli_files_read(struct lat_cli_files *files, const char *path,
                   const char *role)
{
    return path ? add(files, strdup(path), role, false) : LAT_OK;
}

enum lat_status
lat_cli_files_written(struct lat_cli_files *files, const char *path,
                      const char *role)
{
    return path ? add(files, strdup(path), role, true) : LAT_OK;
}

/// @p name in the first @p n_folder bytes of @p folder.
static enum lat_status
add_beside(struct lat_cli_files *files, const char *folder, size_t n_folder,
           const char *name)
{
    char *path = NULL;
    if (asprintf(&path, "%.*s/%s", (int)n_folder, folder, name) < 0) {
        path = NULL;
    }
    return add(files, path, "a file of the session", false);
}

static enum lat_status
add_setting(struct lat_cli_files *files, const char *name, const char *session,
            const struct lat_options *o)
{
    if (*name == '/') {
        return lat_cli_files_read(files, name, "a file of the session");
    }
    const char *const slash = session ? strrchr(session, '/') : NULL;
    enum lat_status status =
        slash ? add_beside(files, session, (size_t)(slash - session), name)
              : add_beside(files, ".", 1, name);
    for (uint32_t i = 0; !status && i < o->n_sample_dirs; ++i) {
        const char *const folder = o->sample_dirs[i];
        status = add_beside(files, folder, strlen(folder), name);
    }
    return status;
}

enum lat_status
lat_cli_files_of_graph(struct lat_cli_files *files,
                       const struct lat_graph *graph, const char *session,
                       const struct lat_options *options)
{
    enum lat_status status = LAT_OK;
    for (const struct lat_node *node = graph->first; node; node = node->next) {
        for (uint32_t i = 0; !status && i < node->type->n_settings; ++i) {
            const char *const text = node->settings[i].text;
            if (node->type->settings[i].kind == LAT_SETTING_FILE && text &&
                *text) {
                status = add_setting(files, text, session, options);
            }
        }
    }
    return status;
}

/// For people: "-" is no name.
static const char *
name_of(const struct file *f)
{
    if (strcmp(f->path, "-") != 0) {
        return f->path;
    }
    return f->is_written ? "standard output" : "standard input";
}

/// Is it one file, in a way that matters?
static bool
do_collide(const struct file *a, const struct file *b)
{
    if (!a->is_written && !b->is_written) {
        return strcmp(a->path, "-") == 0 && strcmp(b->path, "-") == 0;
    }
    // Two things into one terminal or pipe can be told apart by nobody.
    if (a->is_written && b->is_written && strcmp(a->path, b->path) == 0 &&
        strcmp(a->path, "/dev/null") != 0) {
        return true;
    }
    return a->is_known && b->is_known && lat_file_id_is_same(&a->id, &b->id);
}

static enum lat_status
refuse(const struct file *a, const struct file *b, struct lat_error *error)
{
    if (a->is_written != b->is_written) {
        const struct file *const written = a->is_written ? a : b;
        const struct file *const read = a->is_written ? b : a;
        return lat_error_set(error, LAT_EINVAL,
                             "%.200s is %s itself, which is only read: name "
                             "another file for %s",
                             name_of(written), read->role, written->role);
    }
    return lat_error_set(error, LAT_EINVAL,
                         "%.200s is %s already: name another file for %s",
                         name_of(b), a->role, b->role);
}

enum lat_status
lat_cli_files_check(const struct lat_cli_files *files, struct lat_error *error)
{
    for (size_t i = 0; i < files->n; ++i) {
        for (size_t k = 0; k < i; ++k) {
            const struct file *const a = &files->files[k];
            const struct file *const b = &files->files[i];
            if (do_collide(a, b)) {
                return refuse(a, b, error);
            }
        }
    }
    return LAT_OK;
}

enum lat_status
lat_cli_files_may_write(const struct lat_cli_files *files, const char *path,
                        const char *role, struct lat_error *error)
{
    char *const copy = strdup(path);
    enum lat_status status = LAT_OK;
    if (!copy) {
        return lat_error_set(error, LAT_ENOMEM, "out of memory");
    }
    struct file written = {.path = copy, .role = role, .is_written = true};
    identify(&written);
    for (size_t i = 0; !status && i < files->n; ++i) {
        if (do_collide(&files->files[i], &written)) {
            status = refuse(&files->files[i], &written, error);
        }
    }
    free(copy);
    return status;
}
