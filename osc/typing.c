// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "typing.h"
#include "base/text.h"

#include <math.h>
#include <string.h>

#define MAX_PLACES 16

enum sort {
    SORT_TEXT,
    SORT_NUMBER,
    SORT_VALUE,
    SORT_ANY, ///< nobody knows
};

/// What the usage of a message calls its arguments; a word that is not here is
/// text.
static const struct {
    const char *word;
    enum sort sort;
} sorts[] = {
    {"VALUE", SORT_VALUE},     {"NOTE", SORT_VALUE}, {"AMOUNT", SORT_NUMBER},
    {"SECONDS", SORT_NUMBER},  {"X", SORT_NUMBER},   {"BPM", SORT_NUMBER},
    {"CYCLE", SORT_NUMBER},    {"ID", SORT_NUMBER},  {"0|1", SORT_NUMBER},
    {"FRAME", SORT_NUMBER},    {"N", SORT_NUMBER},   {"MIN", SORT_NUMBER},
    {"MAX", SORT_NUMBER},      {"HZ", SORT_NUMBER},  {"PORT", SORT_NUMBER},
    {"VELOCITY", SORT_NUMBER},
};

static enum sort
sort_of_word(const char *word, size_t n)
{
    for (size_t i = 0; i < LAT_COUNT(sorts); ++i) {
        if (strlen(sorts[i].word) == n && memcmp(sorts[i].word, word, n) == 0) {
            return sorts[i].sort;
        }
    }
    return SORT_TEXT;
}

/// The arguments of a usage like `TYPE NAME [PARAM VALUE]…`, in order.
struct places {
    enum sort sorts[MAX_PLACES];
    uint32_t n;
    uint32_t repeat; ///< where those begin that repeat, or n
};

static struct places
read_usage(const char *usage)
{
    static const char ellipsis[] = "…";
    struct places p = {.n = 0};
    uint32_t group = 0;
    bool repeats = false;
    while (*usage && p.n < MAX_PLACES) {
        const size_t n = strcspn(usage, " []\xe2");
        if (strncmp(usage, ellipsis, sizeof(ellipsis) - 1) == 0) {
            repeats = true;
            usage += sizeof(ellipsis) - 1;
        } else if (n > 0) {
            // A word alone repeats alone.
            group = usage[n] == '\xe2' ? p.n : group;
            p.sorts[p.n++] = sort_of_word(usage, n);
            usage += n;
        } else {
            group = *usage == '[' ? p.n : group;
            ++usage;
        }
    }
    p.repeat = repeats ? group : p.n;
    return p;
}

static enum sort
sort_of_argument(const struct lat_verb *verb, uint32_t i)
{
    if (!verb) {
        return SORT_ANY;
    }
    const struct places p = read_usage(verb->args);
    if (i >= p.n && p.repeat < p.n) {
        i = p.repeat + (i - p.repeat) % (p.n - p.repeat);
    }
    return i < p.n ? p.sorts[i] : SORT_ANY;
}

static bool
add_number(lo_message m, double value)
{
    if (value == floor(value) && fabs(value) <= INT32_MAX) {
        return lo_message_add_int32(m, (int32_t)value) == 0;
    }
    if ((double)(float)value == value) {
        return lo_message_add_float(m, (float)value) == 0;
    }
    return lo_message_add_double(m, value) == 0;
}

/// Would the number, written, be this text?
static bool
is_plain(const char *text, double value)
{
    char written[32];
    return strcmp(lat_format_double(value, written, sizeof(written)), text) ==
           0;
}

bool
lat_osc_add_typed(lo_message m, const struct lat_verb *verb, uint32_t i,
                  const char *text)
{
    const enum sort sort = sort_of_argument(verb, i);
    double value = 0.0;
    if (sort != SORT_TEXT && lat_parse_number(text, &value) &&
        (sort != SORT_VALUE || is_plain(text, value))) {
        return add_number(m, value);
    }
    return lo_message_add_string(m, text) == 0;
}
