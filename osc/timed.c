// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "timed.h"
#include "clock.h"

#include <string.h>

/// A bundle that is further ahead is a mistake: the tag of another clock.
#define MOST_AHEAD_S UINT64_C(86400)

#define MS_NS UINT64_C(1000000)

/// What the loop may be late by: it wakes up to the millisecond, and others may
/// run in between.
#define LEAST_SLACK_NS (20 * MS_NS)
#define MOST_SLACK_NS  (60 * MS_NS)

/// While no driver runs, look so often whether one does.
#define LOOK_NS (20 * MS_NS)

void
lat_osc_timed_init(struct lat_osc_timed *t)
{
    memset(t, 0, sizeof(*t));
    t->slack_ns = LEAST_SLACK_NS;
}

void
lat_osc_timed_fini(struct lat_osc_timed *t)
{
    lat_osc_schedule_fini(&t->waiting);
}

static void
place_all(struct lat_osc_timed *t)
{
    for (uint32_t i = 0; i < t->waiting.n; ++i) {
        struct lat_osc_scheduled *const e = t->waiting.at[i];
        e->frame = lat_timeline_frame(&t->line, e->tag);
    }
}

void
lat_osc_timed_look(struct lat_osc_timed *t,
                   const struct lat_timeline_clock *clock)
{
    int64_t step = 0;
    const enum lat_timeline_news news =
        lat_timeline_look(&t->line, clock, &step);
    for (uint32_t i = 0; step && i < t->waiting.n; ++i) {
        t->waiting.at[i]->tag += (uint64_t)step;
    }
    if (news == LAT_TIMELINE_ANEW) {
        place_all(t);
    }
}

void
lat_osc_timed_pass(struct lat_osc_timed *t,
                   const struct lat_timeline_clock *clock)
{
    lat_osc_timed_look(t, clock);
    if (lat_timeline_pass(&t->line, clock) == LAT_TIMELINE_ANEW) {
        place_all(t);
    }
}

/// Frames until @p frame must be under way; 0 or less: now.
static int64_t
frames_left(const struct lat_osc_timed *t,
            const struct lat_timeline_clock *clock, uint64_t lead,
            uint64_t frame)
{
    const uint64_t slack = t->slack_ns * clock->rate / UINT64_C(1000000000);
    return (int64_t)(frame - lead - slack - lat_osc_clock_frame(clock));
}

/// The period that is under way is made already, and the next may be about to
/// be.
static bool
is_late(const struct lat_timeline_clock *clock, uint64_t frame)
{
    const uint64_t period = clock->period ? clock->period : 1;
    const uint64_t soon =
        lat_osc_clock_frame(clock) - clock->frame + period / 8;
    return frame < clock->frame + (soon / period + 1) * period;
}

static bool
has_come(const struct lat_timeline_clock *clock, uint64_t tag)
{
    return !lat_timeline_is_before(clock->now_tag, tag);
}

enum lat_osc_when
lat_osc_timed_arrive(struct lat_osc_timed *t,
                     const struct lat_timeline_clock *clock, uint64_t lead,
                     const struct lat_osc_peer *peer, const void *packet,
                     size_t size, uint64_t tag, uint64_t *frame,
                     struct lat_error *error)
{
    const int64_t ahead = (int64_t)(tag - clock->now_tag); // in 2^-32 s
    *frame = 0;
    lat_osc_timed_look(t, clock);
    if (ahead > (int64_t)(MOST_AHEAD_S << 32U)) {
        lat_error_set(
            error, LAT_EINVAL,
            "its time is %lld s from now, and at most a day is waited "
            "for; tags count the seconds since 1900",
            (long long)(ahead >> 32U));
        return LAT_OSC_NEVER;
    }
    if (lat_timeline_arrive(&t->line, clock, tag) == LAT_TIMELINE_ANEW) {
        place_all(t);
    }
    if (t->line.is_set) {
        *frame = lat_timeline_frame(&t->line, tag);
    }
    const bool is_too_late =
        t->line.is_set ? is_late(clock, *frame) : has_come(clock, tag);
    if (is_too_late) {
        ++t->n_late;
        *frame = 0;
        return LAT_OSC_NOW;
    }
    if (t->line.is_set && frames_left(t, clock, lead, *frame) <= 0) {
        return LAT_OSC_NOW;
    }
    struct lat_osc_scheduled *e = NULL;
    const enum lat_status status =
        lat_osc_schedule_add(&t->waiting, peer, packet, size, tag, &e);
    if (status) {
        lat_error_set(error, status,
                      status == LAT_EFULL
                          ? "%u bundles with %zu bytes wait for their time, "
                            "and there is no room for more; send them later"
                          : "out of memory",
                      t->waiting.n, t->waiting.bytes);
        return LAT_OSC_NEVER;
    }
    e->frame = *frame;
    return LAT_OSC_LATER;
}

/// Leave the loop more time when it was late, and slowly less again.
static void
learn_slack(struct lat_osc_timed *t, uint64_t late_ns)
{
    const uint64_t wanted_ns = LEAST_SLACK_NS + late_ns * 3 / 2;
    t->slack_ns -= (t->slack_ns - LEAST_SLACK_NS) / 256;
    t->slack_ns = wanted_ns > t->slack_ns ? wanted_ns : t->slack_ns;
    t->slack_ns = t->slack_ns < MOST_SLACK_NS ? t->slack_ns : MOST_SLACK_NS;
}

/// The first, for now: a frame that it had was of a server that has gone.
static struct lat_osc_scheduled *
take_without_frame(struct lat_osc_timed *t)
{
    struct lat_osc_scheduled *const e = lat_osc_schedule_take(&t->waiting);
    e->frame = 0;
    return e;
}

struct lat_osc_scheduled *
lat_osc_timed_due(struct lat_osc_timed *t,
                  const struct lat_timeline_clock *clock, uint64_t lead)
{
    if (!t->waiting.n) {
        return NULL;
    }
    const struct lat_osc_scheduled *const first = t->waiting.at[0];
    if (!t->line.is_set) {
        return has_come(clock, first->tag) ? take_without_frame(t) : NULL;
    }
    const int64_t left = frames_left(t, clock, lead, first->frame);
    if (left > (int64_t)(MS_NS * clock->rate / UINT64_C(1000000000))) {
        return NULL;
    }
    if (left < 0) {
        learn_slack(t, (uint64_t)-left * UINT64_C(1000000000) / clock->rate);
    }
    struct lat_osc_scheduled *const e = lat_osc_schedule_take(&t->waiting);
    if (is_late(clock, e->frame)) {
        ++t->n_late;
        e->frame = 0;
    }
    return e;
}

uint64_t
lat_osc_timed_wait_ns(const struct lat_osc_timed *t,
                      const struct lat_timeline_clock *clock, uint64_t lead)
{
    if (!t->waiting.n) {
        return UINT64_MAX;
    }
    const struct lat_osc_scheduled *const first = t->waiting.at[0];
    if (!t->line.is_set) {
        const int64_t left_ns =
            lat_timeline_to_ns((int64_t)(first->tag - clock->now_tag));
        return left_ns <= 0                 ? 0
               : left_ns < (int64_t)LOOK_NS ? (uint64_t)left_ns
                                            : LOOK_NS;
    }
    const int64_t left = frames_left(t, clock, lead, first->frame);
    const double left_ns = (double)left * 1e9 / clock->rate - (double)MS_NS;
    return left_ns > 0.0 ? (uint64_t)left_ns : 0;
}
