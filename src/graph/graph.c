// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Lists are doubly linked and a removed record keeps its own links, so undoing
// edits last first puts everything back in its old place.

#include "graph.h"
#include "order.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// A journal that grew beyond this, for a load, is given back.
#define KEPT_EDITS 4096U

// The name table.

static uint32_t
hash_name(const char *name)
{
    uint32_t h = 2166136261U; // FNV-1a
    for (; *name; ++name) {
        h = (h ^ (unsigned char)*name) * 16777619U;
    }
    return h;
}

static struct lat_node **
bucket_of(const struct lat_graph *g, const char *name)
{
    return &g->buckets[hash_name(name) & (g->n_buckets - 1)];
}

static bool
grow_buckets(struct lat_graph *g)
{
    if (g->n_nodes < g->n_buckets) {
        return true;
    }
    const uint32_t n = g->n_buckets ? 4 * g->n_buckets : 256;
    struct lat_node **buckets = calloc(n, sizeof(struct lat_node *));
    if (!buckets) {
        return g->n_buckets; // slower, but right
    }
    free(g->buckets);
    g->buckets = buckets;
    g->n_buckets = n;
    for (struct lat_node *node = g->first; node; node = node->next) {
        struct lat_node **bucket = bucket_of(g, node->name);
        node->hash_next = *bucket;
        *bucket = node;
    }
    return true;
}

static void
hash_add(struct lat_graph *g, struct lat_node *node)
{
    struct lat_node **bucket = bucket_of(g, node->name);
    node->hash_next = *bucket;
    *bucket = node;
}

static void
hash_remove(struct lat_graph *g, struct lat_node *node)
{
    struct lat_node **link = bucket_of(g, node->name);
    while (*link != node) {
        link = &(*link)->hash_next;
    }
    *link = node->hash_next;
}

struct lat_node *
lat_graph_find(const struct lat_graph *g, const char *name)
{
    if (!g->n_buckets) {
        return NULL;
    }
    struct lat_node *node = *bucket_of(g, name);
    while (node && strcmp(node->name, name) != 0) {
        node = node->hash_next;
    }
    return node;
}

// Life and death.

void
lat_graph_init(struct lat_graph *g, struct lat_layouts *layouts)
{
    *g = (struct lat_graph){
        .layouts = layouts,
        .nodes = {.bytes = sizeof(struct lat_node)},
        .cables = {.bytes = sizeof(struct lat_cable)},
        .next_serial = 1,
        .next_rank = LAT_FIRST_RANK,
        .last_low_rank = LAT_FIRST_RANK,
    };
}

void
lat_cable_free(struct lat_graph *g, struct lat_cable *cable)
{
    if (cable) {
        free(cable->comment);
        lat_slab_give(&g->cables, cable);
    }
}

void
lat_inputs_free(struct lat_input *in, const struct lat_layout *l)
{
    for (uint32_t i = 0; in && i < l->n_in; ++i) {
        free(in[i].cables);
        free(in[i].singles);
    }
    free(in);
}

void
lat_node_free(struct lat_graph *g, struct lat_node *node)
{
    if (!node) {
        return;
    }
    while (node->comments) {
        struct lat_comment *next = node->comments->next;
        free(node->comments->key);
        free(node->comments->text);
        free(node->comments);
        node->comments = next;
    }
    lat_settings_free(node->type, node->settings);
    lat_inputs_free(node->in, node->layout);
    free(node->name);
    lat_slab_give(&g->nodes, node);
}

static void
free_cables(struct lat_graph *g, struct lat_cable *c)
{
    while (c) {
        struct lat_cable *next = c->next;
        lat_cable_free(g, c);
        c = next;
    }
}

static void
free_nodes(struct lat_graph *g, struct lat_node *n)
{
    while (n) {
        struct lat_node *next = n->next;
        lat_node_free(g, n);
        n = next;
    }
}

