// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What is wrong with a command line, said in one line on stderr.  All
/// functions are [control], set @p exit_code, and return false, for a caller
/// that gives up.
#ifndef LAT_CLI_OPTION_REFUSALS_H
#define LAT_CLI_OPTION_REFUSALS_H

#include "commands.h"

/// getopt_long()'s value for row 0: above all characters.
#define FIRST_VALUE 256

__attribute__((format(printf, 2, 3))) bool
lat_refuse(int *exit_code, const char *format, ...);

/// There is no command @p word.
bool
lat_refuse_word(const char *word, int *exit_code);

/// Say why getopt_long() returned @p problem for @p written.
bool
lat_refuse_option(const struct command_row *command, const char *written,
                  int problem, int *exit_code);

#endif // LAT_CLI_OPTION_REFUSALS_H
