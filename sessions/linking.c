// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "linking.h"
#include "base/array.h"
#include "base/log.h"
#include "base/text.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/// Files of one name that are told apart by a number.
#define MAX_NAMESAKES 999

/// The part of @p path below @p folder, or NULL.
static const char *
below(const char *path, const char *folder)
{
    const size_t n = strcmp(folder, "/") == 0 ? 0 : strlen(folder);
    return strncmp(path, folder, n) == 0 && path[n] == '/' ? path + n + 1
                                                           : NULL;
}

/// A file that the session names.
struct file {
    uint64_t node;
    uint32_t setting;
    const char *text;             ///< its name
    const char *path;             ///< where it lies; NULL: where its name says
    const struct lat_setting *of; ///< NULL: of the session
};

/// What is done with all of them.
struct task {
    const struct lat_finder *finder;
    const char *folder;
    struct lat_link_names *out;
    enum lat_status (*each)(const struct task *t, const struct file *file);
};

/// What its name has behind that of its path: which sound of a folder it is.
static const char *
ordinal_of(const struct file *file)
{
    const char *const ordinal = lat_text_ordinal(file->text);
    const bool is_apart = file->of && file->of->is_sound &&
                          strcmp(lat_text_ordinal(file->path), ordinal) != 0;
    return is_apart ? ordinal : "";
}

static enum lat_status
note(struct lat_link_names *out, const struct file *file, const char *name)
{
    char *copy = NULL;
    if (asprintf(&copy, "%s%s", name, ordinal_of(file)) < 0) {
        return LAT_ENOMEM;
    }
    if (!lat_grow((void **)&out->list, &out->capacity, out->n,
                  sizeof(*out->list))) {
        free(copy);
        return LAT_ENOMEM;
    }
    out->list[out->n++] =
        (struct lat_link_name){file->node, file->setting, copy};
    return LAT_OK;
}

/// What its name leads to from the folder, or from one for samples, through no
/// links; NULL: nothing.
static char *
find_from(const struct task *t, const struct file *file)
{
    struct lat_finder there = *t->finder;
    const struct lat_origin by = {.kind = LAT_ORIGIN_SESSION};
    struct lat_error ignored;
    char *path = NULL;
    there.folder = strdup(t->folder);
    char *const real =
        there.folder && !lat_finder_find(&there, file->of, file->text, by,
                                         &path, &ignored)
            ? realpath(path ? path : file->text, NULL)
            : NULL;
    free(path);
    free(there.folder);
    return real;
}

/// The whole path of a file, which may be a link.
static char *
whole_path(const char *path)
{
    const char *const slash = strrchr(path, '/');
    const char *const leaf = slash ? slash + 1 : path;
    char *const folder = slash ? strndup(path, (size_t)(leaf - path)) : NULL;
    char *const real = realpath(folder ? folder : ".", NULL);
    char *out = NULL;
    if ((slash && !folder) || !real ||
        asprintf(&out, "%s/%s", strcmp(real, "/") == 0 ? "" : real, leaf) < 0) {
        out = NULL;
    }
    free(folder);
    free(real);
    return out;
}

static enum lat_status
place_file(const struct task *t, const struct file *file)
{
    if (*file->text == '/') {
        return LAT_OK;
    }
    char *const real = realpath(file->path, NULL);
    if (!real) {
        return errno == ENOMEM ? LAT_ENOMEM : LAT_OK; // nothing is there
    }
    enum lat_status status = LAT_OK;
    char *const there = find_from(t, file);
    if (!there || strcmp(there, real) != 0) {
        char *const whole = whole_path(file->path);
        const char *const inside = whole ? below(whole, t->folder) : NULL;
        status =
            whole ? note(t->out, file, inside ? inside : whole) : LAT_ENOMEM;
        free(whole);
    }
    free(there);
    free(real);
    return status;
}

enum place { FREE, OURS, TAKEN };

/// What is at @p path: nothing, a link to @p target, or something else?
static enum place
look(const char *path, const char *target)
{
    struct stat st;
    if (lstat(path, &st)) {
        return errno == ENOENT ? FREE : TAKEN;
    }
    char *const real = S_ISLNK(st.st_mode) ? realpath(path, NULL) : NULL;
    const bool is_ours = real && strcmp(real, target) == 0;
    free(real);
    return is_ours ? OURS : TAKEN;
}

/// The file that holds the session, its backup, and what is hidden.
static bool
is_reserved(const char *leaf)
{
    return *leaf == '.' || strncmp(leaf, "session.ini", 11) == 0;
}

