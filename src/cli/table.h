// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Tables: rows of short texts, printed for a terminal or as Markdown.
/// All functions are [control].
#ifndef LAT_CLI_TABLE_H
#define LAT_CLI_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#define LAT_TABLE_MAX_COLUMNS 8

struct lat_table_row {
    char cells[LAT_TABLE_MAX_COLUMNS][96];
    const char *doc;
};

struct lat_table {
    uint32_t n_rows, n_columns;
    struct lat_table_row *rows; ///< the first is the head
};

/// Make @p n_rows rows of empty cells below a head of @p n_columns names.
/// @return false when out of memory.
bool
lat_table_init(struct lat_table *t, uint32_t n_rows, uint32_t n_columns,
               const char *const *head);

/// Columns side by side; what a row's `doc` says goes below it.
void
lat_table_print_text(const struct lat_table *t);

/// `doc` is the last column.
void
lat_table_print_markdown(const struct lat_table *t);

/// Print @p text so that Markdown leaves it as it is.
void
lat_print_escaped(const char *text);

void
lat_table_fini(struct lat_table *t);

#endif // LAT_CLI_TABLE_H
