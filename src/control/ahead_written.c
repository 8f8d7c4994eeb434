// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What transactions write that are sent ahead of their frame: of two that write
// one input the later frame is what sounds in the end.

#include "state.h"

#include <string.h>

#define N_HEADS LAT_COUNT(((struct lat_control *)0)->ahead_heads)

/// What an edit writes: an input's value, or the amount of a cable into it.
struct target {
    const struct lat_node *node;
    struct lat_cable *cable; ///< or NULL
    uint32_t input;
    uint32_t voice; ///< from 1; 0: all
};

/// The frame of the plan that brings it; the first voice stands for all.
static uint64_t
frame_since(const struct lat_node *node, uint32_t voice,
            const struct lat_cable *cable)
{
    const struct lat_lead *lead = cable ? cable->run : NULL;
    const struct lat_unit *unit =
        cable ? NULL : lat_units_voice(node, voice ? voice - 1 : 0);
    return lead ? lead->since : unit ? unit->inst->since : 0;
}

/// Does a voice that it writes come with a later plan?
static bool
is_before_any(const struct lat_control *c, const struct lat_node *node,
              uint32_t voice)
{
    const struct lat_unit *unit = lat_units_of(node);
    if (voice) {
        return frame_since(node, voice, NULL) > c->stamp;
    }
    while (unit && unit->inst->since <= c->stamp) {
        unit = unit->sister;
    }
    return unit;
}

static bool
is_before_any_lead(const struct lat_control *c, const struct lat_cable *cable)
{
    const struct lat_lead *lead = cable->run;
    while (lead && lead->since <= c->stamp) {
        lead = lead->sister;
    }
    return lead;
}

/// What comes with a plan that waits for its frame waits, too.
static uint64_t
frame_of(const struct lat_control *c, const struct target *t)
{
    const uint64_t since = frame_since(t->node, t->voice, t->cable);
    return c->stamp > since ? c->stamp : since;
}

/// Does it wait for a plan beyond its frame?
static bool
is_held(const struct lat_control *c, const struct lat_edit *edit)
{
    switch (edit->kind) {
    case LAT_EDIT_AMOUNT:
        return !edit->cable->is_removed && is_before_any_lead(c, edit->cable);
    case LAT_EDIT_VALUE:
        return !edit->node->is_removed &&
               is_before_any(c, edit->node, edit->voice);
    case LAT_EDIT_NOTE:
    case LAT_EDIT_NUMBER:
    case LAT_EDIT_STRIKE:
        return !edit->node->is_removed && is_before_any(c, edit->node, 0);
    default:
        return false;
    }
}

static bool
find_target(const struct lat_edit *edit, struct target *out)
{
    if (edit->kind == LAT_EDIT_AMOUNT && !edit->cable->is_removed) {
        *out = (struct target){edit->cable->dst, edit->cable,
                               edit->cable->dst_port, 0};
        return true;
    }
    const struct lat_node *node = edit->node;
    if (edit->kind != LAT_EDIT_VALUE || node->is_removed) {
        return false;
    }
    const int input =
        lat_layout_follow_input(edit->old_layout, node->layout, edit->input);
    if (input < 0 || node->layout->in[input].port->kind == LAT_PORT_TRIGGER) {
        return false;
    }
    *out = (struct target){node, NULL, (uint32_t)input, edit->voice};
    return true;
}

/// What a voice has of its own, which may have been taken from it since.
static struct lat_single *
find_single(const struct target *t)
{
    return t->voice ? lat_input_single(&t->node->in[t->input], t->voice - 1)
                    : NULL;
}

static struct lat_written_ahead
describe(const struct lat_control *c, const struct target *t)
{
    const struct lat_input *in = &t->node->in[t->input];
    const struct lat_single *single = find_single(t);
    struct lat_written_ahead w = {
        .frame = frame_of(c, t),
        .wished = c->stamp,
        .node = t->node->id,
        .input = t->input,
        .voice = t->voice,
        .value = single ? single->value : in->value,
        .saved = single ? single->saved : in->saved,
    };
    if (t->cable) {
        w.src = t->cable->src->id;
        w.src_port = t->cable->src_port;
        w.value = t->cable->amount;
    }
    memcpy(w.written,
           t->cable ? t->cable->written
           : single ? single->written
                    : in->written,
           sizeof(w.written));
    return w;
}

