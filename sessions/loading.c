// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Loading a session: what the command line names, by name, as a part, or a new
// one.

#include "base/log.h"
#include "base/text.h"
#include "finding.h"
#include "graph/name.h"
#include "reading.h"
#include "session.h"
#include "source.h"
#include "unsaved.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/// Note what is loaded, which the command line named; @p path is taken over.
static void
remember_source(struct lat_sessions *s, char *path, bool is_example)
{
    static const struct lat_nameless pipe = {
        .what = "what came through a pipe",
        .why = "the loaded session was read from a pipe",
    };
    static const struct lat_nameless example = {
        .what = "an example",
        .why = "the loaded session is an example",
    };
    if (!path) {
        lat_sessions_remember(s, NULL, &pipe, false);
    } else if (is_example) {
        free(path);
        lat_sessions_remember(s, NULL, &example, false);
    } else {
        lat_sessions_remember(s, path, NULL, false);
    }
}

static void
log_warning(void *data, const char *line)
{
    (void)data;
    lat_log(LAT_LOG_WARNING, "%s", line);
}

static bool
is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

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
        status = lat_reading_read(r, source.stream);
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
        status = lat_reading_apply(r);
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
        (lat_path_is_there(session) && !is_folder(session))) {
        return load_source(&r, session, false);
    }
    bool is_example = false;
    struct lat_error local;
    enum lat_status status = LAT_OK;
    char *const path =
        lat_sessions_path(s, session, &is_example, &local, &status);
    if (status == LAT_ENOMEM) {
        return no_memory(error);
    }
    if (status && is_folder(session)) {
        return load_source(&r, session, false); // which says so
    }
    if (status == LAT_EINVAL && lat_store_is_autosave(session)) {
        return lat_error_set(error, LAT_ENOTFOUND,
                             "no file '%s': this stands for what lattice keeps "
                             "by itself; lattice without a session plays what "
                             "played last, /session/load autosave what was not "
                             "saved",
                             session);
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

/// A session that was named from far away.
struct named {
    char file_name[LEAF_MAX]; ///< NAME.ini, as those may call it who may not
                              ///< know the folder
    struct lat_file_place place;
    bool is_example;
};

/// Read a session by its name for those who are far away: a file, inside the
/// folder, that does not keep us waiting.
/// @param[out] out  borrowed by @p r; its place is to be freed, if all is well.
static enum lat_status
read_by_name(struct reading *r, const char *name, struct named *out)
{
    r->is_from_far = true;
    r->warn = log_warning;
    out->is_example = false;
    enum lat_status status = lat_sessions_find(r->sessions, name, &out->place,
                                               &out->is_example, r->error);
    if (status) {
        return status;
    }
    lat_store_leaf(name, out->file_name, sizeof(out->file_name));
    r->file_name = out->file_name;
    FILE *const stream =
        lat_file_place_open(&out->place, out->file_name, r->error);
    if (!stream) {
        lat_file_place_fini(&out->place);
        return r->error->status;
    }
    status = lat_reading_read(r, stream);
    fclose(stream);
    if (status) {
        lat_file_place_fini(&out->place);
    }
    return status;
}

enum lat_status
lat_sessions_load(struct lat_sessions *s, const char *name,
                  struct lat_error *error)
{
    if (s->is_managed) {
        return lat_error_set(error, LAT_EINVAL,
                             "the session manager says what is loaded; "
                             "/session/import NAME PART adds a session to it");
    }
    if (lat_store_is_autosave(name)) {
        return lat_unsaved_load(s, error);
    }
    struct named file;
    struct lat_kept now = {0};
    struct reading r = {.sessions = s, .takes_block = true, .error = error};
    enum lat_status status = read_by_name(&r, name, &file);
    if (status) {
        return status;
    }
    char *const path = strdup(file.place.path);
    lat_file_place_fini(&file.place);
    if (!path || lat_unsaved_note(s, &now, error)) {
        free(path);
        lat_draft_fini(&r.draft);
        return no_memory(error);
    }
    r.path = path;
    status = lat_reading_apply(&r);
    if (status) {
        lat_kept_fini(&now);
        free(path);
    } else {
        remember_source(s, path, file.is_example);
        lat_unsaved_keep(s, &now);
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
    struct named file;
    struct reading r = {.sessions = s, .part = part, .error = error};
    enum lat_status status = read_by_name(&r, name, &file);
    if (status) {
        return status;
    }
    r.path = file.place.path;
    status = lat_reading_apply(&r);
    lat_file_place_fini(&file.place);
    return status;
}

/// Nothing is loaded, or it is the manager's project, which is not saved.
static void
forget_loaded(struct lat_sessions *s)
{
    lat_sessions_begin_in_folder(s);
    lat_sessions_remember(s, lat_strdup(s->project), NULL, false);
    if (s->project) {
        lat_sessions_touch(s);
    }
}

enum lat_status
lat_sessions_new_session(struct lat_sessions *s, struct lat_error *error)
{
    static char empty[] = "[session]\nformat = 1\n";
    struct lat_kept now;
    FILE *const stream = fmemopen(empty, sizeof(empty) - 1, "r");
    if (!stream) {
        return no_memory(error);
    }
    if (lat_unsaved_note(s, &now, error)) {
        fclose(stream);
        return no_memory(error);
    }
    lat_control_begin_load(s->control, s->block);
    enum lat_status status = lat_session_read(s->control, stream, "new session",
                                              NULL, NULL, NULL, error);
    fclose(stream);
    if (status) {
        lat_control_rollback(s->control);
    } else {
        status = lat_control_commit(s->control, error);
    }
    if (status) {
        lat_kept_fini(&now);
    } else {
        forget_loaded(s);
        lat_unsaved_keep(s, &now);
    }
    return status;
}
