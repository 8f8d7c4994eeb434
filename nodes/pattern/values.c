// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What the events of a pattern may say, as its text has it, and what it costs
// to look at a moment.

#include "tree.h"

#include <stdlib.h>

/// Kids of a node that are values, and not factors and rhythms.
static uint32_t
n_values(const struct lat_pattern_node *n)
{
    switch ((enum lat_pattern_kind)n->kind) {
    case LAT_PATTERN_SEQUENCE:
        return n->is_same && n->n ? 1 : n->n;
    case LAT_PATTERN_STACK:
    case LAT_PATTERN_CHOICE:
    case LAT_PATTERN_RANGE:
        return n->n;
    default:
        return n->n ? 1 : 0;
    }
}

enum lat_status
lat_pattern_each_value(const struct lat_pattern *p,
                       bool (*take)(void *data,
                                    const struct lat_pattern_said *value),
                       void *data)
{
    bool *const is_value = calloc(p->n_nodes + (size_t)1, sizeof(*is_value));
    if (!is_value) {
        return LAT_ENOMEM;
    }
    // Kids come before whoever has them.
    is_value[p->root] = true;
    for (uint32_t i = p->root + 1; i-- > 0;) {
        const struct lat_pattern_node *const n = &p->nodes[i];
        for (uint32_t k = 0; is_value[i] && k < n_values(n); k++) {
            is_value[lat_pattern_kid(p, n, k)] = true;
        }
    }
    bool goes_on = true;
    for (uint32_t i = 0; i <= p->root && goes_on; i++) {
        const struct lat_pattern_node *const n = &p->nodes[i];
        if (is_value[i] && n->kind == LAT_PATTERN_ATOM) {
            goes_on = take(data, &(struct lat_pattern_said){
                                     .word = i,
                                     .is_word = n->is_word,
                                     .place = n->place,
                                     .length = n->length,
                                 });
        }
    }
    free(is_value);
    return LAT_OK;
}

uint32_t
lat_pattern_count(const struct lat_pattern *p)
{
    return p->n_nodes;
}

double
lat_pattern_moment_cost(const struct lat_pattern *p, double cycles)
{
    const struct lat_pattern_node *const root = &p->nodes[p->root];
    return root->point + root->rate * cycles;
}