static void
restore(const struct target *t, const struct lat_written_ahead *w)
{
    struct lat_single *single = find_single(t);
    if (t->cable) {
        t->cable->amount = w->value;
        memcpy(t->cable->written, w->written, sizeof(w->written));
    } else if (single) {
        single->value = w->value;
        single->saved = w->saved;
        memcpy(single->written, w->written, sizeof(w->written));
    } else if (!t->voice) {
        struct lat_input *in = &t->node->in[t->input];
        in->value = w->value;
        in->saved = w->saved;
        memcpy(in->written, w->written, sizeof(w->written));
    }
}

static uint32_t *
head_of(struct lat_control *c, const struct lat_written_ahead *w)
{
    return &c->ahead_heads[(w->node * 31 + w->input) % N_HEADS];
}

static struct lat_written_ahead *
find(struct lat_control *c, const struct lat_written_ahead *w)
{
    uint32_t i = *head_of(c, w);
    while (i && (c->ahead[i - 1].node != w->node ||
                 c->ahead[i - 1].input != w->input ||
                 c->ahead[i - 1].voice != w->voice ||
                 c->ahead[i - 1].src != w->src ||
                 c->ahead[i - 1].src_port != w->src_port)) {
        i = c->ahead[i - 1].next;
    }
    return i ? &c->ahead[i - 1] : NULL;
}

/// Does what was written before overrule what is written now?
static bool
is_later(const struct lat_written_ahead *w, const struct lat_written_ahead *now)
{
    return w->frame != now->frame ? w->frame > now->frame
                                  : w->wished > now->wished;
}

static void
add(struct lat_control *c, struct lat_written_ahead w)
{
    uint32_t *head = head_of(c, &w);
    w.next = *head;
    c->ahead[c->n_ahead++] = w;
    *head = c->n_ahead;
}

static void
forget_all(struct lat_control *c)
{
    memset(c->ahead_heads, 0, sizeof(c->ahead_heads));
    c->n_ahead = 0;
}

/// Other settings of a node give its ports other numbers.
/// @return false when the port is gone.
static bool
follow_layout(struct lat_written_ahead *w, const struct lat_edit *edit)
{
    const struct lat_node *node = edit->node;
    int input = (int)w->input;
    int output = (int)w->src_port;
    if (w->node == node->id) {
        input =
            lat_layout_follow_input(edit->old_layout, node->layout, w->input);
    }
    if (w->src == node->id) {
        output = lat_layout_follow_output(edit->old_layout, node->layout,
                                          w->src_port);
    }
    if (input < 0 || output < 0) {
        return false;
    }
    w->input = (uint32_t)input;
    w->src_port = (uint32_t)output;
    return true;
}

/// The first edit of a node's layout stands for those behind it.
static bool
is_first_of_layout(const struct lat_graph *g, uint32_t edit)
{
    const struct lat_edit *const e = &g->journal[edit];
    bool is = e->kind == LAT_EDIT_SETTINGS && e->node->layout != e->old_layout;
    for (uint32_t i = 0; i < edit && is; ++i) {
        is = g->journal[i].kind != LAT_EDIT_SETTINGS ||
             g->journal[i].node != e->node;
    }
    return is;
}

static bool
follow_edits(const struct lat_graph *g, struct lat_written_ahead *w)
{
    bool is_there = true;
    for (uint32_t i = 0; i < g->n_edits && is_there; ++i) {
        is_there =
            !is_first_of_layout(g, i) || follow_layout(w, &g->journal[i]);
    }
    return is_there;
}

static bool
changes_layouts(const struct lat_graph *g)
{
    uint32_t i = 0;
    while (i < g->n_edits && !is_first_of_layout(g, i)) {
        ++i;
    }
    return i < g->n_edits;
}

void
lat_control_follow_ahead(struct lat_control *c)
{
    const uint32_t n = lat_control_runs_itself(c) ? 0 : c->n_ahead;
    const bool moves = n && changes_layouts(c->g);
    if (!c->n_ahead) {
        return;
    }
    forget_all(c);
    for (uint32_t i = 0; i < n; ++i) {
        struct lat_written_ahead w = c->ahead[i];
        // What is heard before anything that is commanded now is over.
        if (w.frame > c->present && (!moves || follow_edits(c->g, &w))) {
            add(c, w);
        }
    }
}

enum lat_status
lat_control_reserve_ahead(struct lat_control *c)
{
    return lat_grow_to((void **)&c->ahead, &c->ahead_capacity,
                       (size_t)c->n_ahead + c->g->n_edits, sizeof(*c->ahead))
               ? LAT_OK
               : LAT_ENOMEM;
}

