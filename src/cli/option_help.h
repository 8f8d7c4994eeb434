// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Usage texts, made of the tables.  All functions are [control].
#ifndef LAT_CLI_OPTION_HELP_H
#define LAT_CLI_OPTION_HELP_H

#include "commands.h"

/// What --help prints: of one command, and of all.
void
lat_print_command_help(const struct command_row *command);
void
lat_print_help(void);

void
lat_print_version(const struct command_row *command);

#endif // LAT_CLI_OPTION_HELP_H
