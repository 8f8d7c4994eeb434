// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "awaited.h"
#include "base/array.h"
#include "base/log.h"
#include "base/text.h"

#include <stdlib.h>

void
lat_awaited_add(struct lat_awaited *a, const struct lat_node *node,
                uint32_t setting, uint32_t line)
{
    if (lat_grow((void **)&a->lines, &a->capacity, a->n, sizeof(*a->lines))) {
        a->lines[a->n++] = (struct lat_awaited_line){
            .node = node->id, .setting = setting, .line = line};
    }
}

void
lat_awaited_name(struct lat_awaited *a, uint32_t first, const char *file)
{
    for (uint32_t i = first; i < a->n; ++i) {
        a->lines[i].file = lat_strdup(file);
    }
}

void
lat_awaited_forget(struct lat_awaited *a, uint32_t first)
{
    while (a->n > first) {
        free(a->lines[--a->n].file);
    }
    if (!first) {
        free(a->lines);
        *a = (struct lat_awaited){0};
    }
}

static const struct lat_awaited_line *
find(const struct lat_awaited *a, const struct lat_unprepared *what)
{
    for (uint32_t i = 0; i < a->n; ++i) {
        const struct lat_awaited_line *const l = &a->lines[i];
        if (l->node == what->node->id && l->setting == what->setting) {
            return l;
        }
    }
    return NULL;
}

void
lat_awaited_tell(const struct lat_awaited *a, const struct lat_unprepared *what)
{
    const struct lat_awaited_line *const l =
        what->origin.kind == LAT_ORIGIN_SESSION ? find(a, what) : NULL;
    if (l && l->file) {
        lat_log(LAT_LOG_WARNING, "%s:%u: warning: %s", l->file, l->line,
                what->text);
    } else {
        lat_log(LAT_LOG_WARNING, "%s", what->text);
    }
}
