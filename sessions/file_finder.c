// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "file_finder.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum lat_status
lat_finder_add_dir(struct lat_finder *f, const char *dir)
{
    char **const grown =
        realloc(f->dirs, (f->n_dirs + (size_t)1) * sizeof(*grown));
    if (!grown) {
        return LAT_ENOMEM;
    }
    f->dirs = grown;
    grown[f->n_dirs] = strdup(dir);
    if (!grown[f->n_dirs]) {
        return LAT_ENOMEM;
    }
    ++f->n_dirs;
    return LAT_OK;
}

enum lat_status
lat_finder_begin_at(struct lat_finder *f, const char *path, char **old)
{
    const char *const slash = path ? strrchr(path, '/') : NULL;
    char *folder = NULL;
    if (slash) {
        const size_t n = slash == path ? 1 : (size_t)(slash - path);
        folder = strndup(path, n);
        if (!folder) {
            return LAT_ENOMEM;
        }
    }
    *old = f->folder;
    f->folder = folder;
    return LAT_OK;
}

void
lat_finder_fini(struct lat_finder *f)
{
    for (uint32_t i = 0; i < f->n_dirs; ++i) {
        free(f->dirs[i]);
    }
    free(f->dirs);
    free(f->folder);
    *f = (struct lat_finder){0};
}

/// Folder number @p i of those that are looked through, or NULL.
const char *
lat_finder_folder(const struct lat_finder *f, uint32_t i)
{
    if (i == 0) {
        return f->folder ? f->folder : ".";
    }
    return i <= f->n_dirs ? f->dirs[i - 1] : NULL;
}

/// Does a path go up somewhere?
static bool
goes_up(const char *path)
{
    for (const char *p = path; p; p = strchr(p, '/')) {
        p += *p == '/';
        if (p[0] == '.' && p[1] == '.' && (p[2] == '/' || p[2] == '\0')) {
            return true;
        }
    }
    return false;
}

static bool
is_below(const char *path, const char *folder)
{
    size_t n = strlen(folder);
    while (n > 0 && folder[n - 1] == '/') {
        --n;
    }
    return strncmp(path, folder, n) == 0 && path[n] == '/';
}

/// May it be named over OSC?  Links inside of the folders may lead anywhere:
/// who made them could read it.
static bool
is_inside(const struct lat_finder *f, const char *name)
{
    bool is_in = *name != '/';
    const char *folder = NULL;
    for (uint32_t i = 0; !is_in && (folder = lat_finder_folder(f, i)); ++i) {
        is_in = is_below(name, folder);
    }
    return is_in && !goes_up(name);
}

/// Is it inside once links are resolved, if it is there?
static bool
is_really_inside(const struct lat_finder *f, const char *path)
{
    char *const real = realpath(path, NULL);
    bool is_in = !real;
    const char *folder = NULL;
    for (uint32_t i = 0; !is_in && (folder = lat_finder_folder(f, i)); ++i) {
        char *const real_folder = realpath(folder, NULL);
        is_in = real_folder && is_below(real, real_folder);
        free(real_folder);
    }
    free(real);
    return is_in;
}

static bool
is_folder(const char *path)
{
    struct stat is;
    return stat(path, &is) == 0 && S_ISDIR(is.st_mode);
}

// What is wrong with a file is told to whoever named it, so that a link would
// show them a piece of any; and a folder shows what there is in it.
static enum lat_status
check_links(const struct lat_finder *f, const struct lat_setting *setting,
            const char *name, const char *path, struct lat_error *error)
{
    const char *const place = path ? path : name;
    const bool is_sound = setting->is_sound || setting->files_of;
    return (is_sound && !is_folder(place)) || is_really_inside(f, place)
               ? LAT_OK
               : lat_error_set(error, LAT_EINVAL,
                               "%.200s is a link that leads out of the "
                               "session's folder and every --sample-dir; put "
                               "the file itself there",
                               name);
}

/// Is there a file of that path?  For sounds also one, or a folder, of that
/// path without the `:N` at its end, which is then cut off.
static bool
cut_to_what_is_there(char *path, const struct lat_setting *setting)
{
    if (access(path, F_OK) == 0) {
        return true;
    }
    char *const ordinal = path + (lat_text_ordinal(path) - path);
    const char cut = *ordinal;
    *ordinal = '\0';
    const bool is_there =
        cut && setting && setting->is_sound && access(path, F_OK) == 0;
    if (!is_there) {
        *ordinal = cut;
    }
    return is_there;
}

enum lat_status
lat_finder_find(void *data, const struct lat_setting *setting, const char *name,
                struct lat_origin by, char **path, struct lat_error *error)
{
    const struct lat_finder *const f = data;
    if (by.kind == LAT_ORIGIN_OSC && !is_inside(f, name)) {
        return lat_error_set(error, LAT_EINVAL,
                             "%.200s lies outside of the session's folder and "
                             "of every --sample-dir; name a file in there",
                             name);
    }
    const char *folder = NULL;
    *path = NULL;
    for (uint32_t i = 0; *name != '/' && (folder = lat_finder_folder(f, i));
         ++i) {
        char *tried = NULL;
        if (asprintf(&tried, "%s/%s", folder, name) < 0) {
            free(*path);
            *path = NULL;
            return LAT_ENOMEM;
        }
        const bool is_there = cut_to_what_is_there(tried, setting);
        if (is_there || i == 0) {
            free(*path);
            *path = tried;
        } else {
            free(tried);
        }
        if (is_there) {
            break;
        }
    }
    if (by.kind == LAT_ORIGIN_OSC &&
        check_links(f, setting, name, *path, error)) {
        free(*path);
        *path = NULL;
        return LAT_EINVAL;
    }
    return LAT_OK;
}
