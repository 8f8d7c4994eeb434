// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "finding.h"
#include "base/rt.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct nearest_name {
    struct lat_nearest nearest;
    char name[LAT_SESSION_NAME_MAX + 1]; ///< names of a listing do not live on
};

static void
try_name(void *data, const char *name)
{
    struct nearest_name *const n = data;
    const size_t before = n->nearest.distance;
    lat_nearest_try(&n->nearest, name);
    if (n->nearest.distance != before) {
        snprintf(n->name, sizeof(n->name), "%s", name);
        n->nearest.best = n->name;
    }
}

static enum lat_status
not_there(const struct lat_sessions *s, const char *name,
          struct lat_error *error)
{
    struct nearest_name n;
    lat_nearest_init(&n.nearest, name);
    if (s->folder) {
        lat_store_list(s->folder, try_name, &n, NULL);
    }
    if (s->examples) {
        lat_store_list(s->examples, try_name, &n, NULL);
    }
    const bool has_best = n.nearest.best != NULL;
    lat_error_set(error, LAT_ENOTFOUND, "no session '%.80s' in %.400s%s%s%s",
                  name, s->folder ? s->folder : "any folder",
                  has_best ? "; did you mean '" : "",
                  has_best ? n.nearest.best : "", has_best ? "'?" : "");
    return LAT_ENOTFOUND;
}

bool
lat_path_is_there(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0;
}

enum lat_status
lat_sessions_check_name(const char *name, struct lat_error *error)
{
    if (lat_store_is_autosave(name)) {
        return lat_error_set(error, LAT_EINVAL,
                             "'%s' is no name for a session: it stands for "
                             "what lattice keeps by itself; choose another",
                             name);
    }
    return lat_store_name_is_valid(name)
               ? LAT_OK
               : lat_error_set(error, LAT_EINVAL,
                               "'%.80s' is no name for a session: up to %d "
                               "bytes of UTF-8 without '/' and control "
                               "characters, and no '.' at the start",
                               name, LAT_SESSION_NAME_MAX);
}

enum lat_status
lat_sessions_find(const struct lat_sessions *s, const char *name,
                  struct lat_file_place *out, bool *is_example,
                  struct lat_error *error)
{
    char leaf[LEAF_MAX];
    struct stat st;
    enum lat_status status = lat_sessions_check_name(name, error);
    if (status) {
        return status;
    }
    const char *const folders[] = {s->folder, s->examples};
    lat_store_leaf(name, leaf, sizeof(leaf));
    for (size_t i = 0; i < LAT_COUNT(folders); ++i) {
        if (!folders[i]) {
            continue;
        }
        status = lat_file_place_inside(folders[i], leaf, name,
                                       LAT_STORE_ELSEWHERE, out, error);
        if (!status && lat_file_place_look(out, &st)) {
            *is_example = i == 1;
            return LAT_OK;
        }
        if (!status) {
            lat_file_place_fini(out);
        } else if (status != LAT_ENOTFOUND) {
            return status;
        }
    }
    return not_there(s, name, error);
}

char *
lat_sessions_path(const struct lat_sessions *s, const char *name,
                  bool *is_example, struct lat_error *error,
                  enum lat_status *status)
{
    const char *const folders[] = {s->folder, s->examples};
    char leaf[LEAF_MAX];
    *status = lat_sessions_check_name(name, error);
    if (*status) {
        return NULL;
    }
    lat_store_leaf(name, leaf, sizeof(leaf));
    for (size_t i = 0; i < LAT_COUNT(folders); ++i) {
        char *path = NULL;
        if (!folders[i]) {
            continue;
        }
        if (asprintf(&path, "%s/%s", folders[i], leaf) < 0) {
            *status = no_memory(error);
            return NULL;
        }
        if (lat_path_is_there(path)) {
            *is_example = i == 1;
            return path;
        }
        free(path);
    }
    *status = not_there(s, name, error);
    return NULL;
}
