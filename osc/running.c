// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "running.h"
#include "answers.h"
#include "dump.h"
#include "match.h"
#include "router_state.h"

#include <string.h>

/// Edits by pattern are one transaction, which nobody can interrupt: so many
/// addresses may be set in it by several patterns, and so many names looked at
/// to find them.  One pattern alone may set all that it reaches.
#define MAX_SET    8192
#define MAX_LOOKED 2000000

/// What stands alone stands in no bundle; in a score, in one of its own.
static enum lat_status
check_alone(struct lat_osc_call *call, const struct lat_osc_pass *pass)
{
    if (!call->options->is_score) {
        return lat_error_set(&call->error, LAT_EINVAL,
                             "%s cannot be part of a bundle; send it alone",
                             call->path);
    }
    if (call->verb->run == lat_osc_quit_program) {
        return lat_error_set(&call->error, LAT_EINVAL,
                             "a score ends with its last bundle, or by "
                             "--seconds; take %s out",
                             call->path);
    }
    return pass->is_alone
               ? LAT_OK
               : lat_error_set(&call->error, LAT_EINVAL,
                               "%s must be the only message of its bundle; "
                               "give it one of its own at the same time",
                               call->path);
}

static enum lat_status
check_allowed(struct lat_osc_call *call, const struct lat_osc_pass *pass)
{
    const struct lat_verb *const verb = call->verb;
    call->is_question = verb->kind == LAT_VERB_ASK ||
                        (verb->asks_when_bare && call->m->argc == 0);
    const bool is_harmless = verb->asks_when_bare && call->is_question;
    if (call->peer->is_remote && !is_harmless &&
        verb->remote > call->options->remote) {
        return lat_error_set(&call->error, LAT_EINVAL,
                             "not from another machine; start lattice with "
                             "--remote %s to allow it",
                             lat_remote_word(verb->remote));
    }
    if (verb->kind == LAT_VERB_LATER) {
        return lat_error_set(&call->error, LAT_ELATER,
                             "%s comes in a later release", verb->path);
    }
    const bool is_told = verb->in_process && call->options->start;
    if (verb->in_score && !call->options->is_score && !is_told) {
        return lat_error_set(&call->error, LAT_EINVAL,
                             "only a score may hold %s, for lattice render "
                             "--score; nothing takes its place over OSC",
                             call->path);
    }
    return verb->kind == LAT_VERB_ALONE && pass->is_bundle
               ? check_alone(call, pass)
               : LAT_OK;
}

/// Answer a question; a list is only checked, and told by its job.
static enum lat_status
ask(struct lat_osc_call *call)
{
    return call->verb->list ? lat_osc_need(call, 0, 0) : call->verb->run(call);
}

/// What a peer asked for may come later: it is told when it fails.
static void
remember_asker(struct lat_osc_router *r, const struct lat_osc_peer *peer)
{
    for (uint32_t i = 0; i < r->n_askers; ++i) {
        if (lat_osc_is_same_peer(&r->askers[i], peer)) {
            return;
        }
    }
    r->askers[r->next_asker] = *peer;
    r->next_asker = (r->next_asker + 1) % LAT_OSC_MAX_ASKERS;
    r->n_askers += r->n_askers < LAT_OSC_MAX_ASKERS;
}

/// Run an edit in the name of its sender.
static enum lat_status
run_edit(struct lat_osc_call *call)
{
    struct lat_control *const c = call->control;
    const uint64_t n_asked = lat_control_work(c).n_asked;
    const struct lat_origin before =
        lat_control_set_origin(c, lat_osc_peer_origin(call->peer));
    const enum lat_status status = call->verb->run(call);
    (void)lat_control_set_origin(c, before);
    if (lat_control_work(c).n_asked != n_asked) {
        remember_asker(call->router, call->peer);
    }
    return status;
}

