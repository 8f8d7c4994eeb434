// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "reading.h"

#include <stdlib.h>
#include <string.h>

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

enum lat_status
lat_reading_read(struct reading *r, FILE *stream)
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
        .judge = s->judge,
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

enum lat_status
lat_reading_apply(struct reading *r)
{
    struct lat_control *const c = r->sessions->control;
    const struct lat_origin before = lat_control_set_origin(
        c, (struct lat_origin){.kind = LAT_ORIGIN_SESSION});
    const enum lat_status status = put_in_place(r);
    (void)lat_control_set_origin(c, before);
    return status;
}

enum lat_status
lat_reading_take(struct reading *r, char *text, size_t n)
{
    FILE *const stream = fmemopen(text, n, "r");
    enum lat_status status =
        stream ? lat_reading_read(r, stream) : no_memory(r->error);
    if (stream) {
        fclose(stream);
    }
    return status ? status : lat_reading_apply(r);
}
