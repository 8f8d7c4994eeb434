// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// When there is work for the control thread that nobody sends it.  What audio
// has to give back, or has to reach first, is told by the bell; what nothing
// tells is looked at every few milliseconds, while there is some.

#include "state.h"
#include "units/prepared.h"

#define LOOK_NS UINT64_C(5000000)

/// What nothing tells: a late worker that may still look at a plan; without a
/// driver, everything.
static bool
must_look(const struct lat_control *c)
{
    return c->held_plans ||
           (lat_control_runs_itself(c) &&
            (c->outbox.n_ends || c->n_garbage || lat_control_n_fading(c) ||
             lat_control_lets_go(c)));
}

uint64_t
lat_control_next_ns(struct lat_control *c, uint64_t frame)
{
    const uint64_t now_ns = lat_now_ns();
    // Faults may be told every period; that is no reason to wake up as often.
    const bool is_calm = now_ns - c->reported_ns >= LOOK_NS;
    const bool runs_itself = lat_control_runs_itself(c);
    if (c->outbox.n_ends || lat_control_n_fading(c) || lat_control_lets_go(c)) {
        // The next period makes room, ends a fade, or lets go.
        frame = atomic_load(&c->engine->frames_done);
    }
    if (c->n_garbage && !runs_itself && c->latest < frame &&
        c->latest >= atomic_load(&c->engine->frames_done)) {
        frame = c->latest; // then no message is for it
    }
    if (runs_itself ? frame != UINT64_MAX && !c->outbox.n_ends
                    : !lat_engine_wake(c->engine, frame, is_calm)) {
        return now_ns;
    }
    if (lat_prepared_has_news(c->prepared) || c->has_changed_files) {
        return now_ns;
    }
    const uint64_t look_ns = must_look(c) ? now_ns + LOOK_NS
                             : is_calm    ? UINT64_MAX
                                          : c->reported_ns + LOOK_NS;
    const uint64_t release_ns = lat_control_next_release_ns(c);
    const uint64_t files_ns = lat_control_next_look_ns(c);
    const uint64_t first_ns = release_ns < look_ns ? release_ns : look_ns;
    return files_ns < first_ns ? files_ns : first_ns;
}
