// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "turns.h"
#include "answers.h"
#include "base/log.h"

#include <stdlib.h>
#include <string.h>

/// One peer's share of a turn, and all of it, before the loop looks for what
/// else there is to do.
#define SHARE_NS UINT64_C(2000000)
#define TURN_NS  UINT64_C(5000000)

/// Waiting to be handled, of one peer over UDP, and of all.
#define MAX_LANE_BYTES 1048576U
#define MAX_ALL_BYTES  33554432U
#define MAX_LANES      256

/// While nobody can be served, look again after so long.
#define PAUSE_MS 2

/// That messages are dropped is told no more often than this.
#define TOLD_NS UINT64_C(1000000000)

struct packet {
    struct packet *next;
    struct lat_osc_job *job; ///< begun already, or NULL
    void *memory;            ///< that it needs, or NULL
    size_t size;
    uint8_t bytes[];
};

struct lane {
    struct lane *next;
    struct lat_osc_peer peer;
    struct packet *first, *last;
    struct lat_osc_job *job; ///< what is left of `first`
    size_t bytes;
    uint64_t n_dropped;
};

struct line {
    struct lane *first, *last;
};

struct lat_osc_turns {
    struct lat_osc_router *router;
    struct lat_osc_turns_hooks hooks;
    uv_check_t check;  ///< after the sockets were read
    uv_idle_t idle;    ///< keeps the loop from sleeping while there is work
    uv_timer_t pause;  ///< wakes it up while there is none that can be done
    struct line fresh; ///< who had no turn yet
    struct line old;
    uint32_t n_lanes;
    size_t bytes;
    uint64_t told_ns; ///< that somebody's messages are dropped
    uint32_t n_handles;
    // The turn under way.
    const struct lane *lane;
    uint64_t until_ns;
};

static void
append(struct line *line, struct lane *lane)
{
    lane->next = NULL;
    if (line->last) {
        line->last->next = lane;
    } else {
        line->first = lane;
    }
    line->last = lane;
}

static struct lane *
take_first(struct line *line)
{
    struct lane *const lane = line->first;
    if (lane) {
        line->first = lane->next;
        line->last = line->first ? line->last : NULL;
    }
    return lane;
}

static struct lane *
find_in(const struct line *line, const struct lat_osc_peer *peer)
{
    struct lane *lane = line->first;
    while (lane && !lat_osc_is_same_peer(&lane->peer, peer)) {
        lane = lane->next;
    }
    return lane;
}

static struct lane *
need_lane(struct lat_osc_turns *t, const struct lat_osc_peer *peer)
{
    struct lane *lane = find_in(&t->fresh, peer);
    lane = lane ? lane : find_in(&t->old, peer);
    if (lane || (t->n_lanes >= MAX_LANES && !peer->is_tcp)) {
        return lane;
    }
    lane = calloc(1, sizeof(*lane));
    if (lane) {
        lane->peer = *peer;
        append(&t->fresh, lane);
        ++t->n_lanes;
    }
    return lane;
}

static void
tell_dropped(struct lat_osc_turns *t, struct lane *lane,
             const struct lat_osc_peer *peer)
{
    char name[LAT_OSC_PEER_NAME_MAX];
    const uint64_t now_ns = uv_hrtime();
    const bool is_new = !lane || lane->n_dropped++ == 0;
    // Not among the lines that what was sent has called forth: they may have
    // used up what is printed in a second.
    if (is_new && (!t->told_ns || now_ns - t->told_ns > TOLD_NS)) {
        t->told_ns = now_ns;
        lat_log(LAT_LOG_WARNING,
                "OSC from %s: it sends faster than can be done; messages are "
                "dropped",
                lat_osc_peer_name(peer, name, sizeof(name)));
    }
}

static void
put_last(struct lat_osc_turns *t, struct lane *lane, struct packet *p)
{
    if (lane->first) {
        lane->last->next = p;
    } else {
        lane->first = p;
    }
    lane->last = p;
    lane->bytes += sizeof(*p) + p->size;
    t->bytes += sizeof(*p) + p->size;
}

static void
keep_awake(uv_idle_t *idle)
{
    (void)idle;
}

size_t
lat_osc_turns_add(struct lat_osc_turns *t, const struct lat_osc_peer *peer,
                  const void *packet, size_t size)
{
    struct lane *const lane = need_lane(t, peer);
    const size_t bytes = sizeof(struct packet) + size;
    const bool fits =
        lane && (peer->is_tcp || (lane->bytes + bytes <= MAX_LANE_BYTES &&
                                  t->bytes + bytes <= MAX_ALL_BYTES));
    struct packet *const p = fits ? malloc(bytes) : NULL;
    if (!p) {
        tell_dropped(t, lane, peer);
        return lane ? lane->bytes : 0;
    }
    *p = (struct packet){.size = size};
    if (size > 0) {
        memcpy(p->bytes, packet, size);
    }
    put_last(t, lane, p);
    return lane->bytes;
}

bool
lat_osc_turns_add_job(struct lat_osc_turns *t, const struct lat_osc_peer *peer,
                      struct lat_osc_job *job, void *memory)
{
    struct packet *const p = calloc(1, sizeof(*p));
    struct lane *const lane = p ? need_lane(t, peer) : NULL;
    if (!lane) {
        free(p);
        return false;
    }
    p->job = job;
    p->memory = memory;
    put_last(t, lane, p);
    uv_idle_start(&t->idle, keep_awake);
    return true;
}

