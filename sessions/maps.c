// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "maps.h"
#include "base/log.h"
#include "lines.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLANKS " \t"

/// The node's name in a line SOURCE -> NODE/INPUT …, and its length.
static const char *
node_of(const char *text, size_t *n)
{
    for (int i = 0; i < 2; ++i) {
        text += strspn(text, BLANKS);
        text += strcspn(text, BLANKS);
    }
    text += strspn(text, BLANKS);
    *n = strcspn(text, "/" BLANKS);
    return text;
}

/// Does a name, or the name of voices of it, stand here?  Nodes of parts have
/// a letter behind the dot.
static bool
is_name(const char *at, size_t n, const char *name)
{
    const size_t length = strlen(name);
    if (n < length || memcmp(at, name, length) != 0) {
        return false;
    }
    return n == length || (n > length + 1 && at[length] == '.' &&
                           !isalpha((unsigned char)at[length + 1]));
}

static bool
leads_to(const struct lat_line *line, const char *name)
{
    size_t n = 0;
    const char *const node = node_of(line->text, &n);
    return is_name(node, n, name);
}

/// @return false without memory: the line is as it was.
static bool
rename_in(struct lat_line *line, const char *from, const char *to)
{
    size_t n = 0;
    char *text = NULL;
    const char *const node = node_of(line->text, &n);
    if (asprintf(&text, "%.*s%s%s", (int)(node - line->text), line->text, to,
                 node + strlen(from)) < 0) {
        return false;
    }
    free(line->text);
    line->text = text;
    return true;
}

static void
follow(struct lat_line **at, const struct lat_change *change)
{
    const bool is_renamed = change->kind == LAT_CHANGE_NODE_RENAMED;
    if (!is_renamed && change->kind != LAT_CHANGE_NODE_REMOVED) {
        return;
    }
    const char *const name = is_renamed ? change->old_name : change->node->name;
    while (*at) {
        struct lat_line *const line = *at;
        if (!leads_to(line, name)) {
            at = &line->next;
        } else if (is_renamed && rename_in(line, name, change->node->name)) {
            at = &line->next;
        } else {
            lat_log(LAT_LOG_DEBUG, "map %s goes with its node", line->text);
            *at = line->next;
            line->next = NULL;
            struct lat_line *gone = line;
            lat_lines_free(&gone);
        }
    }
}

/// Is this part of an address pattern, counted from 0, a node's name?
static bool
is_node_part(const char *pattern, unsigned part)
{
    return strncmp(pattern, "/node/", 6) == 0    ? part == 1
           : strncmp(pattern, "/cable/", 7) == 0 ? part == 1 || part == 3
                                                 : false;
}

char *
lat_pattern_rename(const char *pattern, const char *from, const char *to)
{
    struct lat_buffer out = {0};
    const char *at = pattern;
    enum lat_status status = LAT_OK;
    for (unsigned part = 0; !status && *at == '/'; ++part) {
        const size_t n = strcspn(at + 1, "/" BLANKS);
        const size_t n_old =
            is_node_part(pattern, part) && is_name(at + 1, n, from)
                ? strlen(from)
                : 0;
        status = lat_buffer_append(&out, "/", 1);
        if (!status && n_old) {
            status = lat_buffer_append(&out, to, strlen(to));
        }
        if (!status) {
            status = lat_buffer_append(&out, at + 1 + n_old, n - n_old);
        }
        at += 1 + n;
    }
    if (!status) {
        status = lat_buffer_append(&out, at, strlen(at));
    }
    char *const renamed = lat_buffer_take(&out);
    if (status) {
        free(renamed);
        return NULL;
    }
    return renamed;
}

/// HOST:PORT PATTERN [HZ], where the pattern spells the name out.
static void
rename_in_feedback(struct lat_line *line, const char *from, const char *to)
{
    const char *pattern = line->text + strspn(line->text, BLANKS);
    pattern += strcspn(pattern, BLANKS);
    pattern += strspn(pattern, BLANKS);
    char *text = NULL;
    char *const renamed = lat_pattern_rename(pattern, from, to);
    if (renamed && asprintf(&text, "%.*s%s", (int)(pattern - line->text),
                            line->text, renamed) >= 0) {
        free(line->text);
        line->text = text;
    }
    free(renamed);
}

void
lat_lines_follow(struct lat_document *d, const struct lat_changes *changes)
{
    for (uint32_t i = 0; d->map && i < changes->n; ++i) {
        follow(&d->map, &changes->entries[i]);
    }
    for (uint32_t i = 0; d->osc && i < changes->n; ++i) {
        const struct lat_change *const change = &changes->entries[i];
        for (struct lat_line *line = d->osc;
             line && change->kind == LAT_CHANGE_NODE_RENAMED;
             line = line->next) {
            if (strcmp(line->key, "feedback") == 0) {
                rename_in_feedback(line, change->old_name, change->node->name);
            }
        }
    }
}
