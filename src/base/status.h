// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Results of calls that can fail, and the sentence that goes with them.
#ifndef LAT_BASE_STATUS_H
#define LAT_BASE_STATUS_H

#include <stdarg.h>

enum lat_status {
    LAT_OK = 0,
    LAT_EINVAL,    ///< an argument is out of its limits or malformed
    LAT_ENOMEM,    ///< out of memory, or a pool is exhausted
    LAT_ENOTFOUND, ///< no node, port, cable, file of that name
    LAT_EEXIST,    ///< the name or cable is there already
    LAT_ECYCLE,    ///< a cable would close a cycle
    LAT_EFULL,     ///< a queue or table is full
    LAT_EIO,       ///< a file or socket operation failed
    LAT_ESYSTEM,   ///< the system refused (no JACK server, no thread)
    LAT_ELATER,    ///< a feature of a later release
};

/// A sentence without full stop for @p status.  Static storage.  [any]
const char *
lat_strerror(enum lat_status status);

#define LAT_ERROR_MAX 640

/// An error for people: what is wrong, and what to do about it.
struct lat_error {
    enum lat_status status;
    char text[LAT_ERROR_MAX];
};

/// Write @p format into @p error (which may be NULL) and return @p status.
/// Control bytes in the result are replaced by '?'.  [any but audio]
__attribute__((format(printf, 3, 4))) enum lat_status
lat_error_set(struct lat_error *error, enum lat_status status,
              const char *format, ...);

#endif // LAT_BASE_STATUS_H
