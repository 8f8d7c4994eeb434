// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What handlers ask of the router, beyond an answer.

#include "router_state.h"
#include "verbs.h"

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
