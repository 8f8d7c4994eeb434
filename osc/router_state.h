// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What router.c (packets), its batch, job and running, and wishes.c (what
/// handlers ask of it) share.
#ifndef LAT_OSC_ROUTER_STATE_H
#define LAT_OSC_ROUTER_STATE_H

#include "answers.h"
#include "dirt.h"
#include "feedback.h"
#include "inlets.h"
#include "listeners.h"
#include "outputs.h"
#include "queue.h"
#include "router.h"
#include "sends.h"
#include "timed.h"

/// Requests that may wait for the sound at once; where there is room for few,
/// no more messages are begun.
#define LAT_OSC_MAX_WAITING    1024
#define LAT_OSC_FEW_IN_WAITING 256

struct lat_osc_waiting {
    struct lat_osc_peer peer;
    uint64_t stamp;
    int32_t id;                      ///< of a /sync
    struct lat_osc_outputs *outputs; ///< or NULL
};

/// Most senders that are remembered for what comes later.
#define LAT_OSC_MAX_ASKERS 64

struct lat_osc_router {
    struct lat_control *control;
    struct lat_sessions *sessions;
    struct lat_osc_options options;
    bool is_quitting;
    struct lat_osc_queue batch;   ///< packets of the open batch
    struct lat_osc_queue answers; ///< and their answers
    struct lat_osc_listeners listeners;
    struct lat_osc_feedback *feedback;
    struct lat_osc_inlets inlets;
    struct lat_osc_dirt dirt;
    struct lat_osc_sends *sends; ///< NULL in lattice-node
    struct {
        bool is_loaded;            ///< another session
        uint64_t n_saves, n_xruns; ///< that were told
        uint64_t xruns_ns;         ///< when they were counted
    } news;
    struct lat_osc_net net;
    /// Who asked for data that was on its way: the last ones.
    struct lat_osc_peer askers[LAT_OSC_MAX_ASKERS];
    uint32_t n_askers, next_asker;
    struct lat_osc_timed timed; ///< bundles
    uint64_t *bundle_frame;     ///< of the bundle that is carried out, or NULL
    lat_osc_leave_fn leave;     ///< who goes on with them, or NULL
    void *leave_data;
    uint32_t n_waiting;
    struct lat_osc_waiting waiting[LAT_OSC_MAX_WAITING]; ///< first come first
    struct lat_osc_out out;
};

/// Bundles that were late, on either side.  [control]
uint64_t
lat_osc_router_n_late(const struct lat_osc_router *r);

/// That bundles were late is told no more often than this.
#define LAT_OSC_LATE_NS UINT64_C(100000000)

/// Tell how many bundles were late since it was last told.  [control]
void
lat_osc_router_tell_late(struct lat_osc_router *r);

/// Tell the senders of bundles that had to make room.  [control]
void
lat_osc_tell_dropped(struct lat_osc_router *r);

/// Send @p m, which is taken over, to all who sent /notify 1; NULL sends
/// nothing.  [control]
void
lat_osc_tell_all(struct lat_osc_router *r, const char *path, lo_message m);

#endif // LAT_OSC_ROUTER_STATE_H
