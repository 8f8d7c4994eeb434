// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The table of options, each with the commands that take it: an option is
/// added with one row.  Usage texts and completion are made of it, see
/// lat_options_each().  All functions are [control].
#ifndef LAT_CLI_OPTION_ROWS_H
#define LAT_CLI_OPTION_ROWS_H

#include "options.h"

#include <stddef.h>

#define LAT_MAX_OPTION_ROWS 72

struct option_row;

/// Take an option's argument (NULL for a flag) into @p o.  @return false with
/// a sentence in @p why.
typedef bool (*lat_option_take_fn)(const struct option_row *row,
                                   const char *text, struct lat_options *o,
                                   struct lat_error *why);

struct option_row {
    const char *name;
    const char *argument; ///< NULL: a flag
    uint32_t commands;
    const char *help;        ///< NULL: not in --help
    const char *node_help;   ///< of lattice-node, where it differs
    const char *words;       ///< some that it takes, between blanks
    lat_option_take_fn take; ///< NULL: of a later release
    size_t at;               ///< where in struct lat_options
    double min, max;
};

extern const struct option_row lat_option_rows[];
extern const size_t lat_n_option_rows; ///< at most LAT_MAX_OPTION_ROWS

/// The row of an option as written: "--name" or "--name=value".
/// @return the first of that name, or NULL.
const struct option_row *
lat_option_find(const char *written);

#endif // LAT_CLI_OPTION_ROWS_H
