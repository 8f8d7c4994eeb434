// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A cycle as rows of text.  Every event goes into the first row that is free
// where it begins; it is drawn from `|` on, its value, and `-` for as long as
// it lasts.  One that goes on from the cycle before has no `|`.

#include "base/text.h"
#include "pattern.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define COLUMNS   64
#define MOST_ROWS 32
#define VALUE_MAX 200 // bytes; longer ones are cut

struct picture {
    char cells[MOST_ROWS][COLUMNS][8]; ///< a character of UTF-8 each
    uint32_t n_rows, n_left_out;
    uint32_t ends[MOST_ROWS];
};

/// A value as people read it, the words of a list joined by `:`.
static char *
write_value(const struct lat_pattern *p, const struct lat_pattern_event *e,
            char *buffer)
{
    size_t used = 0;
    *buffer = '\0';
    for (uint32_t i = 0; i < e->n_values && used < VALUE_MAX; ++i) {
        char number[40];
        uint32_t length = 0;
        const char *word = lat_pattern_word(p, &e->values[i], &length);
        if (!word) {
            word = lat_format_double(lat_ratio_to_double(e->values[i].number),
                                     number, sizeof(number));
            length = (uint32_t)strlen(word);
        }
        used += (size_t)snprintf(buffer + used, VALUE_MAX - used, "%s%.*s",
                                 i > 0 ? ":" : "", (int)length, word);
    }
    return buffer;
}

static uint32_t
column_of(struct lat_ratio time, int64_t cycle)
{
    bool is_over = false;
    const struct lat_ratio at =
        lat_ratio_mul(lat_ratio_sub(time, lat_ratio_of(cycle), &is_over),
                      lat_ratio_of(COLUMNS), &is_over);
    const int64_t column = lat_ratio_floor(at);
    return is_over || column < 0 ? 0
           : column > COLUMNS    ? COLUMNS
                                 : (uint32_t)column;
}

static uint32_t
bytes_of(const char *c)
{
    uint32_t n = 1;
    while (((unsigned char)c[n] & 0xc0U) == 0x80U && n < 4) {
        ++n;
    }
    return n;
}

static void
write_event(struct picture *picture, uint32_t row, uint32_t from, uint32_t to,
            const char *value, bool begins)
{
    for (uint32_t x = from; x < to; ++x) {
        char *const cell = picture->cells[row][x];
        if (x == from && begins) {
            memcpy(cell, "|", 2);
        } else if (*value && begins) {
            const uint32_t n = bytes_of(value);
            memcpy(cell, value, n);
            cell[n] = '\0';
            value += n;
        } else {
            memcpy(cell, "-", 2);
        }
    }
}

static void
place_event(struct picture *picture, const struct lat_pattern *p,
            const struct lat_pattern_event *e, int64_t cycle)
{
    const uint32_t from = column_of(e->part_begin, cycle);
    uint32_t to = column_of(e->part_end, cycle);
    to = to > from ? to : from + 1;
    to = to < COLUMNS ? to : COLUMNS;
    uint32_t row = 0;
    while (row < picture->n_rows && picture->ends[row] > from) {
        ++row;
    }
    if (row == MOST_ROWS || from >= COLUMNS) {
        ++picture->n_left_out;
        return;
    }
    picture->n_rows += row == picture->n_rows;
    picture->ends[row] = to;
    char value[VALUE_MAX];
    write_event(picture, row, from, to, write_value(p, e, value),
                lat_pattern_sounds(e));
}

static void
print_row(const struct picture *picture, uint32_t row)
{
    uint32_t n = COLUMNS;
    while (n > 0 && !*picture->cells[row][n - 1]) {
        --n;
    }
    fputs("          ", stdout);
    for (uint32_t x = 0; x < n; ++x) {
        const char *const cell = picture->cells[row][x];
        fputs(*cell ? cell : " ", stdout);
    }
    putchar('\n');
}

void
lat_cli_pattern_draw(const struct lat_pattern *p, int64_t cycle,
                     const struct lat_cli_events *events)
{
    struct picture picture = {.n_rows = 0};
    for (uint32_t i = 0; i < events->n; ++i) {
        place_event(&picture, p, &events->events[i], cycle);
    }
    char left[32];
    snprintf(left, sizeof(left), "%" PRId64, cycle);
    printf("%-10s0              1/4             1/2             3/4\n", left);
    for (uint32_t row = 0; row < picture.n_rows; ++row) {
        print_row(&picture, row);
    }
    if (picture.n_left_out > 0) {
        printf("          and %s more\n",
               lat_count(picture.n_left_out, "event").text);
    }
}
