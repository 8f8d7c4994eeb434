// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "write_unknown.h"
#include "comments.h"
#include "graph/placeholder.h"

#include <stdio.h>
#include <string.h>

static bool
is_known_key(const struct lat_node *node, const char *key)
{
    return lat_setting_index(node->type, key) >= 0 ||
           lat_layout_input(node->layout, key) >= 0 ||
           strcmp(key, "poly") == 0 || strcmp(key, "at") == 0 ||
           strcmp(key, "note") == 0;
}

static bool
has_unknown_key(const struct lat_node *node)
{
    for (const struct lat_comment *c = node->comments; c; c = c->next) {
        const char *const raw = lat_comments_find(node->comments, c->key, "=");
        if (raw && !is_known_key(node, c->key)) {
            return true;
        }
    }
    return false;
}

bool
lat_write_has_unknown(const struct writer *w, const struct lat_graph *graph)
{
    const struct lat_unknown *const u = &w->document->unknown;
    if (!u->format) {
        return false;
    }
    bool has = u->keys || u->sections || u->cables;
    for (const struct lat_node *n = graph->first; n && !has; n = n->next) {
        has = lat_placeholder_is(n->type) || has_unknown_key(n);
    }
    return has;
}

void
lat_write_unknown_keys(struct writer *w, enum lat_section_kind kind)
{
    char prefix[16];
    snprintf(prefix, sizeof(prefix), "%s/", lat_section_name(kind));
    const size_t n = strlen(prefix);
    for (const struct lat_line *l = w->document->unknown.keys; l; l = l->next) {
        if (strncmp(l->key, prefix, n) == 0) {
            lat_write_raw(w, l->key + n, l->text, l->comment);
        }
    }
}

bool
lat_write_has_unknown_keys(const struct writer *w, enum lat_section_kind kind)
{
    const char *const name = lat_section_name(kind);
    const size_t n = strlen(name);
    const struct lat_line *l = w->document->unknown.keys;
    while (l && (strncmp(l->key, name, n) != 0 || l->key[n] != '/')) {
        l = l->next;
    }
    return l != NULL;
}

void
lat_write_unknown_sections(struct writer *w)
{
    const struct lat_line *l = w->document->unknown.sections;
    for (; l; l = l->next) {
        if (*l->key == '\0') {
            lat_write_section(w, l->text, l->comment);
        } else {
            lat_write_raw(w, l->key, l->text, l->comment);
        }
    }
}
