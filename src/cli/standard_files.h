// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Standard input, output and error of the programs.  All functions are
/// [control].
#ifndef LAT_CLI_STANDARD_FILES_H
#define LAT_CLI_STANDARD_FILES_H

/// Make sure that 0, 1 and 2 are open: or the first file that is opened would
/// be what messages go to.
void
lat_open_standard_files(void);

/// What was printed must have arrived.
/// @return @p exit_code, or LAT_EXIT_SYSTEM with a message when it was 0 and
///         standard output is full.
int
lat_finish_output(int exit_code);

#endif // LAT_CLI_STANDARD_FILES_H