void
lat_graph_fini(struct lat_graph *g)
{
    free_cables(g, g->first_cable);
    free_nodes(g, g->first);
    lat_slab_free(&g->cables);
    lat_slab_free(&g->nodes);
    free(g->buckets);
    free(g->journal);
    lat_graph_init(g, g->layouts);
}

// The journal.

static struct lat_edit *
log_edit(struct lat_graph *g, enum lat_edit_kind kind)
{
    if (g->n_edits == g->edits_capacity) {
        const uint32_t capacity =
            g->edits_capacity ? 2 * g->edits_capacity : 64;
        struct lat_edit *journal =
            realloc(g->journal, capacity * sizeof(*journal));
        if (!journal) {
            return NULL;
        }
        g->journal = journal;
        g->edits_capacity = capacity;
    }
    struct lat_edit *edit = &g->journal[g->n_edits++];
    *edit = (struct lat_edit){.kind = kind, .origin = g->origin};
    return edit;
}

// Nodes.

static void
link_node(struct lat_graph *g, struct lat_node *node)
{
    *(node->prev ? &node->prev->next : &g->first) = node;
    *(node->next ? &node->next->prev : &g->last) = node;
    node->is_removed = false;
    ++g->n_nodes;
    hash_add(g, node);
}

static void
unlink_node(struct lat_graph *g, struct lat_node *node)
{
    *(node->prev ? &node->prev->next : &g->first) = node->next;
    *(node->next ? &node->next->prev : &g->last) = node->prev;
    node->is_removed = true;
    --g->n_nodes;
    hash_remove(g, node);
}

static struct lat_input *
new_inputs(const struct lat_layout *layout)
{
    struct lat_input *in = calloc(layout->n_in ? layout->n_in : 1, sizeof(*in));
    for (uint32_t i = 0; in && i < layout->n_in; ++i) {
        in[i].value = in[i].saved = layout->in[i].port->initial;
    }
    return in;
}

static struct lat_node *
new_node(struct lat_graph *g, const struct lat_node_type *type,
         const char *name, struct lat_setting_value *settings)
{
    static uint64_t n_made;
    struct lat_node *node = lat_slab_take(&g->nodes);
    if (!node || !(node->layout = lat_layout_get(g->layouts, type, settings)) ||
        !(node->in = new_inputs(node->layout))) {
        lat_slab_give(&g->nodes, node);
        return NULL;
    }
    node->name = strdup(name);
    if (!node->name) {
        lat_inputs_free(node->in, node->layout);
        lat_slab_give(&g->nodes, node);
        return NULL;
    }
    node->type = type;
    node->poly = 1;
    node->id = ++n_made;
    return node;
}

enum lat_status
lat_graph_add_node(struct lat_graph *g, const struct lat_node_type *type,
                   const char *name, struct lat_setting_value *settings,
                   struct lat_node **out)
{
    struct lat_node *node =
        grow_buckets(g) ? new_node(g, type, name, settings) : NULL;
    struct lat_edit *edit = node ? log_edit(g, LAT_EDIT_NODE_ADDED) : NULL;
    if (!edit) {
        lat_node_free(g, node);
        return LAT_ENOMEM;
    }
    edit->node = node;
    node->settings = settings;
    node->serial = g->next_serial++;
    node->rank = g->next_rank++;
    node->prev = g->last;
    link_node(g, node);
    *out = node;
    return LAT_OK;
}

// To what it was not.
static enum lat_status
set_flag(struct lat_graph *g, struct lat_node *node, enum lat_edit_kind kind,
         bool *flag, bool value)
{
    struct lat_edit *edit = log_edit(g, kind);
    if (!edit) {
        return LAT_ENOMEM;
    }
    assert(*flag != value);
    edit->node = node;
    *flag = value;
    return LAT_OK;
}

enum lat_status
lat_graph_set_bypass(struct lat_graph *g, struct lat_node *node,
                     bool is_bypassed)
{
    return set_flag(g, node, LAT_EDIT_BYPASS, &node->is_bypassed, is_bypassed);
}

