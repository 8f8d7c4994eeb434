// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The table of commands.  Usage texts and completion are made of it.
/// All functions are [control].
#ifndef LAT_CLI_COMMANDS_H
#define LAT_CLI_COMMANDS_H

#include "options.h"

#define LAT_N_COMMANDS (LAT_COMMAND_HOST + 1)
#define MAX_ARGUMENTS  2

struct command_row {
    const char *name;      ///< NULL: a program of its own
    const char *call;      ///< for people: "lattice run"
    const char *arguments; ///< for the usage line
    const char *summary;
    const char *missing; ///< what to say when an argument is
    uint32_t n_required, n_arguments;
    bool takes_more;  ///< any number of them, into `more`
    bool is_verbatim; ///< from the first argument on nothing is an option
    bool takes_text;  ///< pattern: its own way to read arguments
    size_t arguments_at[MAX_ARGUMENTS]; ///< where in struct lat_options
    bool is_later;
};

/// By enum lat_cli_command.
extern const struct command_row lat_commands[LAT_N_COMMANDS];

/// @return the command of that name, or NULL.
const struct command_row *
lat_command_find(const char *name);

#endif // LAT_CLI_COMMANDS_H
