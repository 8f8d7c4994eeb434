// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "voice.h"
#include "unknown.h"

#include <stdio.h>
#include <string.h>

bool
lat_split_voice(const char *text, char *name, size_t size, uint32_t *number)
{
    const char *dot = strrchr(text, '.');
    const size_t n_digits = dot ? strspn(dot + 1, "0123456789") : 0;
    if (!n_digits || n_digits > 3 || dot[1] == '0' || dot[1 + n_digits] ||
        (size_t)(dot - text) >= size) {
        return false;
    }
    memcpy(name, text, (size_t)(dot - text));
    name[dot - text] = '\0';
    *number = 0;
    for (const char *c = dot + 1; *c; ++c) {
        *number = 10 * *number + (uint32_t)(*c - '0');
    }
    return true;
}

char *
lat_voice_name(const char *name, uint32_t number, char out[LAT_VOICE_NAME_MAX])
{
    const int n = snprintf(out, LAT_VOICE_NAME_MAX, "%s", name);
    if (number) {
        snprintf(out + n, LAT_VOICE_NAME_MAX - (size_t)n, ".%u", number);
    }
    return out;
}

enum lat_status
lat_graph_find_voice(const struct lat_graph *g, const char *name,
                     struct lat_voice *out, struct lat_error *error)
{
    char owner[LAT_NAME_MAX];
    *out = (struct lat_voice){lat_graph_find(g, name), 0};
    if (out->node) {
        return LAT_OK;
    }
    if (lat_split_voice(name, owner, sizeof(owner), &out->number)) {
        out->node = lat_graph_find(g, owner);
    }
    if (!out->node) {
        return lat_unknown_node(g, name, error);
    }
    const uint32_t poly = out->node->poly;
    if (out->number > poly) {
        return lat_error_set(error, LAT_ENOTFOUND,
                             "%s has %u voice%s: there is no %s.%u", owner,
                             poly, poly > 1 ? "s" : "", owner, out->number);
    }
    out->number = poly > 1 ? out->number : 0;
    return LAT_OK;
}
