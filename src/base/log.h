// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Lines for people, on stderr.  Never from an audio thread.
#ifndef LAT_BASE_LOG_H
#define LAT_BASE_LOG_H

#include <stdint.h>

enum lat_log_level {
    LAT_LOG_ERROR,
    LAT_LOG_WARNING,
    LAT_LOG_INFO,
    LAT_LOG_DEBUG,
};

/// Lines above @p level are dropped.  Starts at LAT_LOG_INFO.  [control]
void
lat_log_set_level(enum lat_log_level level);

/// What lines begin with, instead of "lattice".  Static storage, short.
/// [control]
void
lat_log_set_program(const char *name);

/// Print one line "lattice: …" (a newline is added).  [any but audio]
__attribute__((format(printf, 2, 3))) void
lat_log(enum lat_log_level level, const char *format, ...);

/// The same for lines that outsiders can provoke: at most 10 a second are
/// printed, then one line says how many were left out.  [control]
__attribute__((format(printf, 2, 3))) void
lat_log_bounded(enum lat_log_level level, const char *format, ...);

/// Say how many of those lines were left out, once a second has gone by.  Call
/// it now and then.  [control]
void
lat_log_tick(void);

/// When lat_log_tick() has something to say, in lat_now_ns(); UINT64_MAX for
/// never.  [control]
uint64_t
lat_log_next_ns(void);

#endif // LAT_BASE_LOG_H
