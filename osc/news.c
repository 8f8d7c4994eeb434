// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "news.h"
#include "base/rt.h"

#include <stdio.h>

/// Xruns are told no more often.
#define XRUNS_NS UINT64_C(100000000)

static void
add_endpoint(lo_message m, const struct lat_node *node,
             const struct lat_port_info *port)
{
    char text[LAT_OSC_PATH_MAX];
    snprintf(text, sizeof(text), "%s/%s", node->name, port->name);
    lo_message_add_string(m, text);
}

/// The arguments of a change's message.
struct news {
    const char *path;
    void (*add)(lo_message m, const struct lat_change *change);
};

static void
add_name(lo_message m, const struct lat_change *change)
{
    lo_message_add_string(m, change->node->name);
}

static void
add_name_and_type(lo_message m, const struct lat_change *change)
{
    add_name(m, change);
    lo_message_add_string(m, change->node->type->name);
}

static void
add_names(lo_message m, const struct lat_change *change)
{
    lo_message_add_string(m, change->old_name);
    add_name(m, change);
}

static void
add_bypass(lo_message m, const struct lat_change *change)
{
    add_name(m, change);
    lo_message_add_int32(m, change->node->is_bypassed);
}

static void
add_made(lo_message m, const struct lat_change *change)
{
    const struct lat_cable *const c = change->cable;
    add_endpoint(m, c->src, &c->src->layout->out[c->src_port]);
    add_endpoint(m, c->dst, &c->dst->layout->in[c->dst_port]);
    lo_message_add_float(m, c->amount);
    lo_message_add_string(m, c->is_feedback ? "feedback" : "signal");
}

static void
add_cut(lo_message m, const struct lat_change *change)
{
    add_endpoint(m, change->cable->src, change->src_port);
    add_endpoint(m, change->cable->dst, change->dst_port);
}

static const struct news all_news[] = {
    [LAT_CHANGE_NODE_ADDED] = {"/node/made", add_name_and_type},
    [LAT_CHANGE_NODE_REMOVED] = {"/node/freed", add_name},
    [LAT_CHANGE_NODE_RENAMED] = {"/node/renamed", add_names},
    [LAT_CHANGE_BYPASS] = {"/node/bypassed", add_bypass},
    [LAT_CHANGE_CABLE_ADDED] = {"/cable/made", add_made},
    [LAT_CHANGE_CABLE_REMOVED] = {"/cable/cut", add_cut},
};

/// Was it made and removed in one go?  Then its ports may be no more.
static bool
is_nothing(const struct lat_change *change)
{
    return change->kind == LAT_CHANGE_CABLE_ADDED && change->cable->is_removed;
}

static void
on_changes(void *data, const struct lat_changes *changes)
{
    struct lat_osc_router *const r = data;
    r->news.is_loaded = r->news.is_loaded || changes->is_session;
    for (uint32_t i = 0; r->listeners.n > 0 && i < changes->n; ++i) {
        const struct lat_change *const change = &changes->entries[i];
        const struct news news = (size_t)change->kind < LAT_COUNT(all_news)
                                     ? all_news[change->kind]
                                     : (struct news){0};
        lo_message m =
            news.path && !is_nothing(change) ? lo_message_new() : NULL;
        if (m) {
            news.add(m, change);
            lat_osc_tell_all(r, news.path, m);
        }
    }
}

static void
tell_session(struct lat_osc_router *r, const char *path)
{
    char name[256];
    lo_message m = lo_message_new();
    if (m) {
        lo_message_add_string(
            m, lat_sessions_name(r->sessions, name, sizeof(name)));
        lat_osc_tell_all(r, path, m);
    }
}

static void
tell_xruns(struct lat_osc_router *r)
{
    struct lat_osc_jack j = {0};
    const uint64_t now_ns = lat_now_ns();
    if (!r->options.jack_status || now_ns - r->news.xruns_ns < XRUNS_NS) {
        return;
    }
    r->options.jack_status(r->options.data, &j);
    const uint64_t n = j.n_xruns - r->news.n_xruns;
    const bool is_known = r->news.xruns_ns != 0;
    r->news.n_xruns = j.n_xruns;
    r->news.xruns_ns = now_ns;
    lo_message m = n > 0 && is_known ? lo_message_new() : NULL;
    if (m) {
        lo_message_add_int32(m, (int32_t)n);
        lat_osc_tell_all(r, "/xrun", m);
    }
}

void
lat_osc_news_tick(struct lat_osc_router *r)
{
    const uint64_t n_saves =
        r->sessions ? lat_sessions_n_saves(r->sessions) : 0;
    if (r->sessions && r->news.is_loaded) {
        tell_session(r, "/session/loaded");
    }
    if (n_saves != r->news.n_saves) {
        tell_session(r, "/session/saved");
    }
    r->news.is_loaded = false;
    r->news.n_saves = n_saves;
    if (r->listeners.n > 0) {
        tell_xruns(r);
    }
}

enum lat_status
lat_osc_news_begin(struct lat_osc_router *r)
{
    return lat_control_listen(
        r->control, &(struct lat_listener){
                        .data = r,
                        .topics = LAT_TOPIC_STRUCTURE | LAT_TOPIC_SETTINGS,
                        .changed = on_changes,
                    });
}

void
lat_osc_news_end(struct lat_osc_router *r)
{
    lat_control_unlisten(r->control, r);
}
