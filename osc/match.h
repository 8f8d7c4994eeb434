// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Address patterns of OSC, one path element at a time.
/// All functions are [control].
#ifndef LAT_OSC_MATCH_H
#define LAT_OSC_MATCH_H

#include <stdbool.h>

/// Has @p path one of the characters that make it a pattern?
bool
lat_osc_is_pattern(const char *path);

/// Are all brackets and braces of this element closed?
bool
lat_osc_pattern_is_valid(const char *pattern);

/// Does @p pattern (one element: `*`, `?`, `[a-z]`, `[!a-z]`, `{a,b}`) match
/// all of @p text?  Takes time in proportion to the pattern, whatever it says.
/// @p text of more than 126 bytes matches nothing; names of nodes have fewer.
bool
lat_osc_match(const char *pattern, const char *text);

#endif // LAT_OSC_MATCH_H
