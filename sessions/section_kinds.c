// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "base/rt.h"
#include "base/text.h"
#include "draft.h"
#include "lines.h"

#include <string.h>

struct section_rule {
    const char *name;
    const char *repeated[3]; ///< keys that may stand several times; NULL ends
};

static const struct section_rule rules[] = {
    [LAT_SECTION_SESSION] = {"session", {NULL}},
    [LAT_SECTION_TRANSPORT] = {"transport", {NULL}},
    [LAT_SECTION_CABLES] = {"cables", {"cable"}},
    [LAT_SECTION_JACK] = {"jack", {"connect"}},
    [LAT_SECTION_MAP] = {"map", {"map"}},
    [LAT_SECTION_OSC] = {"osc", {"feedback", "send"}},
    [LAT_SECTION_NODE] = {"node", {NULL}},
};

const char *
lat_section_name(enum lat_section_kind kind)
{
    return kind < LAT_COUNT(rules) ? rules[kind].name : "";
}

enum lat_section_kind
lat_section_guess(const struct lat_draft_section *section)
{
    char word[LAT_SESSION_SECTION_MAX + 1];
    const size_t n = strcspn(section->name, " \t");
    const bool has_more = section->name[n] != '\0';
    if (section->kind != LAT_SECTION_UNKNOWN) {
        return section->kind;
    }
    snprintf(word, sizeof(word), "%.*s", (int)n, section->name);
    struct lat_nearest nearest;
    lat_nearest_init(&nearest, word);
    enum lat_section_kind guess = LAT_SECTION_UNKNOWN;
    for (size_t i = 0; i < LAT_COUNT(rules); ++i) {
        // Of all sections, only a node's has a name.
        if (has_more == (i == LAT_SECTION_NODE)) {
            const size_t before = nearest.distance;
            lat_nearest_try(&nearest, rules[i].name);
            guess =
                nearest.distance < before ? (enum lat_section_kind)i : guess;
        }
    }
    return guess;
}

enum lat_section_kind
lat_section_kind_of(const char *name)
{
    for (size_t i = 0; i < LAT_SECTION_NODE; ++i) {
        if (strcmp(rules[i].name, name) == 0) {
            return (enum lat_section_kind)i;
        }
    }
    if (strncmp(name, "node", 4) == 0 &&
        (name[4] == ' ' || name[4] == '\t' || name[4] == '\0')) {
        return LAT_SECTION_NODE;
    }
    return LAT_SECTION_UNKNOWN;
}

const char *const *
lat_section_repeated(enum lat_section_kind kind)
{
    return rules[kind].repeated;
}

bool
lat_section_may_repeat(const struct lat_draft_section *section, const char *key)
{
    if (section->kind == LAT_SECTION_UNKNOWN) {
        return true;
    }
    const char *const *repeated = lat_section_repeated(section->kind);
    while (*repeated && strcmp(*repeated, key) != 0) {
        ++repeated;
    }
    return *repeated != NULL;
}
