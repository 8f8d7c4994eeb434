// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What a disk that was too slow, or full, has cost: numbers of the whole
/// program, for whoever tells of it.
#ifndef LAT_NODE_DISK_COUNTS_H
#define LAT_NODE_DISK_COUNTS_H

#include <stdatomic.h>
#include <stdint.h>

struct lat_disk_counts {
    /// Times that a sound which is read while it plays came too late.
    _Atomic uint64_t n_late_reads;
    /// Frames that a recording has as silence, for there was no room for them.
    _Atomic uint64_t n_lost_frames;
    /// Recordings that could not be begun, or written to their end.
    _Atomic uint64_t n_failed_recordings;
};

extern struct lat_disk_counts lat_disk_counts;

#endif // LAT_NODE_DISK_COUNTS_H
