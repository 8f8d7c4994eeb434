// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "words.h"

#include <string.h>

bool
lat_words_split(struct lat_words *w, const char *text)
{
    static char empty[1];
    w->n = 0;
    for (size_t i = 0; i < LAT_WORDS_MAX; ++i) {
        w->word[i] = empty;
    }
    const size_t length = strlen(text);
    if (length >= sizeof(w->buffer)) {
        return false;
    }
    memcpy(w->buffer, text, length + 1);
    char *rest = NULL;
    for (char *word = strtok_r(w->buffer, " \t", &rest); word;
         word = strtok_r(NULL, " \t", &rest)) {
        if (w->n == LAT_WORDS_MAX) {
            return false;
        }
        w->word[w->n++] = word;
    }
    return true;
}

bool
lat_words_count(const char *word, unsigned max, unsigned *out)
{
    unsigned count = 0;
    if (*word == '\0') {
        return false;
    }
    for (const char *c = word; *c != '\0'; ++c) {
        if (*c < '0' || *c > '9') {
            return false;
        }
        count = count * 10 + (unsigned)(*c - '0');
        if (count > max) {
            return false;
        }
    }
    if (count == 0) {
        return false;
    }
    *out = count;
    return true;
}
