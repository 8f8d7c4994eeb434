// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "addresses.h"
#include "graph/voice.h"
#include "match.h"
#include "reach.h"

#include <stdlib.h>
#include <string.h>

/// Addresses that one pattern may reach.
#define MAX_MATCHES 65536

/// What is being matched.
struct search {
    const struct lat_graph *graph;
    const struct lat_osc_words *pattern;
    struct lat_osc_paths *out;
    const struct lat_osc_inlet *inlets; ///< by path
    uint32_t n_inlets;
    bool is_question; ///< no arguments: outputs can be asked, too
};

static void
add_path(const struct search *s, const char *path)
{
    if (s->out->n == MAX_MATCHES) {
        s->out->status = LAT_EFULL;
    }
    lat_osc_paths_add(s->out, path);
}

/// Addresses of a node, or of one of its voices, that the verbs of a domain are
/// for, where their names match.
static void
match_values_of(const struct search *s, enum lat_verb_domain domain,
                const struct lat_node *n, uint32_t voice)
{
    const unsigned access = s->is_question ? LAT_ACCESS_ASK : LAT_ACCESS_SET;
    for (enum lat_osc_address_kind k = 0; k < LAT_ADDRESS_AMOUNT; ++k) {
        const struct lat_osc_address_form *const f = &lat_osc_address_forms[k];
        const bool is_meant = f->domain == domain && (f->access & access) &&
                              (!voice || lat_osc_address_is_voiced(k));
        struct lat_osc_address a;
        for (uint32_t i = 0; is_meant && lat_osc_address_get(n, k, i, &a);
             ++i) {
            char path[LAT_OSC_PATH_MAX];
            a.voice = voice;
            if (!a.is_hidden && lat_osc_match(s->pattern->word[2], a.name)) {
                add_path(s, lat_osc_address_text(&a, path));
            }
        }
    }
}

/// Whoever means voices says a dot.
static void
match_values(const struct search *s, enum lat_verb_domain domain)
{
    const char *const pattern = s->pattern->word[1];
    const bool has_dot = strchr(pattern, '.');
    for (const struct lat_node *n = s->graph->first; n; n = n->next) {
        if (lat_osc_match(pattern, n->name)) {
            match_values_of(s, domain, n, 0);
        }
        for (uint32_t v = 1; has_dot && n->poly > 1 && v <= n->poly; ++v) {
            char name[LAT_VOICE_NAME_MAX];
            if (lat_osc_match(pattern, lat_voice_name(n->name, v, name))) {
                match_values_of(s, domain, n, v);
            }
        }
    }
}

static void
match_cables(const struct search *s)
{
    const char *const *const word = s->pattern->word;
    for (const struct lat_cable *c = s->graph->first_cable; c; c = c->next) {
        const char *const src = c->src->layout->out[c->src_port].name;
        const char *const dst = c->dst->layout->in[c->dst_port].name;
        if (lat_osc_is_word(src) && lat_osc_is_word(dst) &&
            lat_osc_match(word[1], c->src->name) &&
            lat_osc_match(word[2], src) &&
            lat_osc_match(word[3], c->dst->name) &&
            lat_osc_match(word[4], dst)) {
            char path[LAT_OSC_PATH_MAX];
            snprintf(path, sizeof(path), "/cable/%s/%s/%s/%s", c->src->name,
                     src, c->dst->name, dst);
            add_path(s, path);
        }
    }
}

/// All nodes whose names match, with what the path has behind the name.
static void
match_nodes(const struct search *s, const char *tail)
{
    for (const struct lat_node *n = s->graph->first; n; n = n->next) {
        char path[LAT_OSC_PATH_MAX];
        if (lat_osc_match(s->pattern->word[1], n->name)) {
            snprintf(path, sizeof(path), "/node/%s%s", n->name, tail);
            add_path(s, path);
        }
    }
}

/// Add what the pattern reaches of a verb: the graph fills in the names.
static void
match_verb(const struct search *s, const struct lat_verb *verb)
{
    switch (verb->domain) {
    case LAT_DOMAIN_WORDS:
        add_path(s, verb->path);
        break;
    case LAT_DOMAIN_NODES:
        match_nodes(s, verb->path + strlen("/node/NAME"));
        break;
    case LAT_DOMAIN_PARAMS:
    case LAT_DOMAIN_NORMS:
    case LAT_DOMAIN_OUTPUTS:
        match_values(s, verb->domain);
        break;
    case LAT_DOMAIN_CABLES:
        match_cables(s);
        break;
    }
}

