// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Threads that read and write files while nodes play.
///
/// There is one that reads and one that writes, so that neither waits for the
/// other's disk; each is started with its first job and stays.  A job is asked
/// again and again for a little work, until it has none; then its thread sleeps
/// until an audio thread rings.
///
/// Offline nothing waits for a clock, so no thread is started: whoever needs
/// something does the work at once (lat_disk_is_offline()).  That is what makes
/// a rendering the same every time.
#ifndef LAT_NODES_DISK_SERVICE_H
#define LAT_NODES_DISK_SERVICE_H

#include "base/rt.h"
#include "base/status.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum lat_disk_thread {
    LAT_DISK_READS,
    LAT_DISK_WRITES,
    LAT_DISK_THREADS,
};

/// Part of what has work to be done; zeroed but for the functions.
struct lat_disk_job {
    /// Do a little.  @return whether there is more to do at once.
    bool (*work)(struct lat_disk_job *job);
    /// Nobody else has it any more, and all is done: free it.
    void (*end)(struct lat_disk_job *job);
    atomic_bool is_dropped;
    struct lat_disk_job *next; ///< the service's
};

/// From now on all is done by who asks for it.  Before the first job.
/// [control]
void
lat_disk_be_offline(void);

/// [any]
LAT_RT bool
lat_disk_is_offline(void);

/// Have a job done from now on.  [control]
/// @return LAT_OK, or LAT_ESYSTEM where there can be no thread.
enum lat_status
lat_disk_add(enum lat_disk_thread thread, struct lat_disk_job *job);

/// The owner is through with it.  What is left to do is done, then its `end` is
/// called; nobody waits for that.  [control]
void
lat_disk_drop(enum lat_disk_thread thread, struct lat_disk_job *job);

/// There is something to do, unless the thread is at it anyway.  [audio,
/// worker, control]
LAT_RT void
lat_disk_ring(enum lat_disk_thread thread);

/// Wait until all that was dropped is done, for the end of the program.
/// [control]
/// @return false where that took longer than @p ns.
bool
lat_disk_finish(enum lat_disk_thread thread, uint64_t ns);

/// Call @p work from an audio thread that may take its time, for it is offline.
/// [audio, worker; offline]
LAT_RT void
lat_disk_at_once(void (*work)(void *data), void *data);

#ifdef LAT_TEST_HOOKS
/// Let a thread do nothing, as if its disk took for ever, or go on.  [control]
void
lat_disk_pause(enum lat_disk_thread thread, bool is_paused);
#endif

#endif // LAT_NODES_DISK_SERVICE_H
