// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What a pattern of feedback means.

#include "feedback_state.h"
#include "match.h"
#include "words.h"

#include <stdlib.h>
#include <string.h>

/// What is being found.
struct search {
    struct lat_osc_feedback *f;
    struct lat_subscriber *s;
    const struct lat_osc_words *pattern;
    struct lat_feedback_item *items;
    uint32_t n, capacity;
    struct lat_feedback_item **old; ///< sorted by path
    bool is_out_of_memory;
};

/// Does it change by itself, so that nobody tells?
static bool
is_stream(enum lat_feedback_kind kind)
{
    switch (kind) {
    case LAT_FEEDBACK_SAMPLE:
    case LAT_FEEDBACK_PEAK:
    case LAT_FEEDBACK_RMS:
    case LAT_FEEDBACK_SCOPE_FRAME:
    case LAT_FEEDBACK_POSITION:
    case LAT_FEEDBACK_NUMBER:
        return true;
    default:
        return false;
    }
}

static int
compare_paths(const void *a, const void *b)
{
    const struct lat_feedback_item *const *const x = a;
    const struct lat_feedback_item *const *const y = b;
    return strcmp((*x)->path, (*y)->path);
}

/// What was found for this path before, or NULL.
static struct lat_feedback_item *
find_old(const struct search *s, const char *path)
{
    const struct lat_feedback_item key = {.path = path};
    const struct lat_feedback_item *const at = &key;
    struct lat_feedback_item **const found =
        s->old ? bsearch(&at, s->old, s->s->n_items, sizeof(*s->old),
                         compare_paths)
               : NULL;
    return found ? *found : NULL;
}

static struct lat_feedback_item *
add(struct search *s, enum lat_feedback_kind kind, const char *path)
{
    if (s->n == s->capacity) {
        const uint32_t capacity = s->capacity ? 2 * s->capacity : 16;
        struct lat_feedback_item *const items =
            realloc(s->items, capacity * sizeof(*items));
        if (!items) {
            s->is_out_of_memory = true;
            return NULL;
        }
        s->items = items;
        s->capacity = capacity;
    }
    struct lat_feedback_item *const old = find_old(s, path);
    struct lat_feedback_item *const item = &s->items[s->n];
    if (old && old->kind == kind && !old->is_moved) {
        *item = *old; // with its path and watch
        old->is_moved = true;
    } else {
        *item = (struct lat_feedback_item){.kind = kind, .path = strdup(path)};
    }
    if (!item->path) {
        s->is_out_of_memory = true;
        return NULL;
    }
    ++s->n;
    return item;
}

static bool
matches(const struct search *s, uint32_t i, const char *name)
{
    return lat_osc_is_word(name) && lat_osc_match(s->pattern->word[i], name);
}

static struct lat_feedback_item *
add_of_node(struct search *s, enum lat_feedback_kind kind,
            const struct lat_node *node, uint32_t port, const char *name,
            const char *tail)
{
    char path[LAT_OSC_PATH_MAX];
    snprintf(path, sizeof(path), "/node/%s/%s%s", node->name, name, tail);
    struct lat_feedback_item *const item = add(s, kind, path);
    if (item) {
        if (item->node_id != node->id) {
            item->is_due = true; // another node of this name
        }
        item->node_id = node->id;
        item->node = node;
        item->port = port;
    }
    return item;
}

static void
add_output(struct search *s, enum lat_feedback_kind kind,
           const struct lat_node *node, uint32_t port, const char *tail)
{
    const char *const name = node->layout->out[port].name;
    struct lat_feedback_item *const item =
        add_of_node(s, kind, node, port, name, tail);
    if (item && !item->watch) {
        item->watch = lat_feedback_watch(s->f, node, name, kind,
                                         1e9 / (double)s->s->interval_ns);
    }
}

/// Does the output's name stand for an input or a setting?
static bool
is_hidden(const struct lat_node *node, const char *output)
{
    return lat_layout_input(node->layout, output) >= 0 ||
           lat_setting_index(node->type, output) >= 0;
}

