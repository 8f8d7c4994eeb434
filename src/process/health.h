// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Watching a process through its page of shared memory.  [control]
#ifndef LAT_PROCESS_HEALTH_H
#define LAT_PROCESS_HEALTH_H

#include "process_state.h"

/// Does it still run its periods, and its loop, and is it within its memory?
/// It is put down where it does not.
void
lat_process_watch(struct lat_processes *s, struct process *p,
                  const struct lat_jack_status *j, uint64_t now_ns);

#endif // LAT_PROCESS_HEALTH_H
