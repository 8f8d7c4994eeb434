// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "linking.h"
#include "base/array.h"
#include "base/log.h"

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

static enum lat_status
note(struct lat_link_names *out, const struct lat_node *node, uint32_t setting,
     const char *name)
{
    char *const copy = strdup(name);
    if (!copy || !lat_grow((void **)&out->list, &out->capacity, out->n,
                           sizeof(*out->list))) {
        free(copy);
        return LAT_ENOMEM;
    }
    out->list[out->n++] = (struct lat_link_name){node->id, setting, copy};
    return LAT_OK;
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
link_file(const char *folder, const struct lat_node *node, uint32_t setting,
          const char *file, struct lat_link_names *out)
{
    char leaf[NAME_MAX + 1];
    const char *const inside = below(file, folder);
    if (inside) {
        // Named from its root it would be lost when the folder is moved.
        return *node->settings[setting].text == '/'
                   ? note(out, node, setting, inside)
                   : LAT_OK;
    }
    char *const target = realpath(file, NULL);
    if (!target) {
        return errno == ENOMEM ? LAT_ENOMEM : LAT_OK; // nothing is there
    }
    enum lat_status status = LAT_OK;
    const char *const now_inside = below(target, folder);
    if (now_inside) {
        status = note(out, node, setting, now_inside);
    } else if (make_link(folder, target, leaf, sizeof(leaf))) {
        status = note(out, node, setting, leaf);
    } else {
        lat_log(LAT_LOG_WARNING,
                "%.300s is not linked in %.300s: %s; moved elsewhere, the "
                "session may lack it",
                target, folder, strerror(errno));
    }
    free(target);
    return status;
}

enum lat_status
lat_links_make(const struct lat_graph *g, const char *folder,
               struct lat_link_names *out)
{
    enum lat_status status = LAT_OK;
    for (const struct lat_node *n = g->first; n && !status; n = n->next) {
        for (uint32_t i = 0; i < n->type->n_settings && !status; ++i) {
            const struct lat_setting *const setting = &n->type->settings[i];
            const struct lat_setting_value *const value = &n->settings[i];
            // Only what is read: what is written is no part of the session.
            if (setting->kind == LAT_SETTING_FILE && setting->prepare &&
                value->text && *value->text) {
                status = link_file(
                    folder, n, i, value->path ? value->path : value->text, out);
            }
        }
    }
    return status;
}

const char *
lat_links_find(const struct lat_link_names *l, const struct lat_node *node,
               uint32_t setting)
{
    for (uint32_t i = 0; l && i < l->n; ++i) {
        if (l->list[i].node == node->id && l->list[i].setting == setting) {
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
