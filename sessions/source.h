// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// A session that was named on the command line, as a stream.
///
/// It may be a file, a pipe, a device, or "-" for standard input.  What is no
/// ordinary file can be read once only: it is read to its end, up to the limit
/// of a session, and kept for whoever wants to read it again.
/// All functions are [control].
#ifndef LAT_SESSION_SOURCE_H
#define LAT_SESSION_SOURCE_H

#include "base/status.h"

#include <stddef.h>
#include <stdio.h>

struct lat_source {
    FILE *stream;
    char *text;    ///< of what is no file, or NULL
    size_t length; ///< of the text
};

/// Open @p path, which messages call @p name.  It may wait for a pipe's writer.
/// @return LAT_OK, LAT_ENOTFOUND, LAT_EIO or LAT_ENOMEM.
enum lat_status
lat_source_open(const char *path, const char *name, struct lat_source *out,
                struct lat_error *error);

/// Read all there is, up to the limit of a session, or up to a NUL.
/// @return it, to free(), or NULL with errno set.
char *
lat_source_read_all(int fd, size_t *length);

/// Open what was read before; @p text is taken over, also on failure.
enum lat_status
lat_source_open_text(char *text, size_t length, struct lat_source *out,
                     struct lat_error *error);

/// Close the stream and free the text.
void
lat_source_close(struct lat_source *source);

#endif // LAT_SESSION_SOURCE_H
