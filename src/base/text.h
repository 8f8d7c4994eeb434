// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Text that people write: numbers without a locale, near misses.
/// All functions are [any but audio].
#ifndef LAT_BASE_TEXT_H
#define LAT_BASE_TEXT_H

#include "rt.h"

#include <stdbool.h>
#include <stddef.h>

/// Read all of @p text as a finite decimal number: `440`, `0.5`, `-12`,
/// `1e-3`; no blanks, hex, inf or nan, never a locale's comma.
/// @return false, with @p out untouched, if it is anything else.
bool
lat_parse_number(const char *text, double *out);

/// Write @p value so that reading it back as a float gives the same bits, as
/// short as possible.  @p size of 32 always fits.  @return @p buffer.
char *
lat_format_float(float value, char *buffer, size_t size);

/// The same for doubles.
char *
lat_format_double(double value, char *buffer, size_t size);

/// A number for a name of @p length bytes, never 0.  [any]
uint64_t
lat_name_hash(const char *name, size_t length);

/// Feed candidates one by one; `best` is the nearest within a third of the
/// word's length (at least 2 edits), or NULL.
struct lat_nearest {
    const char *word;
    const char *best; ///< borrowed from the candidate
    size_t distance;
};
void
lat_nearest_init(struct lat_nearest *nearest, const char *word);
void
lat_nearest_try(struct lat_nearest *nearest, const char *candidate);

/// Words of a message, good until the end of the statement.
struct lat_phrase {
    char text[80];
};

/// "1 channel", "2 channels", "0 channels": @p noun is singular and takes an s.
struct lat_phrase
lat_count(size_t n, const char *noun);

/// "a sine", "an audio_out".
struct lat_phrase
lat_with_article(const char *noun);

/// "1 second", "5 minutes", "2 hours", "40 days": rounded down.
struct lat_phrase
lat_age(double seconds);

/// A copy of @p text, or NULL when out of memory; NULL for NULL.
char *
lat_strdup(const char *text);

/// Where `:N`, of up to six digits, begins at the end of @p text, or its end.
/// [any]
LAT_RT const char *
lat_text_ordinal(const char *text);

#endif // LAT_BASE_TEXT_H
