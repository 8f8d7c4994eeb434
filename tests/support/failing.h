// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Memory that runs out: allocations of our own code fail on demand.
///
/// The linker leads what the code under test calls here (cmake/tests.cmake),
/// not what libraries and libc do.
#ifndef LAT_FAILING_H
#define LAT_FAILING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Let the @p n-th allocation of this thread from now on fail, the first being
/// 1, and all after it if @p for_good.
void
failing_begin(uint32_t n, bool for_good);

/// No more.  @return whether any did.
bool
failing_end(void);

/// Count the blocks that our own code takes from now on, on any thread, and
/// does not give back.
void
failing_count_begin(void);

/// No more.  @return how many there are.
size_t
failing_count_end(void);

/// What an audio thread or a worker called last that it must not (malloc, free
/// and their like), or NULL.
const char *
failing_audio_call(void);

#endif // LAT_FAILING_H
