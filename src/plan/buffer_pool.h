// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Audio buffers: aligned, reused last-in first-out, counted, shared by all
/// their readers without a copy.
///
/// The plan compiler gets a buffer for every output and releases it once for
/// every reader; the buffer that was freed last, still warm in the cache, is
/// the next to be given out.  A released buffer may be held back until a whole
/// batch is compiled (lat_buffer_pool_hold), so that nodes of one batch never
/// write where another of the same batch still reads.  Memory comes in slabs,
/// is zeroed, and does not move.  All functions are [control].
#ifndef LAT_PLAN_BUFFER_POOL_H
#define LAT_PLAN_BUFFER_POOL_H

#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

struct lat_buffer_pool;

#define LAT_NO_BUFFER UINT32_MAX

struct lat_buffer_counters {
    uint32_t in_use;      ///< got and not yet released
    uint32_t peak;        ///< most in use at one time
    uint32_t allocations; ///< buffers that exist
    uint64_t gets;        ///< gets served
    double reuse;         ///< share of gets served by a used buffer, 0..1
};

/// @param n_floats  samples of one buffer.
/// @param limit     most buffers that may exist.
enum lat_status
lat_buffer_pool_new(uint32_t n_floats, uint32_t limit,
                    struct lat_buffer_pool **out);
void
lat_buffer_pool_free(struct lat_buffer_pool *p);

/// Get a buffer with @p n_readers references (at least 1).
/// @return its index, or LAT_NO_BUFFER when the limit is reached or memory is
/// out.
uint32_t
lat_buffer_pool_get(struct lat_buffer_pool *p, uint32_t n_readers);

/// Drop one reference; the last one makes the buffer free, at once or, between
/// hold and let_go, at let_go.
/// @return LAT_EINVAL for a buffer that is not in use.
enum lat_status
lat_buffer_pool_release(struct lat_buffer_pool *p, uint32_t index);

/// Count a buffer that is in use as got once more: its holder uses it again.
void
lat_buffer_pool_again(struct lat_buffer_pool *p, uint32_t index);

/// What is released in between is free from let_go on, in the order in which it
/// was got: a batch to come, walked in the same order, gets the buffers that
/// the same neighbours filled, and so the same thread.
void
lat_buffer_pool_hold(struct lat_buffer_pool *p);
void
lat_buffer_pool_let_go(struct lat_buffer_pool *p);

/// Samples of buffer @p index, or NULL.
float *
lat_buffer_pool_data(const struct lat_buffer_pool *p, uint32_t index);

/// Zero a buffer.
void
lat_buffer_pool_clear(struct lat_buffer_pool *p, uint32_t index);

void
lat_buffer_pool_counters(const struct lat_buffer_pool *p,
                         struct lat_buffer_counters *out);

/// Bytes of all buffers, used or not.  [control]
size_t
lat_buffer_pool_bytes(const struct lat_buffer_pool *p);

#endif // LAT_PLAN_BUFFER_POOL_H