static void
find_in_node(struct search *s, const struct lat_node *node)
{
    const struct lat_layout *const l = node->layout;
    for (uint32_t i = 0; i < l->n_in; ++i) {
        if (matches(s, 2, l->in[i].name)) {
            add_of_node(s, LAT_FEEDBACK_VALUE, node, i, l->in[i].name, "");
        }
    }
    for (uint32_t i = 0; i < node->type->n_settings; ++i) {
        const char *const name = node->type->settings[i].name;
        if (matches(s, 2, name)) {
            add_of_node(s, LAT_FEEDBACK_SETTING, node, i, name, "");
        }
    }
    if (matches(s, 2, "bypass")) {
        add_of_node(s, LAT_FEEDBACK_BYPASS, node, 0, "bypass", "");
    }
    for (uint32_t i = 0; i < l->n_out; ++i) {
        if (matches(s, 2, l->out[i].name) && !is_hidden(node, l->out[i].name)) {
            add_output(s, LAT_FEEDBACK_SAMPLE, node, i, "");
        }
    }
}

static const struct {
    const char *word;
    enum lat_feedback_kind kind;
} measures[] = {
    {"peak", LAT_FEEDBACK_PEAK},
    {"rms", LAT_FEEDBACK_RMS},
    {"scope", LAT_FEEDBACK_SCOPE_FRAME},
};

static void
find_behind_ports(struct search *s, const struct lat_node *node)
{
    const struct lat_layout *const l = node->layout;
    const bool is_norm = strcmp(s->pattern->word[3], "norm") == 0;
    for (uint32_t i = 0; is_norm && i < l->n_in; ++i) {
        if (matches(s, 2, l->in[i].name)) {
            add_of_node(s, LAT_FEEDBACK_NORM, node, i, l->in[i].name, "/norm");
        }
    }
    for (uint32_t i = 0; i < l->n_out; ++i) {
        for (size_t k = 0; k < LAT_COUNT(measures); ++k) {
            char tail[16];
            snprintf(tail, sizeof(tail), "/%s", measures[k].word);
            if (matches(s, 2, l->out[i].name) &&
                matches(s, 3, measures[k].word)) {
                add_output(s, measures[k].kind, node, i, tail);
            }
        }
    }
}

static void
find_cables(struct search *s)
{
    const struct lat_graph *const g = lat_control_graph(s->f->control);
    for (const struct lat_cable *c = g->first_cable; c; c = c->next) {
        const char *const src = c->src->layout->out[c->src_port].name;
        const char *const dst = c->dst->layout->in[c->dst_port].name;
        if (matches(s, 1, c->src->name) && matches(s, 2, src) &&
            matches(s, 3, c->dst->name) && matches(s, 4, dst)) {
            char path[LAT_OSC_PATH_MAX];
            snprintf(path, sizeof(path), "/cable/%s/%s/%s/%s", c->src->name,
                     src, c->dst->name, dst);
            struct lat_feedback_item *const item =
                add(s, LAT_FEEDBACK_AMOUNT, path);
            if (item) {
                item->cable = c;
            }
        }
    }
}

static const struct {
    const char *word;
    enum lat_feedback_kind kind;
} of_transport[] = {
    {"tempo", LAT_FEEDBACK_TEMPO},
    {"playing", LAT_FEEDBACK_PLAYING},
    {"position", LAT_FEEDBACK_POSITION},
};

static void
find_transport(struct search *s)
{
    for (size_t i = 0; i < LAT_COUNT(of_transport); ++i) {
        char path[32];
        snprintf(path, sizeof(path), "/transport/%s", of_transport[i].word);
        if (matches(s, 1, of_transport[i].word)) {
            add(s, of_transport[i].kind, path);
        }
    }
}

static void
find_numbers(struct search *s)
{
    struct lat_osc_feedback *const f = s->f;
    lat_feedback_take_numbers(f);
    for (uint32_t i = 0; i < f->numbers.n; ++i) {
        char path[64];
        snprintf(path, sizeof(path), "/status/engine/%s", f->numbers.at[i].key);
        struct lat_feedback_item *const item =
            matches(s, 2, f->numbers.at[i].key)
                ? add(s, LAT_FEEDBACK_NUMBER, path)
                : NULL;
        if (item) {
            item->port = i;
        }
    }
}

