// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "option_help.h"
#include "option_rows.h"

#include <stdio.h>
#include <string.h>

#define LINE_WIDTH  79
#define HELP_COLUMN 24

/// Print @p text in lines of LINE_WIDTH; the first starts at column @p column,
/// the others are indented by @p indent.
static void
print_wrapped(const char *text, size_t column, size_t indent)
{
    while (*text) {
        const size_t n = strcspn(text, " ");
        if (column > indent && column + 1 + n > LINE_WIDTH) {
            printf("\n%*s", (int)indent, "");
            column = indent;
        } else if (column > indent) {
            putchar(' ');
            ++column;
        }
        printf("%.*s", (int)n, text);
        column += n;
        text += n + strspn(text + n, " ");
    }
    putchar('\n');
}

/// What --help says of @p row, or NULL.
static const char *
help_of(const struct option_row *row, const struct command_row *command)
{
    return command->name || !row->node_help ? row->help : row->node_help;
}

static void
print_row(const struct option_row *row, const struct command_row *command)
{
    char left[64];
    const int n =
        snprintf(left, sizeof(left), "  --%s%s%s", row->name,
                 row->argument ? " " : "", row->argument ? row->argument : "");
    printf("%s%*s", left, HELP_COLUMN - n, "");
    print_wrapped(help_of(row, command), HELP_COLUMN, HELP_COLUMN);
}

void
lat_print_command_help(const struct command_row *command)
{
    const unsigned bit = 1U << (unsigned)(command - lat_commands);
    printf("Usage: %s [OPTION]... %s\n\n", command->call, command->arguments);
    print_wrapped(command->summary, 0, 0);
    if (command->is_later) {
        puts("\nIt comes in a later release.");
        return;
    }
    putchar('\n');
    for (size_t i = 0; i < lat_n_option_rows; ++i) {
        if ((lat_option_rows[i].commands & bit) && lat_option_rows[i].help) {
            print_row(&lat_option_rows[i], command);
        }
    }
    printf("\nMore: man %s\n", command->name ? "lattice" : "lattice-node");
}

void
lat_print_help(void)
{
    puts("Usage: lattice [COMMAND] [OPTION]... [ARGUMENT]...\n\n"
         "A modular synthesizer, controlled live over OSC.\n");
    for (size_t i = 0; i < LAT_N_COMMANDS; ++i) {
        const struct command_row *const c = &lat_commands[i];
        if (!c->is_later && c->name) {
            const int n = printf("  %s %s", c->name, c->arguments);
            printf("%*s", HELP_COLUMN + 2 - n, "");
            print_wrapped(c->summary, HELP_COLUMN + 2, HELP_COLUMN + 2);
        }
    }
    puts("\n'lattice COMMAND --help' lists the options of a command.\n"
         "More: man lattice, lattice-session, lattice-osc, lattice-nodes");
}

void
lat_print_version(const struct command_row *command)
{
    printf("%s " LAT_VERSION "\n", command->name ? "lattice" : command->call);
    puts("Copyright (C) 2026 The lattice authors\n"
         "License GPL-3.0-or-later: free software, without any warranty");
}
