// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// A value as words between blanks. All functions are [control].
#ifndef LAT_SESSION_WORDS_H
#define LAT_SESSION_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#define LAT_WORDS_MAX 8

struct lat_words {
    char buffer[1024];
    char *word[LAT_WORDS_MAX]; ///< the rest are ""
    size_t n;
};

/// @return false when @p text has more words, or is longer, than fits.
bool
lat_words_split(struct lat_words *w, const char *text);

/// Read a whole number from 1 to @p max.
bool
lat_words_count(const char *word, unsigned max, unsigned *out);

#endif // LAT_SESSION_WORDS_H
