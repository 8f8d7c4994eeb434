// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Who listens is told what a transaction did, and who did it.  Entries are made
// from the journal once it is in force; room for them is made before that,
// where it may still fail.

#include "state.h"

#include <math.h>

#define ALL_TOPICS (2U * LAT_TOPIC_PORTS - 1U)

/// What an edit of the journal, or a timed message, is to listeners.
struct subject {
    enum lat_change_kind kind;
    uint32_t topic; ///< 0: nobody's business
};

static const struct subject of_edits[] = {
    [LAT_EDIT_NODE_ADDED] = {LAT_CHANGE_NODE_ADDED, LAT_TOPIC_STRUCTURE},
    [LAT_EDIT_NODE_REMOVED] = {LAT_CHANGE_NODE_REMOVED, LAT_TOPIC_STRUCTURE},
    [LAT_EDIT_NODE_RENAMED] = {LAT_CHANGE_NODE_RENAMED, LAT_TOPIC_STRUCTURE},
    [LAT_EDIT_CABLE_ADDED] = {LAT_CHANGE_CABLE_ADDED, LAT_TOPIC_STRUCTURE},
    [LAT_EDIT_CABLE_REMOVED] = {LAT_CHANGE_CABLE_REMOVED, LAT_TOPIC_STRUCTURE},
    [LAT_EDIT_AMOUNT] = {LAT_CHANGE_AMOUNT, LAT_TOPIC_AMOUNTS},
    [LAT_EDIT_VALUE] = {LAT_CHANGE_VALUE, LAT_TOPIC_VALUES},
    [LAT_EDIT_SETTINGS] = {LAT_CHANGE_SETTINGS, LAT_TOPIC_SETTINGS},
    [LAT_EDIT_BYPASS] = {LAT_CHANGE_BYPASS, LAT_TOPIC_SETTINGS},
    [LAT_EDIT_POLY] = {LAT_CHANGE_POLY, LAT_TOPIC_SETTINGS},
    [LAT_EDIT_SLEEP] = {LAT_CHANGE_SLEEP, LAT_TOPIC_SETTINGS},
    [LAT_EDIT_PROCESS] = {LAT_CHANGE_PLACE, LAT_TOPIC_PLACES},
    [LAT_EDIT_NOTE] = {LAT_CHANGE_NOTE, LAT_TOPIC_NOTES},
    [LAT_EDIT_NUMBER] = {LAT_CHANGE_NUMBER, LAT_TOPIC_NOTES},
    [LAT_EDIT_STRIKE] = {LAT_CHANGE_STRIKE, LAT_TOPIC_NOTES},
};

static const struct subject of_messages[] = {
    [LAT_MESSAGE_TEMPO] = {LAT_CHANGE_TEMPO, LAT_TOPIC_TRANSPORT},
    [LAT_MESSAGE_BEATS] = {LAT_CHANGE_BEATS_PER_CYCLE, LAT_TOPIC_TRANSPORT},
    [LAT_MESSAGE_PLAY] = {LAT_CHANGE_PLAY, LAT_TOPIC_TRANSPORT},
    [LAT_MESSAGE_LOCATE] = {LAT_CHANGE_LOCATE, LAT_TOPIC_TRANSPORT},
    [LAT_MESSAGE_PANIC] = {LAT_CHANGE_PANIC, LAT_TOPIC_PANIC},
};

// Who listens, and who speaks.

enum lat_status
lat_control_listen(struct lat_control *c, const struct lat_listener *listener)
{
    if (!lat_grow((void **)&c->listeners, &c->listeners_capacity,
                  c->n_listeners, sizeof(*c->listeners))) {
        return LAT_ENOMEM;
    }
    c->listeners[c->n_listeners++] = *listener;
    return LAT_OK;
}

void
lat_control_unlisten(struct lat_control *c, const void *data)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < c->n_listeners; ++i) {
        if (c->listeners[i].data != data) {
            c->listeners[kept++] = c->listeners[i];
        }
    }
    c->n_listeners = kept;
}

struct lat_origin
lat_control_set_origin(struct lat_control *c, struct lat_origin origin)
{
    const struct lat_origin before = c->origin;
    c->origin = c->g->origin = origin;
    return before;
}

// What has changed.

enum lat_status
lat_control_reserve_changes(struct lat_control *c)
{
    c->n_changes = 0;
    return !c->n_listeners ||
                   lat_grow_to((void **)&c->changes, &c->changes_capacity,
                               (size_t)c->g->n_edits + c->n_timed + c->n_moves,
                               sizeof(*c->changes))
               ? LAT_OK
               : LAT_ENOMEM;
}

static double
number_of(const struct lat_message *m)
{
    return m->kind == LAT_MESSAGE_LOCATE ? lat_cycle_to_double(m->cycle)
                                         : m->number;
}

static void
add_timed(struct lat_control *c, const struct lat_timed *timed)
{
    const struct lat_message *m = &timed->message;
    const struct subject subject = (size_t)m->kind < LAT_COUNT(of_messages)
                                       ? of_messages[m->kind]
                                       : (struct subject){.topic = 0};
    if (subject.topic) {
        c->changes[c->n_changes++] = (struct lat_change){
            .kind = subject.kind,
            .topic = subject.topic,
            .origin = timed->origin,
            .number = number_of(m),
        };
    }
}

