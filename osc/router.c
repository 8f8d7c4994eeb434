// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A packet is run in one or two turns.  A plain message takes one.  A bundle,
// and a message whose address is a pattern, takes two: first all edits, as one
// transaction that is committed or rolled back as a whole; then, whichever it
// was, all questions, which so are answered as the graph is afterwards.
//
// Making a plan costs more than the edit itself, so plain edits that arrive
// together are a batch: one transaction, in which each of them may fail by
// itself.  It ends when nothing more is waiting, or when something comes that
// cannot be part of it; until then its answers are held.  Should the engine
// refuse the transaction, its messages are run again, in smaller batches.

#include "answers.h"
#include "dump.h"
#include "log.h"
#include "match.h"
#include "verbs.h"

#include <stdlib.h>
#include <string.h>

/// /sync requests that may wait at once.
#define MAX_WAITING 1024

/// A batch ends at so many messages, or bytes of messages or answers.
#define MAX_BATCH       1024
#define MAX_BATCH_BYTES 1048576

/// Who may have asked for /notify at once.
#define MAX_LISTENERS 64

struct waiting {
    struct lat_osc_peer peer;
    uint64_t stamp;
    int32_t id;
};

struct lat_osc_router {
    struct lat_control *control;
    struct lat_sessions *sessions;
    struct lat_osc_options options;
    bool is_quitting;
    struct lat_osc_queue batch;   ///< packets of the open batch
    struct lat_osc_queue answers; ///< and their answers
    struct lat_osc_peer listeners[MAX_LISTENERS];
    uint32_t n_listeners;
    uint32_t n_waiting;
    struct waiting waiting[MAX_WAITING]; ///< first come first
    struct lat_osc_out out;
};

/// Which part of a packet runs now.
struct turn {
    bool does_edits;
    bool does_questions;
    bool is_grouped; ///< edits go into one transaction
    bool is_bundle;
    const struct lat_verb *loud; ///< the last edit that deserves a /done
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
    *out = r;
    return LAT_OK;
}

void
lat_osc_router_free(struct lat_osc_router *r)
{
    if (r) {
        lat_osc_queue_fini(&r->batch);
        lat_osc_queue_fini(&r->answers);
        free(r);
    }
}

