// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "paths.h"

#include <stdlib.h>
#include <string.h>

void
lat_osc_paths_fini(struct lat_osc_paths *p)
{
    free(p->text);
    *p = (struct lat_osc_paths){0};
}

void
lat_osc_paths_add(struct lat_osc_paths *out, const char *path)
{
    const size_t n = strlen(path) + 1;
    if (out->status) {
        return;
    }
    if (out->size + n > out->capacity) {
        const size_t capacity = out->capacity ? out->capacity * 2 : 1024;
        char *const text = realloc(out->text, capacity);
        if (!text) {
            out->status = LAT_ENOMEM;
            return;
        }
        out->text = text;
        out->capacity = capacity;
    }
    memcpy(out->text + out->size, path, n);
    out->size += n;
    ++out->n;
}

const char *
lat_osc_paths_next(struct lat_osc_paths *p)
{
    if (p->at == p->size) {
        return NULL;
    }
    const char *const path = p->text + p->at;
    p->at += strlen(path) + 1;
    return path;
}
