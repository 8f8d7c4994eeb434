// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The file of a journal: packets in SuperCollider's score format, whole up to
/// the last flush.  All functions are [control].
#ifndef LAT_OSC_JOURNAL_FILE_H
#define LAT_OSC_JOURNAL_FILE_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Zero it to start; `fd` is valid where `path` is not NULL.
struct lat_journal_file {
    char *path; ///< owned
    int fd;
    uint64_t n_written; ///< bytes that are in the file, whole packets
    uint8_t *bytes;     ///< owned: that wait for the next flush
    size_t size, capacity;
};

/// Make a file that is not there yet.
/// @param number  from 2 on: PATH with -NUMBER before its suffix.
/// @return LAT_OK, LAT_EINVAL where it is "-", LAT_EEXIST, LAT_ESYSTEM or
///         LAT_ENOMEM.
enum lat_status
lat_journal_file_open(struct lat_journal_file *f, const char *path,
                      uint32_t number, struct lat_error *error);

/// Add a packet, a bundle whose tag this sets.
/// @return LAT_OK or LAT_ENOMEM.
enum lat_status
lat_journal_file_add(struct lat_journal_file *f, uint8_t *packet, size_t size,
                     uint64_t tag);

/// Write what waits.  On failure what was written of it is taken back.
/// @return LAT_OK or LAT_ESYSTEM.
enum lat_status
lat_journal_file_flush(struct lat_journal_file *f, struct lat_error *error);

/// Has its file been removed?  Then nobody will find what is written.
bool
lat_journal_file_is_gone(const struct lat_journal_file *f);

/// Close it without what waits.
void
lat_journal_file_close(struct lat_journal_file *f);

#endif // LAT_OSC_JOURNAL_FILE_H
