// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "maps.h"
#include "base/log.h"

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

static bool
leads_to(const struct lat_line *line, const char *name)
{
    size_t n = 0;
    const char *const node = node_of(line->text, &n);
    return strlen(name) == n && memcmp(node, name, n) == 0;
}

/// @return false without memory: the line is as it was.
static bool
rename_in(struct lat_line *line, const char *name)
{
    size_t n = 0;
    char *text = NULL;
    const char *const node = node_of(line->text, &n);
    if (asprintf(&text, "%.*s%s%s", (int)(node - line->text), line->text, name,
                 node + n) < 0) {
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
        } else if (is_renamed && rename_in(line, change->node->name)) {
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

void
lat_maps_follow(struct lat_line **maps, const struct lat_changes *changes)
{
    for (uint32_t i = 0; *maps && i < changes->n; ++i) {
        follow(maps, &changes->entries[i]);
    }
}