/// Of a value: -1 when the node has the input no longer.
static int
input_of(const struct lat_edit *edit)
{
    return edit->kind == LAT_EDIT_VALUE
               ? lat_layout_follow_input(edit->old_layout, edit->node->layout,
                                         edit->input)
               : 0;
}

static void
add_edit(struct lat_control *c, const struct lat_edit *edit)
{
    const struct subject subject = of_edits[edit->kind];
    const int input = input_of(edit);
    if (!subject.topic || input < 0) {
        return;
    }
    const bool is_cut = edit->kind == LAT_EDIT_CABLE_REMOVED;
    c->changes[c->n_changes++] = (struct lat_change){
        .kind = subject.kind,
        .topic = subject.topic,
        .origin = edit->origin,
        .src_port = is_cut ? &edit->src_layout->out[edit->output] : NULL,
        .dst_port = is_cut ? &edit->old_layout->in[edit->input] : NULL,
        .node = edit->node,
        .cable = edit->cable,
        .input = (uint32_t)input,
        .voice = edit->voice,
        .number = edit->kind == LAT_EDIT_AMOUNT ? (double)edit->cable->amount
                                                : (double)edit->new_value,
        .wanted = (double)edit->new_value,
        .before = (double)edit->old_value,
        .seconds = edit->seconds,
        .velocity = (double)edit->velocity,
        .old_name = edit->old_name,
        .old_settings = edit->old_settings,
        .strike = &edit->strike,
    };
}

void
lat_control_gather_changes(struct lat_control *c)
{
    const struct lat_graph *g = c->g;
    uint32_t timed = 0;
    for (uint32_t i = 0; c->n_listeners && i <= g->n_edits; ++i) {
        while (timed < c->n_timed &&
               (c->timed[timed].mark <= i || i == g->n_edits)) {
            add_timed(c, &c->timed[timed++]);
        }
        if (i < g->n_edits) {
            add_edit(c, &g->journal[i]);
        }
    }
    for (uint32_t i = 0; c->n_listeners && i < c->n_moves; ++i) {
        c->changes[c->n_changes++] = (struct lat_change){
            .kind = LAT_CHANGE_PLACE,
            .topic = LAT_TOPIC_PLACES,
            .origin = c->origin,
            .node = c->moves[i].node,
        };
    }
}

static void
tell(struct lat_control *c, const struct lat_changes *changes)
{
    c->is_telling = true;
    for (uint32_t i = 0; i < c->n_listeners; ++i) {
        if (c->listeners[i].topics & changes->topics) {
            ++c->work.n_told;
            c->listeners[i].changed(c->listeners[i].data, changes);
        }
    }
    c->is_telling = false;
}

void
lat_control_tell_changes(struct lat_control *c, bool are_ports_new)
{
    struct lat_changes changes = {
        .topics = are_ports_new ? LAT_TOPIC_PORTS : 0,
        .origin = c->origin,
        .frame = c->is_exact ? c->stamp : 0,
        .present = c->present,
        .is_ordered = c->is_ordered,
        .is_held = c->is_held,
        .stamp = c->stamp,
        .turn = c->last_turn,
        .entries = c->changes,
        .n = c->n_changes,
    };
    for (uint32_t i = 0; i < changes.n; ++i) {
        changes.topics |= changes.entries[i].topic;
    }
    tell(c, &changes);
}

void
lat_control_tell_whole(struct lat_control *c, bool is_session)
{
    const struct lat_changes changes = {
        .topics = ALL_TOPICS,
        .is_whole = true,
        .is_session = is_session,
        .present = c->present,
        .stamp = c->stamp,
        .turn = c->last_turn,
        .origin = c->origin,
    };
    tell(c, &changes);
}

void
lat_control_tell_faded(struct lat_control *c, uint64_t frame)
{
    const struct lat_changes changes = {
        .topics = LAT_TOPIC_FADED,
        .present = c->present,
        .stamp = c->stamp,
        .turn = c->last_turn,
        .faded = frame,
    };
    tell(c, &changes);
}

void
lat_control_tell_rate(struct lat_control *c)
{
    const struct lat_changes changes = {
        .topics = LAT_TOPIC_RATE,
        .present = c->present,
        .stamp = c->stamp,
        .turn = c->last_turn,
    };
    tell(c, &changes);
}

void
lat_control_tell_tempo(struct lat_control *c)
{
    struct lat_engine_status status;
    if (c->document.sync != LAT_SYNC_MIDI) {
        return;
    }
    lat_engine_status(c->engine, &status);
    const double bpm = round(status.tempo_bpm * 10.0) / 10.0;
    if (status.has_midi_clock && bpm != c->transport.tempo_bpm &&
        bpm >= LAT_TEMPO_MIN && bpm <= LAT_TEMPO_MAX) {
        const struct lat_changes changes = {.topics = LAT_TOPIC_FOLLOWED_TEMPO};
        c->transport.tempo_bpm = bpm;
        tell(c, &changes);
    }
}

void
lat_control_tell_ports(struct lat_control *c)
{
    const struct lat_changes changes = {.topics = LAT_TOPIC_PORTS};
    tell(c, &changes);
}
