// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What a pattern of feedback means.

#include "base/text.h"
#include "feedback_state.h"
#include "graph/voice.h"
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
add(struct search *s, enum lat_osc_address_kind kind, const char *path)
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

static void
add_of_node(struct search *s, const struct lat_osc_address *a)
{
    char path[LAT_OSC_PATH_MAX];
    const bool is_output =
        a->kind == LAT_ADDRESS_SAMPLE || a->kind == LAT_ADDRESS_PEAK ||
        a->kind == LAT_ADDRESS_RMS || a->kind == LAT_ADDRESS_SCOPE;
    struct lat_feedback_item *const item =
        add(s, a->kind, lat_osc_address_text(a, path));
    if (!item) {
        return;
    }
    if (item->node_id != a->node->id) {
        item->is_due = true; // another node of this name
    }
    item->node_id = a->node->id;
    item->node = a->node;
    item->port = a->index;
    item->voice = a->voice;
    if (is_output && !item->watch) {
        item->watch =
            lat_feedback_watch(s->f, a, 1e9 / (double)s->s->interval_ns);
    }
}

/// Can the pattern mean addresses of this kind?
static bool
fits(const struct lat_osc_words *pattern, enum lat_osc_address_kind kind)
{
    const struct lat_osc_address_form *const form =
        &lat_osc_address_forms[kind];
    struct lat_osc_words w;
    if (!(form->access & LAT_ACCESS_SUBSCRIBE) ||
        !lat_osc_split(&w, form->path) || w.n != pattern->n) {
        return false;
    }
    for (uint32_t i = 0; i < w.n; ++i) {
        const bool is_spelt = form->is_tail_spelt && i + 1 == w.n;
        if (!lat_osc_is_placeholder(w.word[i]) &&
            (is_spelt ? strcmp(pattern->word[i], w.word[i]) != 0
                      : !lat_osc_match(pattern->word[i], w.word[i]))) {
            return false;
        }
    }
    return true;
}

/// Addresses of a node, or of one of its voices.
static void
find_of_voice(struct search *s, const bool is_meant[LAT_ADDRESS_AMOUNT],
              const struct lat_node *n, uint32_t voice)
{
    for (enum lat_osc_address_kind k = 0; k < LAT_ADDRESS_AMOUNT; ++k) {
        struct lat_osc_address a;
        const bool is_had = !voice || lat_osc_address_is_voiced(k);
        for (uint32_t i = 0;
             is_had && is_meant[k] && lat_osc_address_get(n, k, i, &a); ++i) {
            a.voice = voice;
            if (!a.is_hidden && matches(s, 2, a.name)) {
                add_of_node(s, &a);
            }
        }
    }
}

/// Whoever means voices says a dot.
static void
find_of_nodes(struct search *s)
{
    const struct lat_graph *const g = lat_control_graph(s->f->control);
    bool is_meant[LAT_ADDRESS_AMOUNT];
    bool is_any = false;
    for (enum lat_osc_address_kind k = 0; k < LAT_ADDRESS_AMOUNT; ++k) {
        is_meant[k] = fits(s->pattern, k);
        is_any = is_any || is_meant[k];
    }
    const bool has_dot = is_any && strchr(s->pattern->word[1], '.');
    for (const struct lat_node *n = g->first; is_any && n; n = n->next) {
        if (lat_osc_match(s->pattern->word[1], n->name)) {
            find_of_voice(s, is_meant, n, 0);
        }
        for (uint32_t v = 1; has_dot && n->poly > 1 && v <= n->poly; ++v) {
            char name[LAT_VOICE_NAME_MAX];
            if (lat_osc_match(s->pattern->word[1],
                              lat_voice_name(n->name, v, name))) {
                find_of_voice(s, is_meant, n, v);
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
                add(s, LAT_ADDRESS_AMOUNT, path);
            if (item) {
                item->cable = c;
            }
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
                ? add(s, LAT_ADDRESS_NUMBER, path)
                : NULL;
        if (item) {
            item->port = i;
        }
    }
}

/// Those of no node.
static void
find_others(struct search *s)
{
    for (enum lat_osc_address_kind k = LAT_ADDRESS_AMOUNT;
         k < LAT_N_ADDRESS_KINDS; ++k) {
        if (!fits(s->pattern, k)) {
            continue;
        }
        if (k == LAT_ADDRESS_AMOUNT) {
            find_cables(s);
        } else if (k == LAT_ADDRESS_NUMBER) {
            find_numbers(s);
        } else {
            add(s, k, lat_osc_address_forms[k].path);
        }
    }
}

/// All that can be subscribed to.
static const char *
list_forms(char *out, size_t size)
{
    const char *before = "";
    size_t n = 0;
    for (size_t i = 0; i < LAT_N_ADDRESS_KINDS; ++i) {
        const struct lat_osc_address_form *const f = &lat_osc_address_forms[i];
        if ((f->access & LAT_ACCESS_SUBSCRIBE) && n < size &&
            strcmp(f->path, before) != 0) {
            n += (size_t)snprintf(out + n, size - n, "%s%s", n ? ", " : "",
                                  f->path);
            before = f->path;
        }
    }
    return out;
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
    for (enum lat_osc_address_kind k = 0; k < LAT_N_ADDRESS_KINDS; ++k) {
        is_meant = is_meant || fits(&words, k);
    }
    if (!is_meant) {
        char forms[400];
        lat_error_set(error, LAT_EINVAL,
                      "nothing can be subscribed to by %.100s; what can is %s",
                      pattern, list_forms(forms, sizeof(forms)));
    }
    return is_meant;
}

bool
lat_feedback_is_no_number(struct lat_osc_feedback *f, const char *pattern,
                          struct lat_error *error)
{
    struct lat_osc_words words;
    struct lat_nearest nearest;
    if (!lat_osc_split(&words, pattern) || !fits(&words, LAT_ADDRESS_NUMBER) ||
        strpbrk(pattern, "*?[{")) {
        return false;
    }
    lat_feedback_take_numbers(f);
    lat_nearest_init(&nearest, words.word[2]);
    for (uint32_t i = 0; i < f->numbers.n; ++i) {
        if (strcmp(words.word[2], f->numbers.at[i].key) == 0) {
            return false;
        }
        lat_nearest_try(&nearest, f->numbers.at[i].key);
    }
    lat_error_set(error, LAT_ENOTFOUND,
                  "/status/engine has no '%.60s'; %s%s%s/status/engine lists "
                  "what it has",
                  words.word[2], nearest.best ? "did you mean '" : "",
                  nearest.best ? nearest.best : "", nearest.best ? "'? " : "");
    return true;
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
    find_of_nodes(&search);
    find_others(&search);
    free(search.old);
    lat_feedback_drop_items(f, s);
    s->items = search.items;
    s->n_items = search.n;
    s->has_streams = false;
    for (uint32_t i = 0; i < s->n_items; ++i) {
        s->has_streams =
            s->has_streams || lat_osc_address_forms[s->items[i].kind].is_stream;
    }
    return !search.is_out_of_memory;
}
