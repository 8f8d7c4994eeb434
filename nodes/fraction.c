// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "fraction.h"

#include <stddef.h>

/// Read digits on top of @p n.  @return the text after them.
static const char *
read_digits(const char *c, uint64_t *n)
{
    for (; *c >= '0' && *c <= '9' && *n <= UINT64_C(1000000000000); ++c) {
        *n = *n * 10 + (uint64_t)(*c - '0');
    }
    return c;
}

static uint64_t
common_divisor(uint64_t a, uint64_t b)
{
    while (b) {
        const uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

bool
lat_fraction_from_text(const char *text, struct lat_fraction *out)
{
    uint64_t above = 0;
    uint64_t below = 1;
    const char *c = text ? read_digits(text, &above) : NULL;
    bool has_digits = c > text;
    if (c && *c == '.') {
        const char *const point = ++c;
        c = read_digits(c, &above);
        has_digits = has_digits || c > point;
        if (c - point > 6) {
            return false;
        }
        for (const char *d = point; d < c; ++d) {
            below *= 10;
        }
    } else if (c && *c == '/') {
        const char *const bar = c + 1;
        below = 0;
        c = read_digits(bar, &below);
        has_digits = has_digits && c > bar;
    }
    if (!has_digits || *c || !above || !below) {
        return false;
    }
    const uint64_t divisor = common_divisor(above, below);
    const struct lat_fraction f = {above / divisor, below / divisor};
    if (f.numerator > LAT_FRACTION_MAX || f.denominator > LAT_FRACTION_MAX) {
        return false;
    }
    *out = f;
    return true;
}
