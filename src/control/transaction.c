// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Transactions: what they begin with, and undoing them.

#include "state.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

void
lat_control_begin(struct lat_control *c)
{
    assert(!c->is_telling);
    c->is_open = true;
    c->is_load = false;
    c->g = &c->graph;
    c->g->origin = c->origin;
    c->old_transport = c->transport;
    c->n_timed = 0;
}

void
lat_control_begin_load(struct lat_control *c, uint32_t block)
{
    lat_control_begin(c);
    c->is_load = true;
    c->next_block = block ? block : c->block;
    lat_graph_init(&c->next_graph, &c->layouts);
    lat_units_init(&c->next_units, &c->ramps);
    c->next_document = (struct lat_document){0};
    c->g = &c->next_graph;
    c->g->origin = c->origin;
    lat_transport_init(&c->transport, c->rate, 120.0, 4.0);
    c->transport.is_playing = true;
}

bool
lat_control_is_open(const struct lat_control *c)
{
    return c->is_open;
}

void
lat_control_close(struct lat_control *c)
{
    c->is_open = c->is_load = false;
    c->g = &c->graph;
    c->n_timed = 0;
    c->n_moves = 0;
}

#ifdef LAT_TEST_HOOKS
/// Of more nodes than this, only every hundredth commit is looked at.
# define FEW_NODES 500U

void
lat_control_check_units(struct lat_control *c)
{
    if (c->graph.n_nodes > FEW_NODES && ++c->n_checks % 100) {
        return;
    }
    const char *wrong = lat_units_check(&c->units, &c->graph);
    if (wrong) {
        fprintf(stderr, "units: %s\n", wrong);
        abort();
    }
}
#else
void
lat_control_check_units(struct lat_control *c)
{
    (void)c;
}
#endif

void
lat_control_rollback(struct lat_control *c)
{
    if (!c->is_open) {
        return;
    }
    c->transport = c->old_transport;
    lat_graph_rollback(c->g, 0);
    if (c->is_load) {
        lat_control_drop_units(c, &c->next_units);
        lat_graph_fini(&c->next_graph);
        lat_document_free(&c->next_document);
    }
    lat_control_close(c);
    lat_control_check_units(c);
}

enum lat_status
lat_control_add_timed(struct lat_control *c, const struct lat_message *m)
{
    if (!lat_grow((void **)&c->timed, &c->timed_capacity, c->n_timed,
                  sizeof(*c->timed))) {
        return LAT_ENOMEM;
    }
    c->timed[c->n_timed++] = (struct lat_timed){*m, c->g->n_edits, c->origin};
    return LAT_OK;
}

// Emit what was said before edit number @p mark, from number @p next on.
// @return the number of the next one.
uint32_t
lat_control_emit_timed(struct lat_control *c, uint32_t next, uint32_t mark)
{
    for (; next < c->n_timed && c->timed[next].mark <= mark; ++next) {
        struct lat_message m = c->timed[next].message;
        m.frame = c->stamp;
        lat_control_emit(c, &m);
        lat_control_settle_time(c, &m);
        if (m.kind == LAT_MESSAGE_PANIC) {
            lat_control_forget_releases(c, NULL);
        }
    }
    return next;
}
