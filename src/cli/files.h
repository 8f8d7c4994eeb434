// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The promise that a file that is read is never written to.
///
/// A command names every file that it reads and every file that it writes, and
/// asks before it opens one for writing. All functions are [control].
#ifndef LAT_CLI_FILES_H
#define LAT_CLI_FILES_H

#include "graph/graph.h"
#include "options.h"

struct lat_cli_files;

/// NULL when out of memory.
struct lat_cli_files *
lat_cli_files_new(void);
void
lat_cli_files_free(struct lat_cli_files *files);

/// @p path is read; "-" is standard input.  NULL counts for nothing.
/// @param role  for messages: "the session".
/// @return LAT_OK or LAT_ENOMEM.
enum lat_status
lat_cli_files_read(struct lat_cli_files *files, const char *path,
                   const char *role);

/// The same of one that is written; "-" is standard output.
enum lat_status
lat_cli_files_written(struct lat_cli_files *files, const char *path,
                      const char *role);

/// The files that nodes of @p graph read: their settings of the kind file.  A
/// relative one is looked for beside @p session (NULL: none), then in each
/// --sample-dir.
enum lat_status
lat_cli_files_of_graph(struct lat_cli_files *files,
                       const struct lat_graph *graph, const char *session,
                       const struct lat_options *options);

/// @return LAT_OK, or LAT_EINVAL with a message where one file is both read and
///         written, or written as two things.
enum lat_status
lat_cli_files_check(const struct lat_cli_files *files, struct lat_error *error);

/// May a file be written that nobody knew of so far?
/// @param role  for messages: "the statistics".
/// @return LAT_OK, LAT_EINVAL with a message where it is one of these, or
///         LAT_ENOMEM.
enum lat_status
lat_cli_files_may_write(const struct lat_cli_files *files, const char *path,
                        const char *role, struct lat_error *error);

#endif // LAT_CLI_FILES_H
