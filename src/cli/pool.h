// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Work that may take its time, on the threads of libuv's pool.
///
/// All functions are [control].
#ifndef LAT_CLI_POOL_H
#define LAT_CLI_POOL_H

#include "base/elsewhere.h"

#include <uv.h>

#include <stdint.h>

struct lat_pool_task;

struct lat_pool {
    uv_loop_t *loop;
    struct lat_pool_task *first; ///< on their way
};

/// Where the control has data made (lat_control_set_elsewhere()).
struct lat_elsewhere
lat_pool_elsewhere(struct lat_pool *pool);

/// Give up what has not begun, and wait for the rest, at most @p ns; handles
/// of the loop that are closed get their calls meanwhile.
/// @return false where some is not done: its thread runs on.
bool
lat_pool_end(struct lat_pool *pool, uint64_t ns);

#endif // LAT_CLI_POOL_H
