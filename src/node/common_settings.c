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

static const struct lat_setting poly = {
    .name = LAT_POLY_SETTING,
    .doc = "How many voices it has: equal instances behind one name. Cables "
           "between equal numbers go voice to voice, from one to all, and from "
           "many into one they are summed.",
    .unit = "",
    .kind = LAT_SETTING_INTEGER,
    .min = 1,
    .max = LAT_MAX_POLY,
    .initial = 1,
};

static const struct lat_setting sleep = {
    .name = LAT_SLEEP_SETTING,
    .doc = "yes: it sleeps while nothing of it is heard, and starts anew when "
           "it wakes; the default of a node with voices. What listens to the "
           "outside, or to time, never sleeps.",
    .unit = "",
    .kind = LAT_SETTING_WORD,
    .initial_text = "no",
    .words = no_yes,
};

bool
lat_type_can_sleep(const struct lat_node_type *type)
{
    return !(type->flags &
             (LAT_TYPE_DEVICE_IN | LAT_TYPE_DEVICE_OUT | LAT_TYPE_MIDI |
              LAT_TYPE_MIDI_OUT | LAT_TYPE_NOTES | LAT_TYPE_NUMBERS |
              LAT_TYPE_DEALER | LAT_TYPE_AWAKE));
}

bool
lat_type_can_be_poly(const struct lat_node_type *type)
{
    return !(type->flags &
             (LAT_TYPE_MONO | LAT_TYPE_DEVICE_IN | LAT_TYPE_DEVICE_OUT));
}

const struct lat_setting *
lat_common_setting(const struct lat_node_type *type, uint32_t i)
{
    // What talks to the outside by itself stays in the engine.
    const struct lat_setting *const all[] = {
        &bypass,
        type->flags & LAT_TYPE_ENGINE ? NULL : &process,
        lat_type_can_be_poly(type) ? &poly : NULL,
        &sleep,
    };
    for (size_t k = 0; k < LAT_COUNT(all); ++k) {
        if (all[k] && i-- == 0) {
            return all[k];
        }
    }
    return NULL;
}
