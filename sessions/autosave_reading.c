// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What was kept: restored at a start, loaded back, set aside.

#include "autosave_private.h"
#include "base/log.h"
#include "base/text.h"
#include "finding.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

/// A file that is of no use: say so, and let it stay for whoever may mend it.
static void
pass_over(struct lat_autosave *a, enum lat_autosave_kind kind, uint64_t number,
          bool is_broken, const struct lat_error *why)
{
    char *const path =
        is_broken ? lat_autosave_folder_set_apart(&a->folder, kind, number)
                  : NULL;
    lat_log(LAT_LOG_WARNING, "%s; it is passed over%s%s", why->text,
            path ? " and stays as " : "", path ? path : "");
    free(path);
}

/// Read a file, which may not be whole.  @p path is to be freed.
static enum lat_status
read_file(struct lat_autosave *a, enum lat_autosave_kind kind, uint64_t number,
          char **path, struct lat_kept *out, struct lat_error *error)
{
    *out = (struct lat_kept){0};
    *path = lat_autosave_folder_path(&a->folder, kind, number);
    return *path ? lat_kept_read(*path, out, error) : no_memory(error);
}

/// The number of the file of unsaved work that has this state, or 0.
static uint64_t
find_unsaved(struct lat_autosave *a, const struct lat_kept *kept)
{
    uint64_t number = UINT64_MAX;
    bool is_found = false;
    while (kept->text && !is_found &&
           (number = lat_autosave_folder_before(
                &a->folder, LAT_AUTOSAVE_UNSAVED, number))) {
        struct lat_kept other;
        char *path = NULL;
        is_found =
            !read_file(a, LAT_AUTOSAVE_UNSAVED, number, &path, &other, NULL) &&
            lat_kept_is_same(kept, &other);
        lat_kept_fini(&other);
        free(path);
    }
    return is_found ? number : 0;
}

enum lat_status
lat_autosave_flush(struct lat_autosave *a, struct lat_error *error)
{
    const enum lat_autosave_kind kind = LAT_AUTOSAVE_UNSAVED;
    struct lat_autosave_folder *const f = &a->folder;
    struct lat_kept *const kept = &a->sessions->unsaved;
    if (!kept->text) {
        return LAT_OK;
    }
    pthread_mutex_lock(&a->lock);
    const enum lat_status status =
        find_unsaved(a, kept) ? LAT_OK
                              : lat_autosave_folder_write(f, kind, kept->text,
                                                          kept->length, error);
    if (!status) {
        lat_autosave_folder_remove_old(f, kind);
        lat_kept_fini(kept);
    }
    pthread_mutex_unlock(&a->lock);
    return status;
}

/// Was it read, and found to be no session that can be put in force?
static bool
is_broken(enum lat_status status)
{
    return status && status != LAT_ENOMEM && status != LAT_EIO &&
           status != LAT_ESYSTEM;
}

struct wanted {
    enum lat_autosave_kind kind;
    uint64_t below;
    uint64_t above;
};

struct how {
    bool take_block;
    void (*warn)(void *data, const char *line);
    void *data;
};

/// Put the newest file that can be read, of those that are wanted, in force.
/// @param[out] path  of that file, to free(); NULL where there is none.
/// @param[out] out  its number.
static enum lat_status
load_newest(struct lat_autosave *a, const struct wanted *which,
            const struct how *how, char **path, uint64_t *out,
            struct lat_error *error)
{
    uint64_t number = which->below;
    enum lat_status status = LAT_ENOTFOUND;
    *path = NULL;
    while (status && (number = lat_autosave_folder_before(
                          &a->folder, which->kind, number)) > which->above) {
        struct lat_kept kept;
        bool is_read = false;
        free(*path);
        status = read_file(a, which->kind, number, path, &kept, error);
        if (!status) {
            is_read = true;
            status = lat_kept_apply(a->sessions, &kept, *path, how->take_block,
                                    how->warn, how->data, error);
        }
        lat_kept_fini(&kept);
        if (status) {
            pass_over(a, which->kind, number, is_read && is_broken(status),
                      error);
        }
    }
    if (status) {
        free(*path);
        *path = NULL;
    }
    *out = number;
    return status;
}

