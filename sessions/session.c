// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "session.h"
#include "apply.h"
#include "awaited.h"
#include "base/folders.h"
#include "base/log.h"
#include "base/rt.h"
#include "base/text.h"
#include "examples.h"
#include "file_finder.h"
#include "graph/name.h"
#include "source.h"
#include "store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/// NAME.ini
#define LEAF_MAX (LAT_SESSION_NAME_MAX + 8)

struct lat_sessions {
    struct lat_control *control;
    char *folder;   ///< or NULL: nobody knows the user's home
    char *examples; ///< where the installed ones lie, or NULL
    char *file;     ///< that was loaded last, absolute, or NULL
    char *loaded;   ///< absolute path through no links, or NULL
    bool is_saved;  ///< the loaded file was written by us
    /// Of what is loaded and no file of ours: what it is, else NULL.
    const char *origin;
    uint32_t block; ///< what a session gets that does not say
    bool wants_heard;
    struct lat_finder finder;     ///< of files that settings name
    struct lat_awaited awaited;   ///< lines whose data is on its way
    struct lat_problems problems; ///< of the last file
    char *file_name;              ///< what messages call it
    char *text;                   ///< of the last pipe, or NULL
    size_t text_length;
    bool has_text; ///< to be read in place of the pipe
    void (*collect)(void *data);
    void *collect_data;
};

/// What is no session's file, or not yet, finds files where sessions are.
static void
begin_in_folder(struct lat_sessions *s)
{
    char *const folder = lat_strdup(s->folder);
    if (folder) {
        free(s->finder.folder);
        s->finder.folder = folder;
    }
}

enum lat_status
lat_sessions_new(struct lat_control *control, const char *folder,
                 struct lat_sessions **out)
{
    struct lat_sessions *const s = calloc(1, sizeof(*s));
    if (!s) {
        return LAT_ENOMEM;
    }
    s->control = control;
    s->block = lat_control_block(control);
    s->examples = lat_examples_folder();
    enum lat_status status = LAT_OK;
    if (folder) {
        s->folder = strdup(folder);
        status = s->folder ? LAT_OK : LAT_ENOMEM;
    } else {
        status =
            lat_folders_path(LAT_FOLDER_DATA, "lattice/sessions", &s->folder);
    }
    if (status && status != LAT_ENOTFOUND) {
        lat_sessions_free(s);
        return status;
    }
    if (s->folder) {
        lat_store_clean(s->folder);
    }
    begin_in_folder(s);
    lat_control_set_finder(control, &(struct lat_file_finder){
                                        .data = &s->finder,
                                        .find = lat_finder_find,
                                    });
    *out = s;
    return LAT_OK;
}

