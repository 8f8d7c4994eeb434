// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "option_values.h"
#include "base/text.h"
#include "node/kernels.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void *
place(const struct option_row *row, struct lat_options *o)
{
    return (char *)o + row->at;
}

bool
lat_take_flag(const struct option_row *row, const char *text,
              struct lat_options *o, struct lat_error *why)
{
    (void)text;
    (void)why;
    *(bool *)place(row, o) = true;
    return true;
}

bool
lat_take_text(const struct option_row *row, const char *text,
              struct lat_options *o, struct lat_error *why)
{
    if (!*text) {
        lat_error_set(why, LAT_EINVAL, "--%s takes %s, not an empty text",
                      row->name, lat_with_article(row->argument).text);
        return false;
    }
    *(const char **)place(row, o) = text;
    return true;
}

/// A whole number within the row's limits.
static bool
read_count(const struct option_row *row, const char *text, double *out,
           struct lat_error *why)
{
    double value;
    if (!lat_parse_number(text, &value) || value != floor(value) ||
        value < row->min || value > row->max) {
        char min[32];
        char max[32];
        lat_format_double(row->min, min, sizeof(min));
        lat_format_double(row->max, max, sizeof(max));
        lat_error_set(why, LAT_EINVAL,
                      "--%s takes a whole number from %s to %s, not '%s'",
                      row->name, min, max, text);
        return false;
    }
    *out = value;
    return true;
}

bool
lat_take_word(const struct option_row *row, const char *text,
              struct lat_options *o, struct lat_error *why)
{
    const size_t n = strlen(text);
    for (const char *word = row->words; *word;) {
        const size_t length = strcspn(word, " ");
        if (length == n && memcmp(word, text, n) == 0) {
            *(const char **)place(row, o) = text;
            return true;
        }
        word += length + strspn(word + length, " ");
    }
    lat_error_set(why, LAT_EINVAL, "--%s takes one of %s, not '%s'", row->name,
                  row->words, text);
    return false;
}

bool
lat_take_count(const struct option_row *row, const char *text,
               struct lat_options *o, struct lat_error *why)
{
    double value;
    if (!read_count(row, text, &value, why)) {
        return false;
    }
    *(uint32_t *)place(row, o) = (uint32_t)value;
    return true;
}

bool
lat_take_cycle(const struct option_row *row, const char *text,
               struct lat_options *o, struct lat_error *why)
{
    double value;
    if (!read_count(row, text, &value, why)) {
        return false;
    }
    *(int64_t *)place(row, o) = (int64_t)value;
    return true;
}

bool
lat_take_port(const struct option_row *row, const char *text,
              struct lat_options *o, struct lat_error *why)
{
    double value;
    if (!read_count(row, text, &value, why)) {
        return false;
    }
    *(uint16_t *)place(row, o) = (uint16_t)value;
    return true;
}

bool
lat_take_rate(const struct option_row *row, const char *text,
              struct lat_options *o, struct lat_error *why)
{
    if (!read_count(row, text, &o->rate, why)) {
        return false;
    }
    o->has_rate = true;
    return true;
}

bool
lat_take_seconds(const struct option_row *row, const char *text,
                 struct lat_options *o, struct lat_error *why)
{
    double value;
    if (!lat_parse_number(text, &value) || value <= row->min ||
        value > row->max) {
        char max[32];
        lat_format_double(row->max, max, sizeof(max));
        lat_error_set(why, LAT_EINVAL,
                      "--%s takes seconds above 0, up to %s, not '%s'",
                      row->name, max, text);
        return false;
    }
    *(double *)place(row, o) = value;
    return true;
}

bool
lat_take_pin(const struct option_row *row, const char *text,
             struct lat_options *o, struct lat_error *why)
{
    (void)row;
    return lat_cpus_parse(text, &o->pins, why) == LAT_OK;
}

bool
lat_take_isa(const struct option_row *row, const char *text,
             struct lat_options *o, struct lat_error *why)
{
    if (!lat_kernels_find(text)) {
        char known[128] = "";
        for (int i = 0; i < LAT_N_ISAS; ++i) {
            const struct lat_kernels *const k =
                lat_kernels_get((enum lat_isa)i);
            if (k) {
                const size_t n = strlen(known);
                snprintf(known + n, sizeof(known) - n, "%s%s", n ? ", " : "",
                         k->name);
            }
        }
        lat_error_set(why, LAT_EINVAL,
                      "--%s takes a level that this machine has (%s), not '%s'",
                      row->name, known, text);
        return false;
    }
    o->isa = text;
    return true;
}

bool
lat_take_remote(const struct option_row *row, const char *text,
                struct lat_options *o, struct lat_error *why)
{
    if (!lat_remote_from_word(text, &o->remote)) {
        lat_error_set(why, LAT_EINVAL, "--%s takes play, edit or all, not '%s'",
                      row->name, text);
        return false;
    }
    return true;
}

bool
lat_take_sample_dir(const struct option_row *row, const char *text,
                    struct lat_options *o, struct lat_error *why)
{
    if (o->n_sample_dirs == LAT_MAX_SAMPLE_DIRS) {
        lat_error_set(why, LAT_EINVAL,
                      "--%s can be given %d times: put the other folders below "
                      "one of these",
                      row->name, LAT_MAX_SAMPLE_DIRS);
        return false;
    }
    if (!*text) {
        lat_error_set(why, LAT_EINVAL, "--%s takes a DIR, not an empty text",
                      row->name);
        return false;
    }
    o->sample_dirs[o->n_sample_dirs++] = text;
    return true;
}
