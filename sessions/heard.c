// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Which nodes nobody hears: those from which no path of cables leads to a node
// that is heard or seen by itself.

#include "apply_private.h"
#include "graph/placeholder.h"

#include <stdlib.h>
#include <string.h>

/// Does it reach the outside without a cable?  A type without outputs has no
/// other purpose; what a meter shows can be asked for; the outputs of a process
/// are JACK ports; of a newer lattice's types nothing is known.
static bool
is_heard_alone(const struct lat_node *node)
{
    return node->type->n_outputs == 0 ||
           (node->type->flags & (LAT_TYPE_DEVICE_OUT | LAT_TYPE_READABLE)) ||
           node->is_own_process || lat_placeholder_is(node->type);
}

struct heard {
    const struct lat_node **nodes; ///< a stack
    size_t n;
    bool *is_heard; ///< by serial
};

static void
hear(struct heard *h, const struct lat_node *node)
{
    if (!h->is_heard[node->serial]) {
        h->is_heard[node->serial] = true;
        h->nodes[h->n++] = node;
    }
}

static void
hear_all(struct heard *h, const struct lat_graph *g)
{
    for (const struct lat_node *n = g->first; n; n = n->next) {
        if (is_heard_alone(n)) {
            hear(h, n);
        }
    }
    while (h->n > 0) {
        const struct lat_node *const node = h->nodes[--h->n];
        for (uint32_t i = 0; i < node->layout->n_in; ++i) {
            for (const struct lat_cable *c = lat_input_first(&node->in[i]); c;
                 c = c->next_in) {
                hear(h, c->src);
            }
        }
    }
}

void
lat_apply_warn_unheard(const struct lat_apply *a)
{
    const struct lat_graph *const g = lat_control_graph(a->target->control);
    uint32_t last = 0;
    for (const struct lat_node *n = g->first; n; n = n->next) {
        last = n->serial > last ? n->serial : last;
    }
    struct heard h = {
        .nodes = calloc((size_t)g->n_nodes + 1, sizeof(*h.nodes)),
        .is_heard = calloc((size_t)last + 1, sizeof(*h.is_heard)),
    };
    if (!h.nodes || !h.is_heard) {
        lat_apply_fail_memory(a, 1);
    } else {
        hear_all(&h, g);
    }
    for (size_t i = 0; i < a->draft->n_sections && h.nodes && h.is_heard; ++i) {
        const struct lat_draft_section *const s = &a->draft->sections[i];
        const struct lat_node *const n =
            s->kind == LAT_SECTION_NODE ? lat_graph_find(g, s->name) : NULL;
        if (n && !h.is_heard[n->serial]) {
            lat_apply_warn(a, s->line,
                           "nobody hears '%s': no way leads from it to an "
                           "output",
                           n->name);
        }
    }
    free(h.nodes);
    free(h.is_heard);
}