enum lat_status
lat_graph_set_process(struct lat_graph *g, struct lat_node *node, bool is_own)
{
    return set_flag(g, node, LAT_EDIT_PROCESS, &node->is_own_process, is_own);
}

enum lat_status
lat_graph_set_poly(struct lat_graph *g, struct lat_node *node, uint8_t poly)
{
    struct lat_edit *edit = log_edit(g, LAT_EDIT_POLY);
    if (!edit) {
        return LAT_ENOMEM;
    }
    edit->node = node;
    edit->old_poly = node->poly;
    edit->new_value = (float)poly;
    for (uint32_t i = 0; i < node->layout->n_in; ++i) {
        struct lat_singles *s = node->in[i].singles;
        for (uint32_t v = node->poly; s && v < poly && v < s->n; ++v) {
            s->of[v] = (struct lat_single){0}; // from when there was one
        }
    }
    node->poly = poly;
    return LAT_OK;
}

enum lat_status
lat_graph_set_sleep(struct lat_graph *g, struct lat_node *node,
                    enum lat_node_sleep sleep)
{
    struct lat_edit *edit = log_edit(g, LAT_EDIT_SLEEP);
    if (!edit) {
        return LAT_ENOMEM;
    }
    edit->node = node;
    edit->old_sleep = node->sleep;
    node->sleep = (uint8_t)sleep;
    return LAT_OK;
}

enum lat_status
lat_graph_remove_node(struct lat_graph *g, struct lat_node *node)
{
    enum lat_status status = LAT_OK;
    while (!status && node->out) {
        status = lat_graph_remove_cable(g, node->out);
    }
    for (uint32_t i = 0; !status && i < node->layout->n_in; ++i) {
        while (!status && lat_input_first(&node->in[i])) {
            status = lat_graph_remove_cable(g, lat_input_first(&node->in[i]));
        }
    }
    struct lat_edit *edit = status ? NULL : log_edit(g, LAT_EDIT_NODE_REMOVED);
    if (!edit) {
        return LAT_ENOMEM;
    }
    edit->node = node;
    unlink_node(g, node);
    return LAT_OK;
}

/// Give a node the name @p name, which becomes its own.  @return the old one.
static char *
swap_name(struct lat_graph *g, struct lat_node *node, char *name)
{
    char *const old = node->name;
    hash_remove(g, node);
    node->name = name;
    hash_add(g, node);
    return old;
}

enum lat_status
lat_graph_rename_node(struct lat_graph *g, struct lat_node *node,
                      const char *name)
{
    char *const copy = strdup(name);
    struct lat_edit *edit = copy ? log_edit(g, LAT_EDIT_NODE_RENAMED) : NULL;
    if (!edit) {
        free(copy);
        return LAT_ENOMEM;
    }
    edit->node = node;
    edit->old_name = swap_name(g, node, copy);
    return LAT_OK;
}

// Remove the cables of ports that @p layout does not have.
static enum lat_status
remove_cables_beside(struct lat_graph *g, struct lat_node *node,
                     const struct lat_layout *layout)
{
    const struct lat_layout *old = node->layout;
    enum lat_status status = LAT_OK;
    for (uint32_t i = 0; !status && i < old->n_in; ++i) {
        if (lat_layout_follow_input(old, layout, i) >= 0) {
            continue;
        }
        while (!status && lat_input_first(&node->in[i])) {
            status = lat_graph_remove_cable(g, lat_input_first(&node->in[i]));
        }
    }
    struct lat_cable *next = NULL;
    for (struct lat_cable *c = node->out; !status && c; c = next) {
        next = c->next_out;
        if (lat_layout_follow_output(old, layout, c->src_port) < 0) {
            status = lat_graph_remove_cable(g, c);
        }
    }
    return status;
}

