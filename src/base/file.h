// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Files, as all who read and write them do.  All functions are [any].
#ifndef LAT_BASE_FILE_H
#define LAT_BASE_FILE_H

#include "status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/// Say by errno why @p name cannot be read.
/// @return LAT_ENOTFOUND, LAT_ENOMEM or LAT_EIO; @p error has it too.
enum lat_status
lat_file_cannot_read(const char *name, struct lat_error *error);

/// Read to the end of @p file.
/// @param most   bytes; SIZE_MAX: as many as there are.
/// @param[out] bytes  to be freed; untouched on failure.
/// @return LAT_OK; LAT_EFULL, without an error, where there is more;
/// LAT_ENOMEM;
///         or as lat_file_cannot_read().
enum lat_status
lat_file_read_all(FILE *file, const char *name, size_t most, uint8_t **bytes,
                  size_t *size, struct lat_error *error);

/// Does @p name end like that of a sound file?
bool
lat_file_has_sound_name(const char *name);

/// Write all of it, over interruptions.
/// @return false with errno set; ENOSPC where the file takes no more.
bool
lat_file_write_all(int fd, const void *bytes, size_t n);

#endif // LAT_BASE_FILE_H