/// Addresses that nodes have chosen, each once.
static void
match_inlets(const struct search *s)
{
    const char *last = "";
    for (uint32_t i = 0; i < s->n_inlets; ++i) {
        const char *const path = s->inlets[i].path;
        struct lat_osc_words words;
        uint32_t k = 0;
        if (strcmp(path, last) == 0 || !lat_osc_split(&words, path) ||
            words.n != s->pattern->n) {
            continue;
        }
        while (k < words.n &&
               lat_osc_match(s->pattern->word[k], words.word[k])) {
            ++k;
        }
        if (k == words.n) {
            add_path(s, path);
        }
        last = path;
    }
}

static enum lat_status
reaches_nothing(const struct search *s, struct lat_error *error)
{
    const struct lat_verb *const verb =
        lat_osc_out_of_reach(s->pattern, s->is_question);
    if (verb) {
        return lat_error_set(error, LAT_ENOTFOUND,
                             "a pattern asks, and sets values: %s %s; spell it "
                             "out",
                             verb->path,
                             verb->kind == LAT_VERB_ASK && !verb->acts
                                 ? "needs arguments"
                                 : "is reached by none");
    }
    return lat_error_set(error, LAT_ENOTFOUND,
                         "the pattern matches nothing; /graph/nodes lists the "
                         "nodes, /node/info NAME their parameters");
}

/// Take the pattern apart.
static enum lat_status
read_pattern(const struct lat_osc_message *m, struct lat_osc_words *out,
             struct lat_error *error)
{
    if (!lat_osc_split(out, m->path)) {
        return lat_error_set(error, LAT_EINVAL,
                             m->path[0] == '/'
                                 ? "the pattern is too long or has too many /"
                                 : "the pattern does not begin with /");
    }
    for (uint32_t i = 0; i < out->n; ++i) {
        if (!lat_osc_pattern_is_valid(out->word[i])) {
            return lat_error_set(error, LAT_EINVAL,
                                 "the pattern \"%s\" has a bracket without "
                                 "its other half",
                                 out->word[i]);
        }
    }
    return LAT_OK;
}

enum lat_status
lat_osc_check_pattern(const struct lat_osc_message *m, struct lat_error *error)
{
    struct lat_osc_words words;
    const struct search search = {.pattern = &words,
                                  .is_question = m->argc == 0};
    const enum lat_status status = read_pattern(m, &words, error);
    if (status) {
        return status;
    }
    for (const struct lat_verb *v = lat_verbs; v->path; ++v) {
        if (lat_osc_reaches(v, &words, search.is_question)) {
            return LAT_OK;
        }
    }
    return reaches_nothing(&search, error);
}

enum lat_status
lat_osc_expand(const struct lat_graph *graph, struct lat_osc_inlets *inlets,
               const struct lat_osc_message *m, struct lat_osc_paths *out,
               struct lat_error *error)
{
    struct lat_osc_words words;
    struct lat_osc_paths paths = {0};
    const enum lat_status status = read_pattern(m, &words, error);
    if (status) {
        return status;
    }
    struct search search = {.graph = graph,
                            .pattern = &words,
                            .out = &paths,
                            .is_question = m->argc == 0};
    paths.status = lat_osc_inlets_all(inlets, &search.inlets, &search.n_inlets);
    for (const struct lat_verb *v = lat_verbs; v->path; ++v) {
        if (lat_osc_reaches(v, &words, search.is_question)) {
            match_verb(&search, v);
        }
    }
    if (!search.is_question) {
        match_inlets(&search);
    }
    if (!paths.status && paths.n > 0) {
        *out = paths;
        return LAT_OK;
    }
    free(paths.text);
    if (paths.status == LAT_ENOMEM) {
        return lat_error_set(error, LAT_ENOMEM, "out of memory");
    }
    if (paths.status == LAT_EFULL) {
        return lat_error_set(error, LAT_EFULL,
                             "the pattern reaches more than %d addresses; "
                             "narrow it down",
                             MAX_MATCHES);
    }
    return reaches_nothing(&search, error);
}
