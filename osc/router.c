// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A packet is run in one or two turns.  A plain message takes one.  A bundle,
// and a message whose address is a pattern, takes two: first all edits, as one
// transaction that is committed or rolled back as a whole; then, whichever it
// was, all questions, which so are answered as the graph is afterwards.
//
// Questions of such a packet, and long lists, are answered a part at a time, so
// that others need not wait: a job keeps what is left.  Edits never wait.
//
// Making a plan costs more than the edit itself, so plain edits that arrive
// together are a batch: one transaction, in which each of them may fail by
// itself.  It ends when nothing more is waiting, or when something comes that
// cannot be part of it; until then its answers are held.  Should the engine
// refuse the transaction, its messages are run again, in smaller batches.

#include "answers.h"
#include "base/log.h"
#include "chatter.h"
#include "dump.h"
#include "match.h"
#include "outputs.h"
#include "router_state.h"
#include "verbs.h"

#include <stdlib.h>
#include <string.h>

/// A batch ends at so many messages, or bytes of messages or answers.
#define MAX_BATCH       1024
#define MAX_BATCH_BYTES 1048576

/// Edits by pattern are one transaction, which nobody can interrupt: so many
/// addresses may be set in it by several patterns, and so many names looked at
/// to find them.  One pattern alone may set all that it reaches.
#define MAX_SET    8192
#define MAX_LOOKED 2000000

/// Which part of a packet runs now.
struct turn {
    bool does_edits;
    bool does_questions;
    bool is_grouped; ///< edits go into one transaction
    bool is_bundle;
    const struct lat_verb *loud; ///< the last edit that deserves a /done
    uint64_t n_set, n_looked;    ///< by patterns
};

/// A packet that is not answered in full.
struct lat_osc_job {
    struct lat_osc_router *router;
    struct lat_osc_peer peer;
    struct lat_osc_bundle bundle;  ///< when it is one
    struct lat_osc_message single; ///< when it is not
    const struct lat_osc_message *messages;
    uint32_t n;
    // What became of the edits.
    enum lat_status status;
    int32_t index; ///< of the message that failed; -1: none did
    struct turn turn;
    struct lat_osc_call edit;
    // How far the questions have come.
    uint32_t next;              ///< message
    struct lat_osc_paths paths; ///< of the message before, when a pattern
    struct lat_osc_paths list;  ///< of the address that is being answered
    struct lat_osc_call call;   ///< whose list it is
    bool is_listing;
    uint32_t n_told;
    size_t allowance;
    bool is_cut;
};

enum lat_status
lat_osc_router_new(struct lat_control *control, struct lat_sessions *sessions,
                   const struct lat_osc_options *options, lat_osc_send_fn send,
                   void *data, struct lat_osc_router **out)
{
    struct lat_osc_router *const r = calloc(1, sizeof(*r));
    if (!r) {
        return LAT_ENOMEM;
    }
    r->control = control;
    r->sessions = sessions;
    r->options = *options;
    r->out.send = send;
    r->out.data = data;
    r->out.dumps = &r->options.dumps;
    r->out.allowance = SIZE_MAX;
    *out = r;
    return LAT_OK;
}

void
lat_osc_router_free(struct lat_osc_router *r)
{
    if (r) {
        for (uint32_t i = 0; i < r->n_waiting; ++i) {
            lat_osc_outputs_free(r->control, r->waiting[i].outputs);
        }
        lat_osc_queue_fini(&r->batch);
        lat_osc_queue_fini(&r->answers);
        free(r);
    }
}

static enum lat_status
check_allowed(struct lat_osc_call *call, const struct turn *turn)
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
    if (verb->kind == LAT_VERB_ALONE && turn->is_bundle) {
        return lat_error_set(&call->error, LAT_EINVAL,
                             "%s cannot be part of a bundle; send it alone",
                             call->path);
    }
    return LAT_OK;
}

// Running.

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

