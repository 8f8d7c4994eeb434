// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "sessions/session.h"
#include "log.h"
#include "sessions/apply.h"
#include "sessions/store.h"
#include "text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct lat_sessions {
    struct lat_control *control;
    char *folder;
    char *loaded;   ///< absolute path, or NULL
    bool is_saved;  ///< the loaded file was written by us
    uint32_t block; ///< what a session gets that does not say
    void (*collect)(void *data);
    void *collect_data;
};

enum lat_status
lat_sessions_new(struct lat_control *control, const char *folder,
                 struct lat_sessions **out)
{
    struct lat_sessions *const s = calloc(1, sizeof(*s));
    if (!s) {
        return LAT_ENOMEM;
    }
    struct lat_engine_status engine;
    lat_engine_status(lat_control_engine(control), &engine);
    s->control = control;
    s->block = engine.block;
    s->folder = folder ? strdup(folder) : lat_store_default_folder();
    if (!s->folder) {
        free(s);
        return LAT_ENOMEM;
    }
    *out = s;
    return LAT_OK;
}

void
lat_sessions_free(struct lat_sessions *s)
{
    if (s) {
        free(s->folder);
        free(s->loaded);
        free(s);
    }
}

const char *
lat_sessions_folder(const struct lat_sessions *s)
{
    return s->folder;
}

const char *
lat_sessions_loaded(const struct lat_sessions *s)
{
    return s->loaded;
}

void
lat_sessions_set_collect(struct lat_sessions *s, void (*collect)(void *data),
                         void *data)
{
    s->collect = collect;
    s->collect_data = data;
}

// Reading.

enum lat_status
lat_session_read(struct lat_control *control, FILE *stream,
                 const char *file_name, const char *part,
                 void (*warn)(void *data, const char *line), void *data,
                 struct lat_error *error)
{
    const struct lat_draft_target target = {
        .control = control,
        .file_name = file_name,
        .part = part,
        .warn = warn,
        .data = data,
        .error = error,
    };
    struct lat_draft draft = {0};
    struct lat_draft_head head = {0};
    enum lat_status status = lat_draft_read(&draft, stream, file_name, error);
    if (!status) {
        status = lat_draft_read_head(&draft, file_name, &head, error);
    }
    if (!status) {
        status = lat_draft_apply(&draft, &head, &target);
    }
    lat_draft_fini(&draft);
    return status;
}

/// Read the file @p path as a draft.
static enum lat_status
read_file(const char *path, const char *file_name, struct lat_draft *draft,
          struct lat_draft_head *head, struct lat_error *error)
{
    FILE *const stream = fopen(path, "re");
    struct stat st;
    if (!stream) {
        return lat_error_set(error, errno == ENOENT ? LAT_ENOTFOUND : LAT_EIO,
                             "cannot read %s: %s", file_name, strerror(errno));
    }
    if (fstat(fileno(stream), &st) == 0 && S_ISDIR(st.st_mode)) {
        fclose(stream);
        return lat_error_set(error, LAT_EIO,
                             "cannot read %s: it is a folder, not a session",
                             file_name);
    }
    enum lat_status status = lat_draft_read(draft, stream, file_name, error);
    fclose(stream);
    if (!status) {
        status = lat_draft_read_head(draft, file_name, head, error);
        if (status) {
            lat_draft_fini(draft);
        }
    }
    return status;
}

static void
remember(struct lat_sessions *s, char *path, bool is_saved)
{
    free(s->loaded);
    s->loaded = path;
    s->is_saved = is_saved;
}

static enum lat_status
no_memory(struct lat_error *error)
{
    return lat_error_set(error, LAT_ENOMEM, "%s", lat_strerror(LAT_ENOMEM));
}

static void
log_warning(void *data, const char *line)
{
    (void)data;
    lat_log(LAT_LOG_WARNING, "%s", line);
}

/// Put a draft in the place of everything.
static enum lat_status
replace_all(struct lat_sessions *s, struct lat_draft *draft,
            const struct lat_draft_head *head, uint32_t block,
            const struct lat_draft_target *target)
{
    lat_control_begin_load(s->control, block);
    const enum lat_status status = lat_draft_apply(draft, head, target);
    if (status) {
        lat_control_rollback(s->control);
        return status;
    }
    return lat_control_commit(s->control, target->error);
}

/// Load a file.  @p file_name is how messages call it.
static enum lat_status
load_file(struct lat_sessions *s, const char *path, bool take_block,
          const struct lat_draft_target *target)
{
    struct lat_error *const error = target->error;
    struct lat_draft draft = {0};
    struct lat_draft_head head = {0};
    enum lat_status status =
        read_file(path, target->file_name, &draft, &head, error);
    if (status) {
        return status;
    }
    // Absolute, and through symbolic links, so that saving finds it again.
    char *const full_path = realpath(path, NULL);
    if (!full_path) {
        status = lat_error_set(error, LAT_EIO, "cannot read %s: %s",
                               target->file_name, strerror(errno));
    } else {
        const uint32_t block = head.block ? head.block : s->block;
        status = replace_all(s, &draft, &head, take_block ? block : 0, target);
    }
    lat_draft_fini(&draft);
    if (status) {
        free(full_path);
    } else {
        remember(s, full_path, false);
    }
    return status;
}

