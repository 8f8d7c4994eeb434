// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Every node has a rank that rises along forward cables (Pearce and Kelly, "A
// dynamic topological sort algorithm for directed acyclic graphs", 2006).  A
// cable that agrees with the ranks costs nothing; one that does not searches
// only between the two ranks, and either meets the cycle or gives the nodes it
// met new ranks.

#include "order.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// In a node's index: it is where the search began.
#define NO_VIA UINT32_MAX

struct search {
    struct lat_node **met; ///< each has in `index` which of these led to it
    uint32_t n, capacity;
};

static bool
meet(struct search *s, struct lat_node *node, uint32_t mark, uint32_t via)
{
    if (node->mark == mark) {
        return true;
    }
    if (s->n == s->capacity) {
        const uint32_t capacity = s->capacity ? 2 * s->capacity : 64;
        struct lat_node **met =
            realloc(s->met, capacity * sizeof(struct lat_node *));
        if (!met) {
            return false;
        }
        s->met = met;
        s->capacity = capacity;
    }
    node->mark = mark;
    node->index = via;
    s->met[s->n++] = node;
    return true;
}

// Breadth first over the readers of @p from, up to rank @p limit.
static bool
search_forward(struct search *s, struct lat_node *from, uint32_t limit,
               uint32_t mark)
{
    bool ok = meet(s, from, mark, NO_VIA);
    for (uint32_t i = 0; ok && i < s->n; ++i) {
        struct lat_node *node = s->met[i];
        for (struct lat_cable *c = node->out; ok && c; c = c->next_out) {
            if (!c->is_feedback && c->dst->rank <= limit) {
                ok = meet(s, c->dst, mark, i);
            }
        }
    }
    return ok;
}

static bool
search_backward(struct search *s, struct lat_node *from, uint32_t limit,
                uint32_t mark)
{
    bool ok = meet(s, from, mark, NO_VIA);
    for (uint32_t i = 0; ok && i < s->n; ++i) {
        struct lat_node *node = s->met[i];
        for (uint32_t p = 0; ok && p < node->layout->n_in; ++p) {
            for (struct lat_cable *c = lat_input_first(&node->in[p]); ok && c;
                 c = c->next_in) {
                if (!c->is_feedback && c->src->rank >= limit) {
                    ok = meet(s, c->src, mark, i);
                }
            }
        }
    }
    return ok;
}

static struct lat_node *
via(const struct search *s, const struct lat_node *node)
{
    return node->index == NO_VIA ? NULL : s->met[node->index];
}

/// Append to @p path what there is room for.
static void
append(char *path, size_t size, const char *name)
{
    const size_t used = strlen(path);
    snprintf(path + used, size - used, "%s -> ", name);
}

static void
describe_cycle(const struct search *s, struct lat_node *src,
               struct lat_node *dst, struct lat_error *error)
{
    // via() leads from src back to dst, along the cables that are there.
    char path[LAT_ERROR_MAX - 80 - LAT_NAME_MAX] = "";
    uint32_t n = 0;
    for (struct lat_node *node = src; node; node = via(s, node)) {
        ++n;
    }
    struct lat_node **nodes = malloc((n + (size_t)1) * sizeof(*nodes));
    if (nodes) {
        uint32_t k = n;
        for (struct lat_node *node = src; node; node = via(s, node)) {
            nodes[--k] = node;
        }
        for (k = 0; k < n; ++k) {
            if (n > 12 && k == 6) {
                append(path, sizeof(path), "...");
                k = n - 5;
            }
            append(path, sizeof(path), nodes[k]->name);
        }
        free(nodes);
    }
    lat_error_set(error, LAT_ECYCLE,
                  "the cable closes a cycle (%s%s); say feedback to carry the "
                  "signal one block late",
                  path, dst->name);
}

static int
by_rank(const void *a, const void *b)
{
    const struct lat_node *const *x = a;
    const struct lat_node *const *y = b;
    return ((*x)->rank > (*y)->rank) - ((*x)->rank < (*y)->rank);
}

static int
by_number(const void *a, const void *b)
{
    const uint32_t *x = a;
    const uint32_t *y = b;
    return (*x > *y) - (*x < *y);
}

// Give the nodes before the cable (those that lead to src) the lowest of the
// ranks that both sets had, and the nodes behind it the highest.
static bool
rerank(struct search *before, struct search *behind)
{
    const uint32_t n = before->n + behind->n;
    uint32_t *ranks = malloc(n * sizeof(*ranks));
    if (!ranks) {
        return false;
    }
    qsort(before->met, before->n, sizeof(struct lat_node *), by_rank);
    qsort(behind->met, behind->n, sizeof(struct lat_node *), by_rank);
    for (uint32_t i = 0; i < n; ++i) {
        ranks[i] = i < before->n ? before->met[i]->rank
                                 : behind->met[i - before->n]->rank;
    }
    qsort(ranks, n, sizeof(*ranks), by_number);
    for (uint32_t i = 0; i < n; ++i) {
        *(i < before->n ? &before->met[i]->rank
                        : &behind->met[i - before->n]->rank) = ranks[i];
    }
    free(ranks);
    return true;
}

static bool
has_readers(const struct lat_node *node)
{
    const struct lat_cable *c = node->out;
    while (c && c->is_feedback) {
        c = c->next_out;
    }
    return c;
}

static bool
has_sources(const struct lat_node *node)
{
    bool is_found = false;
    for (uint32_t p = 0; !is_found && p < node->layout->n_in; ++p) {
        const struct lat_cable *c = lat_input_first(&node->in[p]);
        while (c && c->is_feedback) {
            c = c->next_in;
        }
        is_found = c;
    }
    return is_found;
}

// A node at an end of all its cables agrees with all ranks when it goes to the
// end of these: who patches node after node, forward or backward, needs no
// search, which would meet all that was patched before.
static bool
go_to_end(struct lat_graph *g, struct lat_node *src, struct lat_node *dst)
{
    if (src == dst) {
        return false;
    }
    if (!has_readers(dst)) {
        dst->rank = g->next_rank++;
        return true;
    }
    if (!has_sources(src)) {
        src->rank = --g->last_low_rank;
        return true;
    }
    return false;
}

enum lat_status
lat_order_cable(struct lat_graph *g, struct lat_node *src, struct lat_node *dst,
                struct lat_error *error)
{
    if (src->rank < dst->rank || go_to_end(g, src, dst)) {
        return LAT_OK;
    }
    struct search behind = {0};
    struct search before = {0};
    enum lat_status status = LAT_OK;
    if (!search_forward(&behind, dst, src->rank, ++g->mark)) {
        status = LAT_ENOMEM;
    } else if (src->mark == g->mark) {
        describe_cycle(&behind, src, dst, error);
        status = LAT_ECYCLE;
    } else if (!search_backward(&before, src, dst->rank, ++g->mark) ||
               !rerank(&before, &behind)) {
        status = LAT_ENOMEM;
    }
    free(behind.met);
    free(before.met);
    return status;
}

void
lat_order_by_patience(struct lat_graph *g)
{
    bool has_changed = true;
    while (has_changed) {
        has_changed = false;
        for (struct lat_cable *c = g->first_cable; c; c = c->next) {
            if (!c->is_feedback && c->src->rank >= c->dst->rank) {
                c->dst->rank = g->next_rank++;
                has_changed = true;
            }
        }
    }
}
