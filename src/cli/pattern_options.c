// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Patterns begin with any character, also with `-`.  So nothing is an option
// here that is not written exactly as one, on its own.

#include "commands.h"
#include "option_help.h"
#include "option_refusals.h"
#include "option_rows.h"
#include "pattern.h"

#include <string.h>

static const struct option_row *
find(const char *word)
{
    for (size_t i = 0; i < lat_n_option_rows; ++i) {
        const struct option_row *const row = &lat_option_rows[i];
        if ((row->commands & 1U << LAT_COMMAND_PATTERN) && row->take &&
            strncmp(word, "--", 2) == 0 && strcmp(word + 2, row->name) == 0) {
            return row;
        }
    }
    return NULL;
}

static bool
take_text(const struct command_row *command, const char *word,
          struct lat_options *o, int *exit_code)
{
    if (o->text) {
        return lat_refuse(exit_code,
                          "'%s' has no use for '%s': put the pattern into "
                          "quotes, as one argument",
                          command->call, word);
    }
    o->text = word;
    return true;
}

bool
lat_cli_pattern_options(int argc, char **argv, struct lat_options *o,
                        int *exit_code)
{
    const struct command_row *const command =
        &lat_commands[LAT_COMMAND_PATTERN];
    if (argc == 1 && strcmp(argv[0], "--help") == 0) {
        lat_print_command_help(command);
        *exit_code = LAT_EXIT_DONE;
        return false;
    }
    bool is_behind = false; // a `--`
    for (int i = 0; i < argc; ++i) {
        const struct option_row *const row = is_behind ? NULL : find(argv[i]);
        if (!is_behind && strcmp(argv[i], "--") == 0) {
            is_behind = true;
            continue;
        }
        if (!row) {
            if (!take_text(command, argv[i], o, exit_code)) {
                return false;
            }
            continue;
        }
        if (row->argument && i + 1 == argc) {
            return lat_refuse(exit_code, "--%s needs %s: --%s %s", row->name,
                              row->argument, row->name, row->argument);
        }
        struct lat_error why;
        if (!row->take(row, row->argument ? argv[++i] : NULL, o, &why)) {
            return lat_refuse(exit_code, "%s", why.text);
        }
    }
    return o->text ||
           lat_refuse(exit_code, "'%s' needs %s: %s %s", command->call,
                      command->missing, command->call, command->arguments);
}
