// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Where the files lie that settings name: one, or all that a text names.

#include "base/column.h"
#include "base/text.h"
#include "state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/// The nearest to a name of all sounds that there are.
struct nearest {
    struct lat_nearest words;
    char best[200];
};

static void
try_name(void *data, const char *name)
{
    struct nearest *const n = data;
    const size_t before = n->words.distance;
    lat_nearest_try(&n->words, name);
    if (n->words.distance != before) {
        snprintf(n->best, sizeof(n->best), "%s", name);
        n->words.best = n->best;
    }
}

void
lat_control_suggest_sound(const struct lat_control *c, const char *name,
                          char *out, size_t size)
{
    struct nearest n;
    char bare[200];
    snprintf(bare, sizeof(bare), "%.*s", (int)(lat_text_ordinal(name) - name),
             name);
    lat_nearest_init(&n.words, bare);
    if (c->finder.list) {
        (void)c->finder.list(c->finder.data, try_name, &n);
    }
    snprintf(out, size, n.words.best ? "; did you mean '%s'?" : "%s",
             n.words.best ? n.words.best : "");
}

static enum lat_status
find_one(const struct lat_control *c, const struct lat_setting *setting,
         const char *name, char **path, struct lat_error *error)
{
    *path = NULL;
    return c->finder.find ? c->finder.find(c->finder.data, setting, name,
                                           c->origin, path, error)
                          : LAT_OK;
}

// --- Several -----------------------------------------------------------------

/// What is prepared from a text and where what it names lies.
struct search {
    const struct lat_control *c;
    const struct lat_setting *setting;
    const char *text;
    char *key;
    size_t n, capacity;
    bool may_lack; ///< what is not there is told where it is prepared
    enum lat_status status;
    struct lat_error *error;
};

static bool
append(struct search *s, const char *text, size_t n)
{
    while (s->n + n + 1 > s->capacity) {
        const size_t more = 2 * s->capacity + n + 64;
        char *const grown = realloc(s->key, more);
        if (!grown) {
            s->status = lat_error_set(s->error, LAT_ENOMEM, "out of memory");
            return false;
        }
        s->key = grown;
        s->capacity = more;
    }
    memcpy(s->key + s->n, text, n);
    s->n += n;
    s->key[s->n] = '\0';
    return true;
}

/// @param mark  a sign before its path, or "".
static bool
append_entry(struct search *s, const char *name, const char *mark,
             const char *path)
{
    const char separator = LAT_FILES_SEPARATOR;
    return append(s, &separator, 1) && append(s, name, strlen(name)) &&
           append(s, &separator, 1) && append(s, mark, strlen(mark)) &&
           append(s, path, strlen(path));
}

/// Is @p name among the names of a key?
static bool
is_in(const char *key, const char *name, size_t length)
{
    const char *at = key;
    while ((at = strchr(at, LAT_FILES_SEPARATOR))) {
        if (strncmp(at + 1, name, length) == 0 &&
            at[1 + length] == LAT_FILES_SEPARATOR) {
            return true;
        }
        at = strchr(at + 1, LAT_FILES_SEPARATOR); // before its path
        at += at != NULL;
        if (!at) {
            break;
        }
    }
    return false;
}

static void
take_listed(void *data, const char *name)
{
    struct search *const s = data;
    char *path = NULL;
    struct lat_error ignored;
    if (!s->status && !is_in(s->key, name, strlen(name)) &&
        !find_one(s->c, s->setting, name, &path, &ignored)) {
        (void)append_entry(s, name, "*", path ? path : name);
    }
    free(path);
}

static enum lat_status
take_all(struct search *s)
{
    if (s->c->finder.list &&
        s->c->finder.list(s->c->finder.data, take_listed, s)) {
        return LAT_ENOMEM;
    }
    return s->status;
}

static bool
take_missing(struct search *s, const char *name, const char *at)
{
    char why[480];
    char nearest[300];
    lat_control_suggest_sound(s->c, name, nearest, sizeof(nearest));
    snprintf(why, sizeof(why), "column %u: no sound is called '%.60s'%s%s",
             lat_column_of(s->text, at), name, nearest,
             *nearest ? "" : "; /sample/list says which there are");
    if (s->may_lack) {
        return append_entry(s, name, "?", why);
    }
    s->status = lat_error_set(s->error, LAT_ENOTFOUND, "%s", why);
    return false;
}

static bool
take_name(void *data, const char *at, size_t length)
{
    struct search *const s = data;
    if (is_in(s->key, at, length)) {
        return true;
    }
    if (length == 1 && *at == '*') {
        s->status = take_all(s);
        return !s->status;
    }
    char *const name = strndup(at, length);
    char *path = NULL;
    bool goes_on = false;
    s->status = name ? find_one(s->c, s->setting, name, &path, s->error)
                     : lat_error_set(s->error, LAT_ENOMEM, "out of memory");
    if (!s->status) {
        const char *const place = path ? path : name;
        goes_on = access(place, F_OK) == 0 ? append_entry(s, name, "", place)
                                           : take_missing(s, name, at);
    }
    free(path);
    free(name);
    return goes_on;
}

/// @param[out] key  to be freed, or NULL.
static enum lat_status
find_several(struct lat_control *c, const struct lat_setting *setting,
             const char *text, bool may_lack, char **key,
             struct lat_error *error)
{
    struct search s = {
        .c = c,
        .setting = setting,
        .text = text,
        .may_lack = may_lack,
        .error = error,
    };
    *key = NULL;
    if (strchr(text, LAT_FILES_SEPARATOR)) {
        // Whoever found them in another process sends it so.
        return c->finder.find
                   ? lat_error_set(error, LAT_EINVAL,
                                   "%s has a control byte in it", setting->name)
                   : LAT_OK;
    }
    if (append(&s, text, strlen(text)) &&
        setting->files_of(text, take_name, &s) == LAT_ENOMEM) {
        s.status = LAT_ENOMEM;
    }
    if (s.status) {
        free(s.key);
        return s.status;
    }
    *key = s.key;
    return LAT_OK;
}

bool
lat_control_has_sound(const struct lat_node *node, const char *name)
{
    bool is_found = false;
    for (uint32_t i = 0; !is_found && i < node->type->n_settings; ++i) {
        const char *const key = node->settings[i].path;
        is_found = node->type->settings[i].files_of && key &&
                   is_in(key, name, strlen(name));
    }
    return is_found;
}

enum lat_status
lat_control_find_files(struct lat_control *c, const struct lat_setting *setting,
                       struct lat_setting_value *value, bool may_lack,
                       struct lat_error *error)
{
    char *path = NULL;
    enum lat_status status = LAT_OK;
    if (setting->files_of && *value->text) {
        status = find_several(c, setting, value->text, may_lack, &path, error);
    } else if (setting->kind == LAT_SETTING_FILE && *value->text) {
        status = find_one(c, setting, value->text, &path, error);
    }
    if (!status) {
        free(value->path);
        value->path = path;
    }
    return status;
}
