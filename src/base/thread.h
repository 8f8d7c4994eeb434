// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Threads that no signal reaches, and one that is waited for.
#ifndef LAT_BASE_THREAD_H
#define LAT_BASE_THREAD_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

/// Start a thread, and let it begin with a mask that blocks all signals, which
/// its own threads inherit: a program's handlers are for who set them up, never
/// for an audio thread.
/// @return false, with nothing started, where the system has none.  [control]
bool
lat_thread_start(pthread_t *out, size_t stack_bytes, void *(*run)(void *),
                 void *data);

/// Let the calling thread go before others that are not real-time, so that it
/// wakes up in time on a busy machine.  Threads and programs that it starts are
/// not preferred.  Does nothing where the system does not let it, or where
/// whoever started the program chose a policy or a nice value.  [any]
void
lat_thread_prefer_self(void);

#endif // LAT_BASE_THREAD_H
