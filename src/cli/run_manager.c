// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Before the first project is open there is no JACK client: it is to be called
// as the manager says.  What opens a project is the same as without a manager,
// in another order: the session first, so that a wrong one is refused in
// silence, JACK last.  For another project the client goes away, the graph is
// exchanged, and the client comes back under its new name; the answer waits for
// that.

#include "run_manager.h"
#include "base/log.h"
#include "base/text.h"
#include "osc/nsm.h"
#include "run_greeting.h"
#include "run_opening.h"
#include "sessions/managed.h"
#include "sessions/tell.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COMING_NS UINT64_C(15000000000) // for the client under its new name

/// What the manager wants open.
struct project {
    char *path, *display_name, *client_id;
};

struct lat_run_manager {
    struct lat_nsm *nsm;
    bool is_decided;        ///< there is one, or none
    struct project present; ///< that is open, or is being opened
    struct project next;    ///< that came meanwhile
    bool is_open;           ///< a project is, and everything plays
    bool is_coming;         ///< the JACK client, under its new name
    uint64_t since_ns;
    bool was_changed; ///< as told last
};

static void
project_fini(struct project *p)
{
    free(p->path);
    free(p->display_name);
    free(p->client_id);
    *p = (struct project){0};
}

static bool
project_init(struct project *p, const struct lat_nsm_project *from)
{
    *p = (struct project){
        .path = strdup(from->path),
        .display_name = strdup(from->display_name),
        .client_id = strdup(from->client_id),
    };
    if (p->path && p->display_name && p->client_id) {
        return true;
    }
    project_fini(p);
    return false;
}

// Answers.

static void
refuse(struct lat_run_manager *m, enum lat_nsm_request request,
       enum lat_nsm_code code, const char *text)
{
    lat_nsm_tell_message(m->nsm, LAT_NSM_ERROR, text);
    lat_nsm_answer(m->nsm, request, code, text);
}

static void
refuse_open(struct app *a, enum lat_nsm_code code, const struct lat_error *why)
{
    lat_log(LAT_LOG_ERROR, "%s", why->text);
    a->manager->is_open = false;
    if (a->sessions) {
        lat_sessions_close_project(a->sessions);
    }
    refuse(a->manager, LAT_NSM_OPEN, code, why->text);
}

static void
tell_label(struct app *a)
{
    const struct lat_graph *const g = lat_control_graph(a->control);
    lat_nsm_tell_label(a->manager->nsm, lat_count(g->n_nodes, "node").text);
}

static void
tell_changed(struct app *a, bool is_changed)
{
    a->manager->was_changed = is_changed;
    lat_nsm_tell_changed(a->manager->nsm, is_changed);
    tell_label(a);
}

static void
accept_open(struct app *a)
{
    struct lat_run_manager *const m = a->manager;
    m->is_coming = false;
    m->is_open = true;
    lat_nsm_tell_progress(m->nsm, 1.0F);
    tell_changed(a, lat_sessions_is_changed(a->sessions));
    lat_nsm_answer(m->nsm, LAT_NSM_OPEN, LAT_NSM_OK, "OK");
    lat_sessions_tell(a->sessions, a->control, "opened");
}

// Opening.

static void
warn(void *data, const char *line)
{
    const struct app *const a = data;
    lat_log(LAT_LOG_WARNING, "%s", line);
    lat_nsm_tell_message(a->manager->nsm, LAT_NSM_WARNING, line);
}

static bool
load(struct app *a)
{
    struct lat_run_manager *const m = a->manager;
    struct lat_error error;
    enum lat_status status = lat_sessions_make_project(m->present.path, &error);
    if (status) {
        refuse_open(a, LAT_NSM_CREATE_FAILED, &error);
        return false;
    }
    status = lat_sessions_open_project(a->sessions, m->present.path,
                                       a->options->block == 0, warn, a, &error);
    if (status) {
        const bool is_bad = status != LAT_EIO && status != LAT_ENOMEM;
        refuse_open(a, is_bad ? LAT_NSM_BAD_PROJECT : LAT_NSM_GENERAL, &error);
    }
    return !status;
}

/// The first project: everything else is opened with it.
static void
open_first(struct app *a)
{
    struct lat_run_manager *const m = a->manager;
    snprintf(a->client_id, sizeof(a->client_id), "%s", m->present.client_id);
    if (!a->sessions && lat_run_open_sessions(a)) {
        refuse_open(a, LAT_NSM_GENERAL, &a->why);
        return;
    }
    lat_sessions_set_managed(a->sessions);
    if (!load(a)) {
        return;
    }
    lat_nsm_tell_progress(m->nsm, 0.5F);
    if (lat_run_open_rest(a)) {
        refuse_open(a, LAT_NSM_GENERAL, &a->why);
    } else if (a->is_ending) {
        uv_stop(&a->loop);
    } else {
        accept_open(a);
        lat_run_greet(a);
    }
}

/// Another project, or the same again.
static void
open_another(struct app *a)
{
    struct lat_run_manager *const m = a->manager;
    const char *const client_id = m->present.client_id;
    struct lat_jack_status was;
    lat_jack_status(a->jack, &was);
    if (lat_jack_reopen_as(a->jack, client_id)) {
        struct lat_error error;
        lat_error_set(&error, LAT_EINVAL,
                      "'%.200s' cannot be a JACK client's name", client_id);
        refuse_open(a, LAT_NSM_GENERAL, &error);
        return;
    }
    if (!load(a)) {
        lat_jack_reopen_as(a->jack, was.name);
        return;
    }
    snprintf(a->client_id, sizeof(a->client_id), "%s", client_id);
    lat_run_name_processes(a);
    lat_nsm_tell_progress(m->nsm, 0.5F);
    m->is_coming = true;
    m->since_ns = lat_now_ns();
}

