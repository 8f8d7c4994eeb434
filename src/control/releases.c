// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Notes that are struck with their length.  They are let go at the very frame,
// but the message is sent only shortly before: until then another note of the
// same pitch may come, and nothing that is thrown away must wait for it.

#include "state.h"

#include <math.h>

/// Sent so long before its frame, beyond the lead: the loop may be late.
#define SLACK_NS UINT64_C(60000000)

enum lat_status
lat_control_reserve_releases(struct lat_control *c)
{
    return lat_grow_to((void **)&c->releases, &c->releases_capacity,
                       (size_t)c->n_releases + c->g->n_edits,
                       sizeof(*c->releases))
               ? LAT_OK
               : LAT_ENOMEM;
}

static void
emit(struct lat_control *c, const struct lat_release *r, uint64_t frame)
{
    const struct lat_instance *inst = lat_units_instance(r->node);
    if (inst) {
        lat_control_emit(c, &(struct lat_message){
                                .kind = LAT_MESSAGE_NOTE,
                                .frame = frame,
                                .value = r->pitch,
                                .state = inst->state,
                            });
    }
}

void
lat_control_begin_note(struct lat_control *c, const struct lat_node *node,
                       float pitch, uint64_t frame, double seconds)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < c->n_releases; ++i) {
        const struct lat_release r = c->releases[i];
        if (r.node != node || (r.frame > frame && r.pitch != pitch)) {
            c->releases[kept++] = r;
            continue;
        }
        // Frames in the ring never decrease.
        const uint64_t earliest = frame < c->present ? frame : c->present;
        const uint64_t own = r.frame < frame ? r.frame : frame;
        emit(c, &r, own > earliest ? own : earliest);
    }
    c->n_releases = kept;
    if (seconds > 0.0) {
        const double length = floor(seconds * c->rate + 0.5);
        c->releases[c->n_releases++] = (struct lat_release){
            .frame = frame + (length < 1.0 ? 1 : (uint64_t)length),
            .node = node,
            .pitch = pitch,
        };
    }
}

void
lat_control_forget_releases(struct lat_control *c, const struct lat_node *node)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; node && i < c->n_releases; ++i) {
        if (c->releases[i].node != node) {
            c->releases[kept++] = c->releases[i];
        }
    }
    c->n_releases = kept;
}

/// The first frame that is still left for later.
static uint64_t
horizon(const struct lat_control *c)
{
    const uint64_t slack = (uint64_t)((double)SLACK_NS * 1e-9 * c->rate);
    return atomic_load(&c->engine->frames_done) + lat_control_lead(c) + slack;
}

/// One message, at its frame.
static bool
send(struct lat_control *c, const struct lat_release *r)
{
    if (lat_control_reserve(c, 1, 0)) {
        return false;
    }
    c->at = r->frame;
    lat_control_take_stamp(c, false);
    emit(c, r, c->stamp);
    lat_control_end_messages(c);
    c->work.n_late += c->stamp > r->frame;
    c->at = 0;
    return true;
}

void
lat_control_let_go(struct lat_control *c)
{
    uint32_t kept = 0;
    // Without a driver nothing is sent ahead.
    const uint64_t end = !c->n_releases ? 0
                         : lat_control_runs_itself(c)
                             ? atomic_load(&c->engine->frames_done) + 1
                             : horizon(c);
    for (uint32_t i = 0; i < c->n_releases; ++i) {
        const struct lat_release r = c->releases[i];
        if (r.frame >= end || !send(c, &r)) {
            c->releases[kept++] = r;
        }
    }
    c->n_releases = kept;
}

uint64_t
lat_control_next_release(const struct lat_control *c)
{
    uint64_t first = UINT64_MAX;
    for (uint32_t i = 0; i < c->n_releases; ++i) {
        first = c->releases[i].frame < first ? c->releases[i].frame : first;
    }
    return first;
}

uint64_t
lat_control_next_release_ns(const struct lat_control *c)
{
    const uint64_t first = lat_control_next_release(c);
    if (first == UINT64_MAX || lat_control_runs_itself(c)) {
        return UINT64_MAX; // a driver has to come first
    }
    const uint64_t end = horizon(c);
    const uint64_t left = first >= end ? first - end + 1 : 0;
    return lat_now_ns() + (uint64_t)((double)left * 1e9 / c->rate);
}