static void
drop_packet(struct lat_osc_turns *t, struct lane *lane)
{
    struct packet *const p = lane->first;
    const size_t bytes = sizeof(*p) + p->size;
    lane->first = p->next;
    lane->last = lane->first ? lane->last : NULL;
    lane->bytes -= bytes;
    t->bytes -= bytes;
    lat_osc_job_free(p->job);
    free(p->memory);
    free(p);
}

static void
free_lane(struct lat_osc_turns *t, struct lane *lane)
{
    char name[LAT_OSC_PEER_NAME_MAX];
    if (lane->n_dropped > 1) {
        lat_log_bounded(LAT_LOG_WARNING, "OSC from %s: %llu messages dropped",
                        lat_osc_peer_name(&lane->peer, name, sizeof(name)),
                        (unsigned long long)lane->n_dropped);
    }
    while (lane->first) {
        drop_packet(t, lane);
    }
    lat_osc_job_free(lane->job);
    free(lane);
    --t->n_lanes;
}

static enum lat_osc_room
room(const struct lat_osc_turns *t, const struct lane *lane)
{
    return t->hooks.room(t->hooks.data, &lane->peer);
}

static bool
may_go_on(void *data)
{
    const struct lat_osc_turns *const t = data;
    return room(t, t->lane) == LAT_OSC_ROOM && uv_hrtime() < t->until_ns;
}

/// Work on the first packet of a lane.  @return false when it is not done.
static bool
work_on(struct lat_osc_turns *t, struct lane *lane)
{
    if (!lane->job) {
        lane->job = lane->first->job;
        lane->first->job = NULL;
    }
    if (lane->job && room(t, lane) == LAT_OSC_NOBODY) {
        lat_osc_job_free(lane->job);
        lane->job = NULL;
        return true;
    }
    if (!lane->job) {
        lane->job = lat_osc_router_begin(t->router, lane->first->bytes,
                                         lane->first->size, &lane->peer);
        if (!lane->job) {
            return true;
        }
        if (!may_go_on(t)) {
            return false;
        }
    }
    if (!lat_osc_job_go_on(lane->job, may_go_on, t)) {
        return false;
    }
    lane->job = NULL;
    return true;
}

/// Give a lane its share.  @return false when it has nothing left.
static bool
serve(struct lat_osc_turns *t, struct lane *lane)
{
    t->lane = lane;
    t->until_ns = uv_hrtime() + SHARE_NS;
    while (lane->first && room(t, lane) != LAT_OSC_NO_ROOM) {
        if (work_on(t, lane)) {
            drop_packet(t, lane);
        }
        if (uv_hrtime() >= t->until_ns) {
            break;
        }
    }
    return lane->first;
}

static void
wake_up(uv_timer_t *timer)
{
    (void)timer;
}

/// When the loop is to come back: at once, or when it may have got better.
static void
plan_next(struct lat_osc_turns *t, bool is_waiting)
{
    if (t->n_lanes > 0 && is_waiting) {
        uv_timer_start(&t->pause, wake_up, PAUSE_MS, 0);
    }
    if (t->n_lanes > 0 && !is_waiting) {
        uv_idle_start(&t->idle, keep_awake);
    } else {
        uv_idle_stop(&t->idle);
    }
}

static void
take_turns(uv_check_t *check)
{
    struct lat_osc_turns *const t = check->data;
    const uint64_t end_ns = uv_hrtime() + TURN_NS;
    const uint32_t n = t->n_lanes;
    bool is_waiting = true; // nobody has anything that can be done now
    if (n == 0) {
        return;
    }
    uint32_t i = 0;
    for (; i < n && (i < 2 || uv_hrtime() < end_ns); ++i) {
        // Newcomers first, but one of the others in any case.
        struct lane *lane = take_first(i == 1 ? &t->old : &t->fresh);
        lane = lane ? lane : take_first(i == 1 ? &t->fresh : &t->old);
        const bool has_more = serve(t, lane);
        const struct lat_osc_peer peer = lane->peer;
        is_waiting = is_waiting && has_more && room(t, lane) == LAT_OSC_NO_ROOM;
        if (has_more) {
            append(&t->old, lane);
        } else {
            free_lane(t, lane);
            t->hooks.idle(t->hooks.data, &peer);
        }
    }
    lat_osc_router_flush(t->router);
    plan_next(t, is_waiting && i == n);
}

static void
closed(uv_handle_t *handle)
{
    struct lat_osc_turns *const t = handle->data;
    if (--t->n_handles == 0) {
        free(t);
    }
}

void
lat_osc_turns_close(struct lat_osc_turns *t)
{
    struct lane *lane = NULL;
    if (!t) {
        return;
    }
    while ((lane = take_first(&t->fresh)) || (lane = take_first(&t->old))) {
        free_lane(t, lane);
    }
    uv_close((uv_handle_t *)&t->check, closed);
    uv_close((uv_handle_t *)&t->idle, closed);
    uv_close((uv_handle_t *)&t->pause, closed);
}

enum lat_status
lat_osc_turns_new(uv_loop_t *loop, struct lat_osc_router *router,
                  const struct lat_osc_turns_hooks *hooks,
                  struct lat_osc_turns **out)
{
    struct lat_osc_turns *const t = calloc(1, sizeof(*t));
    if (!t) {
        return LAT_ENOMEM;
    }
    t->router = router;
    t->hooks = *hooks;
    t->n_handles = 3;
    // None of these can fail.
    uv_check_init(loop, &t->check);
    uv_idle_init(loop, &t->idle);
    uv_timer_init(loop, &t->pause);
    t->check.data = t;
    t->idle.data = t;
    t->pause.data = t;
    uv_check_start(&t->check, take_turns);
    *out = t;
    return LAT_OK;
}
