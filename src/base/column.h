// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Where in a text something is wrong, for people.
#ifndef LAT_BASE_COLUMN_H
#define LAT_BASE_COLUMN_H

/// The column of @p at, which is in @p text: characters of UTF-8, from 1.
/// [any]
static inline unsigned
lat_column_of(const char *text, const char *at)
{
    unsigned column = 1;
    for (; text < at && *text; ++text) {
        // All bytes of a character but the first are 10xxxxxx.
        column += ((unsigned char)text[1] & 0xc0U) != 0x80U;
    }
    return column;
}

#endif // LAT_BASE_COLUMN_H
