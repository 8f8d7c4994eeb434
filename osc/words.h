// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Addresses, taken apart at their slashes.  [any]
#ifndef LAT_OSC_WORDS_H
#define LAT_OSC_WORDS_H

#include <stdbool.h>
#include <stdint.h>

/// Longest address that can mean anything, with its NUL.
#define LAT_OSC_PATH_MAX  384
#define LAT_OSC_MAX_WORDS 6

/// An address taken apart at its slashes.
struct lat_osc_words {
    char text[LAT_OSC_PATH_MAX];
    const char *word[LAT_OSC_MAX_WORDS]; ///< into `text`
    uint32_t n;
};

/// @return false when @p path is no address, too long or has too many parts.
bool
lat_osc_split(struct lat_osc_words *out, const char *path);

/// Can a path name it?  A placeholder's port may have any name, or none.
bool
lat_osc_is_word(const char *name);

/// Does a word of a path in the table stand for a name?
bool
lat_osc_is_placeholder(const char *word);

#endif // LAT_OSC_WORDS_H
