// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Ranks rise along every cable, whatever is patched in whatever order, and who
// patches node after node waits for no search.

#include "graph/graph.h"
#include "nodes/types.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>

#define MANY 20000
#define FEW  24

TestSuite(order, .timeout = 20);

static struct lat_layouts layouts;
static struct lat_graph graph;

static struct lat_node *
make(uint32_t i)
{
    const struct lat_node_type *const type = lat_node_type_find("add");
    char name[32];
    struct lat_node *node = NULL;
    snprintf(name, sizeof(name), "n%u", i);
    cr_assert_eq(lat_graph_add_node(&graph, type, name,
                                    lat_settings_copy(type, NULL), &node),
                 LAT_OK);
    return node;
}

static enum lat_status
patch(struct lat_node *src, struct lat_node *dst, uint32_t port)
{
    struct lat_cable *cable = NULL;
    struct lat_error error;
    return lat_graph_add_cable(&graph, src, 0, dst, port, 1.0F, false, &cable,
                               &error);
}

static bool
leads(const struct lat_node *from, const struct lat_node *to)
{
    bool is_found = from == to;
    for (const struct lat_cable *c = from->out; !is_found && c;
         c = c->next_out) {
        is_found = leads(c->dst, to);
    }
    return is_found;
}

static void
check_ranks(void)
{
    for (const struct lat_cable *c = graph.first_cable; c; c = c->next) {
        cr_assert_lt(c->src->rank, c->dst->rank);
    }
}

Test(order, patching_backward_needs_no_search)
{
    lat_graph_init(&graph, &layouts);
    struct lat_node *last = make(0);
    for (uint32_t i = 1; i < MANY; ++i) {
        struct lat_node *const node = make(i);
        cr_assert_eq(patch(node, last, 0), LAT_OK);
        last = node;
    }
    check_ranks();
    lat_graph_fini(&graph);
}

Test(order, patching_forward_to_nodes_made_before_needs_no_search)
{
    static struct lat_node *nodes[MANY];
    lat_graph_init(&graph, &layouts);
    for (uint32_t i = MANY; i-- > 0;) {
        nodes[i] = make(i);
    }
    for (uint32_t i = 1; i < MANY; ++i) {
        cr_assert_eq(patch(nodes[i - 1], nodes[i], 0), LAT_OK);
    }
    check_ranks();
    lat_graph_fini(&graph);
}

Test(order, a_node_is_not_patched_to_itself)
{
    lat_graph_init(&graph, &layouts);
    struct lat_node *const node = make(0);
    cr_assert_eq(patch(node, node, 0), LAT_ECYCLE);
    lat_graph_fini(&graph);
}

/// Cables come and go, and come back when that is undone.
static void
change_at_random(struct lat_node **nodes)
{
    struct lat_node *const src = nodes[rand() % FEW];
    struct lat_node *const dst = nodes[rand() % FEW];
    const uint32_t port = (uint32_t)rand() % 2;
    struct lat_cable *const cable = lat_graph_find_cable(src, 0, dst, port);
    const uint32_t mark = graph.n_edits;
    if (cable) {
        cr_assert_eq(lat_graph_remove_cable(&graph, cable), LAT_OK);
    } else {
        const bool closes = leads(dst, src);
        cr_assert_eq(patch(src, dst, port), closes ? LAT_ECYCLE : LAT_OK);
    }
    if (rand() % 4 == 0) {
        lat_graph_rollback(&graph, mark);
    }
}

Test(order, finds_every_cycle_and_no_other)
{
    struct lat_node *nodes[FEW];
    srand(1);
    for (uint32_t run = 0; run < 20; ++run) {
        lat_graph_init(&graph, &layouts);
        for (uint32_t i = 0; i < FEW; ++i) {
            nodes[i] = make(i);
        }
        for (uint32_t i = 0; i < 200; ++i) {
            change_at_random(nodes);
            check_ranks();
        }
        lat_graph_rollback(&graph, 0);
        lat_graph_fini(&graph);
    }
}
