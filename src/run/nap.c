// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Looks rest by what they read: values that do not move, and signals that are
// constant.  While those are what they were, and no message comes for the
// groups, looks rest on, and so do the groups that wait for them.

#include "nap.h"

#include <string.h>

LAT_RT bool
lat_nap_goes_on(const struct lat_span *span, const struct lat_plan_nap *nap)
{
    if (!nap->holds ||
        (nap->is_watched && nap->n_frames != span->context.n_frames)) {
        return false;
    }
    for (uint32_t i = 0; i < nap->n_looks; ++i) {
        if (!nap->looks[i]->rests) {
            return false;
        }
    }
    for (uint32_t i = 0; i < nap->n_seen; ++i) {
        const struct lat_signal *signal = nap->seen[i].signal;
        if (*signal->pitch || signal->data[0] != nap->seen[i].was) {
            return false;
        }
    }
    return true;
}

LAT_RT void
lat_nap_write(const struct lat_plan_nap *nap)
{
    for (uint32_t i = 0; i < nap->n_rows; ++i) {
        memset(nap->rows[i], 0, LAT_LANES * sizeof(float));
    }
}

static bool
rests(const struct lat_task *task)
{
    return task->kind == LAT_TASK_LOOK
               ? task->look->rests && !task->look->lanes->is_dirty
               : task->lanes->rests && !task->lanes->has_taps;
}

LAT_RT void
lat_nap_note(const struct lat_span *span, const struct lat_plan *plan,
             struct lat_plan_nap *nap)
{
    nap->n_frames = span->context.n_frames;
    nap->holds = false;
    for (uint32_t i = nap->first; i < nap->first + nap->n; ++i) {
        if (!rests(&plan->tasks[i])) {
            return;
        }
    }
    for (uint32_t i = 0; i < nap->n_seen; ++i) {
        const struct lat_signal *signal = nap->seen[i].signal;
        if (*signal->pitch) {
            return;
        }
        nap->seen[i].was = signal->data[0];
    }
    nap->holds = true;
}
