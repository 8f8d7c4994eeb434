// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What autosave.c, which writes, and autosave_reading.c share; nobody else
/// includes this.  All functions are [control].
#ifndef LAT_SESSION_AUTOSAVE_PRIVATE_H
#define LAT_SESSION_AUTOSAVE_PRIVATE_H

#include "autosave.h"
#include "autosave_folder.h"
#include "autosave_state.h"

#include <pthread.h>

struct lat_autosave {
    struct lat_sessions *sessions;
    struct lat_elsewhere elsewhere;
    pthread_mutex_t lock; ///< whose holder uses the folder
    struct lat_autosave_folder folder;
    uint64_t n_written; ///< number of the newest job that was
    uint64_t n_jobs;
    bool is_writing;   ///< a file is on its way
    bool is_finished;  ///< and what comes then is of no interest
    uint64_t retry_ns; ///< not to be tried before, or 0
    bool is_failing;   ///< and it was told
    // What was loaded back: its file, and the changes of sessions by then.
    uint64_t own, own_changes;
};

/// Is it the state that the newest whole file of what played last has?
bool
lat_autosave_is_last(struct lat_autosave *a, const struct lat_kept *kept);

#endif // LAT_SESSION_AUTOSAVE_PRIVATE_H
