// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "batch.h"
#include "answers.h"
#include "router_state.h"
#include "running.h"

void
lat_osc_run_plain(struct lat_osc_router *r, const struct lat_osc_message *m,
                  const struct lat_osc_peer *peer, bool is_grouped)
{
    struct lat_osc_call call = {.out = &r->out};
    struct lat_osc_pass pass = {
        .does_edits = true, .does_questions = true, .is_grouped = is_grouped};
    const enum lat_status status =
        lat_osc_run_path(r, peer, m, m->path, &pass, &call);
    if (is_grouped && lat_control_is_open(r->control)) {
        r->out.held = &r->answers;
    }
    if (status) {
        lat_osc_out_fail(&r->out, peer, m->path, call.error.text, &call);
    } else if (pass.loud) {
        call.verb = pass.loud;
        lat_osc_out_done(&r->out, peer, m->path, &call);
    }
    if (r->options.dumps) {
        lat_osc_dump_call(peer, m, &call, status, pass.loud);
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
                lat_osc_run_plain(r, &m, &peer, most > 1);
                lat_osc_message_fini(&m);
            }
        }
        if (commit_batch(r)) {
            at = end;
            most = 2 * most < LAT_OSC_MAX_BATCH ? 2 * most : LAT_OSC_MAX_BATCH;
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