// Give @p to, inputs of @p layout, what the node's inputs of these names have.
static void
move_inputs(struct lat_node *node, const struct lat_layout *layout,
            struct lat_input *to)
{
    const struct lat_layout *old = node->layout;
    for (uint32_t i = 0; i < old->n_in; ++i) {
        const int k = lat_layout_follow_input(old, layout, i);
        if (k < 0) {
            continue;
        }
        to[k] = node->in[i];
        node->in[i].cables = NULL;
        node->in[i].singles = NULL;
        for (struct lat_cable *c = lat_input_first(&to[k]); c; c = c->next_in) {
            c->dst_port = (uint32_t)k;
        }
    }
    for (struct lat_cable *c = node->out; c; c = c->next_out) {
        c->src_port =
            (uint32_t)lat_layout_follow_output(old, layout, c->src_port);
    }
}

enum lat_status
lat_graph_set_settings(struct lat_graph *g, struct lat_node *node,
                       struct lat_setting_value *settings)
{
    const struct lat_layout *layout =
        lat_layout_get(g->layouts, node->type, settings);
    if (!layout) {
        return LAT_ENOMEM;
    }
    const bool is_other = layout != node->layout;
    struct lat_input *in = is_other ? new_inputs(layout) : node->in;
    const bool is_ready =
        in && !(is_other && remove_cables_beside(g, node, layout));
    struct lat_edit *edit = is_ready ? log_edit(g, LAT_EDIT_SETTINGS) : NULL;
    if (!edit) {
        if (is_other) {
            free(in);
        }
        return LAT_ENOMEM;
    }
    edit->node = node;
    edit->old_settings = node->settings;
    edit->old_layout = node->layout;
    edit->old_in = is_other ? node->in : NULL;
    if (is_other) {
        move_inputs(node, layout, in);
    }
    node->settings = settings;
    node->layout = layout;
    node->in = in;
    return LAT_OK;
}

// Cables.

static void
link_cable(struct lat_graph *g, struct lat_cable *c)
{
    struct lat_cables *in = c->dst->in[c->dst_port].cables;
    *(c->prev ? &c->prev->next : &g->first_cable) = c;
    *(c->next ? &c->next->prev : &g->last_cable) = c;
    *(c->prev_in ? &c->prev_in->next_in : &in->first) = c;
    *(c->next_in ? &c->next_in->prev_in : &in->last) = c;
    *(c->prev_out ? &c->prev_out->next_out : &c->src->out) = c;
    if (c->next_out) {
        c->next_out->prev_out = c;
    }
    ++in->n_cables;
    ++g->n_cables;
    c->is_removed = false;
}

static void
unlink_cable(struct lat_graph *g, struct lat_cable *c)
{
    struct lat_cables *in = c->dst->in[c->dst_port].cables;
    *(c->prev ? &c->prev->next : &g->first_cable) = c->next;
    *(c->next ? &c->next->prev : &g->last_cable) = c->prev;
    *(c->prev_in ? &c->prev_in->next_in : &in->first) = c->next_in;
    *(c->next_in ? &c->next_in->prev_in : &in->last) = c->prev_in;
    *(c->prev_out ? &c->prev_out->next_out : &c->src->out) = c->next_out;
    if (c->next_out) {
        c->next_out->prev_out = c->prev_out;
    }
    --in->n_cables;
    --g->n_cables;
    c->is_removed = true;
}

enum lat_status
lat_graph_add_cable(struct lat_graph *g, struct lat_node *src,
                    uint32_t src_port, struct lat_node *dst, uint32_t dst_port,
                    float amount, bool is_feedback, struct lat_cable **out,
                    struct lat_error *error)
{
    if (!is_feedback) {
        const enum lat_status status = lat_order_cable(g, src, dst, error);
        if (status) {
            return status;
        }
    }
    struct lat_input *in = &dst->in[dst_port];
    if (!in->cables) {
        in->cables = calloc(1, sizeof(*in->cables));
    }
    struct lat_cable *c = in->cables ? lat_slab_take(&g->cables) : NULL;
    struct lat_edit *edit = c ? log_edit(g, LAT_EDIT_CABLE_ADDED) : NULL;
    if (!edit) {
        lat_slab_give(&g->cables, c);
        return LAT_ENOMEM;
    }
    edit->cable = c;
    edit->new_value = amount;
    *c = (struct lat_cable){
        .src = src,
        .dst = dst,
        .src_port = src_port,
        .dst_port = dst_port,
        .amount = amount,
        .is_feedback = is_feedback,
        .prev = g->last_cable,
        .prev_in = in->cables->last,
        .next_out = src->out,
    };
    link_cable(g, c);
    *out = c;
    return LAT_OK;
}

