// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "words.h"

#include <string.h>

bool
lat_osc_split(struct lat_osc_words *out, const char *path)
{
    const size_t length = strnlen(path, sizeof(out->text));
    if (length == sizeof(out->text) || path[0] != '/') {
        return false;
    }
    memcpy(out->text, path, length + 1);
    out->n = 0;
    for (char *slash = out->text; slash;) {
        if (out->n == LAT_OSC_MAX_WORDS) {
            return false;
        }
        *slash = '\0';
        out->word[out->n++] = slash + 1;
        slash = strchr(slash + 1, '/');
    }
    return true;
}

bool
lat_osc_is_placeholder(const char *word)
{
    return *word >= 'A' && *word <= 'Z';
}

bool
lat_osc_is_word(const char *name)
{
    return *name != '\0' && !strchr(name, '/');
}
