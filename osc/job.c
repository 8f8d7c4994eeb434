// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "job.h"
#include "answers.h"
#include "dump.h"
#include "match.h"
#include "router_state.h"
#include "running.h"

#include <stdlib.h>

struct lat_osc_job *
lat_osc_job_new(struct lat_osc_router *r, const struct lat_osc_peer *peer)
{
    struct lat_osc_job *const job = calloc(1, sizeof(*job));
    if (job) {
        job->router = r;
        job->peer = *peer;
        job->edit.out = &r->out;
    }
    return job;
}

void
lat_osc_job_run_edits(struct lat_osc_job *job)
{
    struct lat_osc_router *const r = job->router;
    enum lat_status status = LAT_OK;
    job->pass.is_grouped = true;
    job->pass.does_edits = true;
    job->index = -1;
    r->bundle_frame = job->pass.is_bundle ? &job->frame : NULL;
    for (uint32_t i = 0; i < job->n && !status; ++i) {
        const struct lat_osc_message *const m = &job->messages[i];
        status =
            lat_osc_is_pattern(m->path)
                ? lat_osc_run_pattern(r, &job->peer, m, &job->pass, &job->edit)
                : lat_osc_run_path(r, &job->peer, m, m->path, &job->pass,
                                   &job->edit);
        job->index = status ? (int32_t)i : -1;
    }
    r->bundle_frame = NULL;
    if (lat_control_is_open(r->control)) {
        if (status) {
            lat_control_rollback(r->control);
        } else {
            status =
                lat_control_commit_at(r->control, job->frame, &job->edit.error);
        }
    }
    job->status = status;
    job->pass.does_edits = false;
    job->pass.does_questions = true;
}

/// Ask at one address, and begin its list where it has one.
static void
begin_path(struct lat_osc_job *job, const struct lat_osc_message *m,
           const char *path)
{
    struct lat_osc_call *const call = &job->call;
    struct lat_osc_router *const r = job->router;
    if (lat_osc_run_path(r, &job->peer, m, path, &job->pass, call)) {
        lat_osc_pattern_failed(call, m, call->error.status);
        lat_osc_out_fail(&r->out, &job->peer, m->path, call->error.text, NULL);
        lat_osc_paths_fini(&job->paths);
    } else if (call->is_question && call->verb->list && !call->error.status) {
        call->verb->list->collect(call, &job->list);
        job->is_listing = !job->list.status;
        job->n_told = 0;
        if (job->list.status) {
            lat_osc_paths_fini(&job->list);
            lat_osc_out_fail_memory(&r->out, &job->peer, m->path);
        }
    }
}

/// The next message: what it asks, if it is a pattern in many places.
static void
begin_message(struct lat_osc_job *job)
{
    const struct lat_osc_message *const m = &job->messages[job->next++];
    struct lat_osc_router *const r = job->router;
    struct lat_error error;
    lat_osc_paths_fini(&job->paths);
    if (!lat_osc_is_pattern(m->path)) {
        begin_path(job, m, m->path);
    } else if (job->index == (int32_t)job->next - 1) {
        // That it cannot be is told with the edits.
    } else if (lat_osc_expand(lat_control_graph(r->control), &r->inlets, m,
                              &job->paths, &error) &&
               m->argc == 0) {
        lat_osc_out_fail(&r->out, &job->peer, m->path, error.text, NULL);
        job->call.is_question = true;
        job->call.error = error; // for the log
    }
}

/// A small part of what is left.  @return false when nothing is.
static bool
step(struct lat_osc_job *job)
{
    const char *path = NULL;
    if (job->is_listing) {
        const char *const item = lat_osc_paths_next(&job->list);
        if (item) {
            job->n_told += job->call.verb->list->tell(&job->call, item);
        } else {
            lat_osc_done_list(&job->call, job->n_told);
            lat_osc_paths_fini(&job->list);
            job->is_listing = false;
        }
    } else if ((path = lat_osc_paths_next(&job->paths))) {
        begin_path(job, &job->messages[job->next - 1], path);
    } else if (job->next < job->n) {
        begin_message(job);
    } else {
        return false;
    }
    return true;
}

void
lat_osc_job_finish_bundle(struct lat_osc_job *job)
{
    struct lat_osc_router *const r = job->router;
    struct lat_osc_call *const call = &job->edit;
    struct lat_osc_outcome outcome = {.word = "done"};
    call->out = &r->out;
    call->peer = &job->peer;
    const bool is_unanswered = job->n && job->pass.n_unanswered == job->n;
    if (!job->status && !is_unanswered) {
        lat_osc_answer(call, "/done", "si", "/bundle", (int32_t)job->n);
    } else if (job->status) {
        char shown[200] = "";
        if (job->index >= 0) {
            const char *const path = job->messages[job->index].path;
            lat_osc_shorten(*path ? path : "/", shown, sizeof(shown));
        }
        lat_osc_log_failure(&job->peer, *shown ? shown : "bundle",
                            call->error.text);
        lat_osc_answer(call, "/fail", "ssis", "/bundle", call->error.text,
                       job->index, shown);
        outcome = (struct lat_osc_outcome){"failed", call->error.text};
    }
    if (r->options.dumps) {
        lat_osc_dump_bundle(&job->peer, &job->bundle, job->frame, outcome);
    }
}

static void
finish_message(struct lat_osc_job *job)
{
    struct lat_osc_router *const r = job->router;
    const struct lat_osc_message *const m = job->messages;
    const bool is_edit = job->status || job->pass.loud;
    if (job->status) {
        lat_osc_out_fail(&r->out, &job->peer, m->path, job->edit.error.text,
                         &job->edit);
    } else if (job->pass.loud) {
        job->edit.verb = job->pass.loud;
        lat_osc_out_done(&r->out, &job->peer, m->path, &job->edit);
    }
    if (r->options.dumps) {
        lat_osc_dump_call(&job->peer, m, is_edit ? &job->edit : &job->call,
                          job->status, job->pass.loud);
    }
}

void
lat_osc_job_free(struct lat_osc_job *job)
{
    if (job) {
        lat_osc_paths_fini(&job->paths);
        lat_osc_paths_fini(&job->list);
        lat_osc_bundle_fini(&job->bundle);
        lat_osc_message_fini(&job->single);
        free(job);
    }
}

bool
lat_osc_job_go_on(struct lat_osc_job *job, bool (*may_go_on)(void *data),
                  void *data)
{
    struct lat_osc_out *const out = &job->router->out;
    bool is_done = false;
    lat_osc_router_flush(job->router);
    out->allowance = job->allowance;
    out->is_cut = job->is_cut;
    do {
        is_done = out->is_cut || !step(job);
    } while (!is_done && (!may_go_on || may_go_on(data)));
    if (is_done && job->pass.is_bundle) {
        lat_osc_job_finish_bundle(job);
    } else if (is_done) {
        finish_message(job);
    }
    job->allowance = out->allowance;
    job->is_cut = out->is_cut;
    out->allowance = SIZE_MAX;
    out->is_cut = false;
    if (is_done) {
        lat_osc_job_free(job);
    }
    return is_done;
}
