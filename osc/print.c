// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "print.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/// A line that grows.
struct line {
    char *text;
    size_t size, used;
};

__attribute__((format(printf, 2, 3))) static void
add(struct line *l, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const size_t room = l->size - l->used;
    const int n = vsnprintf(l->text + l->used, room, format, args);
    va_end(args);
    if (n >= 0 && (size_t)n < room) {
        l->used += (size_t)n;
    } else if (l->size > 4) {
        l->used = l->size - 1;
        memcpy(l->text + l->size - 4, "...", 4);
    }
}

static void
add_argument(struct line *l, const struct lat_osc_message *m, uint32_t i)
{
    char number[32];
    double value = 0.0;
    const char *const text = lat_osc_text(m, i);
    if (text) {
        const char *const quote = !*text || strpbrk(text, " \t\"") ? "\"" : "";
        add(l, " %s%s%s", quote, text, quote);
    } else if (!lat_osc_number(m, i, &value)) {
        add(l, " (%s)", lat_osc_type_name(m->types[i]));
    } else if (m->types[i] == 'f') {
        add(l, " %s", lat_format_float((float)value, number, sizeof(number)));
    } else {
        add(l, " %s", lat_format_double(value, number, sizeof(number)));
    }
}

char *
lat_osc_message_text(const struct lat_osc_message *m, char *out, size_t size)
{
    struct line line = {.text = out, .size = size};
    add(&line, "%s", m->path);
    for (uint32_t i = 0; i < m->argc; ++i) {
        add_argument(&line, m, i);
    }
    return out;
}