/// Run one message under one address.  Questions answer for themselves; a
/// failed edit, or an address that leads nowhere, is left in call->error.
static enum lat_status
run_path(struct lat_osc_router *r, const struct lat_osc_peer *peer,
         const struct lat_osc_message *m, const char *path, struct turn *turn,
         struct lat_osc_call *call)
{
    *call = (struct lat_osc_call){
        .router = r,
        .out = &r->out,
        .control = r->control,
        .sessions = r->sessions,
        .options = &r->options,
        .m = m,
        .peer = peer,
        .path = path,
    };
    enum lat_status status = lat_osc_find_verb(call);
    if (!status) {
        status = check_allowed(call, turn);
    }
    // A question by pattern is met first when it is answered.
    const bool is_found = path != m->path && m->argc == 0;
    if (status) {
        return turn->does_edits || is_found ? status : LAT_OK;
    }
    if (call->is_question) {
        status = turn->does_questions ? ask(call) : LAT_OK;
        if (status && !(is_found && status == LAT_ENOTFOUND)) {
            lat_osc_out_fail(&r->out, peer, path, call->error.text, call);
        }
        return LAT_OK;
    }
    if (!turn->does_edits) {
        return LAT_OK;
    }
    if (turn->is_grouped && !lat_control_is_open(r->control)) {
        lat_control_begin(r->control);
    }
    status = run_edit(call);
    if (!status && !call->verb->is_silent) {
        turn->loud = call->verb;
    }
    return status;
}

/// Name the address that failed, of all that a pattern means.
static enum lat_status
pattern_failed(struct lat_osc_call *call, const struct lat_osc_message *m,
               enum lat_status status)
{
    char shown[100];
    struct lat_error inner = call->error;
    lat_osc_shorten(call->path, shown, sizeof(shown));
    lat_error_set(&call->error, status, "%s: %s", shown, inner.text);
    call->path = m->path;
    return status;
}

/// The edits of all addresses that a pattern means.
static enum lat_status
run_pattern(struct lat_osc_router *r, const struct lat_osc_peer *peer,
            const struct lat_osc_message *m, struct turn *turn,
            struct lat_osc_call *call)
{
    const struct lat_graph *const g = lat_control_graph(r->control);
    struct lat_osc_paths paths;
    *call = (struct lat_osc_call){.out = &r->out, .m = m, .path = m->path};
    if (m->argc == 0) {
        return lat_osc_check_pattern(m, &call->error); // it only asks
    }
    enum lat_status status = lat_osc_expand(g, m, &paths, &call->error);
    if (status) {
        return status;
    }
    turn->n_set += paths.n;
    turn->n_looked += (uint64_t)g->n_nodes + g->n_cables;
    const bool is_first = turn->n_set == paths.n;
    if ((turn->n_set > MAX_SET && !is_first) || turn->n_looked > MAX_LOOKED) {
        lat_osc_paths_fini(&paths);
        return lat_error_set(&call->error, LAT_EFULL,
                             "too many patterns for one bundle; send several");
    }
    for (const char *path = NULL;
         !status && (path = lat_osc_paths_next(&paths));) {
        status = run_path(r, peer, m, path, turn, call);
        if (status) {
            pattern_failed(call, m, status);
        }
    }
    call->path = m->path;
    lat_osc_split(&call->words, m->path); // its names go back as they were sent
    lat_osc_paths_fini(&paths);
    return status;
}

/// Run the edits of all messages as one transaction.
static void
run_edits(struct lat_osc_job *job)
{
    struct lat_osc_router *const r = job->router;
    enum lat_status status = LAT_OK;
    job->turn.is_grouped = true;
    job->turn.does_edits = true;
    job->index = -1;
    for (uint32_t i = 0; i < job->n && !status; ++i) {
        const struct lat_osc_message *const m = &job->messages[i];
        status =
            lat_osc_is_pattern(m->path)
                ? run_pattern(r, &job->peer, m, &job->turn, &job->edit)
                : run_path(r, &job->peer, m, m->path, &job->turn, &job->edit);
        job->index = status ? (int32_t)i : -1;
    }
    if (lat_control_is_open(r->control)) {
        if (status) {
            lat_control_rollback(r->control);
        } else {
            status = lat_control_commit(r->control, &job->edit.error);
        }
    }
    job->status = status;
    job->turn.does_edits = false;
    job->turn.does_questions = true;
}

// Jobs.

static void
fail_without_memory(struct lat_osc_out *out, const struct lat_osc_peer *peer,
                    const char *path)
{
    lat_osc_out_fail(out, peer, path, lat_strerror(LAT_ENOMEM), NULL);
}