/// Have a link to @p target in the folder.
/// @param[out] leaf  its name.
/// @return false with errno set.
static bool
make_link(const char *folder, const char *target, char *leaf, size_t size)
{
    const char *const wanted = strrchr(target, '/') + 1;
    const char *const dot = strrchr(wanted, '.');
    const size_t n_stem =
        dot && dot > wanted ? (size_t)(dot - wanted) : strlen(wanted);
    char path[PATH_MAX];
    for (int i = 1; i <= MAX_NAMESAKES; ++i) {
        int n = i == 1 ? snprintf(leaf, size, "%s", wanted)
                       : snprintf(leaf, size, "%.*s-%d%s", (int)n_stem, wanted,
                                  i, wanted + n_stem);
        if (n < 0 || (size_t)n >= size ||
            snprintf(path, sizeof(path), "%s/%s", folder, leaf) >=
                (int)sizeof(path)) {
            errno = ENAMETOOLONG;
            return false;
        }
        if (is_reserved(leaf)) {
            continue;
        }
        switch (look(path, target)) {
        case OURS:
            return true;
        case FREE:
            return symlink(target, path) == 0;
        case TAKEN:
            break;
        }
    }
    errno = EEXIST;
    return false;
}

static enum lat_status
link_file(const struct task *t, const struct file *file)
{
    char leaf[NAME_MAX + 1];
    const char *const inside = below(file->path, t->folder);
    if (inside) {
        // Named from its root it would be lost when the folder is moved.
        const size_t n = strlen(inside);
        const bool is_so = strncmp(file->text, inside, n) == 0 &&
                           strcmp(file->text + n, ordinal_of(file)) == 0;
        return is_so ? LAT_OK : note(t->out, file, inside);
    }
    char *const target = realpath(file->path, NULL);
    if (!target) {
        return errno == ENOMEM ? LAT_ENOMEM : LAT_OK; // nothing is there
    }
    enum lat_status status = LAT_OK;
    const char *const now_inside = below(target, t->folder);
    if (now_inside) {
        status = note(t->out, file, now_inside);
    } else if (make_link(t->folder, target, leaf, sizeof(leaf))) {
        status = note(t->out, file, leaf);
    } else {
        lat_log(LAT_LOG_WARNING,
                "%.300s is not linked in %.300s: %s; moved elsewhere, the "
                "session may lack it",
                target, t->folder, strerror(errno));
        status = place_file(t, file);
    }
    free(target);
    return status;
}

static enum lat_status
do_each(const struct task *t, const struct file *file)
{
    struct file f = *file;
    f.path = f.path ? f.path : f.text;
    return f.text && *f.text ? t->each(t, &f) : LAT_OK;
}

/// Only what is read: what is written is no part of the session.
static enum lat_status
do_all(const struct task *t, struct lat_control *c)
{
    const struct lat_document *const d = lat_control_document(c);
    enum lat_status status = LAT_OK;
    for (uint32_t i = 0; i < LAT_TUNING_FILES && !status; ++i) {
        status = do_each(t, &(struct file){LAT_LINK_SESSION, i, d->tuning[i],
                                           d->tuning_path[i], NULL});
    }
    for (const struct lat_node *n = lat_control_graph(c)->first; n && !status;
         n = n->next) {
        for (uint32_t i = 0; i < n->type->n_settings && !status; ++i) {
            const struct lat_setting *const setting = &n->type->settings[i];
            const struct lat_setting_value *const value = &n->settings[i];
            if (setting->kind == LAT_SETTING_FILE && setting->prepare) {
                status = do_each(t, &(struct file){n->id, i, value->text,
                                                   value->path, setting});
            }
        }
    }
    return status;
}

enum lat_status
lat_links_place(struct lat_control *c, const struct lat_finder *f,
                const char *folder, struct lat_link_names *out)
{
    return do_all(&(struct task){f, folder, out, place_file}, c);
}

enum lat_status
lat_links_make(struct lat_control *c, const struct lat_finder *f,
               const char *folder, struct lat_link_names *out)
{
    return do_all(&(struct task){f, folder, out, link_file}, c);
}

const char *
lat_links_find(const struct lat_link_names *l, uint64_t node, uint32_t setting)
{
    for (uint32_t i = 0; l && i < l->n; ++i) {
        if (l->list[i].node == node && l->list[i].setting == setting) {
            return l->list[i].name;
        }
    }
    return NULL;
}

void
lat_links_fini(struct lat_link_names *l)
{
    for (uint32_t i = 0; i < l->n; ++i) {
        free(l->list[i].name);
    }
    free(l->list);
    *l = (struct lat_link_names){0};
}
