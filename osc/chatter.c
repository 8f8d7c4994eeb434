// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "chatter.h"

#include <string.h>

/// One word of digits: a page of TouchOSC's that was turned to.
static bool
is_page(const struct lat_osc_words *w)
{
    const char *const word = w->word[0];
    return w->n == 1 && *word && word[strspn(word, "0123456789")] == '\0';
}

/// A control was touched, or let go.
bool
lat_osc_is_touch(const struct lat_osc_words *w)
{
    return w->n > 1 && strcmp(w->word[w->n - 1], "z") == 0;
}

/// How the device is held.
static bool
is_acceleration(const struct lat_osc_words *w)
{
    return w->n == 1 && strcmp(w->word[0], "accxyz") == 0;
}

/// What SuperCollider's Server says of its groups and definitions when it meets
/// a server.  Synths are another matter: they would be missed.
static bool
is_setting_up(const struct lat_osc_words *w)
{
    static const char *const words[] = {
        "g_new",  "g_freeAll", "g_deepFree", "p_new",
        "d_recv", "d_load",    "d_loadDir",  "d_free",
    };
    for (size_t i = 0; w->n == 1 && i < LAT_COUNT(words); ++i) {
        if (strcmp(w->word[0], words[i]) == 0) {
            return true;
        }
    }
    return false;
}

bool
lat_osc_is_chatter(const struct lat_osc_words *words)
{
    static bool (*const kinds[])(const struct lat_osc_words *) = {
        is_page, lat_osc_is_touch, is_acceleration, is_setting_up};
    for (size_t i = 0; i < LAT_COUNT(kinds); ++i) {
        if (kinds[i](words)) {
            return true;
        }
    }
    return false;
}
