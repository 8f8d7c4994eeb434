// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A packet is run in one or two passes.  A plain message takes one, alone or in
// a batch (batch.h).  A bundle, a message whose address is a pattern, and a
// question for a list take two, as a job (job.h).

#include "answers.h"
#include "base/log.h"
#include "batch.h"
#include "chatter.h"
#include "clock.h"
#include "dump.h"
#include "feeding.h"
#include "job.h"
#include "match.h"
#include "news.h"
#include "outputs.h"
#include "router_state.h"
#include "verbs.h"

#include <stdlib.h>
#include <string.h>

/// How long a bundle whose time has come is answered before others are served,
/// and how long all of them are carried out before the sockets are looked at.
#define SHARE_NS UINT64_C(500000)
#define TURN_NS  UINT64_C(20000000)

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
    lat_osc_timed_init(&r->timed);
    enum lat_status status = lat_osc_news_begin(r);
    if (!status) {
        status = lat_osc_inlets_begin(&r->inlets, control);
    }
    if (!status) {
        status = lat_osc_feeding_begin(r);
    }
    if (status) {
        lat_osc_router_free(r);
        return status;
    }
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
        lat_osc_news_end(r);
        lat_osc_inlets_end(&r->inlets);
        lat_osc_dirt_fini(&r->dirt);
        lat_osc_feedback_free(r->feedback);
        lat_osc_sends_free(r->sends);
        lat_osc_queue_fini(&r->batch);
        lat_osc_queue_fini(&r->answers);
        lat_osc_timed_fini(&r->timed);
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
choose_way(struct lat_osc_router *r, const struct lat_osc_message *m)
{
    struct lat_osc_call probe = {.path = m->path, .inlets = &r->inlets};
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

static void
read_clock(const struct lat_osc_router *r, struct lat_timeline_clock *out)
{
    if (r->options.clock) {
        r->options.clock(r->options.data, out);
    } else {
        lat_osc_clock_read(lat_control_engine(r->control), out);
    }
}

/// Has a bundle a time that is still to come?
/// @return whether it is done with for now: it waits, or it is refused.
static bool
leave_for_later(struct lat_osc_router *r, struct lat_osc_job *job,
                const void *packet, size_t size)
{
    struct lat_timeline_clock clock;
    if (job->bundle.tag <= LAT_TIMELINE_NOW) {
        return false;
    }
    read_clock(r, &clock);
    switch (lat_osc_timed_arrive(
        &r->timed, &clock, lat_control_lead(r->control), &job->peer, packet,
        size, job->bundle.tag, &job->frame, &job->edit.error)) {
    case LAT_OSC_NOW:
        return false;
    case LAT_OSC_LATER:
        if (r->options.dumps) {
            lat_osc_dump_bundle(&job->peer, &job->bundle, job->frame,
                                (struct lat_osc_outcome){.word = "it waits"});
        }
        return true;
    case LAT_OSC_NEVER:
        break;
    }
    job->status = LAT_EFULL;
    lat_osc_job_finish_bundle(job);
    return true;
}

static struct lat_osc_job *
begin_bundle(struct lat_osc_router *r, const void *packet, size_t size,
             const struct lat_osc_peer *peer, const uint64_t *frame)
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
    if (frame) {
        job->frame = *frame;
    } else if (leave_for_later(r, job, packet, size)) {
        lat_osc_job_free(job);
        return NULL;
    }
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

static void
begin_answers(struct lat_osc_router *r, const struct lat_osc_peer *peer)
{
    const bool is_bound = peer->is_remote && !peer->is_tcp;
    r->out.allowance = is_bound ? LAT_OSC_STRANGER_BYTES : SIZE_MAX;
    r->out.is_cut = false;
}

static void
pause_answers(struct lat_osc_router *r, struct lat_osc_job *job)
{
    if (job) {
        job->allowance = r->out.allowance;
        job->is_cut = r->out.is_cut;
    }
    r->out.allowance = SIZE_MAX;
    r->out.is_cut = false;
}

struct lat_osc_job *
lat_osc_router_begin(struct lat_osc_router *r, const void *packet, size_t size,
                     const struct lat_osc_peer *peer)
{
    begin_answers(r, peer);
    lat_osc_listeners_touch(&r->listeners, peer);
    lat_osc_feedback_heard(r->feedback, peer, lat_now_ns());
    struct lat_osc_job *const job =
        lat_osc_is_bundle(packet, size)
            ? begin_bundle(r, packet, size, peer, NULL)
            : begin_message_packet(r, packet, size, peer);
    pause_answers(r, job);
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

// Bundles whose time has come.

void
lat_osc_router_leave(struct lat_osc_router *r, lat_osc_leave_fn leave,
                     void *data)
{
    r->leave = leave;
    r->leave_data = data;
}

static uint64_t
next_bundle_ns(const struct lat_osc_router *r)
{
    struct lat_timeline_clock clock;
    const bool has_news = lat_osc_router_n_late(r) != r->timed.n_told;
    if (!r->timed.waiting.n && !has_news) {
        return UINT64_MAX;
    }
    read_clock(r, &clock);
    const uint64_t wait_ns =
        lat_osc_timed_wait_ns(&r->timed, &clock, lat_control_lead(r->control));
    const uint64_t next_ns =
        wait_ns < UINT64_MAX ? lat_now_ns() + wait_ns : UINT64_MAX;
    const uint64_t told_ns = r->timed.told_ns + LAT_OSC_LATE_NS;
    return has_news && told_ns < next_ns ? told_ns : next_ns;
}

uint64_t
lat_osc_router_next_ns(const struct lat_osc_router *r)
{
    if (r->sends && lat_osc_sends_are_due(r->sends)) {
        return lat_now_ns();
    }
    const uint64_t bundle_ns = next_bundle_ns(r);
    const uint64_t feedback_ns = lat_osc_feedback_next_ns(r->feedback);
    return bundle_ns < feedback_ns ? bundle_ns : feedback_ns;
}

static bool
has_time(void *data)
{
    const uint64_t *const until_ns = data;
    return lat_now_ns() < *until_ns;
}

static void
run_due(struct lat_osc_router *r, struct lat_osc_scheduled *e)
{
    begin_answers(r, &e->peer);
    struct lat_osc_job *const job =
        begin_bundle(r, e->bytes, e->size, &e->peer, &e->frame);
    pause_answers(r, job);
    uint64_t until_ns = lat_now_ns() + SHARE_NS;
    if (job && !lat_osc_job_go_on(job, has_time, &until_ns)) {
        if (r->leave && r->leave(r->leave_data, &e->peer, job, e)) {
            return; // the packet is needed
        }
        lat_osc_job_go_on(job, NULL, NULL);
    }
    free(e);
}

static void
run_all_due(struct lat_osc_router *r)
{
    struct lat_timeline_clock clock;
    struct lat_osc_scheduled *e = NULL;
    const uint64_t end_ns = lat_now_ns() + TURN_NS;
    if (!r->timed.waiting.n) {
        return;
    }
    do {
        read_clock(r, &clock);
        lat_osc_timed_look(&r->timed, &clock);
        e = lat_osc_timed_due(&r->timed, &clock, lat_control_lead(r->control));
        if (e) {
            run_due(r, e);
        }
    } while (e && lat_now_ns() < end_ns);
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

static void
send_what_nodes_send(struct lat_osc_router *r)
{
    if (r->sends && lat_osc_sends_are_due(r->sends)) {
        struct lat_timeline_clock clock;
        read_clock(r, &clock);
        lat_osc_timed_pass(&r->timed, &clock);
        lat_osc_sends_tick(r->sends, &r->timed.line);
    }
}

void
lat_osc_router_tick(struct lat_osc_router *r)
{
    lat_log_tick();
    run_all_due(r);
    lat_osc_tell_dropped(r);
    lat_osc_router_tell_late(r);
    uint32_t n = 0;
    while (n < r->n_waiting && is_ready(r, &r->waiting[n])) {
        tell_waiting(r, &r->waiting[n]);
        ++n;
    }
    if (n > 0) {
        r->n_waiting -= n;
        memmove(r->waiting, r->waiting + n, r->n_waiting * sizeof(*r->waiting));
    }
    send_what_nodes_send(r);
    lat_osc_news_tick(r);
    lat_osc_feedback_tick(r->feedback, lat_now_ns());
}

uint64_t
lat_osc_router_awaited(const struct lat_osc_router *r)
{
    return r->n_waiting > 0 ? r->waiting[0].stamp : UINT64_MAX;
}
