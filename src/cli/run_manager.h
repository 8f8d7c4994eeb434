// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// `lattice run` under a session manager (NSM), which says what is loaded,
/// where it is saved, and what the JACK client is called.
/// All functions are [control].
#ifndef LAT_CLI_RUN_MANAGER_H
#define LAT_CLI_RUN_MANAGER_H

#include "run_state.h"

/// Look for the manager that NSM_URL names: let the loop run until it has
/// answered, or will not.  Where one has, a->manager is set, and it will have
/// everything opened; where NSM_URL names none that answers, that is said.
///
/// Ending signals are let through meanwhile, and held again.
void
lat_run_meet_manager(struct app *a);

/// Go on with what takes its time, and tell the manager of changes.
void
lat_run_manager_tick(struct app *a);

/// When lat_run_manager_tick() has something to do, in lat_now_ns().
uint64_t
lat_run_manager_next_ns(const struct app *a);

/// Let go of the manager.  @return as lat_nsm_close().
bool
lat_run_leave_manager(struct app *a);

#endif // LAT_CLI_RUN_MANAGER_H
