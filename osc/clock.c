// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "clock.h"

#include <time.h>

/// From 1900, where tags begin, to 1970.
#define SECONDS_TO_1970 UINT64_C(2208988800)

/// Two clocks are read one after the other; what comes in between is an error.
#define TRIES   8
#define NEAR_NS 2000

static uint64_t
wall_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return ((uint64_t)t.tv_sec + SECONDS_TO_1970) * UINT64_C(1000000000) +
           (uint64_t)t.tv_nsec;
}

/// One moment by both.
static void
read_both(uint64_t *steady_ns, uint64_t *now_tag)
{
    uint64_t best_ns = UINT64_MAX;
    for (int i = 0; i < TRIES && best_ns > NEAR_NS; ++i) {
        const uint64_t before_ns = lat_now_ns();
        const uint64_t wall = wall_ns();
        const uint64_t took_ns = lat_now_ns() - before_ns;
        if (took_ns < best_ns) {
            best_ns = took_ns;
            *steady_ns = before_ns + took_ns / 2;
            *now_tag = lat_timeline_from_ns(wall);
        }
    }
}

void
lat_osc_clock_read(const struct lat_engine *e, struct lat_timeline_clock *out)
{
    struct lat_engine_clock clock;
    *out = (struct lat_timeline_clock){0};
    lat_engine_clock(e, &clock);
    read_both(&out->steady_ns, &out->now_tag);
    out->is_running = clock.is_running;
    out->frame = clock.frame;
    const int64_t since_ns = (int64_t)(out->steady_ns - clock.ns);
    const uint64_t since =
        lat_timeline_from_ns((uint64_t)(since_ns < 0 ? -since_ns : since_ns));
    out->tag = since_ns < 0 ? out->now_tag + since : out->now_tag - since;
    out->n_breaks = clock.n_breaks;
    out->rate = (uint32_t)clock.rate;
    out->period = clock.period;
}

uint64_t
lat_osc_clock_frame(const struct lat_timeline_clock *clock)
{
    const int64_t since_ns =
        lat_timeline_to_ns((int64_t)(clock->now_tag - clock->tag));
    const double frames = (double)since_ns * 1e-9 * clock->rate;
    return frames > 0.0 ? clock->frame + (uint64_t)frames : clock->frame;
}
