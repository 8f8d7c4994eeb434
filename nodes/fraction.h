// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Fractions as people write them: 1, 3/2, 0.25.
#ifndef LAT_FRACTION_H
#define LAT_FRACTION_H

#include <stdbool.h>
#include <stdint.h>

#define LAT_FRACTION_MAX 1000000

struct lat_fraction {
    uint64_t numerator, denominator; ///< 1 to 10^6 each, in lowest terms
};

/// Read all of @p text: A, A/B, or a decimal number with up to six digits after
/// the point.  [control]
/// @return false, with @p out untouched, for anything else, 0, or a fraction
/// that needs larger numbers.
bool
lat_fraction_from_text(const char *text, struct lat_fraction *out);

#endif // LAT_FRACTION_H