static void
open_project(struct app *a)
{
    struct lat_run_manager *const m = a->manager;
    lat_nsm_tell_progress(m->nsm, 0.0F);
    lat_log(LAT_LOG_INFO, "the session manager opens %.400s as %.200s",
            m->present.path, m->present.client_id);
    if (a->is_up) {
        open_another(a);
    } else {
        open_first(a);
    }
}

static void
on_open(void *data, const struct lat_nsm_project *project)
{
    struct app *const a = data;
    struct lat_run_manager *const m = a->manager;
    struct project copy;
    if (a->is_ending || m->next.path) {
        refuse(m, LAT_NSM_OPEN, LAT_NSM_NOT_NOW,
               a->is_ending ? "lattice is ending"
                            : "two projects are being opened already");
    } else if (!project_init(&copy, project)) {
        refuse(m, LAT_NSM_OPEN, LAT_NSM_GENERAL, "out of memory");
    } else if (m->is_coming) {
        m->next = copy;
    } else {
        project_fini(&m->present);
        m->present = copy;
        open_project(a);
    }
}

/// Has the client come back under its new name?
static void
look_for_client(struct app *a)
{
    struct lat_run_manager *const m = a->manager;
    struct lat_jack_status s;
    lat_jack_status(a->jack, &s);
    const bool is_here = s.is_open &&
                         strcmp(s.name, m->present.client_id) == 0 &&
                         lat_processes_are_up(a->processes);
    if (is_here) {
        accept_open(a);
    } else if (lat_now_ns() - m->since_ns > COMING_NS) {
        m->is_coming = false;
        m->is_open = true; // it can be saved, and JACK may come yet
        refuse(m, LAT_NSM_OPEN, LAT_NSM_GENERAL,
               "the JACK server does not take the client: is it running, and "
               "is the name free?");
    }
    if (!m->is_coming && m->next.path) {
        project_fini(&m->present);
        m->present = m->next;
        m->next = (struct project){0};
        open_project(a);
    }
}

static void
on_save(void *data)
{
    struct app *const a = data;
    struct lat_run_manager *const m = a->manager;
    struct lat_error error;
    if (!a->sessions || !lat_sessions_loaded(a->sessions)) {
        refuse(m, LAT_NSM_SAVE, LAT_NSM_NO_SESSION_OPEN,
               "no project is open: nothing is saved");
        return;
    }
    if (lat_sessions_save(a->sessions, NULL, false, &error)) {
        lat_log(LAT_LOG_ERROR, "%s", error.text);
        refuse(m, LAT_NSM_SAVE, LAT_NSM_GENERAL, error.text);
        return;
    }
    tell_changed(a, lat_sessions_is_changed(a->sessions));
    lat_nsm_answer(m->nsm, LAT_NSM_SAVE, LAT_NSM_OK, "OK");
    lat_sessions_tell(a->sessions, a->control, "saved");
}

void
lat_run_manager_tick(struct app *a)
{
    struct lat_run_manager *const m = a->manager;
    if (m->is_coming && !a->is_ending) {
        look_for_client(a);
    }
    const bool is_changed = lat_sessions_is_changed(a->sessions);
    if (m->is_open && !m->is_coming && is_changed != m->was_changed) {
        tell_changed(a, is_changed);
    }
}

uint64_t
lat_run_manager_next_ns(const struct app *a)
{
    const struct lat_run_manager *const m = a->manager;
    return m->is_coming ? m->since_ns + COMING_NS + 1 : UINT64_MAX;
}

// Meeting and leaving.

static void
on_managed(void *data, const char *manager)
{
    struct app *const a = data;
    const struct lat_options *const o = a->options;
    a->manager->is_decided = true;
    lat_log(LAT_LOG_INFO, "managed by %.200s", manager);
    if (o->session) {
        lat_log(LAT_LOG_WARNING,
                "%.300s is not loaded: the session manager says what is",
                o->session);
    }
    if (o->empty) {
        lat_log(LAT_LOG_WARNING,
                "--empty is ignored: the session manager says what is loaded");
    }
}

static void
on_unmanaged(void *data, const char *why)
{
    struct app *const a = data;
    lat_log(LAT_LOG_WARNING, "%s; lattice runs without one", why);
    (void)lat_run_leave_manager(a);
}

void
lat_run_meet_manager(struct app *a)
{
    const char *const url = getenv("NSM_URL");
    struct lat_error error;
    if (!url || !*url) {
        return;
    }
    a->manager = calloc(1, sizeof(*a->manager));
    if (!a->manager) {
        lat_log(LAT_LOG_ERROR, "out of memory: no session manager is asked");
        return;
    }
    const struct lat_nsm_hooks hooks = {
        .managed = on_managed,
        .unmanaged = on_unmanaged,
        .open = on_open,
        .save = on_save,
        .data = a,
    };
    if (lat_nsm_new(&a->loop, url, a->options->program, &hooks,
                    &a->manager->nsm, &error)) {
        on_unmanaged(a, error.text);
        return;
    }
    lat_cli_hold_ending_signals(false);
    while (a->manager && !a->manager->is_decided && !a->is_ending) {
        uv_run(&a->loop, UV_RUN_ONCE);
    }
    lat_cli_hold_ending_signals(true);
}

bool
lat_run_leave_manager(struct app *a)
{
    struct lat_run_manager *const m = a->manager;
    if (!m) {
        return true;
    }
    const bool is_clean = lat_nsm_close(m->nsm);
    project_fini(&m->present);
    project_fini(&m->next);
    free(m);
    a->manager = NULL;
    return is_clean;
}
