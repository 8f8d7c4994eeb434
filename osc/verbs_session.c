// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Sessions, by name inside the session folder.

#include "sessions/tell.h"
#include "verbs.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/// Check the number of arguments and that there are sessions at all.
static enum lat_status
begin(struct lat_osc_call *call, uint32_t min, uint32_t max)
{
    const enum lat_status status = lat_osc_need(call, min, max);
    if (!status && !call->sessions) {
        return lat_error_set(&call->error, LAT_ENOTFOUND,
                             "this program keeps no sessions");
    }
    return status;
}

/// Tell in the log what was done, if it was.
static enum lat_status
tell(struct lat_osc_call *call, enum lat_status status, const char *did)
{
    if (!status) {
        lat_sessions_tell(call->sessions, call->control, did);
    }
    return status;
}

enum lat_status
lat_osc_session_save(struct lat_osc_call *call)
{
    const char *name = NULL;
    const char *word = NULL;
    enum lat_status status = begin(call, 0, 2);
    if (!status && call->m->argc > 0) {
        status = lat_osc_text_arg(call, 0, "NAME", &name);
    }
    if (!status && call->m->argc > 1) {
        status = lat_osc_text_arg(call, 1, "overwrite", &word);
        if (!status && strcmp(word, "overwrite") != 0) {
            status = lat_error_set(&call->error, LAT_EINVAL,
                                   "the second argument can only be the word "
                                   "overwrite");
        }
    }
    if (!status) {
        status =
            lat_sessions_save(call->sessions, name, word != NULL, &call->error);
    }
    return tell(call, status, "saved");
}

enum lat_status
lat_osc_session_load(struct lat_osc_call *call)
{
    const char *name = NULL;
    enum lat_status status = begin(call, 1, 1);
    if (!status) {
        status = lat_osc_text_arg(call, 0, "NAME", &name);
    }
    if (!status) {
        status = lat_sessions_load(call->sessions, name, &call->error);
    }
    return tell(call, status, "loaded");
}

enum lat_status
lat_osc_session_import(struct lat_osc_call *call)
{
    const char *name = NULL;
    const char *part = NULL;
    enum lat_status status = begin(call, 2, 2);
    if (!status) {
        status = lat_osc_text_arg(call, 0, "NAME", &name);
    }
    if (!status) {
        status = lat_osc_text_arg(call, 1, "PART", &part);
    }
    if (!status) {
        status = lat_sessions_import(call->sessions, name, part, &call->error);
    }
    if (!status) {
        lat_sessions_tell_import(call->control, name, part);
    }
    return status;
}

enum lat_status
lat_osc_session_new(struct lat_osc_call *call)
{
    enum lat_status status = begin(call, 0, 0);
    if (!status) {
        status = lat_sessions_new_session(call->sessions, &call->error);
    }
    return tell(call, status, "started");
}

struct listing {
    const struct lat_osc_call *call;
    uint32_t n;
};

static void
answer_name(void *data, const char *name)
{
    struct listing *const l = data;
    lat_osc_answer(l->call, l->call->path, "s", name);
    ++l->n;
}

enum lat_status
lat_osc_session_list(struct lat_osc_call *call)
{
    struct listing listing = {.call = call};
    enum lat_status status = begin(call, 0, 0);
    if (!status) {
        status = lat_sessions_list(call->sessions, answer_name, &listing,
                                   &call->error);
    }
    if (!status) {
        lat_osc_done_list(call, listing.n);
    }
    return status;
}

enum lat_status
lat_osc_session_status(struct lat_osc_call *call)
{
    char name[NAME_MAX + 1];
    const enum lat_status status = lat_osc_need(call, 0, 0);
    if (!status) {
        const struct lat_sessions *const s = call->sessions;
        lat_osc_answer(call, call->path, "si",
                       s ? lat_sessions_name(s, name, sizeof(name)) : "",
                       s ? (int)lat_sessions_is_changed(s) : 0);
    }
    return status;
}

static void
answer_sounds(void *data, const char *name, uint32_t n)
{
    struct listing *const l = data;
    lat_osc_answer(l->call, l->call->path, "si", name, (int)n);
    ++l->n;
}

enum lat_status
lat_osc_sample_list(struct lat_osc_call *call)
{
    struct listing listing = {.call = call};
    enum lat_status status = begin(call, 0, 0);
    if (!status) {
        status = lat_sessions_sounds(call->sessions, answer_sounds, &listing,
                                     &call->error);
    }
    if (!status) {
        lat_osc_done_list(call, listing.n);
    }
    return status;
}

enum lat_status
lat_osc_sample_reload(struct lat_osc_call *call)
{
    uint32_t n = 0;
    const enum lat_status status = lat_osc_need(call, 0, 0);
    return status ? status
                  : lat_control_reload(call->control, &n, &call->error);
}

enum lat_status
lat_osc_record_last(struct lat_osc_call *call)
{
    double seconds = 0.0;
    char *path = NULL;
    enum lat_status status = lat_osc_need(call, 1, 1);
    if (!status) {
        status = lat_osc_number_arg(call, 0, "SECONDS", &seconds);
    }
    if (!status && !(seconds > 0.0 && seconds <= 3600.0)) {
        status = lat_error_set(&call->error, LAT_EINVAL,
                               "SECONDS must be above 0 and at most 3600, not "
                               "%g",
                               seconds);
    }
    if (!status && !call->options->write_last) {
        status = lat_error_set(&call->error, LAT_ENOTFOUND,
                               "nothing is kept; start lattice run with "
                               "--record-last MINUTES");
    }
    if (!status) {
        status = call->options->write_last(call->options->data, seconds, &path,
                                           &call->error);
    }
    if (!status) {
        lat_osc_answer(call, "/done", "ss", call->path, path);
    }
    free(path);
    return status;
}