enum lat_status
lat_graph_remove_cable(struct lat_graph *g, struct lat_cable *cable)
{
    struct lat_edit *edit = log_edit(g, LAT_EDIT_CABLE_REMOVED);
    if (!edit) {
        return LAT_ENOMEM;
    }
    edit->cable = cable;
    edit->input = cable->dst_port;
    edit->output = cable->src_port;
    edit->old_layout = cable->dst->layout;
    edit->src_layout = cable->src->layout;
    unlink_cable(g, cable);
    return LAT_OK;
}

struct lat_cable *
lat_graph_find_cable(const struct lat_node *src, uint32_t src_port,
                     const struct lat_node *dst, uint32_t dst_port)
{
    // Walk the shorter side in turn: one end may have thousands.
    struct lat_cable *a = lat_input_first(&dst->in[dst_port]);
    struct lat_cable *b = src->out;
    while (a && b) {
        if (a->src == src && a->src_port == src_port) {
            return a;
        }
        if (b->dst == dst && b->dst_port == dst_port &&
            b->src_port == src_port) {
            return b;
        }
        a = a->next_in;
        b = b->next_out;
    }
    return NULL;
}

void
lat_written_copy(char out[LAT_WRITTEN_MAX], const char *text)
{
    const size_t n = text ? strlen(text) : 0;
    memset(out, 0, LAT_WRITTEN_MAX);
    if (n < LAT_WRITTEN_MAX) {
        memcpy(out, text ? text : "", n);
    }
}

enum lat_status
lat_graph_set_amount(struct lat_graph *g, struct lat_cable *cable, float amount)
{
    struct lat_edit *edit = log_edit(g, LAT_EDIT_AMOUNT);
    if (!edit) {
        return LAT_ENOMEM;
    }
    edit->cable = cable;
    edit->old_value = cable->amount;
    edit->new_value = amount;
    memcpy(edit->old_written, cable->written, sizeof(cable->written));
    if (cable->amount != amount) {
        cable->written[0] = '\0';
    }
    cable->amount = amount;
    return LAT_OK;
}

// Copy what single voices have, with room for @p n of them; NULL: there is no
// memory.
static struct lat_singles *
copy_singles(const struct lat_singles *from, uint32_t n)
{
    const uint32_t n_from = from ? from->n : 0;
    n = n > n_from ? n : n_from;
    struct lat_singles *to = calloc(1, sizeof(*to) + n * sizeof(to->of[0]));
    if (to) {
        to->n = n;
        memcpy(to->of, from ? from->of : to->of, n_from * sizeof(to->of[0]));
    }
    return to;
}

/// What single voices have once this is set; the caller's.
/// @param[out] out  NULL: none has anything of its own.
static enum lat_status
next_singles(const struct lat_singles *old, const struct lat_graph_value *v,
             struct lat_singles **out)
{
    *out = NULL;
    if (!v->voice && (!old || v->is_saved)) {
        return LAT_OK;
    }
    struct lat_singles *s = copy_singles(old, v->voice);
    if (!s) {
        return LAT_ENOMEM;
    }
    for (uint32_t i = 0; !v->voice && i < s->n; ++i) {
        s->of[i].has_value = false;
    }
    struct lat_single *one = v->voice ? &s->of[v->voice - 1] : NULL;
    if (one) {
        one->value = v->falls_back ? 0.0F : v->value;
        one->has_value = true;
    }
    if (one && v->is_saved) {
        one->saved = v->value;
        one->has_saved = true;
        lat_written_copy(one->written, v->written);
    }
    *out = s;
    return LAT_OK;
}

