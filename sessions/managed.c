// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "managed.h"
#include "finding.h"
#include "reading.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEAF "session.ini"

void
lat_sessions_set_managed(struct lat_sessions *s)
{
    s->is_managed = true;
    lat_sessions_close_project(s);
}

void
lat_sessions_close_project(struct lat_sessions *s)
{
    static const struct lat_nameless none = {
        .what = "an empty session",
        .why = "the session manager has no project open here",
    };
    free(s->project);
    s->project = NULL;
    lat_sessions_remember(s, NULL, &none, false);
}

enum lat_status
lat_sessions_make_project(const char *folder, struct lat_error *error)
{
    return lat_store_make_folder(folder, LAT_STORE_MANAGED, error);
}

/// The path of the project's file, through no links, to free(); or NULL.
static char *
file_of(const char *folder)
{
    char *path = NULL;
    char *const real = realpath(folder, NULL);
    if (real && asprintf(&path, "%s/" LEAF, real) < 0) {
        path = NULL;
    }
    free(real);
    return path;
}

/// A file, inside of the folder, that does not keep us waiting.
static enum lat_status
load(struct reading *r, const char *folder)
{
    struct lat_file_place place;
    enum lat_status status = lat_file_place_inside(
        folder, LEAF, LEAF, LAT_STORE_MANAGED, &place, r->error);
    if (status) {
        return status;
    }
    FILE *const stream = lat_file_place_open(&place, r->file_name, r->error);
    lat_file_place_fini(&place);
    if (!stream) {
        return r->error->status;
    }
    status = lat_reading_read(r, stream);
    fclose(stream);
    return status ? status : lat_reading_apply(r);
}

enum lat_status
lat_sessions_open_project(struct lat_sessions *s, const char *folder,
                          bool take_block,
                          void (*warn)(void *data, const char *line),
                          void *data, struct lat_error *error)
{
    char *const project = file_of(folder);
    char *const loaded = project ? strdup(project) : NULL;
    lat_sessions_close_project(s);
    if (!loaded) {
        free(project);
        return errno == ENOMEM
                   ? no_memory(error)
                   : lat_error_set(error, LAT_EIO, "cannot read %.400s: %s",
                                   folder, strerror(errno));
    }
    enum lat_status status = LAT_OK;
    if (lat_path_is_there(project)) {
        struct reading r = {
            .sessions = s,
            .file_name = project,
            .path = project,
            .takes_block = take_block,
            .warn = warn,
            .data = data,
            .error = error,
        };
        status = load(&r, folder);
    } else {
        status = lat_sessions_new_session(s, error);
    }
    if (status) {
        free(project);
        free(loaded);
        lat_sessions_close_project(s);
        return status;
    }
    s->project = project;
    lat_sessions_remember(s, loaded, NULL, false);
    return LAT_OK;
}
