// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "graph/graph.h"
#include "graph/order.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

TestSuite(cycles, .timeout = 20);

#define N_NODES 40

static struct lat_layouts layouts;
static struct lat_graph graph;
static struct lat_node *nodes[N_NODES];

static void
make_nodes(uint32_t n)
{
    const struct lat_node_type *type = lat_node_type_find("delay");
    lat_graph_init(&graph, &layouts);
    for (uint32_t i = 0; i < n; ++i) {
        char name[16];
        snprintf(name, sizeof(name), "n%u", i);
        struct lat_setting_value *settings = lat_settings_copy(type, NULL);
        cr_assert_eq(
            lat_graph_add_node(&graph, type, name, settings, &nodes[i]),
            LAT_OK);
    }
}

static enum lat_status
connect(uint32_t from, uint32_t to, bool is_feedback, struct lat_error *error)
{
    struct lat_cable *cable = NULL;
    return lat_graph_add_cable(&graph, nodes[from], 0, nodes[to], 0, 1.0F,
                               is_feedback, &cable, error);
}

static bool
ranks_rise(void)
{
    for (const struct lat_cable *c = graph.first_cable; c; c = c->next) {
        if (!c->is_feedback && c->src->rank >= c->dst->rank) {
            return false;
        }
    }
    return true;
}

Test(cycles, ranks_rise_whatever_order_cables_are_made_in)
{
    // Against the order of the nodes, every third first.
    struct lat_error error;
    make_nodes(N_NODES);
    for (uint32_t k = 0; k < 3; ++k) {
        for (uint32_t i = k; i + 1 < N_NODES; i += 3) {
            cr_assert_eq(connect(i + 1, i, false, &error), LAT_OK);
            cr_assert(ranks_rise());
        }
    }
    lat_graph_fini(&graph);
}

Test(cycles, a_cable_that_closes_a_cycle_is_refused_with_its_nodes)
{
    struct lat_error error;
    make_nodes(4);
    cr_assert_eq(connect(0, 1, false, &error), LAT_OK);
    cr_assert_eq(connect(1, 2, false, &error), LAT_OK);
    cr_assert_eq(connect(2, 0, false, &error), LAT_ECYCLE);
    cr_assert(strstr(error.text, "(n0 -> n1 -> n2 -> n0)"), "%s", error.text);
    cr_assert_eq(graph.n_cables, 2);
    cr_assert(ranks_rise());
    lat_graph_fini(&graph);
}

Test(cycles, a_refusal_names_what_there_is_room_for)
{
    struct lat_error error;
    for (uint32_t n = 2; n < 30; ++n) {
        make_nodes(n);
        for (uint32_t i = 0; i < n; ++i) {
            char name[LAT_NAME_MAX];
            memset(name, 'a' + (int)i % 26, sizeof(name));
            name[2 + 13 * (i % 10)] = '\0';
            cr_assert_eq(lat_graph_rename_node(&graph, nodes[i], name), LAT_OK);
        }
        for (uint32_t i = 1; i < n; ++i) {
            cr_assert_eq(connect(i - 1, i, false, &error), LAT_OK);
        }
        cr_assert_eq(connect(n - 1, 0, false, &error), LAT_ECYCLE);
        cr_assert(strstr(error.text, "closes a cycle (aa -> "), "%s",
                  error.text);
        lat_graph_clear_journal(&graph);
        lat_graph_fini(&graph);
    }
}

Test(cycles, a_node_is_a_cycle_with_itself)
{
    struct lat_error error;
    make_nodes(1);
    cr_assert_eq(connect(0, 0, false, &error), LAT_ECYCLE);
    cr_assert_eq(connect(0, 0, true, &error), LAT_OK);
    lat_graph_fini(&graph);
}

Test(cycles, feedback_closes_any_cycle)
{
    struct lat_error error;
    make_nodes(3);
    cr_assert_eq(connect(0, 1, false, &error), LAT_OK);
    cr_assert_eq(connect(1, 2, false, &error), LAT_OK);
    cr_assert_eq(connect(2, 0, true, &error), LAT_OK);
    cr_assert(ranks_rise());
    lat_graph_fini(&graph);
}

Test(cycles, patience_finds_ranks_without_a_search)
{
    struct lat_error error;
    make_nodes(N_NODES);
    for (uint32_t i = 0; i + 1 < N_NODES; ++i) {
        cr_assert_eq(connect(i, i + 1, false, &error), LAT_OK);
    }
    for (uint32_t i = 0; i < N_NODES; ++i) {
        nodes[i]->rank = N_NODES - i;
    }
    cr_assert_not(ranks_rise());
    lat_order_by_patience(&graph);
    cr_assert(ranks_rise());
    lat_graph_fini(&graph);
}

Test(cycles, undoing_brings_back_cables_whose_ranks_have_moved)
{
    struct lat_error error;
    make_nodes(3);
    cr_assert_eq(connect(0, 1, false, &error), LAT_OK);
    const uint32_t mark = graph.n_edits;
    cr_assert_eq(lat_graph_remove_cable(&graph, graph.first_cable), LAT_OK);
    cr_assert_eq(connect(1, 2, false, &error), LAT_OK);
    cr_assert_eq(connect(2, 0, false, &error), LAT_OK);
    lat_graph_rollback(&graph, mark);
    cr_assert_eq(graph.n_cables, 1);
    cr_assert(ranks_rise());
    lat_graph_fini(&graph);
}