bool
lat_autosave_has_it(struct lat_autosave *a)
{
    char *const path =
        a->own && a->own_changes == a->sessions->n_changes
            ? lat_autosave_folder_path(&a->folder, LAT_AUTOSAVE_UNSAVED, a->own)
            : NULL;
    const bool is_there = path && lat_path_is_there(path);
    free(path);
    return is_there;
}

enum lat_status
lat_autosave_load(struct lat_autosave *a, const struct lat_kept *now,
                  bool take_block, void (*warn)(void *data, const char *line),
                  void *data, struct lat_error *error)
{
    const uint64_t own = lat_autosave_has_it(a) ? a->own : find_unsaved(a, now);
    const struct wanted order[] = {
        {LAT_AUTOSAVE_UNSAVED, own ? own : UINT64_MAX, 0},
        {LAT_AUTOSAVE_UNSAVED, UINT64_MAX, own ? own - 1 : UINT64_MAX},
        {LAT_AUTOSAVE_LAST, UINT64_MAX, 0},
    };
    const struct how how = {take_block, warn, data};
    enum lat_status status = LAT_ENOTFOUND;
    lat_error_set(error, status, "nothing is kept yet");
    for (size_t i = 0; status && i < LAT_COUNT(order); ++i) {
        char *path = NULL;
        uint64_t number = 0;
        status = load_newest(a, &order[i], &how, &path, &number, error);
        a->own = !status && order[i].kind == LAT_AUTOSAVE_UNSAVED ? number : 0;
        a->own_changes = a->sessions->n_changes;
        free(path);
    }
    return status;
}

static void
note_restored(const char *path, struct lat_restored *out)
{
    struct stat st;
    struct timespec now;
    snprintf(out->file, sizeof(out->file), "%s", path);
    clock_gettime(CLOCK_REALTIME, &now);
    if (stat(path, &st) == 0) {
        out->age_s = (double)(now.tv_sec - st.st_mtim.tv_sec);
    }
}

enum lat_status
lat_autosave_restore(struct lat_autosave *a, bool take_block,
                     void (*warn)(void *data, const char *line), void *data,
                     struct lat_restored *out, struct lat_error *error)
{
    char *path = NULL;
    uint64_t number = 0;
    *out = (struct lat_restored){0};
    const enum lat_status status = load_newest(
        a, &(struct wanted){LAT_AUTOSAVE_LAST, UINT64_MAX, 0},
        &(struct how){take_block, warn, data}, &path, &number, error);
    if (path) {
        note_restored(path, out);
        a->sessions->since_ns = 0; // it is kept
    }
    free(path);
    return status == LAT_ENOMEM ? status : LAT_OK;
}

enum lat_status
lat_autosave_read_last(struct lat_autosave *a, struct lat_kept *out)
{
    const enum lat_autosave_kind kind = LAT_AUTOSAVE_LAST;
    uint64_t number = UINT64_MAX;
    enum lat_status status = LAT_ENOTFOUND;
    *out = (struct lat_kept){0};
    while (status &&
           (number = lat_autosave_folder_before(&a->folder, kind, number))) {
        struct lat_error error;
        char *path = NULL;
        status = read_file(a, kind, number, &path, out, &error);
        const bool is_read = !status;
        if (is_read) {
            status = lat_kept_check(out, path, &error);
        }
        if (status) {
            pass_over(a, kind, number, is_read, &error);
            lat_kept_fini(out);
        }
        free(path);
    }
    return status;
}

bool
lat_autosave_is_last(struct lat_autosave *a, const struct lat_kept *kept)
{
    struct lat_kept last;
    const bool is_it =
        !lat_autosave_read_last(a, &last) && lat_kept_is_same(&last, kept);
    lat_kept_fini(&last);
    return is_it;
}
