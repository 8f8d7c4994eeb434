// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "remote.h"

#include <string.h>

static const char *const words[LAT_N_REMOTES] = {
    [LAT_REMOTE_PLAY] = "play",
    [LAT_REMOTE_EDIT] = "edit",
    [LAT_REMOTE_ALL] = "all",
};

const char *
lat_remote_word(enum lat_remote remote)
{
    return words[remote];
}

bool
lat_remote_from_word(const char *word, enum lat_remote *out)
{
    for (unsigned i = 0; i < LAT_N_REMOTES; ++i) {
        if (strcmp(word, words[i]) == 0) {
            *out = (enum lat_remote)i;
            return true;
        }
    }
    return false;
}
