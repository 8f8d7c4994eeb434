// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What handlers ask of the router, beyond an answer.

#include "outputs.h"
#include "router_state.h"
#include "verbs.h"

#include <stdlib.h>

/// What was thrown away waits for the frames of all that was sent.
#define MOST_AHEAD_S 10.0

/// Room that an output's value may take on its way to a stranger.
#define OUTPUT_BYTES 192

enum lat_status
lat_osc_sync(struct lat_osc_call *call, int32_t id)
{
    struct lat_osc_router *const r = call->router;
    const uint64_t stamp = lat_control_stamp(r->control);
    if (r->n_waiting == 0 && lat_control_reached(r->control, stamp)) {
        lat_osc_answer(call, "/synced", "i", id);
        return LAT_OK;
    }
    if (r->n_waiting == LAT_OSC_MAX_WAITING) {
        return lat_error_set(&call->error, LAT_EFULL,
                             "%d others wait already; wait for their /synced",
                             LAT_OSC_MAX_WAITING);
    }
    r->waiting[r->n_waiting++] =
        (struct lat_osc_waiting){.peer = *call->peer, .stamp = stamp, .id = id};
    return LAT_OK;
}

static enum lat_status
wait_for(struct lat_osc_call *call, struct lat_osc_outputs *o)
{
    struct lat_osc_router *const r = call->router;
    // Asked first: what one node gives is of one period.
    const bool is_here = lat_osc_outputs_are_here(r->control, o);
    enum lat_status status = LAT_OK;
    if (r->out.allowance != SIZE_MAX) {
        const bool is_enough = r->out.allowance > OUTPUT_BYTES;
        r->out.allowance -= is_enough ? OUTPUT_BYTES : 0;
        r->out.is_cut = r->out.is_cut || !is_enough;
        if (!is_enough) {
            lat_osc_outputs_free(r->control, o);
            return LAT_OK;
        }
    }
    if (r->n_waiting == 0 && is_here) {
        lat_osc_outputs_tell(o, call);
    } else if (r->n_waiting < LAT_OSC_MAX_WAITING) {
        r->waiting[r->n_waiting++] =
            (struct lat_osc_waiting){.peer = *call->peer,
                                     .stamp = lat_control_stamp(r->control),
                                     .outputs = o};
        return LAT_OK;
    } else {
        status = lat_error_set(&call->error, LAT_EFULL,
                               "%d questions wait already; wait for their "
                               "answers",
                               LAT_OSC_MAX_WAITING);
    }
    lat_osc_outputs_free(r->control, o);
    return status;
}

enum lat_status
lat_osc_ask_outputs(struct lat_osc_call *call, const struct lat_voice *v,
                    uint32_t first, uint32_t n, lat_osc_tell_fn tell)
{
    struct lat_osc_outputs *o = NULL;
    const enum lat_status status =
        lat_osc_outputs_new(call, v, first, n, tell, &o);
    return status ? status : wait_for(call, o);
}

enum lat_status
lat_osc_set_listener(struct lat_osc_call *call, bool is_wanted, int32_t wish,
                     int32_t *id)
{
    struct lat_osc_listeners *const all = &call->router->listeners;
    *id = is_wanted ? lat_osc_listeners_add(all, call->peer, wish)
                    : lat_osc_listeners_remove(all, call->peer);
    return LAT_OK;
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

enum lat_status
lat_osc_set_frame(struct lat_osc_call *call, uint64_t frame)
{
    if (!call->router->bundle_frame) {
        return lat_error_set(&call->error, LAT_EINVAL,
                             "only a bundle has a frame");
    }
    struct lat_engine_clock clock;
    lat_engine_clock(lat_control_engine(call->control), &clock);
    const uint64_t most = clock.frame + (uint64_t)(MOST_AHEAD_S * clock.rate);
    if (clock.is_running && frame > most) {
        return lat_error_set(&call->error, LAT_EINVAL,
                             "frame %llu is more than %g seconds ahead",
                             (unsigned long long)frame, MOST_AHEAD_S);
    }
    *call->router->bundle_frame = frame;
    return LAT_OK;
}

/// Tell the sender of a bundle why it was dropped before its time.
static void
tell_dropped(struct lat_osc_router *r, struct lat_osc_scheduled *e,
             const char *why)
{
    struct lat_osc_call sender = {.out = &r->out, .peer = &e->peer};
    lat_osc_answer(&sender, "/fail", "ssis", "/bundle", why, -1, "");
    free(e);
}

void
lat_osc_clear_waiting(struct lat_osc_call *call)
{
    struct lat_osc_router *const r = call->router;
    struct lat_osc_scheduled *e = NULL;
    while ((e = lat_osc_schedule_take(&r->timed.waiting))) {
        tell_dropped(r, e, "dropped by /clearSched before its time");
    }
}

void
lat_osc_tell_dropped(struct lat_osc_router *r)
{
    struct lat_osc_scheduled *e = NULL;
    while ((e = lat_osc_schedule_take_dropped(&r->timed.waiting))) {
        tell_dropped(r, e,
                     "dropped before its time: others have bundles, too, and "
                     "yours were the most that wait; send the last ones later");
    }
}

uint64_t
lat_osc_router_n_late(const struct lat_osc_router *r)
{
    struct lat_engine_clock clock;
    lat_engine_clock(lat_control_engine(r->control), &clock);
    return r->timed.n_late + lat_control_work(r->control).n_late +
           clock.n_missed;
}

void
lat_osc_count_bundles(const struct lat_osc_router *r,
                      struct lat_osc_bundle_counts *out)
{
    out->n_waiting = r->timed.waiting.n;
    out->n_late = lat_osc_router_n_late(r);
    out->n_dirt_played = r->dirt.n_played;
    out->n_dirt_unknown = r->dirt.n_unknown;
    out->n_sent = out->n_not_sent = 0;
    if (r->sends) {
        const struct lat_osc_sends_counts sends = lat_osc_sends_count(r->sends);
        out->n_sent = sends.n_sent;
        out->n_not_sent = sends.n_lost;
    }
}
