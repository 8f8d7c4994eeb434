// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Cables that are JACK connections, kept as they should be by the link's
// thread.  Their order matters: jackd makes the connection that closes a loop
// of clients its feedback edge, one period late.  So the clock comes first and
// puts the engine before every process; then what goes forward; then what goes
// back.  When something that goes forward has to be made again, connections
// that go back between processes are taken out before and made after it.

#include "cables.h"
#include "connect.h"
#include "metadata.h"
#include "planned.h"

#include <string.h>

static bool
has_cable(const struct lat_cable_plan *plan, const struct lat_planned_cable *c)
{
    for (uint32_t i = 0; i < plan->n_cables; ++i) {
        if (strcmp(plan->cables[i].from, c->from) == 0 &&
            strcmp(plan->cables[i].to, c->to) == 0) {
            return true;
        }
    }
    return false;
}

/// Take the newest list; what is no longer on it is disconnected.
static void
take_plan(struct lat_link *l)
{
    pthread_mutex_lock(&l->mutex);
    struct lat_cable_plan plan = l->new_plan;
    const bool is_new = l->cables_serial != l->cables_taken;
    l->new_plan = (struct lat_cable_plan){0};
    l->cables_taken = l->cables_serial;
    pthread_mutex_unlock(&l->mutex);
    if (!is_new) {
        return;
    }
    for (uint32_t i = 0; i < l->plan.n_cables; ++i) {
        const struct lat_planned_cable *c = &l->plan.cables[i];
        if (!has_cable(&plan, c) && lat_link_are_connected(l, c->from, c->to)) {
            (void)lat_link_change(l, c->from, c->to, false);
        }
    }
    lat_cable_plan_fini(&l->plan);
    l->plan = plan;
    lat_planned_learn(l);
}

/// What closes a cycle between processes must come last.
static void
take_out_backward(struct lat_link *l)
{
    for (uint32_t i = 0; i < l->plan.n_cables; ++i) {
        const struct lat_planned_cable *c = &l->plan.cables[i];
        if (c->rank == LAT_RANK_BACKWARD &&
            lat_link_are_connected(l, c->from, c->to)) {
            (void)lat_link_change(l, c->from, c->to, false);
        }
    }
}

/// @return false when the server refused one: then nothing of a higher rank may
/// be made, or the engine would wait for a process.
static bool
make_missing(struct lat_link *l, enum lat_cable_rank rank)
{
    bool has_made = false;
    bool is_well = true;
    for (uint32_t i = 0; i < l->plan.n_cables; ++i) {
        const struct lat_planned_cable *c = &l->plan.cables[i];
        if (c->rank == rank && lat_link_are_there(l, c->from, c->to) &&
            !lat_link_are_connected(l, c->from, c->to)) {
            if (rank == LAT_RANK_FORWARD && !has_made) {
                take_out_backward(l);
            }
            is_well = lat_link_change(l, c->from, c->to, true) && is_well;
            has_made = true;
        }
    }
    return is_well;
}

void
lat_cables_keep(struct lat_link *l)
{
    take_plan(l);
    if (l->n_foreign) {
        lat_metadata_forget_dead(l);
    }
    bool are_complete = true;
    for (uint32_t r = 0; are_complete && r < LAT_N_RANKS; ++r) {
        are_complete = make_missing(l, (enum lat_cable_rank)r);
    }
    if (!are_complete) {
        atomic_store(&l->has_changed, true); // and soon again
        lat_link_wake(l);
    }
    for (uint32_t i = 0; are_complete && i < l->plan.n_cables; ++i) {
        are_complete = lat_link_are_connected(l, l->plan.cables[i].from,
                                              l->plan.cables[i].to);
    }
    for (uint32_t i = 0; i < l->plan.n_labels; ++i) {
        lat_metadata_label(l, &l->plan.labels[i]);
    }
    pthread_mutex_lock(&l->mutex);
    l->cables_complete = are_complete ? l->cables_taken : 0;
    pthread_mutex_unlock(&l->mutex);
}

void
lat_cables_fini(struct lat_link *l)
{
    lat_cable_plan_fini(&l->plan);
    lat_cable_plan_fini(&l->new_plan);
}
