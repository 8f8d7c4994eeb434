// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Transactions that are sent to the audio thread ahead of their frame, so that
// it has them in time.  What is commanded between then and that frame takes
// effect before it, although it is committed after it:
//
// * Values and amounts do, each at its own frame.  Where both write one input,
//   the later frame is what sounds in the end, so it is what the graph keeps.
//   What waits for a plan beyond its frame keeps its turn by that frame.
// * Plans that wait for their frames are made anew with what comes meanwhile,
//   and it is heard at once (plans.c).  What acts on a node, or a cable, that
//   comes with such a plan, and what reads, takes effect at its frame.
// * Tempo and transport do as values do: each at its own frame.
// * A node that gets another instance meanwhile has what waits for the old one,
//   too.
//
// Where no driver runs all that waited has happened.

#include "state.h"

// The first frame that what has a frame can still get to: that of the period
// that is not made yet, but nothing overtakes what was sent before without one.
static uint64_t
soonest(const struct lat_control *c)
{
    struct lat_engine_clock clock;
    lat_engine_clock(c->engine, &clock);
    const uint64_t next = clock.frame + clock.period;
    return !c->at || !clock.is_running ? c->present
           : next > c->told            ? next
                                       : c->told;
}

uint64_t
lat_control_coming_frame(struct lat_control *c)
{
    c->present = lat_engine_stamp(c->engine);
    return c->at >= soonest(c) ? c->at : c->present;
}

void
lat_control_take_stamp(struct lat_control *c, bool is_ordered)
{
    c->stamp = lat_control_coming_frame(c);
    if (lat_control_runs_itself(c)) {
        c->stamp = c->present; // nothing waits
        c->plan_frame = 0;
    }
    c->is_exact = c->at && c->stamp == c->at;
    if (is_ordered && c->stamp < c->plan_frame) {
        c->stamp = c->plan_frame;
    }
    c->is_ordered = is_ordered;
    if (is_ordered) {
        c->plan_frame = c->stamp;
    }
    if (!c->at && c->told < c->stamp) {
        c->told = c->stamp;
    }
}

void
lat_control_order(struct lat_control *c, uint64_t frame)
{
    if (c->plan_frame < frame) {
        c->plan_frame = frame;
    }
}

uint64_t
lat_control_lead(const struct lat_control *c)
{
    struct lat_engine_clock clock;
    lat_engine_clock(c->engine, &clock);
    const double compile_s = 1e-6 * c->engine->info.compile_us;
    return clock.period + (uint64_t)(compile_s * clock.rate) + 1;
}
