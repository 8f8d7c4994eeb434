// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Replacing everything: by a session, or at another rate.

#include "state.h"

static void
all_live(struct lat_control *c)
{
    lat_units_settle_all(&c->units);
    for (struct lat_unit *unit = lat_units_next(&c->units, NULL); unit;
         unit = lat_units_next(&c->units, unit)) {
        unit->inst->is_live = true;
        unit->inst->since = c->stamp;
    }
}

static void
throw_lead_away(void *data, struct lat_lead *lead)
{
    lat_control_throw_away(data, (struct lat_garbage){.ramp = lead->amount});
}

// All that runs, the dying too, belongs to the plan that is about to end.
static void
throw_units_away(struct lat_control *c)
{
    for (struct lat_unit *unit = lat_units_next(&c->units, NULL); unit;
         unit = lat_units_next(&c->units, unit)) {
        lat_units_each_lead(unit, throw_lead_away, c);
        lat_control_throw_away(c, (struct lat_garbage){.inst = unit->inst});
    }
    lat_units_fini(&c->units);
}

// Nothing that comes later is heard before it.
static void
submit_only(struct lat_control *c, struct lat_coming *coming, bool fades_old)
{
    lat_control_forget_layers(c);
    coming->n_kept = 0;
    lat_control_submit(c, coming, fades_old);
}

_Static_assert((int)LAT_FOLLOW_JACK == LAT_SYNC_JACK &&
                   (int)LAT_FOLLOW_MIDI == LAT_SYNC_MIDI,
               "a message carries one as the other");

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

/// Derive all that runs of @p g, into @p u, which is empty.
static enum lat_status
make_all(struct lat_control *c, struct lat_graph *g, struct lat_units *u,
         uint32_t block, struct lat_error *error)
{
    enum lat_status status = lat_control_set_places(c, u, error);
    for (struct lat_node *n = g->first; !status && n; n = n->next) {
        if (lat_units_need_voices(u, n)) {
            status = lat_error_set(error, LAT_ENOMEM, "out of memory");
        } else if (!lat_units_is_away(n)) {
            status = lat_control_add_units(c, u, n, block, error);
        }
    }
    if (!status) {
        status = lat_control_make_doors(c, g, u, block, error);
    }
    for (struct lat_cable *k = g->first_cable; !status && k; k = k->next) {
        status = lat_units_lead(u, k);
        if (status) {
            lat_error_set(error, status, "cannot make a cable from %s: %s",
                          k->src->name, lat_strerror(status));
        }
    }
    return status;
}

// What a load made and removed again never runs.
static void
forget_removed_moves(struct lat_control *c)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < c->n_moves; ++i) {
        if (!c->moves[i].node->is_removed) {
            c->moves[kept++] = c->moves[i];
        }
    }
    c->n_moves = kept;
}

enum lat_status
lat_control_commit_load(struct lat_control *c, struct lat_error *error)
{
    struct lat_graph *g = &c->next_graph;
    struct lat_coming coming;
    enum lat_status status = lat_control_send_new_away(c);
    forget_removed_moves(c);
    // Triggers set while loading have nothing to act on yet.
    lat_control_forget_journal(c);
    bool is_said = false;
    if (!status) {
        status = make_all(c, g, &c->next_units, c->next_block, error);
        is_said = status != LAT_OK;
    }
    if (!status) {
        status =
            lat_control_reserve(c, 1 + (size_t)c->n_timed,
                                (size_t)c->units.n_units + c->units.n_leads);
    }
    if (!status) {
        status = lat_control_compile(c, &c->next_units, c->next_block, &coming);
    }
    if (status && !is_said) {
        lat_error_set(error, status, "cannot compile the graph: %s",
                      lat_strerror(status));
    }
    if (status) {
        lat_control_rollback(c);
        return status;
    }
    throw_units_away(c);
    lat_control_forget_releases(c, NULL);
    lat_graph_fini(&c->graph);
    lat_document_free(&c->document);
    c->graph = *g;
    c->units = c->next_units;
    c->document = c->next_document;
    c->next_document = (struct lat_document){0};
    c->block = c->next_block;

    lat_control_take_stamp(c, true);
    submit_only(c, &coming, true);
    lat_control_emit_timed(c, 0, UINT32_MAX);
    all_live(c);
    lat_control_end_messages(c);
    lat_control_collect_garbage(c);
    return LAT_OK;
}

// Another rate: every node starts anew.

// Other instances for all nodes.
static enum lat_status
change_all(struct lat_control *c, struct lat_error *error)
{
    enum lat_status status = LAT_OK;
    for (struct lat_node *n = c->graph.first; !status && n; n = n->next) {
        if (!lat_units_is_away(n)) {
            status = lat_control_change_instances(c, n, false, error);
        }
    }
    if (!status) {
        status = lat_control_renew_doors(c, error);
    }
    for (struct lat_cable *k = c->graph.first_cable; !status && k;
         k = k->next) {
        status = lat_units_lead(&c->units, k); // their rings
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
    struct lat_coming coming;
    const double old_rate = c->rate;
    c->rate = rate;
    enum lat_status status =
        lat_control_reserve(c, 2, (size_t)c->units.n_units + c->units.n_dying);
    if (!status) {
        status = change_all(c, error);
    }
    if (!status) {
        lat_control_bury_all_dying(c);
        status = lat_control_compile(c, &c->units, c->block, &coming);
    }
    if (status) {
        lat_units_undo(&c->units, lat_control_drop_instance, c);
        c->rate = old_rate;
        return lat_error_set(error, status, "cannot change to %g Hz: %s", rate,
                             lat_strerror(status));
    }
    lat_control_settle_units(c);
    lat_control_forget_releases(c, NULL); // every key is up again
    lat_control_forget_glides(c);
    c->transport.rate = rate;
    lat_control_take_stamp(c, true);
    submit_only(c, &coming, false);
    lat_control_emit(c, &(struct lat_message){
                            .kind = LAT_MESSAGE_RATE,
                            .frame = c->stamp,
                            .number = rate,
                        });
    all_live(c);
    lat_control_end_messages(c);
    lat_control_collect_garbage(c);
    lat_control_tell_rate(c);
    return LAT_OK;
}