// What all have.
static void
set_whole(struct lat_input *in, const struct lat_graph_value *v)
{
    in->value = v->falls_back ? 0.0F : v->value;
    if (!v->is_saved) {
        return;
    }
    if (v->written || in->saved != v->value) {
        lat_written_copy(in->written, v->written);
    }
    in->saved = v->value;
}

enum lat_status
lat_graph_set_value(struct lat_graph *g, struct lat_node *node,
                    const struct lat_graph_value *v)
{
    struct lat_input *in = &node->in[v->input];
    struct lat_singles *singles = NULL;
    if (next_singles(in->singles, v, &singles)) {
        return LAT_ENOMEM;
    }
    struct lat_edit *edit = log_edit(g, LAT_EDIT_VALUE);
    if (!edit) {
        free(singles);
        return LAT_ENOMEM;
    }
    edit->node = node;
    edit->input = v->input;
    edit->voice = (uint8_t)v->voice;
    edit->old_layout = node->layout;
    edit->old_value = v->voice ? lat_input_value(in, v->voice - 1) : in->value;
    edit->old_whole = in->value;
    edit->old_saved = in->saved;
    edit->new_value = v->value;
    edit->seconds = v->seconds;
    memcpy(edit->old_written, in->written, sizeof(in->written));
    edit->old_singles = in->singles;
    in->singles = singles;
    if (!v->voice) {
        set_whole(in, v);
    }
    return LAT_OK;
}

enum lat_status
lat_graph_play_note(struct lat_graph *g, struct lat_node *node, float pitch,
                    float velocity, double seconds)
{
    struct lat_edit *edit = log_edit(g, LAT_EDIT_NOTE);
    if (!edit) {
        return LAT_ENOMEM;
    }
    edit->node = node;
    edit->new_value = pitch;
    edit->velocity = velocity;
    edit->seconds = seconds;
    return LAT_OK;
}

enum lat_status
lat_graph_give_number(struct lat_graph *g, struct lat_node *node, float value)
{
    struct lat_edit *edit = log_edit(g, LAT_EDIT_NUMBER);
    if (!edit) {
        return LAT_ENOMEM;
    }
    edit->node = node;
    edit->new_value = value;
    return LAT_OK;
}

enum lat_status
lat_graph_strike(struct lat_graph *g, struct lat_node *node,
                 const struct lat_strike *strike)
{
    struct lat_edit *edit = log_edit(g, LAT_EDIT_STRIKE);
    if (!edit) {
        return LAT_ENOMEM;
    }
    edit->node = node;
    edit->strike = *strike;
    return LAT_OK;
}

// Undoing.

static void
undo_node_added(struct lat_graph *g, struct lat_edit *edit)
{
    unlink_node(g, edit->node);
    lat_node_free(g, edit->node);
}

static void
undo_node_removed(struct lat_graph *g, struct lat_edit *edit)
{
    link_node(g, edit->node);
}

static void
undo_node_renamed(struct lat_graph *g, struct lat_edit *edit)
{
    free(swap_name(g, edit->node, edit->old_name));
}

static void
undo_cable_added(struct lat_graph *g, struct lat_edit *edit)
{
    unlink_cable(g, edit->cable);
    lat_cable_free(g, edit->cable);
}

static void
undo_cable_removed(struct lat_graph *g, struct lat_edit *edit)
{
    struct lat_cable *cable = edit->cable;
    link_cable(g, cable);
    // The ranks may have moved meanwhile; there is no cycle, as this graph has
    // been before.
    if (!cable->is_feedback &&
        lat_order_cable(g, cable->src, cable->dst, NULL)) {
        lat_order_by_patience(g);
    }
}

static void
undo_amount(struct lat_graph *g, struct lat_edit *edit)
{
    (void)g;
    edit->cable->amount = edit->old_value;
    memcpy(edit->cable->written, edit->old_written, sizeof(edit->old_written));
}