void
lat_sessions_free(struct lat_sessions *s)
{
    if (s) {
        lat_control_set_finder(s->control, &(struct lat_file_finder){0});
        lat_finder_fini(&s->finder);
        lat_awaited_forget(&s->awaited, 0);
        lat_problems_fini(&s->problems);
        free(s->file_name);
        free(s->text);
        free(s->examples);
        free(s->folder);
        free(s->loaded);
        free(s->file);
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

const char *
lat_sessions_file(const struct lat_sessions *s)
{
    return s->file;
}

enum lat_status
lat_sessions_set_examples(struct lat_sessions *s, const char *folder)
{
    char *const copy = strdup(folder);
    if (!copy) {
        return LAT_ENOMEM;
    }
    free(s->examples);
    s->examples = copy;
    return LAT_OK;
}

enum lat_status
lat_sessions_add_sample_dir(struct lat_sessions *s, const char *folder)
{
    return lat_finder_add_dir(&s->finder, folder);
}

void
lat_sessions_unprepared(const struct lat_sessions *s,
                        const struct lat_unprepared *what)
{
    lat_awaited_tell(&s->awaited, what);
}

void
lat_sessions_want_heard(struct lat_sessions *s, bool is_wanted)
{
    s->wants_heard = is_wanted;
}

size_t
lat_sessions_problems(const struct lat_sessions *s,
                      void (*each)(void *data, const char *line, bool is_error),
                      void *data)
{
    for (size_t i = 0; i < s->problems.n; ++i) {
        const struct lat_problem *const p = &s->problems.list[i];
        struct lat_error line;
        lat_problem_print(p, s->file_name, &line);
        each(data, line.text, p->status != LAT_OK);
    }
    return s->problems.n_errors;
}

char *
lat_sessions_take_text(struct lat_sessions *s, size_t *length)
{
    char *const text = s->text;
    *length = s->text_length;
    s->text = NULL;
    return text;
}

void
lat_sessions_give_text(struct lat_sessions *s, char *text, size_t length)
{
    free(s->text);
    s->text = text;
    s->text_length = length;
    s->has_text = text != NULL;
}

void
lat_sessions_set_collect(struct lat_sessions *s, void (*collect)(void *data),
                         void *data)
{
    s->collect = collect;
    s->collect_data = data;
}

// Reading.

static void
warn_all(const struct lat_problems *p, const char *file_name,
         void (*warn)(void *data, const char *line), void *data)
{
    for (size_t i = 0; warn && i < p->n; ++i) {
        if (!p->list[i].status) {
            struct lat_error line;
            lat_problem_print(&p->list[i], file_name, &line);
            warn(data, line.text);
        }
    }
}

enum lat_status
lat_session_read(struct lat_control *control, FILE *stream,
                 const char *file_name, const char *part,
                 void (*warn)(void *data, const char *line), void *data,
                 struct lat_error *error)
{
    struct lat_problems problems = {0};
    const struct lat_draft_target target = {
        .control = control,
        .part = part,
        .problems = &problems,
    };
    struct lat_draft draft = {0};
    struct lat_draft_head head = {0};
    if (!lat_draft_read(&draft, stream, &problems)) {
        lat_draft_read_head(&draft, &head, &problems);
        lat_draft_apply(&draft, &head, &target);
    }
    lat_draft_fini(&draft);
    lat_problems_sort(&problems);
    const enum lat_status status =
        lat_problems_first(&problems, file_name, error);
    if (!status) {
        warn_all(&problems, file_name, warn, data);
    }
    lat_problems_fini(&problems);
    return status;
}

static enum lat_status
no_memory(struct lat_error *error)
{
    return lat_error_set(error, LAT_ENOMEM, "%s", lat_strerror(LAT_ENOMEM));
}

/// A file as it was read, on its way into force.
struct reading {
    struct lat_sessions *sessions;
    const char *file_name; ///< what messages call it
    const char *path;      ///< where it lies, or NULL: nowhere
    bool is_from_far;      ///< whoever asks may not know what is in the file
    const char *part;
    bool takes_block;
    void (*warn)(void *data, const char *line);
    void *data;
    struct lat_error *error;
    struct lat_draft draft;
    struct lat_draft_head head;
};

static enum lat_status
begin_reading(const struct reading *r)
{
    struct lat_sessions *const s = r->sessions;
    char *const name = strdup(r->file_name);
    if (!name) {
        return no_memory(r->error);
    }
    lat_problems_fini(&s->problems);
    free(s->file_name);
    s->file_name = name;
    return LAT_OK;
}

/// Tell what was found.  @return the first error.
static enum lat_status
end_reading(struct reading *r)
{
    struct lat_sessions *const s = r->sessions;
    lat_draft_fini(&r->draft);
    lat_problems_sort(&s->problems);
    const enum lat_status status =
        lat_problems_first(&s->problems, r->file_name, r->error);
    if (!status) {
        warn_all(&s->problems, r->file_name, r->warn, r->data);
    }
    return status;
}

/// Read a draft.  @return LAT_OK also where it has errors, as long as there is
/// sense in looking for more of them.
static enum lat_status
read_draft(struct reading *r, FILE *stream)
{
    struct lat_sessions *const s = r->sessions;
    enum lat_status status = begin_reading(r);
    if (status) {
        return status;
    }
    status = lat_draft_read(&r->draft, stream, &s->problems);
    // Errors show parts of the file.
    if (r->is_from_far && status != LAT_ENOMEM &&
        (status || !lat_draft_is_session(&r->draft))) {
        lat_draft_fini(&r->draft);
        lat_problems_fini(&s->problems);
        return lat_error_set(r->error, LAT_EINVAL,
                             "%s is no session: it has no [session] with "
                             "format = 1",
                             r->file_name);
    }
    if (status) {
        end_reading(r);
        return status;
    }
    lat_draft_read_head(&r->draft, &r->head, &s->problems);
    return LAT_OK;
}

static enum lat_status
put_in_force(struct reading *r)
{
    struct lat_sessions *const s = r->sessions;
    const struct lat_draft_target target = {
        .control = s->control,
        .part = r->part,
        .wants_heard = s->wants_heard,
        .problems = &s->problems,
        .awaited = &s->awaited,
    };
    if (r->part) {
        lat_control_begin(s->control);
    } else {
        const uint32_t block = r->head.block ? r->head.block : s->block;
        lat_control_begin_load(s->control, r->takes_block ? block : 0);
    }
    lat_draft_apply(&r->draft, &r->head, &target);
    const enum lat_status status = end_reading(r);
    if (status) {
        lat_control_rollback(s->control);
        return status;
    }
    const enum lat_status committed = lat_control_commit(s->control, r->error);
    if (committed) {
        // Of the session as a whole: no line is to blame.
        const struct lat_error why = *r->error;
        lat_error_set(r->error, committed, "%.200s:1: %.400s", r->file_name,
                      why.text);
    }
    return committed;
}

/// Files that it names lie beside it; those of a part's commands to come,
/// beside the session that is loaded.
static enum lat_status
put_in_place(struct reading *r)
{
    struct lat_sessions *const s = r->sessions;
    struct lat_awaited old = {0};
    char *old_folder = NULL;
    if (lat_finder_begin_at(&s->finder, r->path, &old_folder)) {
        lat_draft_fini(&r->draft);
        return no_memory(r->error);
    }
    if (!r->part) {
        old = s->awaited;
        s->awaited = (struct lat_awaited){0};
    }
    const uint32_t n_before = s->awaited.n;
    const enum lat_status status = put_in_force(r);
    if (status || r->part) {
        free(s->finder.folder);
        s->finder.folder = old_folder;
    } else {
        free(old_folder);
    }
    if (status) {
        lat_awaited_forget(&s->awaited, n_before);
        s->awaited = r->part ? s->awaited : old;
    } else {
        lat_awaited_name(&s->awaited, n_before, r->file_name);
        lat_awaited_forget(&old, 0);
    }
    return status;
}

static enum lat_status
apply_draft(struct reading *r)
{
    struct lat_control *const c = r->sessions->control;
    const struct lat_origin before = lat_control_set_origin(
        c, (struct lat_origin){.kind = LAT_ORIGIN_SESSION});
    const enum lat_status status = put_in_place(r);
    (void)lat_control_set_origin(c, before);
    return status;
}

/// @p path is taken over; where it is NULL, @p origin says why.
static void
remember(struct lat_sessions *s, char *path, const char *origin, bool is_saved)
{
    char *old_folder = NULL;
    if (path && !lat_finder_begin_at(&s->finder, path, &old_folder)) {
        free(old_folder);
    }
    free(s->loaded);
    s->loaded = path;
    s->origin = origin;
    s->is_saved = is_saved;
}

/// The same for what the command line names.
static void
remember_source(struct lat_sessions *s, char *path, bool is_example)
{
    if (!path) {
        remember(s, NULL, "the loaded session was read from a pipe", false);
    } else if (is_example) {
        free(path);
        remember(s, NULL, "the loaded session is an example", false);
    } else {
        remember(s, path, NULL, false);
    }
}

static void
log_warning(void *data, const char *line)
{
    (void)data;
    lat_log(LAT_LOG_WARNING, "%s", line);
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

static enum lat_status
check_name(const char *name, struct lat_error *error)
{
    return lat_store_name_is_valid(name)
               ? LAT_OK
               : lat_error_set(error, LAT_EINVAL,
                               "'%.80s' is no name for a session: up to %d of "
                               "A-Z a-z 0-9 _ - and '.', but not at the start",
                               name, LAT_SESSION_NAME_MAX);
}

/// Find a session by its name, in the folder, else among the examples.
static enum lat_status
find_by_name(const struct lat_sessions *s, const char *name,
             struct lat_file_place *out, bool *is_example,
             struct lat_error *error)
{
    char leaf[LEAF_MAX];
    struct stat st;
    enum lat_status status = check_name(name, error);
    if (status) {
        return status;
    }
    const char *const folders[] = {s->folder, s->examples};
    lat_store_leaf(name, leaf, sizeof(leaf));
    for (size_t i = 0; i < LAT_COUNT(folders); ++i) {
        if (!folders[i]) {
            continue;
        }
        status = lat_file_place_inside(folders[i], leaf, name, out, error);
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

/// The path of a session of that name, which may be a link to anywhere, to
/// free(); or NULL with a status.
static char *
path_by_name(const struct lat_sessions *s, const char *name, bool *is_example,
             struct lat_error *error, enum lat_status *status)
{
    const char *const folders[] = {s->folder, s->examples};
    char leaf[LEAF_MAX];
    *status = check_name(name, error);
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
        if (is_there(path)) {
            *is_example = i == 1;
            return path;
        }
        free(path);
    }
    *status = not_there(s, name, error);
    return NULL;
}

// Loading.

/// Load what the command line names, which may be a file, a pipe, an example.
static enum lat_status
load_source(struct reading *r, const char *path, bool is_example)
{
    struct lat_sessions *const s = r->sessions;
    struct lat_source source = {0};
    const bool has_text = s->has_text;
    enum lat_status status = LAT_OK;
    if (has_text) {
        char *const text = s->text;
        s->text = NULL;
        s->has_text = false;
        status = lat_source_open_text(text, s->text_length, &source, r->error);
    } else {
        status = lat_source_open(path, r->file_name, &source, r->error);
    }
    if (!status) {
        status = read_draft(r, source.stream);
    }
    // Absolute, and through symbolic links, so that saving finds it again.
    char *full_path = NULL;
    const bool is_file = !source.text;
    if (!status && is_file) {
        full_path = realpath(path, NULL);
        if (!full_path) {
            lat_draft_fini(&r->draft);
            status = lat_error_set(r->error, LAT_EIO, "cannot read %.400s: %s",
                                   r->file_name, strerror(errno));
        }
    }
    if (!status) {
        r->path = full_path;
        status = apply_draft(r);
    }
    if (status) {
        free(full_path);
    } else {
        free(s->file);
        s->file = lat_strdup(full_path);
        remember_source(s, full_path, is_example);
    }
    free(s->text);
    s->text = source.text;
    s->text_length = source.length;
    source.text = NULL;
    lat_source_close(&source);
    return status;
}

enum lat_status
lat_sessions_open(struct lat_sessions *s, const char *session, bool take_block,
                  void (*warn)(void *data, const char *line), void *data,
                  struct lat_error *error)
{
    const bool is_input = strcmp(session, "-") == 0;
    struct reading r = {
        .sessions = s,
        .file_name = is_input ? "<stdin>" : session,
        .takes_block = take_block,
        .warn = warn,
        .data = data,
        .error = error,
    };
    lat_problems_fini(&s->problems);
    if (is_input || strchr(session, '/') ||
        (is_there(session) && !is_folder(session))) {
        return load_source(&r, session, false);
    }
    bool is_example = false;
    struct lat_error local;
    enum lat_status status = LAT_OK;
    char *const path = path_by_name(s, session, &is_example, &local, &status);
    if (status == LAT_ENOMEM) {
        return no_memory(error);
    }
    if (status && is_folder(session)) {
        return load_source(&r, session, false); // which says so
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
    r.file_name = path;
    status = load_source(&r, path, is_example);
    free(path);
    return status;
}

/// Read a session by its name for those who are far away: a file, inside the
/// folder, that does not keep us waiting.  @p file_name becomes NAME.ini, as
/// those may call it who may not know the folder.
static enum lat_status
read_by_name(struct reading *r, const char *name, char file_name[LEAF_MAX],
             struct lat_file_place *place, bool *is_example)
{
    enum lat_status status =
        find_by_name(r->sessions, name, place, is_example, r->error);
    if (status) {
        return status;
    }
    lat_store_leaf(name, file_name, LEAF_MAX);
    r->file_name = file_name;
    const int fd = lat_file_place_open(place, file_name, r->error);
    FILE *const stream = fd < 0 ? NULL : fdopen(fd, "r");
    if (!stream) {
        if (fd >= 0) {
            close(fd);
            no_memory(r->error);
        }
        lat_file_place_fini(place);
        return r->error->status;
    }
    status = read_draft(r, stream);
    fclose(stream);
    if (status) {
        lat_file_place_fini(place);
    }
    return status;
}

enum lat_status
lat_sessions_load(struct lat_sessions *s, const char *name,
                  struct lat_error *error)
{
    char file_name[LEAF_MAX];
    struct lat_file_place place;
    bool is_example = false;
    struct reading r = {
        .sessions = s,
        .is_from_far = true,
        .takes_block = true,
        .warn = log_warning,
        .error = error,
    };
    enum lat_status status =
        read_by_name(&r, name, file_name, &place, &is_example);
    if (status) {
        return status;
    }
    char *const path = strdup(place.path);
    lat_file_place_fini(&place);
    if (!path) {
        lat_draft_fini(&r.draft);
        return no_memory(error);
    }
    r.path = path;
    status = apply_draft(&r);
    if (status) {
        free(path);
    } else if (is_example) {
        free(path);
        remember(s, NULL, "the loaded session is an example", false);
    } else {
        remember(s, path, NULL, false);
    }
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
    char file_name[LEAF_MAX];
    struct lat_file_place place;
    bool is_example = false;
    struct reading r = {
        .sessions = s,
        .is_from_far = true,
        .part = part,
        .warn = log_warning,
        .error = error,
    };
    const enum lat_status status =
        read_by_name(&r, name, file_name, &place, &is_example);
    if (status) {
        return status;
    }
    r.path = place.path;
    const enum lat_status applied = apply_draft(&r);
    lat_file_place_fini(&place);
    return applied;
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
        begin_in_folder(s);
        remember(s, NULL, NULL, false);
    }
    return status;
}

// Writing.

/// Was the file made by a newer lattice?
static bool
is_newer_file(const struct lat_file_place *place)
{
    struct lat_problems problems = {0};
    struct lat_draft draft = {0};
    struct lat_draft_head head = {0};
    const int fd = lat_file_place_open(place, place->leaf, NULL);
    FILE *const stream = fd < 0 ? NULL : fdopen(fd, "r");
    if (!stream) {
        if (fd >= 0) {
            close(fd);
        }
        return false;
    }
    if (!lat_draft_read(&draft, stream, &problems)) {
        lat_draft_read_head(&draft, &head, &problems);
    }
    fclose(stream);
    lat_draft_fini(&draft);
    lat_problems_fini(&problems);
    return head.is_newer;
}

/// Where the loaded session is to be written.
static enum lat_status
find_loaded(const struct lat_sessions *s, struct lat_file_place *out,
            struct lat_error *error)
{
    if (!s->loaded) {
        return lat_error_set(error, LAT_EINVAL,
                             "%s; say which: /session/save NAME",
                             s->origin ? s->origin : "no session is loaded");
    }
    char *const folder =
        strndup(s->loaded, (size_t)(strrchr(s->loaded, '/') - s->loaded + 1));
    if (!folder) {
        return no_memory(error);
    }
    enum lat_status status = lat_store_make_folder(folder, error);
    free(folder);
    if (!status) {
        status = lat_file_place_of(s->loaded, out, error);
    }
    return status;
}

/// Where a session of that name is to be written.
static enum lat_status
find_named(const struct lat_sessions *s, const char *name,
           struct lat_file_place *out, struct lat_error *error)
{
    char leaf[LEAF_MAX];
    enum lat_status status = check_name(name, error);
    if (!status && !s->folder) {
        status = lat_error_set(error, LAT_ENOTFOUND,
                               "no folder for sessions is known; set HOME or "
                               "say --session-dir");
    }
    if (!status) {
        status = lat_store_make_folder(s->folder, error);
    }
    if (!status) {
        lat_store_clean(s->folder);
        lat_store_leaf(name, leaf, sizeof(leaf));
        status = lat_file_place_inside(s->folder, leaf, name, out, error);
    }
    return status;
}

/// Where to save to.
static enum lat_status
choose_place(const struct lat_sessions *s, const char *name, bool overwrite,
             struct lat_file_place *out, struct lat_error *error)
{
    struct stat st;
    enum lat_status status =
        name ? find_named(s, name, out, error) : find_loaded(s, out, error);
    if (status) {
        return status;
    }
    const bool is_loaded = s->loaded && strcmp(out->path, s->loaded) == 0;
    if (!is_loaded && !overwrite && lat_file_place_look(out, &st)) {
        status = lat_error_set(error, LAT_EEXIST,
                               "there is a session '%s' already; /session/save "
                               "%s overwrite replaces it",
                               name, name);
    } else if (!(is_loaded && s->is_saved) && is_newer_file(out)) {
        status = lat_error_set(error, LAT_EEXIST,
                               "%.400s was made by a newer lattice and is not "
                               "overwritten; save under another name: "
                               "/session/save NAME",
                               out->path);
    }
    if (status) {
        lat_file_place_fini(out);
    }
    return status;
}

static enum lat_status
save_to(struct lat_sessions *s, const struct lat_file_place *place,
        struct lat_error *error)
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
    status = lat_store_write(place, text, length, error);
    free(text);
    return status;
}

enum lat_status
lat_sessions_save(struct lat_sessions *s, const char *name, bool overwrite,
                  struct lat_error *error)
{
    struct lat_file_place place;
    enum lat_status status = choose_place(s, name, overwrite, &place, error);
    if (status) {
        return status;
    }
    if (s->collect) {
        s->collect(s->collect_data);
    }
    char *const path = strdup(place.path);
    status = path ? save_to(s, &place, error) : no_memory(error);
    lat_file_place_fini(&place);
    if (status) {
        free(path);
        return status;
    }
    remember(s, path, NULL, true);
    return LAT_OK;
}

// Listing.

/// Names of two sorted lists.
struct names {
    char **name;
    size_t n, capacity;
    bool is_out_of_memory;
};

static void
add_to_list(void *data, const char *name)
{
    struct names *const l = data;
    if (l->n == l->capacity) {
        const size_t capacity = l->capacity ? 2 * l->capacity : 32;
        char **const grown = realloc(l->name, capacity * sizeof(*grown));
        if (!grown) {
            l->is_out_of_memory = true;
            return;
        }
        l->name = grown;
        l->capacity = capacity;
    }
    l->name[l->n] = strdup(name);
    l->is_out_of_memory = l->is_out_of_memory || !l->name[l->n];
    l->n += l->name[l->n] != NULL;
}

static int
by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

enum lat_status
lat_sessions_list(struct lat_sessions *s,
                  void (*each)(void *data, const char *name), void *data,
                  struct lat_error *error)
{
    struct names names = {0};
    enum lat_status status = LAT_OK;
    if (s->folder) {
        lat_store_clean(s->folder);
        status = lat_store_list(s->folder, add_to_list, &names, error);
    }
    if (!status && s->examples) {
        // That there are no examples is no failure.
        lat_store_list(s->examples, add_to_list, &names, NULL);
    }
    if (!status && names.is_out_of_memory) {
        status = no_memory(error);
    }
    if (names.n > 0) {
        qsort(names.name, names.n, sizeof(*names.name), by_name);
    }
    for (size_t i = 0; i < names.n; ++i) {
        const bool is_again =
            i > 0 && strcmp(names.name[i], names.name[i - 1]) == 0;
        if (!status && !is_again) {
            each(data, names.name[i]);
        }
    }
    for (size_t i = 0; i < names.n; ++i) {
        free(names.name[i]);
    }
    free(names.name);
    return status;
}
