// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "reach.h"
#include "match.h"

#include <string.h>

/// Do the words of the address that stand for themselves match?
static bool
words_match(const struct lat_osc_words *words,
            const struct lat_osc_words *pattern)
{
    if (words->n != pattern->n) {
        return false;
    }
    for (uint32_t i = 0; i < words->n; ++i) {
        if (!lat_osc_is_placeholder(words->word[i]) &&
            !lat_osc_match(pattern->word[i], words->word[i])) {
            return false;
        }
    }
    return true;
}

/// Is what stands behind the node's name written out?
static bool
is_tail_spelt(const struct lat_osc_words *pattern)
{
    for (uint32_t i = 2; i < pattern->n; ++i) {
        if (lat_osc_is_pattern(pattern->word[i])) {
            return false;
        }
    }
    return true;
}

/// Is the verb one that a pattern may stand for at all?
static bool
is_open(const struct lat_verb *verb, const struct lat_osc_words *pattern,
        bool is_bare)
{
    const bool is_of_nodes = verb->domain == LAT_DOMAIN_NODES;
    switch (verb->kind) {
    case LAT_VERB_ASK:
        return !verb->acts && (!is_bare || !*verb->args || *verb->args == '[');
    case LAT_VERB_EDIT:
        return verb->asks_when_bare &&
               (is_bare ||
                (!verb->acts && (!is_of_nodes || is_tail_spelt(pattern))));
    case LAT_VERB_LATER:
        return is_of_nodes && is_tail_spelt(pattern);
    case LAT_VERB_ALONE:
        break;
    }
    return false;
}

/// Has the path as many words as the pattern?  That is soon seen.
static bool
is_as_long(const char *path, const struct lat_osc_words *pattern)
{
    uint32_t n = 0;
    while ((path = strchr(path, '/'))) {
        ++path;
        ++n;
    }
    return n == pattern->n;
}

bool
lat_osc_reaches(const struct lat_verb *verb,
                const struct lat_osc_words *pattern, bool is_bare)
{
    struct lat_osc_words words;
    return is_as_long(verb->path, pattern) && is_open(verb, pattern, is_bare) &&
           lat_osc_split(&words, verb->path) && words_match(&words, pattern);
}

const struct lat_verb *
lat_osc_out_of_reach(const struct lat_osc_words *pattern, bool is_bare)
{
    for (const struct lat_verb *v = lat_verbs; v->path; ++v) {
        struct lat_osc_words words;
        const bool has_placeholder = v->domain != LAT_DOMAIN_WORDS;
        if (v->kind != LAT_VERB_LATER && !is_open(v, pattern, is_bare) &&
            (!has_placeholder || is_tail_spelt(pattern)) &&
            lat_osc_split(&words, v->path) && words_match(&words, pattern)) {
            return v;
        }
    }
    return NULL;
}
