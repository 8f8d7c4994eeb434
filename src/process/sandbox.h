// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Shutting a node's process in: what it may still ask of the kernel once it
/// plays, and how much memory it may take.
#ifndef LAT_PROCESS_SANDBOX_H
#define LAT_PROCESS_SANDBOX_H

#include "base/status.h"

#include <stdint.h>

/// From now on the process, all of its threads, can go on with the sockets,
/// pipes and memory that it has, and no more: it opens no file, makes no
/// socket, starts no program, signals nobody else, and gains no privilege.
/// What it asks for beyond that fails with EPERM.  [control]
///
/// @return LAT_OK, or LAT_ESYSTEM where the kernel has no seccomp filters.
enum lat_status
lat_sandbox_enter(struct lat_error *error);

/// Limit private memory to @p mib MiB: allocations beyond it fail.  [control]
void
lat_sandbox_limit_memory(uint32_t mib);

#endif // LAT_PROCESS_SANDBOX_H