/// Ask at one address, and begin its list where it has one.
static void
begin_path(struct lat_osc_job *job, const struct lat_osc_message *m,
           const char *path)
{
    struct lat_osc_call *const call = &job->call;
    struct lat_osc_router *const r = job->router;
    if (run_path(r, &job->peer, m, path, &job->turn, call)) {
        pattern_failed(call, m, call->error.status);
        lat_osc_out_fail(&r->out, &job->peer, m->path, call->error.text, NULL);
        lat_osc_paths_fini(&job->paths);
    } else if (call->is_question && call->verb->list && !call->error.status) {
        call->verb->list->collect(call, &job->list);
        job->is_listing = !job->list.status;
        job->n_told = 0;
        if (job->list.status) {
            lat_osc_paths_fini(&job->list);
            fail_without_memory(&r->out, &job->peer, m->path);
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
    } else if (lat_osc_expand(lat_control_graph(r->control), m, &job->paths,
                              &error) &&
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

/// Answers to us are never answered: two servers would talk for ever.
static bool
is_an_answer(const char *path)
{
    static const char *const answers[] = {
        "/fail", "/done", "/synced", "/pong", "/status.reply", "/version.reply",
    };
    for (size_t i = 0; i < LAT_COUNT(answers); ++i) {
        if (strcmp(path, answers[i]) == 0) {
            return true;
        }
    }
    return false;
}

/// What is to be done with a message.
enum way {
    AT_ONCE,
    IN_BATCH, ///< it can be part of the batch, or begin one
    AS_JOB,
};

static enum way
choose_way(const struct lat_osc_router *r, const struct lat_osc_message *m)
{
    struct lat_osc_call probe = {.path = m->path};
    if (lat_osc_is_pattern(m->path)) {
        return AS_JOB;
    }
    if (lat_osc_find_verb(&probe)) {
        return AT_ONCE;
    }
    if (probe.verb->kind != LAT_VERB_EDIT) {
        return probe.verb->list ? AS_JOB : AT_ONCE;
    }
    const bool is_question = probe.verb->asks_when_bare && m->argc == 0;
    if (is_question && lat_osc_asks_output(&probe, r->control)) {
        return AT_ONCE; // the sound answers, when what came before is in it
    }
    // What makes no plan does not need a batch, but keeps its place in one.
    return r->batch.n > 0 || !(probe.verb->is_silent || is_question) ? IN_BATCH
                                                                     : AT_ONCE;
}

/// Tell in the log what became of a message.
static void
dump(const struct lat_osc_peer *peer, const struct lat_osc_message *m,
     const struct lat_osc_call *call, enum lat_status status, bool is_loud)
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

/// Run one message and answer it; @p is_grouped: in the transaction of a batch,
/// which it opens if need be.  Answers are held from then on.
static void
run_plain(struct lat_osc_router *r, const struct lat_osc_message *m,
          const struct lat_osc_peer *peer, bool is_grouped)
{
    struct lat_osc_call call = {.out = &r->out};
    struct turn turn = {
        .does_edits = true, .does_questions = true, .is_grouped = is_grouped};
    const enum lat_status status = run_path(r, peer, m, m->path, &turn, &call);
    if (is_grouped && lat_control_is_open(r->control)) {
        r->out.held = &r->answers;
    }
    if (status) {
        lat_osc_out_fail(&r->out, peer, m->path, call.error.text, &call);
    } else if (turn.loud) {
        call.verb = turn.loud;
        lat_osc_out_done(&r->out, peer, m->path, &call);
    }
    if (r->options.dumps) {
        dump(peer, m, &call, status, turn.loud);
    }
}

static void
send_held(struct lat_osc_router *r)
{
    struct lat_osc_peer peer;
    size_t at = 0;
    size_t size = 0;
    const void *packet = NULL;
    r->out.held = NULL;
    while ((packet = lat_osc_queue_next(&r->answers, &at, &peer, &size))) {
        r->out.send(r->out.data, &peer, packet, size);
    }
    lat_osc_queue_clear(&r->answers);
}

/// End the batch's transaction.  @return false when the engine refused it: then
/// nothing was done and nothing answered.
static bool
commit_batch(struct lat_osc_router *r)
{
    if (lat_control_is_open(r->control) &&
        lat_control_commit(r->control, NULL)) {
        r->out.held = NULL;
        lat_osc_queue_clear(&r->answers);
        return false;
    }
    send_held(r);
    return true;
}

/// The engine refused these together: find those that it takes by trying fewer
/// at a time, down to one.
static void
run_refused(struct lat_osc_router *r, const struct lat_osc_queue *packets)
{
    uint32_t most = packets->n > 1 ? packets->n / 2 : 1;
    size_t at = 0;
    while (at < packets->size) {
        struct lat_osc_peer peer;
        struct lat_osc_message m = {.lo = NULL};
        size_t size = 0;
        size_t end = at;
        for (uint32_t i = 0; i < most && end < packets->size; ++i) {
            const void *const packet =
                lat_osc_queue_next(packets, &end, &peer, &size);
            if (!lat_osc_message_read(&m, packet, size, NULL)) {
                run_plain(r, &m, &peer, most > 1);
                lat_osc_message_fini(&m);
            }
        }
        if (commit_batch(r)) {
            at = end;
            most = 2 * most < MAX_BATCH ? 2 * most : MAX_BATCH;
        } else {
            most /= 2;
        }
    }
}

void
lat_osc_router_flush(struct lat_osc_router *r)
{
    if (r->batch.n > 0) {
        if (!commit_batch(r)) {
            run_refused(r, &r->batch);
        }
        lat_osc_queue_clear(&r->batch);
    }
}

// Packets.

/// Answer for a bundle as a whole.
static void
finish_bundle(struct lat_osc_job *job)
{
    struct lat_osc_router *const r = job->router;
    struct lat_osc_call *const call = &job->edit;
    struct lat_osc_outcome outcome = {.word = "done"};
    call->out = &r->out;
    call->peer = &job->peer;
    if (!job->status) {
        lat_osc_answer(call, "/done", "si", "/bundle", (int32_t)job->n);
    } else {
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
        lat_osc_dump_bundle(&job->peer, &job->bundle, outcome);
    }
}

static void
finish_message(struct lat_osc_job *job)
{
    struct lat_osc_router *const r = job->router;
    const struct lat_osc_message *const m = job->messages;
    const bool is_edit = job->status || job->turn.loud;
    if (job->status) {
        lat_osc_out_fail(&r->out, &job->peer, m->path, job->edit.error.text,
                         &job->edit);
    } else if (job->turn.loud) {
        job->edit.verb = job->turn.loud;
        lat_osc_out_done(&r->out, &job->peer, m->path, &job->edit);
    }
    if (r->options.dumps) {
        dump(&job->peer, m, is_edit ? &job->edit : &job->call, job->status,
             job->turn.loud);
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
    if (is_done && job->turn.is_bundle) {
        finish_bundle(job);
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

static struct lat_osc_job *
new_job(struct lat_osc_router *r, const struct lat_osc_peer *peer)
{
    struct lat_osc_job *const job = calloc(1, sizeof(*job));
    if (job) {
        job->router = r;
        job->peer = *peer;
        job->edit.out = &r->out;
    }
    return job;
}

/// There is no memory for its job.
static void
refuse_bundle(struct lat_osc_router *r, const struct lat_osc_peer *peer)
{
    struct lat_osc_job job = {
        .router = r, .peer = *peer, .status = LAT_ENOMEM, .index = -1};
    lat_error_set(&job.edit.error, LAT_ENOMEM, "%s", lat_strerror(LAT_ENOMEM));
    finish_bundle(&job);
}

static struct lat_osc_job *
begin_bundle(struct lat_osc_router *r, const void *packet, size_t size,
             const struct lat_osc_peer *peer)
{
    struct lat_osc_job *const job = new_job(r, peer);
    if (!job) {
        lat_osc_router_flush(r);
        refuse_bundle(r, peer);
        return NULL;
    }
    job->turn.is_bundle = true;
    job->index = -1;
    lat_osc_router_flush(r);
    job->status =
        lat_osc_bundle_read(&job->bundle, packet, size, &job->edit.error);
    if (job->status) {
        finish_bundle(job);
        lat_osc_job_free(job);
        return NULL;
    }
    job->messages = job->bundle.messages;
    job->n = job->bundle.n_messages;
    run_edits(job);
    return job;
}

static struct lat_osc_job *
begin_message_packet(struct lat_osc_router *r, const void *packet, size_t size,
                     const struct lat_osc_peer *peer)
{
    struct lat_osc_message m;
    struct lat_error error;
    struct lat_osc_job *job = NULL;
    if (is_an_answer(lat_osc_packet_path(packet, size))) {
        return NULL;
    }
    if (lat_osc_message_read(&m, packet, size, &error)) {
        const char *const path = lat_osc_packet_path(packet, size);
        struct lat_osc_words words;
        if (!lat_osc_split(&words, path) || !lat_osc_is_chatter(&words)) {
            lat_osc_out_fail(&r->out, peer, path, error.text, NULL);
        }
        return NULL;
    }
    enum way way = choose_way(r, &m);
    if (way == IN_BATCH && !lat_osc_queue_add(&r->batch, peer, packet, size)) {
        way = AT_ONCE;
    }
    if (way != IN_BATCH) {
        lat_osc_router_flush(r);
    }
    if (way == AS_JOB) {
        job = new_job(r, peer);
        if (job) {
            job->single = m;
            job->messages = &job->single;
            job->n = 1;
            run_edits(job);
            return job;
        }
        fail_without_memory(&r->out, peer, m.path);
    } else {
        run_plain(r, &m, peer, way == IN_BATCH);
        if (way == IN_BATCH && !lat_control_is_open(r->control)) {
            lat_osc_queue_clear(&r->batch); // refused before it began
        }
    }
    lat_osc_message_fini(&m);
    return NULL;
}

struct lat_osc_job *
lat_osc_router_begin(struct lat_osc_router *r, const void *packet, size_t size,
                     const struct lat_osc_peer *peer)
{
    const bool is_bound = peer->is_remote && !peer->is_tcp;
    r->out.allowance = is_bound ? LAT_OSC_STRANGER_BYTES : SIZE_MAX;
    r->out.is_cut = false;
    lat_osc_listeners_touch(&r->listeners, peer);
    struct lat_osc_job *const job =
        lat_osc_is_bundle(packet, size)
            ? begin_bundle(r, packet, size, peer)
            : begin_message_packet(r, packet, size, peer);
    if (job) {
        job->allowance = r->out.allowance;
        job->is_cut = r->out.is_cut;
    }
    r->out.allowance = SIZE_MAX;
    r->out.is_cut = false;
    if (r->batch.n >= MAX_BATCH || r->batch.size >= MAX_BATCH_BYTES ||
        r->answers.size >= MAX_BATCH_BYTES) {
        lat_osc_router_flush(r);
    }
    if (r->is_quitting) {
        r->is_quitting = false;
        if (r->options.quit) {
            r->options.quit(r->options.data);
        }
    }
    return job;
}

void
lat_osc_router_handle(struct lat_osc_router *r, const void *packet, size_t size,
                      const struct lat_osc_peer *peer)
{
    struct lat_osc_job *const job = lat_osc_router_begin(r, packet, size, peer);
    if (job) {
        lat_osc_job_go_on(job, NULL, NULL);
    }
}

// What waits.

bool
lat_osc_router_has_room(const struct lat_osc_router *r)
{
    return r->n_waiting < LAT_OSC_MAX_WAITING - LAT_OSC_FEW_IN_WAITING;
}

static bool
is_ready(const struct lat_osc_router *r, const struct lat_osc_waiting *w)
{
    return w->outputs ? lat_osc_outputs_are_here(r->control, w->outputs)
                      : lat_control_reached(r->control, w->stamp);
}

static void
tell_waiting(struct lat_osc_router *r, const struct lat_osc_waiting *w)
{
    struct lat_osc_call call = {
        .router = r, .out = &r->out, .control = r->control, .peer = &w->peer};
    if (w->outputs) {
        lat_osc_outputs_tell(w->outputs, &call);
        lat_osc_outputs_free(r->control, w->outputs);
    } else {
        lat_osc_answer(&call, "/synced", "i", w->id);
    }
}

void
lat_osc_router_tick(struct lat_osc_router *r)
{
    lat_log_tick();
    uint32_t n = 0;
    while (n < r->n_waiting && is_ready(r, &r->waiting[n])) {
        tell_waiting(r, &r->waiting[n]);
        ++n;
    }
    if (n > 0) {
        r->n_waiting -= n;
        memmove(r->waiting, r->waiting + n, r->n_waiting * sizeof(*r->waiting));
    }
}

uint64_t
lat_osc_router_awaited(const struct lat_osc_router *r)
{
    return r->n_waiting > 0 ? r->waiting[0].stamp : UINT64_MAX;
}

bool
lat_osc_router_unprepared(struct lat_osc_router *r,
                          const struct lat_unprepared *what)
{
    char path[LAT_OSC_PATH_MAX];
    for (uint32_t i = 0; i < r->n_askers; ++i) {
        const struct lat_origin who = lat_osc_peer_origin(&r->askers[i]);
        if (what->origin.kind == who.kind && what->origin.id == who.id) {
            snprintf(path, sizeof(path), "/node/%s/%s", what->node->name,
                     what->node->type->settings[what->setting].name);
            lat_osc_out_fail(&r->out, &r->askers[i], path, what->text, NULL);
            return true;
        }
    }
    return false;
}

void
lat_osc_router_tell(struct lat_osc_router *r, const char *path,
                    const char *name, const char *text)
{
    for (uint32_t i = 0; i < LAT_OSC_MAX_LISTENERS; ++i) {
        if (!r->listeners.at[i].used) {
            continue;
        }
        lo_message m = lo_message_new();
        if (m) {
            lo_message_add_string(m, name);
            if (text) {
                lo_message_add_string(m, text);
            }
        }
        lat_osc_out_message(&r->out, &r->listeners.at[i].peer, path, m);
    }
}