static enum lat_status
check_allowed(struct lat_osc_call *call, const struct turn *turn)
{
    static const char *const words[] = {
        [LAT_REMOTE_PLAY] = "play",
        [LAT_REMOTE_EDIT] = "edit",
        [LAT_REMOTE_ALL] = "all",
    };
    const struct lat_verb *const verb = call->verb;
    call->is_question = verb->kind == LAT_VERB_ASK ||
                        (verb->asks_when_bare && call->m->argc == 0);
    const bool is_harmless = verb->asks_when_bare && call->is_question;
    if (call->peer->is_remote && !is_harmless &&
        verb->remote > call->options->remote) {
        return lat_error_set(&call->error, LAT_EINVAL,
                             "not from another machine; start lattice with "
                             "--remote %s to allow it",
                             words[verb->remote]);
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
    if (status) {
        return turn->does_edits ? status : LAT_OK;
    }
    if (call->is_question) {
        if (turn->does_questions && call->verb->run(call)) {
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
    status = call->verb->run(call);
    if (!status && !call->verb->is_silent) {
        turn->loud = call->verb;
    }
    return status;
}

/// The same for an address that may be a pattern.
static enum lat_status
run_message(struct lat_osc_router *r, const struct lat_osc_peer *peer,
            const struct lat_osc_message *m, struct turn *turn,
            struct lat_osc_call *call)
{
    if (!lat_osc_is_pattern(m->path)) {
        return run_path(r, peer, m, m->path, turn, call);
    }
    *call = (struct lat_osc_call){.out = &r->out, .m = m, .path = m->path};
    struct lat_osc_paths paths;
    enum lat_status status =
        lat_osc_expand(lat_control_graph(r->control), m, &paths, &call->error);
    if (status) {
        return turn->does_edits ? status : LAT_OK;
    }
    const char *path = paths.text;
    for (uint32_t i = 0; i < paths.n && !status; ++i) {
        status = run_path(r, peer, m, path, turn, call);
        path += strlen(path) + 1;
    }
    if (status) {
        char shown[100];
        struct lat_error inner = call->error;
        lat_osc_shorten(call->path, shown, sizeof(shown));
        lat_error_set(&call->error, status, "%s: %s", shown, inner.text);
    }
    call->path = m->path;
    lat_osc_split(&call->words, m->path); // its names go back as they were sent
    free(paths.text);
    return status;
}

/// Run the edits of all messages as one transaction, then the questions.
/// @return the first failure, in @p call; @p index is its message, or -1 when
///         the transaction as a whole was refused.
static enum lat_status
run_group(struct lat_osc_router *r, const struct lat_osc_peer *peer,
          const struct lat_osc_message *messages, uint32_t n, struct turn *turn,
          struct lat_osc_call *call, int32_t *index)
{
    enum lat_status status = LAT_OK;
    turn->is_grouped = true;
    turn->does_edits = true;
    turn->does_questions = false;
    *index = -1;
    for (uint32_t i = 0; i < n && !status; ++i) {
        status = run_message(r, peer, &messages[i], turn, call);
        *index = status ? (int32_t)i : -1;
    }
    if (lat_control_is_open(r->control)) {
        if (status) {
            lat_control_rollback(r->control);
        } else {
            status = lat_control_commit(r->control, &call->error);
        }
    }
    turn->does_edits = false;
    turn->does_questions = true;
    for (uint32_t i = 0; i < n; ++i) {
        struct lat_osc_call question;
        run_message(r, peer, &messages[i], turn, &question);
    }
    return status;
}

static void
handle_bundle(struct lat_osc_router *r, const void *packet, size_t size,
              const struct lat_osc_peer *peer)
{
    struct lat_osc_bundle b;
    struct lat_osc_call call = {.out = &r->out, .peer = peer};
    struct turn turn = {.is_bundle = true};
    int32_t index = -1;
    const char *path = "";
    if (lat_osc_bundle_read(&b, packet, size, &call.error)) {
        b = (struct lat_osc_bundle){0};
    } else if (!run_group(r, peer, b.messages, b.n_messages, &turn, &call,
                          &index)) {
        lat_osc_answer(&call, "/done", "si", "/bundle", (int32_t)b.n_messages);
        if (r->options.dumps) {
            lat_osc_dump_bundle(peer, &b,
                                (struct lat_osc_outcome){.word = "done"});
        }
        lat_osc_bundle_fini(&b);
        return;
    }
    char shown[200] = "";
    if (index >= 0) {
        path = lat_osc_shorten(b.messages[index].path, shown, sizeof(shown));
    }
    call.out = &r->out;
    call.peer = peer;
    lat_osc_log_failure(peer, *path ? path : "bundle", call.error.text);
    lat_osc_answer(&call, "/fail", "ssis", "/bundle", call.error.text, index,
                   path);
    if (r->options.dumps) {
        lat_osc_dump_bundle(
            peer, &b, (struct lat_osc_outcome){"failed", call.error.text});
    }
    lat_osc_bundle_fini(&b);
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

/// Can this message be part of the batch, or begin one?
static bool
joins_batch(const struct lat_osc_router *r, const struct lat_osc_message *m)
{
    struct lat_osc_call probe = {.path = m->path};
    if (lat_osc_is_pattern(m->path) || lat_osc_find_verb(&probe) ||
        probe.verb->kind != LAT_VERB_EDIT) {
        return false;
    }
    const bool is_question = probe.verb->asks_when_bare && m->argc == 0;
    // What makes no plan does not need a batch, but keeps its place in one.
    return r->batch.n > 0 || !(probe.verb->is_silent || is_question);
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
    enum lat_status status = LAT_OK;
    if (lat_osc_is_pattern(m->path)) {
        int32_t index = -1;
        status = run_group(r, peer, m, 1, &turn, &call, &index);
    } else {
        status = run_message(r, peer, m, &turn, &call);
    }
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

static void
handle_message(struct lat_osc_router *r, const void *packet, size_t size,
               const struct lat_osc_peer *peer)
{
    struct lat_osc_message m;
    struct lat_error error;
    if (is_an_answer(lat_osc_packet_path(packet, size))) {
        return;
    }
    if (lat_osc_message_read(&m, packet, size, &error)) {
        lat_osc_out_fail(&r->out, peer, lat_osc_packet_path(packet, size),
                         error.text, NULL);
        return;
    }
    const bool joins =
        joins_batch(r, &m) && lat_osc_queue_add(&r->batch, peer, packet, size);
    if (!joins) {
        lat_osc_router_flush(r);
    }
    run_plain(r, &m, peer, joins);
    if (joins && !lat_control_is_open(r->control)) {
        lat_osc_queue_clear(&r->batch); // refused before it began
    }
    lat_osc_message_fini(&m);
}

void
lat_osc_router_handle(struct lat_osc_router *r, const void *packet, size_t size,
                      const struct lat_osc_peer *peer)
{
    if (lat_osc_is_bundle(packet, size)) {
        lat_osc_router_flush(r);
        handle_bundle(r, packet, size, peer);
    } else {
        handle_message(r, packet, size, peer);
    }
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
}

// What waits.

enum lat_status
lat_osc_sync(struct lat_osc_call *call, int32_t id)
{
    struct lat_osc_router *const r = call->router;
    const uint64_t stamp = lat_control_stamp(r->control);
    if (r->n_waiting == 0 && lat_control_reached(r->control, stamp)) {
        lat_osc_answer(call, "/synced", "i", id);
        return LAT_OK;
    }
    if (r->n_waiting == MAX_WAITING) {
        return lat_error_set(&call->error, LAT_EFULL,
                             "%d others wait already; wait for their /synced",
                             MAX_WAITING);
    }
    r->waiting[r->n_waiting++] =
        (struct waiting){.peer = *call->peer, .stamp = stamp, .id = id};
    return LAT_OK;
}

void
lat_osc_router_tick(struct lat_osc_router *r)
{
    lat_log_tick();
    uint32_t n = 0;
    while (n < r->n_waiting &&
           lat_control_reached(r->control, r->waiting[n].stamp)) {
        lo_message m = lo_message_new();
        if (m) {
            lo_message_add_int32(m, r->waiting[n].id);
            lat_osc_out_message(&r->out, &r->waiting[n].peer, "/synced", m);
        }
        ++n;
    }
    if (n > 0) {
        r->n_waiting -= n;
        memmove(r->waiting, r->waiting + n, r->n_waiting * sizeof(*r->waiting));
    }
}

static bool
is_same_peer(const struct lat_osc_peer *a, const struct lat_osc_peer *b)
{
    if (a->is_tcp || b->is_tcp) {
        return a->is_tcp && b->is_tcp && a->connection == b->connection &&
               a->generation == b->generation;
    }
    return memcmp(&a->address, &b->address, sizeof(a->address)) == 0;
}

enum lat_status
lat_osc_set_listener(struct lat_osc_call *call, bool is_wanted, int32_t *id)
{
    struct lat_osc_router *const r = call->router;
    uint32_t i = 0;
    while (i < r->n_listeners && !is_same_peer(&r->listeners[i], call->peer)) {
        ++i;
    }
    *id = (int32_t)i;
    if (i < r->n_listeners && !is_wanted) {
        r->listeners[i] = r->listeners[--r->n_listeners];
    } else if (i == MAX_LISTENERS) {
        return lat_error_set(&call->error, LAT_EFULL,
                             "%d others are told already; let one of them send "
                             "/notify 0",
                             MAX_LISTENERS);
    } else if (i == r->n_listeners && is_wanted) {
        r->listeners[r->n_listeners++] = *call->peer;
    }
    return LAT_OK;
}

void
lat_osc_router_tell(struct lat_osc_router *r, const char *path,
                    const char *name, const char *text)
{
    for (uint32_t i = 0; i < r->n_listeners; ++i) {
        lo_message m = lo_message_new();
        if (m) {
            lo_message_add_string(m, name);
            if (text) {
                lo_message_add_string(m, text);
            }
        }
        lat_osc_out_message(&r->out, &r->listeners[i], path, m);
    }
}

void
lat_osc_set_dumping(struct lat_osc_call *call, bool is_dumping)
{
    call->router->options.dumps = is_dumping;
}

void
lat_osc_quit(struct lat_osc_call *call)
{
    call->router->is_quitting = true;
}
