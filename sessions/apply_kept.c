// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What a session may say that does nothing: keys that are kept for people and
// pictures, and words that mean something in a later release only.

#include "apply_private.h"
#include "base/rt.h"
#include "escape.h"
#include "words.h"

#include <stdlib.h>
#include <string.h>

bool
lat_apply_is_kept_key(const char *key)
{
    return strcmp(key, "at") == 0 || strcmp(key, "note") == 0;
}

enum lat_status
lat_apply_check_kept(const struct lat_apply *a, const struct lat_draft_entry *e)
{
    if (strcmp(e->key, "note") == 0) {
        char *text = NULL;
        const enum lat_status status = lat_apply_text(a, e, &text);
        free(text);
        return status;
    }
    const enum lat_status status = lat_apply_one_line(a, e);
    struct lat_words w;
    double number = 0.0;
    if (status || (lat_words_split(&w, e->value) && w.n == 2 &&
                   lat_parse_number(w.word[0], &number) &&
                   lat_parse_number(w.word[1], &number))) {
        return status;
    }
    return lat_apply_fail(a, LAT_EINVAL, e->line,
                          "at '%s' is no place; write at = X Y, two numbers",
                          e->value);
}

const char *
lat_apply_later(enum lat_section_kind kind, const char *key)
{
    static const struct {
        enum lat_section_kind kind;
        const char *key; // or, of unknown sections, the first word
        const char *says;
    } later[] = {
        {LAT_SECTION_UNKNOWN, "snapshot",
         "[snapshot NAME] comes in a later release; remove the section"},
        {LAT_SECTION_UNKNOWN, "group",
         "[group NAME] comes in a later release; remove the section"},
    };
    const size_t n =
        kind == LAT_SECTION_UNKNOWN ? strcspn(key, " \t") : strlen(key);
    for (size_t i = 0; i < LAT_COUNT(later); ++i) {
        if (later[i].kind == kind && strlen(later[i].key) == n &&
            strncmp(later[i].key, key, n) == 0) {
            return later[i].says;
        }
    }
    return NULL;
}