enum lat_status
lat_osc_run_path(struct lat_osc_router *r, const struct lat_osc_peer *peer,
                 const struct lat_osc_message *m, const char *path,
                 struct lat_osc_pass *pass, struct lat_osc_call *call)
{
    *call = (struct lat_osc_call){
        .router = r,
        .out = &r->out,
        .control = r->control,
        .sessions = r->sessions,
        .options = &r->options,
        .inlets = &r->inlets,
        .m = m,
        .peer = peer,
        .path = path,
    };
    enum lat_status status = lat_osc_find_verb(call);
    if (!status) {
        status = check_allowed(call, pass);
    }
    // A question by pattern is met first when it is answered.
    const bool is_found = path != m->path && m->argc == 0;
    if (status) {
        return pass->does_edits || is_found ? status : LAT_OK;
    }
    if (call->is_question) {
        status = pass->does_questions ? ask(call) : LAT_OK;
        if (status && !(is_found && status == LAT_ENOTFOUND)) {
            lat_osc_out_fail(&r->out, peer, path, call->error.text, call);
        }
        return LAT_OK;
    }
    if (!pass->does_edits) {
        return LAT_OK;
    }
    if (pass->is_grouped && call->verb->kind != LAT_VERB_ALONE &&
        !lat_control_is_open(r->control)) {
        lat_control_begin(r->control);
    }
    status = run_edit(call);
    pass->n_unanswered += call->verb->is_unanswered;
    if (!status && !call->verb->is_silent) {
        pass->loud = call->verb;
    }
    return status;
}

enum lat_status
lat_osc_pattern_failed(struct lat_osc_call *call,
                       const struct lat_osc_message *m, enum lat_status status)
{
    char shown[100];
    struct lat_error inner = call->error;
    lat_osc_shorten(call->path, shown, sizeof(shown));
    lat_error_set(&call->error, status, "%s: %s", shown, inner.text);
    call->path = m->path;
    return status;
}

enum lat_status
lat_osc_run_pattern(struct lat_osc_router *r, const struct lat_osc_peer *peer,
                    const struct lat_osc_message *m, struct lat_osc_pass *pass,
                    struct lat_osc_call *call)
{
    const struct lat_graph *const g = lat_control_graph(r->control);
    struct lat_osc_paths paths;
    *call = (struct lat_osc_call){.out = &r->out, .m = m, .path = m->path};
    if (m->argc == 0) {
        return lat_osc_check_pattern(m, &call->error); // it only asks
    }
    enum lat_status status =
        lat_osc_expand(g, &r->inlets, m, &paths, &call->error);
    if (status) {
        return status;
    }
    pass->n_set += paths.n;
    pass->n_looked += (uint64_t)g->n_nodes + g->n_cables;
    const bool is_first = pass->n_set == paths.n;
    if ((pass->n_set > MAX_SET && !is_first) || pass->n_looked > MAX_LOOKED) {
        lat_osc_paths_fini(&paths);
        return lat_error_set(&call->error, LAT_EFULL,
                             "too many patterns for one bundle; send several");
    }
    for (const char *path = NULL;
         !status && (path = lat_osc_paths_next(&paths));) {
        status = lat_osc_run_path(r, peer, m, path, pass, call);
        if (status) {
            lat_osc_pattern_failed(call, m, status);
        }
    }
    call->path = m->path;
    lat_osc_split(&call->words, m->path); // its names go back as they were sent
    lat_osc_paths_fini(&paths);
    return status;
}

void
lat_osc_dump_call(const struct lat_osc_peer *peer,
                  const struct lat_osc_message *m,
                  const struct lat_osc_call *call, enum lat_status status,
                  bool is_loud)
{
    struct lat_osc_outcome outcome = {.word = "set"};
    if (status || (call->is_question && call->error.status)) {
        outcome = (struct lat_osc_outcome){"failed", call->error.text};
    } else if (call->is_question || !call->verb) {
        const bool is_ignored = call->verb && call->verb->is_silent &&
                                call->verb->kind == LAT_VERB_ASK;
        outcome.word = is_ignored ? "ignored" : "answered";
    } else if (call->verb->kind == LAT_VERB_ALONE && !is_loud) {
        outcome.word = "answered"; // a list
    } else if (is_loud) {
        outcome.word = "done";
    }
    lat_osc_dump(peer, m, outcome);
}
