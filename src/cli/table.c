// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool
lat_table_init(struct lat_table *t, uint32_t n_rows, uint32_t n_columns,
               const char *const *head)
{
    t->rows = calloc(n_rows + 1, sizeof(*t->rows));
    t->n_rows = n_rows + 1;
    t->n_columns = n_columns;
    for (uint32_t c = 0; t->rows && c < n_columns; ++c) {
        snprintf(t->rows[0].cells[c], sizeof(t->rows[0].cells[c]), "%s",
                 head[c]);
    }
    return t->rows;
}

void
lat_table_print_text(const struct lat_table *t)
{
    for (uint32_t r = 0; r < t->n_rows; ++r) {
        const struct lat_table_row *const row = &t->rows[r];
        int blanks = 2;
        for (uint32_t c = 0; c < t->n_columns; ++c) {
            const int length = (int)strlen(row->cells[c]);
            if (length > 0) {
                printf("%*s%s", blanks, "", row->cells[c]);
                blanks = 0;
            }
            int width = 0;
            for (uint32_t i = 0; i < t->n_rows; ++i) {
                const int n = (int)strlen(t->rows[i].cells[c]);
                width = n > width ? n : width;
            }
            blanks += width > 0 ? width - length + 2 : 0;
        }
        putchar('\n');
        if (row->doc) {
            printf("      %s\n", row->doc);
        }
    }
}

void
lat_print_escaped(const char *text)
{
    for (; *text; ++text) {
        if (strchr("|*<\\", *text)) {
            putchar('\\');
        }
        putchar(*text);
    }
}

void
lat_table_print_markdown(const struct lat_table *t)
{
    for (uint32_t r = 0; r < t->n_rows; ++r) {
        const struct lat_table_row *const row = &t->rows[r];
        for (uint32_t c = 0; c < t->n_columns; ++c) {
            const char *const mark = r > 0 && c == 0 ? "`" : "";
            printf("| %s", mark);
            lat_print_escaped(row->cells[c]);
            printf("%s ", mark);
        }
        fputs("| ", stdout);
        lat_print_escaped(row->doc ? row->doc : r == 0 ? "what it is" : "");
        puts(" |");
        if (r == 0) {
            for (uint32_t c = 0; c <= t->n_columns; ++c) {
                fputs("| --- ", stdout);
            }
            puts("|");
        }
    }
}

void
lat_table_fini(struct lat_table *t)
{
    free(t->rows);
}