static void
undo_value(struct lat_graph *g, struct lat_edit *edit)
{
    struct lat_input *in = &edit->node->in[edit->input];
    (void)g;
    in->value = edit->old_whole;
    in->saved = edit->old_saved;
    memcpy(in->written, edit->old_written, sizeof(edit->old_written));
    free(in->singles);
    in->singles = edit->old_singles;
}

static void
undo_settings(struct lat_graph *g, struct lat_edit *edit)
{
    struct lat_node *node = edit->node;
    (void)g;
    if (edit->old_in) {
        for (uint32_t i = 0; i < edit->old_layout->n_in; ++i) {
            const char *name = edit->old_layout->in[i].name;
            const int k = lat_layout_input(node->layout, name);
            if (k < 0) {
                continue;
            }
            struct lat_input *old = &edit->old_in[i];
            struct lat_input *now = &node->in[k];
            old->value = now->value;
            old->saved = now->saved;
            memcpy(old->written, now->written, sizeof(old->written));
            old->cables = now->cables;
            now->cables = NULL;
            old->singles = now->singles;
            now->singles = NULL;
            for (struct lat_cable *c = lat_input_first(old); c;
                 c = c->next_in) {
                c->dst_port = i;
            }
        }
        for (struct lat_cable *c = node->out; c; c = c->next_out) {
            c->src_port = (uint32_t)lat_layout_output(
                edit->old_layout, node->layout->out[c->src_port].name);
        }
        lat_inputs_free(node->in, node->layout);
        node->in = edit->old_in;
    }
    lat_settings_free(node->type, node->settings);
    node->settings = edit->old_settings;
    node->layout = edit->old_layout;
}

/// NULL: there is nothing to undo.
static void
undo_bypass(struct lat_graph *g, struct lat_edit *edit)
{
    (void)g;
    edit->node->is_bypassed = !edit->node->is_bypassed;
}

static void
undo_process(struct lat_graph *g, struct lat_edit *edit)
{
    (void)g;
    edit->node->is_own_process = !edit->node->is_own_process;
}

static void
undo_poly(struct lat_graph *g, struct lat_edit *edit)
{
    (void)g;
    edit->node->poly = edit->old_poly;
}

static void
undo_sleep(struct lat_graph *g, struct lat_edit *edit)
{
    (void)g;
    edit->node->sleep = edit->old_sleep;
}

static void (*const undo[])(struct lat_graph *g, struct lat_edit *edit) = {
    [LAT_EDIT_NODE_ADDED] = undo_node_added,
    [LAT_EDIT_NODE_REMOVED] = undo_node_removed,
    [LAT_EDIT_NODE_RENAMED] = undo_node_renamed,
    [LAT_EDIT_CABLE_ADDED] = undo_cable_added,
    [LAT_EDIT_CABLE_REMOVED] = undo_cable_removed,
    [LAT_EDIT_AMOUNT] = undo_amount,
    [LAT_EDIT_VALUE] = undo_value,
    [LAT_EDIT_SETTINGS] = undo_settings,
    [LAT_EDIT_BYPASS] = undo_bypass,
    [LAT_EDIT_PROCESS] = undo_process,
    [LAT_EDIT_POLY] = undo_poly,
    [LAT_EDIT_SLEEP] = undo_sleep,
    [LAT_EDIT_NOTE] = NULL,
    [LAT_EDIT_STRIKE] = NULL,
    [LAT_EDIT_NUMBER] = NULL,
};

void
lat_graph_rollback(struct lat_graph *g, uint32_t keep)
{
    while (g->n_edits > keep) {
        struct lat_edit *edit = &g->journal[--g->n_edits];
        if (undo[edit->kind]) {
            undo[edit->kind](g, edit);
        }
    }
}

void
lat_graph_clear_journal(struct lat_graph *g)
{
    for (uint32_t i = 0; i < g->n_edits; ++i) {
        free(g->journal[i].old_name);
        free(g->journal[i].old_singles);
    }
    g->n_edits = 0;
    if (g->edits_capacity > KEPT_EDITS) {
        free(g->journal);
        g->journal = NULL;
        g->edits_capacity = 0;
    }
}
