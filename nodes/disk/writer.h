// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// A sound file that grows: 32-bit float WAV (RF64 beyond 4 GiB), or 24-bit
/// FLAC, by its name.  What is wrong with it is told in the log, once.
/// All functions are [any one thread but audio].
#ifndef LAT_NODES_DISK_WRITER_H
#define LAT_NODES_DISK_WRITER_H

#include "base/status.h"

#include <stdint.h>

struct lat_writer;

/// @param fd    of a new file; taken over, also on failure, and removed where
///              nothing can be written.
/// @param path  of it; taken over.
/// @return LAT_OK, LAT_ENOMEM, LAT_EIO or LAT_EINVAL with a message.
enum lat_status
lat_writer_new(int fd, char *path, double rate, uint32_t n_channels,
               struct lat_writer **out, struct lat_error *error);

/// Add frames, interleaved.  Nothing is written any more where that failed.
void
lat_writer_add(struct lat_writer *w, const float *frames, uint32_t n);

/// Add silence for @p n frames that were lost.
void
lat_writer_add_lost(struct lat_writer *w, uint64_t n);

/// The file is whole; NULL is none.
void
lat_writer_free(struct lat_writer *w);

#endif // LAT_NODES_DISK_WRITER_H
