// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What is told to those who did not ask just now.

#include "answers.h"
#include "router_state.h"
#include "verbs.h"

#include <stdio.h>

void
lat_osc_tell_all(struct lat_osc_router *r, const char *path, lo_message m)
{
    for (uint32_t i = 0; m && i < LAT_OSC_MAX_LISTENERS; ++i) {
        lo_message copy = r->listeners.at[i].used ? lo_message_clone(m) : NULL;
        if (copy) {
            lat_osc_out_message(&r->out, &r->listeners.at[i].peer, path, copy);
        }
    }
    lo_message_free(m);
}

void
lat_osc_router_tell_late(struct lat_osc_router *r)
{
    const uint64_t n = lat_osc_router_n_late(r);
    const uint64_t now_ns = lat_now_ns();
    if (n == r->timed.n_told || now_ns - r->timed.told_ns < LAT_OSC_LATE_NS) {
        return;
    }
    lo_message m = lo_message_new();
    if (m) {
        lo_message_add_int32(m, (int32_t)(n - r->timed.n_told));
    }
    lat_osc_tell_all(r, "/late", m);
    r->timed.n_told = n;
    r->timed.told_ns = now_ns;
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
    lo_message m = lo_message_new();
    if (m) {
        lo_message_add_string(m, name);
    }
    if (m && text) {
        lo_message_add_string(m, text);
    }
    lat_osc_tell_all(r, path, m);
}
