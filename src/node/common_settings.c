// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "common_settings.h"

static const char *const places[] = {"engine", "own", NULL};

static const char *const no_yes[] = {"no", "yes", NULL};

static const struct lat_setting bypass = {
    .name = LAT_BYPASS_SETTING,
    .doc = "yes: its outputs carry the input of their own name, else the first "
           "signal input, instead of what it makes; without outputs it gets "
           "silence.",
    .unit = "",
    .kind = LAT_SETTING_WORD,
    .initial_text = "no",
    .words = no_yes,
};

static const struct lat_setting process = {
    .name = LAT_PROCESS_SETTING,
    .doc = "own: the node runs in a process of its own, a JACK client of its "
           "name.",
    .unit = "",
    .kind = LAT_SETTING_WORD,
    .initial_text = "engine",
    .words = places,
};

const struct lat_setting *
lat_common_setting(const struct lat_node_type *type, uint32_t i)
{
    if (i == 0) {
        return &bypass;
    }
    // What talks to the outside by itself stays in the engine.
    return i == 1 && !(type->flags & LAT_TYPE_ENGINE) ? &process : NULL;
}
