// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "unknown.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

/// Nodes that are named where none is near.
#define MAX_NAMED 5

/// While a file is read, what stands for a section that has no good name.
static bool
is_made_up(const struct lat_node *node)
{
    return strncmp(node->name, LAT_MADE_UP, strlen(LAT_MADE_UP)) == 0;
}

static void
name_some(const struct lat_graph *graph, char *out, size_t size)
{
    size_t used = 0;
    uint32_t n = 0;
    const struct lat_node *node = graph->first;
    for (; node && n < MAX_NAMED && used < size; node = node->next) {
        if (is_made_up(node)) {
            continue;
        }
        used += (size_t)snprintf(out + used, size - used, "%s%s",
                                 n                    ? ", "
                                 : graph->n_nodes > 1 ? "there are "
                                                      : "there is only ",
                                 node->name);
        ++n;
    }
    if (!n) {
        snprintf(out, size, "there are no nodes yet");
    } else if (node && used < size) {
        snprintf(out + used, size - used, " and %u more", graph->n_nodes - n);
    }
}

enum lat_status
lat_unknown_node(const struct lat_graph *graph, const char *name,
                 struct lat_error *error)
{
    struct lat_nearest nearest;
    lat_nearest_init(&nearest, name);
    for (const struct lat_node *n = graph->first; n; n = n->next) {
        if (!is_made_up(n)) {
            lat_nearest_try(&nearest, n->name);
        }
    }
    if (nearest.best) {
        return lat_error_set(error, LAT_ENOTFOUND,
                             "no node is called '%.60s'; did you mean '%s'?",
                             name, nearest.best);
    }
    char some[MAX_NAMED * LAT_NAME_MAX + 40];
    name_some(graph, some, sizeof(some));
    return lat_error_set(error, LAT_ENOTFOUND, "no node is called '%.60s'; %s",
                         name, some);
}

enum lat_status
lat_unknown_type(const char *name, struct lat_error *error)
{
    struct lat_nearest nearest;
    lat_nearest_init(&nearest, name);
    for (const struct lat_node_type *const *t = lat_node_types(); *t; ++t) {
        lat_nearest_try(&nearest, (*t)->name);
    }
    return lat_error_set(
        error, LAT_ENOTFOUND, "no node type is called '%.60s'; %s%s%s", name,
        nearest.best ? "did you mean '" : "`lattice nodes` lists them",
        nearest.best ? nearest.best : "", nearest.best ? "'?" : "");
}
