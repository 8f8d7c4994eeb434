// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// A file that appears whole or not at all.
///
/// What is written goes to a temporary file beside the wanted one, which takes
/// its place at the end.  A pipe is written to directly; where whoever writes
/// has to seek, it is fed at the end from a file that has no name.  Other
/// devices and standard output are written to directly.
/// All functions are [control].
#ifndef LAT_CLI_OUTPUT_H
#define LAT_CLI_OUTPUT_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

struct lat_cli_output {
    int fd;     ///< write here
    char *path; ///< owned
    char *part; ///< name of the temporary file, or NULL
    int pipe;   ///< to copy to at the end, or -1
};

/// Open @p path for writing.  "-" is standard output, unless @p needs_seek.
/// @return LAT_OK, LAT_ENOMEM or LAT_ESYSTEM with a message.
enum lat_status
lat_cli_output_open(struct lat_cli_output *out, const char *path,
                    bool needs_seek, struct lat_error *error);

/// Write all of @p n bytes.  @return false with errno set.
bool
lat_cli_output_write(struct lat_cli_output *out, const void *bytes, size_t n);

/// Everything is written: put the file in its place.  On failure nothing is
/// left of it.
enum lat_status
lat_cli_output_commit(struct lat_cli_output *out, struct lat_error *error);

/// Leave no trace.  Does nothing after a commit.
void
lat_cli_output_abort(struct lat_cli_output *out);

#endif // LAT_CLI_OUTPUT_H
