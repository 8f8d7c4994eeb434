// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The matcher keeps the set of all positions in the text that the pattern so
// far can end at, one bit a position.  Each piece of the pattern moves the set;
// nothing is ever tried twice, so no pattern takes long.

#include "match.h"
#include "node/type.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/// A set of positions; __extension__ since ISO C has no such integer.
__extension__ typedef unsigned __int128 positions;

#define MAX_TEXT 126
#define AT(i)    ((positions)1 << (i))

_Static_assert(MAX_TEXT >= LAT_NAME_MAX - 1, "names of nodes fit");

bool
lat_osc_is_pattern(const char *path)
{
    return strpbrk(path, "*?[]{}") != NULL;
}

bool
lat_osc_pattern_is_valid(const char *pattern)
{
    for (const char *p = pattern; *p; ++p) {
        if (*p == ']' || *p == '}') {
            return false;
        }
        if (*p == '[' || *p == '{') {
            p = strchr(p, *p == '[' ? ']' : '}');
            if (!p) {
                return false;
            }
        }
    }
    return true;
}

/// Is @p c in the class between @p p and @p end (without the brackets)?
static bool
class_has(const char *p, const char *end, char c)
{
    const bool is_negated = p < end && *p == '!';
    p += is_negated;
    bool is_in = false;
    for (; p < end; ++p) {
        if (end - p >= 3 && p[1] == '-') {
            is_in = is_in || (c >= p[0] && c <= p[2]);
            p += 2;
        } else {
            is_in = is_in || c == *p;
        }
    }
    return is_in != is_negated;
}

static positions
after_class(positions at, const char *p, const char *end, const char *text,
            size_t length)
{
    positions next = 0;
    for (size_t i = 0; i < length; ++i) {
        if ((at >> i & 1U) && class_has(p, end, text[i])) {
            next |= AT(i + 1);
        }
    }
    return next;
}

static positions
after_word(positions at, const char *word, size_t n, const char *text,
           size_t length)
{
    positions next = 0;
    for (size_t i = 0; i + n <= length; ++i) {
        if ((at >> i & 1U) && memcmp(text + i, word, n) == 0) {
            next |= AT(i + n);
        }
    }
    return next;
}

static positions
after_choice(positions at, const char *p, const char *end, const char *text,
             size_t length)
{
    positions next = 0;
    for (;;) {
        const char *const comma = memchr(p, ',', (size_t)(end - p));
        const char *const stop = comma ? comma : end;
        next |= after_word(at, p, (size_t)(stop - p), text, length);
        if (!comma) {
            return next;
        }
        p = comma + 1;
    }
}

bool
lat_osc_match(const char *pattern, const char *text)
{
    const size_t length = strnlen(text, MAX_TEXT + 1);
    if (length > MAX_TEXT || !lat_osc_pattern_is_valid(pattern)) {
        return false;
    }
    const positions all = AT(length + 1) - 1; // 0 to length
    positions at = AT(0);
    for (const char *p = pattern; *p && at; ++p) {
        const char *end = p;
        switch (*p) {
        case '*':
            at = ~((at & (~at + 1)) - 1) & all; // the first, and all after it
            break;
        case '?':
            at = at << 1U & all;
            break;
        case '[':
            end = strchr(p, ']');
            at = after_class(at, p + 1, end, text, length);
            break;
        case '{':
            end = strchr(p, '}');
            at = after_choice(at, p + 1, end, text, length);
            break;
        default:
            at = after_word(at, p, 1, text, length);
            break;
        }
        p = end;
    }
    return at >> length & 1U;
}