bool
lat_control_is_overruled(struct lat_control *c, const struct lat_edit *edit)
{
    struct target t;
    if (!c->n_ahead || !find_target(edit, &t)) {
        return false;
    }
    const struct lat_written_ahead now = describe(c, &t);
    const struct lat_written_ahead *w = find(c, &now);
    return w && w->frame == now.frame && is_later(w, &now);
}

/// What was written to a voice, or for 0 to all, for a later frame, or NULL.
static const struct lat_written_ahead *
find_later(struct lat_control *c, const struct target *t, uint32_t voice)
{
    const struct lat_written_ahead key = {
        .node = t->node->id, .input = t->input, .voice = voice};
    const struct lat_written_ahead *w = find(c, &key);
    return w && w->wished > c->stamp ? w : NULL;
}

bool
lat_control_is_voice_overruled(struct lat_control *c,
                               const struct lat_edit *edit, uint32_t voice)
{
    struct target t;
    if (edit->node->poly == 1) {
        return lat_control_is_overruled(c, edit);
    }
    if (!c->n_ahead || !find_target(edit, &t)) {
        return false;
    }
    const uint64_t since = frame_since(t.node, voice, NULL);
    const struct lat_written_ahead *all = find_later(c, &t, 0);
    const struct lat_written_ahead *own = find_later(c, &t, voice);
    return (all && all->wished <= since) || (own && own->wished <= since);
}

/// What all voices are given takes no value from one that it gets later, and
/// one keeps none that all are given another later.
static void
settle_singles(struct lat_control *c, struct lat_edit *edit,
               const struct target *t)
{
    struct lat_input *in = &t->node->in[t->input];
    struct lat_single *single = find_single(t);
    if (single && find_later(c, t, 0)) {
        single->has_value = false;
        single->has_saved = false;
    }
    if (t->voice || in->singles || !edit->old_singles) {
        return;
    }
    bool any = false;
    for (uint32_t v = 0; v < edit->old_singles->n; ++v) {
        single = &edit->old_singles->of[v];
        const bool stays = find_later(c, t, v + 1);
        single->has_value = single->has_value && stays;
        single->has_saved = single->has_saved && stays;
        any = any || single->has_value;
    }
    if (any) {
        in->singles = edit->old_singles;
        edit->old_singles = NULL;
    }
}

/// @param is_new  the node came in the same transaction.
static void
settle_target(struct lat_control *c, const struct target *t, bool is_new,
              bool is_ahead)
{
    struct lat_written_ahead now = describe(c, t);
    struct lat_written_ahead *w = find(c, &now);
    if (is_new) {
        now.wished = 0; // whatever acts on a new node comes behind it
    }
    if (w && is_later(w, &now)) {
        restore(t, w);
        if (!t->cable) {
            lat_control_end_glide(c, t->node, t->input, t->voice, w->frame);
        }
    } else if (w) {
        const uint32_t next = w->next;
        *w = now; // at the present frame, it is forgotten next time
        w->next = next;
    } else if (is_ahead) {
        add(c, now);
    }
}

void
lat_control_settle_ahead(struct lat_control *c)
{
    const bool is_ahead = c->stamp > c->present;
    uint32_t first_new = UINT32_MAX;
    c->is_held = false;
    for (uint32_t i = 0; (is_ahead || c->n_ahead) && i < c->g->n_edits; ++i) {
        struct lat_edit *edit = &c->g->journal[i];
        struct target t;
        c->is_held = c->is_held || is_held(c, edit);
        if (edit->kind == LAT_EDIT_NODE_ADDED && first_new == UINT32_MAX) {
            first_new = edit->node->serial;
        }
        if (!find_target(edit, &t)) {
            continue;
        }
        if (c->n_ahead && !t.cable && t.node->poly > 1) {
            settle_singles(c, edit, &t);
        }
        settle_target(c, &t, t.node->serial >= first_new, is_ahead);
    }
}

void
lat_control_settle_time(struct lat_control *c, const struct lat_message *m)
{
    struct lat_time_ahead *ahead =
        m->kind == LAT_MESSAGE_TEMPO  ? &c->tempo_ahead
        : m->kind == LAT_MESSAGE_PLAY ? &c->play_ahead
                                      : NULL;
    if (!ahead) {
        return;
    }
    if (m->frame >= ahead->frame || lat_control_runs_itself(c)) {
        *ahead = (struct lat_time_ahead){m->frame, m->number};
    } else if (m->kind == LAT_MESSAGE_TEMPO) {
        c->transport.tempo_bpm = ahead->number;
    } else {
        c->transport.is_playing = ahead->number != 0.0;
    }
}
