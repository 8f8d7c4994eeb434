// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "session.h"
#include "base/folders.h"
#include "base/rt.h"
#include "base/text.h"
#include "examples.h"
#include "maps.h"
#include "node/layout.h"
#include "session_state.h"

#include <stdlib.h>
#include <string.h>

void
lat_sessions_begin_in_folder(struct lat_sessions *s)
{
    char *const folder = lat_strdup(s->folder);
    if (folder) {
        free(s->finder.folder);
        s->finder.folder = folder;
    }
}

/// Is it something that a file holds?
static bool
is_kept(const struct lat_change *change)
{
    switch (change->kind) {
    case LAT_CHANGE_NOTE:
    case LAT_CHANGE_NUMBER:
    case LAT_CHANGE_STRIKE:
    case LAT_CHANGE_LOCATE:
    case LAT_CHANGE_PANIC:
        return false;
    case LAT_CHANGE_SETTINGS: // not: their file was only read
        return !lat_settings_equal(change->node->type, change->old_settings,
                                   change->node->settings);
    case LAT_CHANGE_VALUE:
        return !lat_port_kind_is_event(
            change->node->layout->in[change->input].port->kind);
    default:
        return true;
    }
}

static void
on_changes(void *data, const struct lat_changes *changes)
{
    struct lat_sessions *const s = data;
    bool has_kept = changes->is_whole;
    lat_lines_follow(lat_control_document(s->control), changes);
    for (uint32_t i = 0; !has_kept && i < changes->n; ++i) {
        has_kept = is_kept(&changes->entries[i]);
    }
    if (has_kept) {
        lat_sessions_touch(s);
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
    if (!status || status == LAT_ENOTFOUND) {
        status = lat_control_listen(
            control, &(struct lat_listener){
                         .data = s,
                         .topics = LAT_TOPIC_STRUCTURE | LAT_TOPIC_VALUES |
                                   LAT_TOPIC_AMOUNTS | LAT_TOPIC_SETTINGS |
                                   LAT_TOPIC_PLACES | LAT_TOPIC_TRANSPORT,
                         .changed = on_changes,
                     });
    }
    if (status) {
        lat_sessions_free(s);
        return status;
    }
    if (s->folder) {
        lat_store_clean(s->folder);
    }
    lat_sessions_begin_in_folder(s);
    lat_control_set_finder(control, &(struct lat_file_finder){
                                        .data = &s->finder,
                                        .find = lat_finder_find,
                                        .list = lat_finder_list,
                                    });
    *out = s;
    return LAT_OK;
}

void
lat_sessions_free(struct lat_sessions *s)
{
    if (s) {
        lat_control_unlisten(s->control, s);
        lat_control_set_finder(s->control, &(struct lat_file_finder){0});
        lat_finder_fini(&s->finder);
        lat_awaited_forget(&s->awaited, 0);
        lat_problems_fini(&s->problems);
        free(s->unsaved.text);
        free(s->file_name);
        free(s->text);
        free(s->examples);
        free(s->folder);
        free(s->project);
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
lat_sessions_name(const struct lat_sessions *s, char *buffer, size_t size)
{
    const char *const slash = s->loaded ? strrchr(s->loaded, '/') : NULL;
    lat_store_name(slash ? slash + 1 : "", buffer, size);
    return buffer;
}

const char *
lat_sessions_file(const struct lat_sessions *s)
{
    return s->file;
}

uint64_t
lat_sessions_n_saves(const struct lat_sessions *s)
{
    return s->n_saves;
}

bool
lat_sessions_is_changed(const struct lat_sessions *s)
{
    return is_changed(s);
}

void
lat_sessions_touch(struct lat_sessions *s)
{
    ++s->n_changes;
    lat_sessions_keep_soon(s);
}

void
lat_sessions_keep_soon(struct lat_sessions *s)
{
    s->since_ns = s->since_ns ? s->since_ns : lat_now_ns();
}

bool
lat_sessions_has_unsaved(const struct lat_sessions *s)
{
    return s->unsaved.text || is_unsaved(s);
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
lat_sessions_judge_patterns(struct lat_sessions *s, lat_pattern_judge_fn judge)
{
    s->judge = judge;
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
lat_sessions_guard(struct lat_sessions *s, lat_save_guard_fn guard, void *data)
{
    s->guard = guard;
    s->guard_data = data;
}

void
lat_sessions_set_collect(struct lat_sessions *s, void (*collect)(void *data),
                         void (*note)(void *data), void *data)
{
    s->collect = collect;
    s->note = note;
    s->collect_data = data;
}

void
lat_sessions_remember(struct lat_sessions *s, char *path,
                      const struct lat_nameless *nameless, bool is_saved)
{
    char *old_folder = NULL;
    if (path && !lat_finder_begin_at(&s->finder, path, &old_folder)) {
        free(old_folder);
    }
    free(s->loaded);
    s->loaded = path;
    s->nameless = nameless;
    s->is_saved = is_saved;
    s->n_saved = s->n_changes;
}