// Finding.

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
    lat_store_list(s->folder, try_name, &n, NULL);
    const bool has_best = n.nearest.best != NULL;
    lat_error_set(error, LAT_ENOTFOUND, "no session '%.80s' in %.400s%s%s%s",
                  name, s->folder, has_best ? "; did you mean '" : "",
                  has_best ? n.nearest.best : "", has_best ? "'?" : "");
    return LAT_ENOTFOUND;
}

/// Is anything there, be it a link to nothing?
static bool
is_there(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0;
}

static bool
is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/// The path of a session in the folder, to free().
static enum lat_status
find_by_name(const struct lat_sessions *s, const char *name, char **out,
             struct lat_error *error)
{
    if (!lat_store_name_is_valid(name)) {
        lat_error_set(error, LAT_EINVAL,
                      "'%.80s' is no name for a session: up to %d of A-Z a-z "
                      "0-9 _ - and '.', but not at the start",
                      name, LAT_SESSION_NAME_MAX);
        return LAT_EINVAL;
    }
    char *const path = lat_store_path(s->folder, name);
    if (!path) {
        no_memory(error);
        return LAT_ENOMEM;
    }
    if (!is_there(path)) {
        free(path);
        return not_there(s, name, error);
    }
    *out = path;
    return LAT_OK;
}

/// The same for those who are far away: nothing that may keep us waiting.
static enum lat_status
find_file_by_name(const struct lat_sessions *s, const char *name, char **out,
                  struct lat_error *error)
{
    char *path = NULL;
    const enum lat_status status = find_by_name(s, name, &path, error);
    if (status) {
        return status;
    }
    struct stat st;
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)) {
        free(path);
        return lat_error_set(error, LAT_EIO,
                             "cannot read '%.80s': it is no ordinary file",
                             name);
    }
    *out = path;
    return LAT_OK;
}

enum lat_status
lat_sessions_open(struct lat_sessions *s, const char *session, bool take_block,
                  void (*warn)(void *data, const char *line), void *data,
                  struct lat_error *error)
{
    struct lat_draft_target target = {
        .control = s->control,
        .file_name = session,
        .warn = warn,
        .data = data,
        .error = error,
    };
    const bool has_slash = strchr(session, '/') != NULL;
    if (has_slash || (is_there(session) && !is_folder(session))) {
        return load_file(s, session, take_block, &target);
    }
    char *path = NULL;
    struct lat_error local;
    const enum lat_status status = find_by_name(s, session, &path, &local);
    if (status == LAT_ENOMEM) {
        return no_memory(error);
    }
    if (status && is_folder(session)) {
        return load_file(s, session, take_block, &target); // which says so
    }
    if (status == LAT_EINVAL) {
        return lat_error_set(error, LAT_ENOTFOUND,
                             "no file '%.200s', and no name of a session",
                             session);
    }
    if (status) {
        return lat_error_set(error, status, "no file '%.80s', and %s", session,
                             local.text);
    }
    target.file_name = path;
    const enum lat_status loaded = load_file(s, path, take_block, &target);
    free(path);
    return loaded;
}

/// NAME.ini, as messages to those who may not know the folder call it.
static void
short_name(const char *path, char *out, size_t size)
{
    const char *const slash = strrchr(path, '/');
    snprintf(out, size, "%s", slash ? slash + 1 : path);
}

enum lat_status
lat_sessions_load(struct lat_sessions *s, const char *name,
                  struct lat_error *error)
{
    char *path = NULL;
    enum lat_status status = find_file_by_name(s, name, &path, error);
    if (status) {
        return status;
    }
    char file_name[LAT_SESSION_NAME_MAX + 8];
    short_name(path, file_name, sizeof(file_name));
    const struct lat_draft_target target = {
        .control = s->control,
        .file_name = file_name,
        .warn = log_warning,
        .error = error,
    };
    status = load_file(s, path, true, &target);
    free(path);
    return status;
}

enum lat_status
lat_sessions_import(struct lat_sessions *s, const char *name, const char *part,
                    struct lat_error *error)
{
    if (!lat_name_is_valid(part, false)) {
        return lat_error_set(
            error, LAT_EINVAL,
            "'%.60s' is no name for a part: use a letter, then "
            "letters, digits or _",
            part);
    }
    char *path = NULL;
    enum lat_status status = find_file_by_name(s, name, &path, error);
    if (status) {
        return status;
    }
    char file_name[LAT_SESSION_NAME_MAX + 8];
    short_name(path, file_name, sizeof(file_name));
    const struct lat_draft_target target = {
        .control = s->control,
        .file_name = file_name,
        .part = part,
        .warn = log_warning,
        .error = error,
    };
    struct lat_draft draft = {0};
    struct lat_draft_head head = {0};
    status = read_file(path, file_name, &draft, &head, error);
    free(path);
    if (status) {
        return status;
    }
    lat_control_begin(s->control);
    status = lat_draft_apply(&draft, &head, &target);
    lat_draft_fini(&draft);
    if (status) {
        lat_control_rollback(s->control);
        return status;
    }
    return lat_control_commit(s->control, error);
}

