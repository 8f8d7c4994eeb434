// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// From state to state: see process_state.h.  All functions are [control].
#ifndef LAT_PROCESS_STEPS_H
#define LAT_PROCESS_STEPS_H

#include "process_state.h"

/// Look at @p p, and take the step that it is time for.
void
lat_process_step(struct lat_processes *s, struct process *p, uint64_t now_ns,
                 const struct lat_jack_status *j);

/// Start all that are wired, at one frame.
void
lat_processes_start_wired(struct lat_processes *s, uint64_t now_ns);

#endif // LAT_PROCESS_STEPS_H
