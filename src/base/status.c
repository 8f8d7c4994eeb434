// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "status.h"
#include "rt.h"

#include <stdio.h>

_Thread_local enum lat_role lat_thread_role = LAT_ROLE_NONE;

const char *
lat_strerror(enum lat_status status)
{
    static const char *const text[] = {
        [LAT_OK] = "no error",
        [LAT_EINVAL] = "invalid argument",
        [LAT_ENOMEM] = "out of memory",
        [LAT_ENOTFOUND] = "not found",
        [LAT_EEXIST] = "exists already",
        [LAT_ECYCLE] = "cable closes a cycle",
        [LAT_EFULL] = "queue or table is full",
        [LAT_EIO] = "input or output failed",
        [LAT_ESYSTEM] = "system call refused",
        [LAT_ELATER] = "not in this release",
    };
    const unsigned i = (unsigned)status;
    return i < LAT_COUNT(text) ? text[i] : "unknown error";
}

enum lat_status
lat_error_set(struct lat_error *error, enum lat_status status,
              const char *format, ...)
{
    if (!error) {
        return status;
    }
    error->status = status;
    va_list args;
    va_start(args, format);
    vsnprintf(error->text, sizeof(error->text), format, args);
    va_end(args);
    for (char *c = error->text; *c; ++c) {
        if ((unsigned char)*c < 0x20 || (unsigned char)*c == 0x7f) {
            *c = '?';
        }
    }
    return status;
}