enum lat_status
lat_sessions_new_session(struct lat_sessions *s, struct lat_error *error)
{
    static char empty[] = "[session]\nformat = 1\n";
    FILE *const stream = fmemopen(empty, sizeof(empty) - 1, "r");
    if (!stream) {
        return no_memory(error);
    }
    lat_control_begin_load(s->control, s->block);
    enum lat_status status = lat_session_read(s->control, stream, "new session",
                                              NULL, NULL, NULL, error);
    fclose(stream);
    if (status) {
        lat_control_rollback(s->control);
        return status;
    }
    status = lat_control_commit(s->control, error);
    if (!status) {
        remember(s, NULL, false);
    }
    return status;
}

// Writing.

static bool
is_same_file(const char *a, const char *b)
{
    struct stat st_a;
    struct stat st_b;
    if (stat(a, &st_a) || stat(b, &st_b)) {
        return strcmp(a, b) == 0;
    }
    return st_a.st_dev == st_b.st_dev && st_a.st_ino == st_b.st_ino;
}

/// Was the file made by a newer lattice?
static bool
is_newer_file(const char *path)
{
    struct stat st;
    struct lat_draft draft = {0};
    struct lat_draft_head head = {0};
    if (stat(path, &st) || !S_ISREG(st.st_mode) ||
        read_file(path, path, &draft, &head, NULL)) {
        return false;
    }
    lat_draft_fini(&draft);
    return head.is_newer;
}

/// Where to save to, to free().
static enum lat_status
choose_path(const struct lat_sessions *s, const char *name, bool overwrite,
            char **out, struct lat_error *error)
{
    if (!name && !s->loaded) {
        return lat_error_set(error, LAT_EINVAL,
                             "no session is loaded; say which: /session/save "
                             "NAME");
    }
    if (name && !lat_store_name_is_valid(name)) {
        return lat_error_set(error, LAT_EINVAL,
                             "'%.80s' is no name for a session: up to %d of "
                             "A-Z a-z 0-9 _ - and '.', but not at the start",
                             name, LAT_SESSION_NAME_MAX);
    }
    char *path = name ? lat_store_path(s->folder, name) : strdup(s->loaded);
    if (!path) {
        return no_memory(error);
    }
    const bool is_loaded = s->loaded && is_same_file(path, s->loaded);
    enum lat_status status = LAT_OK;
    if (!is_loaded && !overwrite && is_there(path)) {
        status = lat_error_set(error, LAT_EEXIST,
                               "there is a session '%s' already; /session/save "
                               "%s overwrite replaces it",
                               name, name);
    } else if (!(is_loaded && s->is_saved) && is_newer_file(path)) {
        status = lat_error_set(error, LAT_EEXIST,
                               "%.400s was made by a newer lattice and is not "
                               "overwritten; save under another name: "
                               "/session/save NAME",
                               path);
    }
    if (status) {
        free(path);
        return status;
    }
    *out = path;
    return LAT_OK;
}

/// Write all to @p path through symbolic links, which stay.
static enum lat_status
save_to(struct lat_sessions *s, const char *path, struct lat_error *error)
{
    char *text = NULL;
    size_t length = 0;
    FILE *const stream = open_memstream(&text, &length);
    if (!stream) {
        return no_memory(error);
    }
    enum lat_status status = lat_session_write(s->control, stream);
    if (fclose(stream) || status) {
        free(text);
        return no_memory(error);
    }
    char *const target = realpath(path, NULL);
    status = lat_store_write(target ? target : path, text, length, error);
    free(target);
    free(text);
    return status;
}

enum lat_status
lat_sessions_save(struct lat_sessions *s, const char *name, bool overwrite,
                  struct lat_error *error)
{
    char *path = NULL;
    enum lat_status status = choose_path(s, name, overwrite, &path, error);
    if (status) {
        return status;
    }
    if (s->collect) {
        s->collect(s->collect_data);
    }
    status = save_to(s, path, error);
    if (status) {
        free(path);
        return status;
    }
    char *const full_path = realpath(path, NULL);
    if (full_path) {
        free(path);
        path = full_path;
    }
    remember(s, path, true);
    return LAT_OK;
}

enum lat_status
lat_sessions_list(struct lat_sessions *s,
                  void (*each)(void *data, const char *name), void *data,
                  struct lat_error *error)
{
    return lat_store_list(s->folder, each, data, error);
}
