// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Letters in a table: those of the C library are other ones on every system.

#include "lexer.h"

static const struct {
    uint32_t first, last;
} runs[] = {
#include "letters.inc"
};

bool
lat_is_letter(uint32_t character)
{
    size_t low = 0;
    size_t high = LAT_COUNT(runs);
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (runs[middle].last < character) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < LAT_COUNT(runs) && runs[low].first <= character;
}
