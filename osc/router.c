// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A packet is run in one or two passes.  A plain message takes one, alone or in
// a batch (batch.h).  A bundle, a message whose address is a pattern, and a
// question for a list take two, as a job (job.h).

#include "answers.h"
#include "base/log.h"
#include "batch.h"
#include "chatter.h"
#include "job.h"
#include "match.h"
#include "outputs.h"
#include "router_state.h"
#include "verbs.h"

#include <stdlib.h>
#include <string.h>

static void
send_feedback(void *data, const struct lat_osc_peer *peer, const void *packet,
              size_t size)
{
    struct lat_osc_router *const r = data;
    r->out.send(r->out.data, peer, packet, size);
}

static enum lat_osc_room
room_for_feedback(void *data, const struct lat_osc_peer *peer)
{
    const struct lat_osc_router *const r = data;
    return r->net.room ? r->net.room(r->net.data, peer) : LAT_OSC_ROOM;
}

static void
find_for_feedback(void *data, const char *host, const char *port, uint64_t line)
{
    const struct lat_osc_router *const r = data;
    if (r->net.find) {
        r->net.find(r->net.data, host, port, line);
    }
}

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
    const struct lat_osc_feedback_hooks hooks = {
        .send = send_feedback,
        .room = room_for_feedback,
        .find = find_for_feedback,
        .data = r,
    };
    const enum lat_status status =
        lat_osc_feedback_new(control, &r->options, &hooks, &r->feedback);
    if (status) {
        free(r);
        return status;
    }
    *out = r;
    return LAT_OK;
}

void
lat_osc_router_set_net(struct lat_osc_router *r, const struct lat_osc_net *net)
{
    r->net = *net;
    lat_osc_feedback_take_lines(r->feedback);
}

void
lat_osc_router_found(struct lat_osc_router *r, uint64_t line,
                     const struct sockaddr_storage *address)
{
    lat_osc_feedback_found(r->feedback, line, address);
}

void
lat_osc_router_free(struct lat_osc_router *r)
{
    if (r) {
        for (uint32_t i = 0; i < r->n_waiting; ++i) {
            lat_osc_outputs_free(r->control, r->waiting[i].outputs);
        }
        lat_osc_feedback_free(r->feedback);
        lat_osc_queue_fini(&r->batch);
        lat_osc_queue_fini(&r->answers);
        free(r);
    }
}

// Packets.

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

/// There is no memory for its job.
static void
refuse_bundle(struct lat_osc_router *r, const struct lat_osc_peer *peer)
{
    struct lat_osc_job job = {
        .router = r, .peer = *peer, .status = LAT_ENOMEM, .index = -1};
    lat_error_set(&job.edit.error, LAT_ENOMEM, "%s", lat_strerror(LAT_ENOMEM));
    lat_osc_job_finish_bundle(&job);
}

static struct lat_osc_job *
begin_bundle(struct lat_osc_router *r, const void *packet, size_t size,
             const struct lat_osc_peer *peer)
{
    struct lat_osc_job *const job = lat_osc_job_new(r, peer);
    if (!job) {
        lat_osc_router_flush(r);
        refuse_bundle(r, peer);
        return NULL;
    }
    job->pass.is_bundle = true;
    job->index = -1;
    lat_osc_router_flush(r);
    job->status =
        lat_osc_bundle_read(&job->bundle, packet, size, &job->edit.error);
    if (job->status) {
        lat_osc_job_finish_bundle(job);
        lat_osc_job_free(job);
        return NULL;
    }
    job->messages = job->bundle.messages;
    job->n = job->bundle.n_messages;
    lat_osc_job_run_edits(job);
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
        job = lat_osc_job_new(r, peer);
        if (job) {
            job->single = m;
            job->messages = &job->single;
            job->n = 1;
            lat_osc_job_run_edits(job);
            return job;
        }
        lat_osc_out_fail_memory(&r->out, peer, m.path);
    } else {
        lat_osc_run_plain(r, &m, peer, way == IN_BATCH);
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
    lat_osc_feedback_heard(r->feedback, peer, lat_now_ns());
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
    if (r->batch.n >= LAT_OSC_MAX_BATCH ||
        r->batch.size >= LAT_OSC_MAX_BATCH_BYTES ||
        r->answers.size >= LAT_OSC_MAX_BATCH_BYTES) {
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
    lat_osc_feedback_tick(r->feedback, lat_now_ns());
}

uint64_t
lat_osc_router_next_ns(const struct lat_osc_router *r)
{
    return lat_osc_feedback_next_ns(r->feedback);
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