static void
find_nodes(struct search *s,
           void (*find)(struct search *s, const struct lat_node *node))
{
    const struct lat_graph *const g = lat_control_graph(s->f->control);
    for (const struct lat_node *n = g->first; n; n = n->next) {
        if (lat_osc_match(s->pattern->word[1], n->name)) {
            find(s, n);
        }
    }
}

static void
find_params(struct search *s)
{
    find_nodes(s, find_in_node);
}

static void
find_tails(struct search *s)
{
    find_nodes(s, find_behind_ports);
}

/// Forms of addresses that can be subscribed to; words in capitals are open.
static const struct {
    const char *first, *second; ///< NULL: any
    uint32_t n_words;
    void (*find)(struct search *s);
} forms[] = {
    {"node", NULL, 3, find_params},
    {"node", NULL, 4, find_tails},
    {"cable", NULL, 5, find_cables},
    {"transport", NULL, 2, find_transport},
    {"status", "engine", 3, find_numbers},
};

static bool
has_form(const struct lat_osc_words *w, size_t i)
{
    return w->n == forms[i].n_words &&
           lat_osc_match(w->word[0], forms[i].first) &&
           (!forms[i].second || lat_osc_match(w->word[1], forms[i].second));
}

bool
lat_feedback_is_pattern(const char *pattern, struct lat_error *error)
{
    struct lat_osc_words words;
    bool is_meant = false;
    if (!lat_osc_split(&words, pattern)) {
        lat_error_set(error, LAT_EINVAL,
                      "PATTERN begins with / and has at most 5 parts, as "
                      "/node/*/freq");
        return false;
    }
    for (uint32_t i = 0; i < words.n; ++i) {
        if (!lat_osc_pattern_is_valid(words.word[i])) {
            lat_error_set(error, LAT_EINVAL,
                          "PATTERN has a bracket without its other half: %.60s",
                          words.word[i]);
            return false;
        }
    }
    for (size_t i = 0; i < LAT_COUNT(forms); ++i) {
        is_meant = is_meant || has_form(&words, i);
    }
    if (!is_meant) {
        lat_error_set(error, LAT_EINVAL,
                      "nothing can be subscribed to by %.100s; what can is "
                      "/node/NAME/PARAM, …/norm, /node/NAME/OUT, …/peak, "
                      "…/rms, …/scope, /cable/SRC/PORT/DST/PORT, "
                      "/transport/tempo, playing and position, and "
                      "/status/engine/KEY",
                      pattern);
    }
    return is_meant;
}

void
lat_feedback_drop_items(struct lat_osc_feedback *f, struct lat_subscriber *s)
{
    for (uint32_t i = 0; i < s->n_items; ++i) {
        if (!s->items[i].is_moved) {
            lat_feedback_unwatch(f, s->items[i].watch);
            free((char *)s->items[i].path);
        }
    }
    free(s->items);
    s->items = NULL;
    s->n_items = 0;
}

bool
lat_feedback_find(struct lat_osc_feedback *f, struct lat_subscriber *s)
{
    struct lat_osc_words words;
    struct search search = {.f = f, .s = s, .pattern = &words};
    lat_osc_split(&words, s->pattern);
    search.old =
        s->n_items > 0 ? malloc(s->n_items * sizeof(*search.old)) : NULL;
    for (uint32_t i = 0; search.old && i < s->n_items; ++i) {
        search.old[i] = &s->items[i];
    }
    if (search.old) {
        qsort(search.old, s->n_items, sizeof(*search.old), compare_paths);
    }
    for (size_t i = 0; i < LAT_COUNT(forms); ++i) {
        if (has_form(&words, i)) {
            forms[i].find(&search);
        }
    }
    free(search.old);
    lat_feedback_drop_items(f, s);
    s->items = search.items;
    s->n_items = search.n;
    s->has_streams = false;
    for (uint32_t i = 0; i < s->n_items; ++i) {
        s->has_streams = s->has_streams || is_stream(s->items[i].kind);
    }
    return !search.is_out_of_memory;
}
