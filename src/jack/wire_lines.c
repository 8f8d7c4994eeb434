// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "wire_lines.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
lat_wire_ends_fini(struct wire_ends *e)
{
    free(e->own);
    free(e->other);
}

/// Can this be a port of ours?
static bool
is_own(const char *port, size_t length)
{
    return length > 0 && !memchr(port, ':', length) &&
           !memchr(port, ' ', length);
}

bool
lat_wire_parse(const struct lat_line *line, struct wire_ends *out)
{
    static const char separator[] = " -> ";
    if (strcmp(line->key, "connect") != 0) {
        return false;
    }
    for (const char *arrow = strstr(line->text, separator); arrow;
         arrow = strstr(arrow + 1, separator)) {
        const size_t n = (size_t)(arrow - line->text);
        const char *to = arrow + sizeof(separator) - 1;
        const bool is_from_nothing =
            n == strlen(NOTHING) && memcmp(line->text, NOTHING, n) == 0;
        const bool is_output = !is_from_nothing && is_own(line->text, n);
        if (!is_output && !is_own(to, strlen(to))) {
            continue;
        }
        char *left = strndup(line->text, n);
        char *right = lat_strdup(to);
        *out = (struct wire_ends){
            .own = is_output ? left : right,
            .other = is_output ? right : left,
            .is_output = is_output,
        };
        if (left && right) {
            return true;
        }
        lat_wire_ends_fini(out);
    }
    return false;
}

void
lat_wire_rename_in_line(struct lat_line *line, const char *own,
                        const char *name)
{
    struct wire_ends e;
    if (!lat_wire_parse(line, &e)) {
        return;
    }
    const char *from = e.is_output ? e.own : e.other;
    const char *to = e.is_output ? e.other : e.own;
    const bool is_from = strcmp(from, own) == 0;
    const bool is_to = strcmp(to, own) == 0;
    if (is_from || is_to) {
        char *text = NULL;
        if (asprintf(&text, "%s -> %s", is_from ? name : from,
                     is_to ? name : to) >= 0) {
            free(line->text);
            line->text = text;
        }
    }
    lat_wire_ends_fini(&e);
}

uint32_t
lat_wire_physical_number(const char *ask)
{
    const size_t n = strlen(PHYSICAL);
    if (strncmp(ask, PHYSICAL, n) != 0 || !ask[n] ||
        strspn(ask + n, "0123456789") != strlen(ask + n)) {
        return 0; // or of a client called "physical"
    }
    return (uint32_t)strtoul(ask + n, NULL, 10);
}
