// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Replacing everything: by a session, or at another rate.

#include "state.h"

#include <stdlib.h>

static void
all_live(struct lat_graph *g)
{
    for (struct lat_node *n = lat_graph_next_node(g, NULL); n;
         n = lat_graph_next_node(g, n)) {
        if (n->instance) {
            n->instance->is_live = true;
        }
    }
    for (struct lat_cable *k = lat_graph_next_cable(g, NULL); k;
         k = lat_graph_next_cable(g, k)) {
        k->is_live = true;
    }
}

// Nodes and cables, doors and those into them too.
static size_t
n_records(const struct lat_graph *g)
{
    size_t n = (size_t)g->n_nodes + g->n_cables;
    for (const struct lat_node *d = g->first_door; d; d = d->next) {
        ++n;
    }
    for (const struct lat_cable *k = g->first_door_cable; k; k = k->next) {
        ++n;
    }
    return n;
}

enum lat_status
lat_control_time_all(struct lat_control *c)
{
    const struct lat_transport *t = &c->transport;
    const struct lat_message messages[] = {
        {.kind = LAT_MESSAGE_SYNC, .number = c->next_document.sync},
        {.kind = LAT_MESSAGE_TEMPO, .number = t->tempo_bpm},
        {.kind = LAT_MESSAGE_BEATS, .number = t->beats_per_cycle},
        {.kind = LAT_MESSAGE_PLAY, .number = t->is_playing},
        {.kind = LAT_MESSAGE_LOCATE, .cycle = t->anchor},
    };
    enum lat_status status = LAT_OK;
    c->n_timed = 0;
    for (size_t i = 0; !status && i < LAT_COUNT(messages); ++i) {
        status = lat_control_add_timed(c, &messages[i]);
    }
    return status;
}

enum lat_status
lat_control_commit_load(struct lat_control *c, struct lat_error *error)
{
    struct lat_graph *g = &c->next_graph;
    struct lat_plan *plan = NULL;
    for (uint32_t i = 0; i < g->n_edits; ++i) {
        if (g->journal[i].kind == LAT_EDIT_SETTINGS) {
            lat_control_finish_settings(c, &g->journal[i]);
        }
    }
    enum lat_status status = lat_control_adjust_places(c);
    // Triggers set while loading have nothing to act on yet.
    lat_graph_clear_journal(g);
    bool is_said = false;
    if (!status) {
        status = lat_control_make_all(c, g, c->next_block, error);
        is_said = status != LAT_OK;
    }
    if (!status) {
        status =
            lat_control_reserve(c, 1 + (size_t)c->n_timed,
                                lat_control_n_fading(c) + n_records(&c->graph));
    }
    if (!status) {
        status = lat_control_compile(c, g, c->next_block, &plan);
    }
    if (status && !is_said) {
        lat_error_set(error, status, "cannot compile the graph: %s",
                      lat_strerror(status));
    }
    if (status) {
        lat_control_rollback(c);
        return status;
    }
    lat_control_bury_all_dying(c);
    for (struct lat_node *n = lat_graph_next_node(&c->graph, NULL); n;
         n = lat_graph_next_node(&c->graph, n)) {
        lat_control_throw_away(c, (struct lat_garbage){.inst = n->instance});
    }
    for (struct lat_cable *k = lat_graph_next_cable(&c->graph, NULL); k;
         k = lat_graph_next_cable(&c->graph, k)) {
        lat_control_throw_away(c, (struct lat_garbage){.run = k->run});
    }
    lat_graph_fini(&c->graph);
    lat_document_free(&c->document);
    c->graph = *g;
    c->document = c->next_document;
    c->next_document = (struct lat_document){0};
    c->block = c->next_block;

    c->stamp = lat_engine_stamp(c->engine);
    lat_control_submit_plan(c, plan, true);
    lat_control_emit_timed(c, 0, UINT32_MAX);
    all_live(&c->graph);
    lat_control_end_messages(c);
    lat_control_collect_garbage(c);
    return LAT_OK;
}

// Another rate: every node starts anew.

// Put what node number i has in place of what is at number i, or the other way
// round.
static void
exchange_instances(struct lat_graph *g, struct lat_instance **instances)
{
    uint32_t i = 0;
    for (struct lat_node *n = lat_graph_next_node(g, NULL); n;
         n = lat_graph_next_node(g, n), ++i) {
        struct lat_instance *inst = n->instance;
        n->instance = instances[i];
        instances[i] = inst;
    }
}

// Instances and a plan at the present rate in place of those at @p old; or all
// as it was.
static enum lat_status
make_anew(struct lat_control *c, struct lat_instance **old, uint32_t n,
          struct lat_plan **plan, struct lat_error *error)
{
    exchange_instances(&c->graph, old);
    enum lat_status status =
        lat_control_make_all(c, &c->graph, c->block, error);
    if (!status) {
        lat_control_bury_all_dying(c);
        status = lat_control_compile(c, &c->graph, c->block, plan);
    }
    if (status) {
        exchange_instances(&c->graph, old);
        for (uint32_t i = 0; i < n; ++i) {
            lat_control_drop_instance(c, old[i]);
        }
    }
    return status;
}

enum lat_status
lat_control_set_rate(struct lat_control *c, double rate,
                     struct lat_error *error)
{
    if (rate == c->rate) {
        return LAT_OK;
    }
    uint32_t n = 0;
    for (struct lat_node *node = lat_graph_next_node(&c->graph, NULL); node;
         node = lat_graph_next_node(&c->graph, node)) {
        ++n;
    }
    struct lat_instance **old = calloc((size_t)n + 1, sizeof(*old));
    struct lat_plan *plan = NULL;
    const double old_rate = c->rate;
    c->rate = rate;
    enum lat_status status =
        old ? lat_control_reserve(c, 2, (size_t)n + lat_control_n_fading(c))
            : LAT_ENOMEM;
    if (!status) {
        status = make_anew(c, old, n, &plan, error);
    }
    if (status) {
        c->rate = old_rate;
        free(old);
        return lat_error_set(error, status, "cannot change to %g Hz: %s", rate,
                             lat_strerror(status));
    }
    for (uint32_t i = 0; i < n; ++i) {
        lat_control_throw_away(c, (struct lat_garbage){.inst = old[i]});
    }
    free(old);
    c->transport.rate = rate;
    c->stamp = lat_engine_stamp(c->engine);
    lat_control_submit_plan(c, plan, false);
    lat_control_emit(c, &(struct lat_message){
                            .kind = LAT_MESSAGE_RATE,
                            .frame = c->stamp,
                            .number = rate,
                        });
    all_live(&c->graph);
    lat_control_end_messages(c);
    lat_control_collect_garbage(c);
    return LAT_OK;
}
