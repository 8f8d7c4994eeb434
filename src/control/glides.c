// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Values on their way.  The graph holds where a glide ends, which is what a
// session saves; audio alone has the ramp.  So that who asks is told what is
// heard, each glide is kept here too, by the ramp's own function of the frame,
// until it is over.

#include "state.h"

#include <string.h>

#define N_HEADS LAT_COUNT(((struct lat_control *)0)->glide_heads)

static uint64_t
frames_done(const struct lat_control *c)
{
    return atomic_load_explicit(&c->engine->frames_done, memory_order_acquire);
}

static uint32_t
bucket(const struct lat_node *node, uint32_t input)
{
    return (uint32_t)((node->id * 31 + input) % N_HEADS);
}

/// That of an input, of all voices or of one, be it over or not; or NULL.
static struct lat_glide *
find(const struct lat_control *c, const struct lat_node *node, uint32_t input,
     uint32_t voice)
{
    uint32_t i = c->n_glides ? c->glide_heads[bucket(node, input)] : 0;
    while (i && (c->glides[i - 1].node != node->id ||
                 c->glides[i - 1].input != input ||
                 c->glides[i - 1].voice != voice)) {
        i = c->glides[i - 1].next;
    }
    return i ? &c->glides[i - 1] : NULL;
}

static void
add(struct lat_control *c, struct lat_glide g)
{
    uint32_t *head = &c->glide_heads[(g.node * 31 + g.input) % N_HEADS];
    g.next = *head;
    c->glides[c->n_glides++] = g;
    *head = c->n_glides;
}

/// One that ended at frame 0 is over.
static void
end(struct lat_glide *g)
{
    g->ramp.end = 0;
}

/// Has it anything left to do at @p frame?  A node that got another instance,
/// or other inputs, starts at its values.
static bool
is_under_way(const struct lat_glide *g, const struct lat_node *node,
             uint64_t frame)
{
    const struct lat_instance *inst = lat_units_instance(node);
    return !lat_ramp_is_idle(&g->ramp, frame) && g->layout == node->layout &&
           (!inst || inst->since <= g->ramp.start);
}

void
lat_control_forget_glides(struct lat_control *c)
{
    memset(c->glide_heads, 0, sizeof(c->glide_heads));
    c->n_glides = 0;
}

static void
forget_past(struct lat_control *c)
{
    const uint64_t now = frames_done(c);
    const uint32_t n = c->n_glides;
    lat_control_forget_glides(c);
    for (uint32_t i = 0; i < n; ++i) {
        if (!lat_ramp_is_idle(&c->glides[i].ramp, now)) {
            add(c, c->glides[i]);
        }
    }
}

enum lat_status
lat_control_reserve_glides(struct lat_control *c)
{
    size_t n_new = 0;
    for (uint32_t i = 0; i < c->g->n_edits; ++i) {
        const struct lat_edit *edit = &c->g->journal[i];
        n_new += edit->kind == LAT_EDIT_VALUE && edit->seconds > 0.0;
    }
    if (n_new && c->n_glides) {
        forget_past(c);
    }
    return !n_new || lat_grow_to((void **)&c->glides, &c->glides_capacity,
                                 c->n_glides + n_new, sizeof(*c->glides))
               ? LAT_OK
               : LAT_ENOMEM;
}

// What all are given, no voice has otherwise.
static void
end_singles(struct lat_control *c, const struct lat_node *node, uint32_t input)
{
    for (uint32_t v = 1; node->poly > 1 && v <= node->poly; ++v) {
        struct lat_glide *g = find(c, node, input, v);
        if (g) {
            end(g);
        }
    }
}

// One voice begins where it is: on the way of all, if it had no value of its
// own.
static const struct lat_glide *
find_way(const struct lat_control *c, const struct lat_edit *edit,
         uint32_t input, const struct lat_glide *own)
{
    const struct lat_singles *old = edit->old_singles;
    const bool was_single = edit->voice && old && edit->voice <= old->n &&
                            old->of[edit->voice - 1].has_value;
    return own || was_single ? own : find(c, edit->node, input, 0);
}

void
lat_control_follow_glide(struct lat_control *c, const struct lat_edit *edit,
                         uint32_t input, uint64_t frame)
{
    const struct lat_node *node = edit->node;
    const enum lat_port_kind kind = node->layout->in[input].port->kind;
    struct lat_glide *g = find(c, node, input, edit->voice);
    if (!edit->voice) {
        end_singles(c, node, input);
    }
    if (g && is_under_way(g, node, frame) && g->ramp.start > frame) {
        g->ramp.from = edit->new_value; // it comes later, and goes on from here
        return;
    }
    if (!(edit->seconds > 0.0) || kind == LAT_PORT_TRIGGER ||
        kind == LAT_PORT_GATE) {
        if (g) {
            end(g);
        }
        return;
    }
    struct lat_ramp ramp;
    const struct lat_glide *way = find_way(c, edit, input, g);
    if (way && is_under_way(way, node, frame)) {
        ramp = way->ramp;
    } else {
        lat_ramp_set(&ramp, edit->old_value);
    }
    lat_ramp_aim(&ramp, frame, edit->new_value,
                 (uint64_t)(edit->seconds * c->rate), false);
    const struct lat_glide new = {
        .node = node->id,
        .layout = node->layout,
        .input = input,
        .voice = edit->voice,
        .ramp = ramp,
        .next = g ? g->next : 0,
    };
    if (g) {
        *g = new;
    } else {
        add(c, new);
    }
}

void
lat_control_end_glide(struct lat_control *c, const struct lat_node *node,
                      uint32_t input, uint32_t voice, uint64_t frame)
{
    struct lat_glide *g = find(c, node, input, voice);
    if (g && g->ramp.start < frame) {
        end(g);
    }
}

float
lat_control_value_now(const struct lat_control *c, const struct lat_node *node,
                      uint32_t input, uint32_t voice, bool *is_moving)
{
    const uint32_t asked = voice ? voice : 1;
    const struct lat_single *single =
        lat_input_single(&node->in[input], asked - 1);
    const bool is_single = single && single->has_value;
    const struct lat_glide *g = find(c, node, input, is_single ? asked : 0);
    const uint64_t now = g ? frames_done(c) : 0;
    if (!g || !is_under_way(g, node, now)) {
        return lat_input_value(&node->in[input], asked - 1);
    }
    if (is_moving) {
        *is_moving = true;
    }
    return lat_ramp_at(&g->ramp, now);
}
