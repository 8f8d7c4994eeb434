// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "follow.h"
#include "life.h"

#include <stdio.h>

void
lat_process_flush(struct lat_processes *s, const struct process *p)
{
    const uint32_t port = atomic_load(&p->child.page->osc_port);
    lat_osc_sender_flush(s->sender, (uint16_t)port);
}

void
lat_process_tell_changes(struct lat_processes *s, struct process *p,
                         const struct lat_node *node, bool with_values)
{
    if (lat_told_update(&p->told, node, with_values, s->sender) != LAT_OK) {
        s->is_behind = true;
    }
    lat_process_flush(s, p);
}

static void
tell_panic(struct lat_processes *s)
{
    for (struct process *p = s->first; p; p = p->next) {
        if (lat_process_listens(p)) {
            lat_osc_sender_add(s->sender, "/panic", "");
            lat_process_flush(s, p);
        }
    }
}

// Most nodes have none, and are not looked for.
static struct process *
process_of_hosted(const struct lat_processes *s, const struct lat_node *node)
{
    return lat_control_is_hosted(node) ? lat_process_of(s, node) : NULL;
}

static void
tell_value(struct lat_processes *s, const struct lat_change *change)
{
    const struct lat_node *node = change->node;
    struct process *p = process_of_hosted(s, node);
    if (!p || !lat_process_listens(p)) {
        return; // it will be told when it can listen
    }
    char path[LAT_NAME_MAX + 64];
    snprintf(path, sizeof(path), "/node/%s/%s", node->name,
             node->layout->in[change->input].name);
    if (change->seconds >= 0.0) {
        lat_osc_sender_add(s->sender, path, "dd", change->number,
                           change->seconds);
    } else {
        lat_osc_sender_add(s->sender, path, "d", change->number);
    }
    lat_process_flush(s, p);
    if (node->layout == p->told.layout) {
        p->told.values[change->input] = (float)change->number;
    }
}

/// While its node leaves the engine, both play: one fades into the other.
static void
tell_strike(struct lat_processes *s, const struct lat_change *change)
{
    struct process *p = process_of_hosted(s, change->node);
    if (p && lat_process_plays(p)) {
        lat_osc_sender_strike(s->sender, change->node->name, change->strike);
        lat_process_flush(s, p);
    }
}

// Is it in the engine, and to leave it?
static bool
is_leaver(const struct lat_node *n)
{
    return !lat_control_is_hosted(n) && n->is_own_process;
}

void
lat_processes_follow(struct lat_processes *s)
{
    const struct lat_graph *g = lat_control_graph(s->control);
    s->is_behind = false;
    if (!lat_control_has_places(s->control)) {
        return;
    }
    for (struct process *p = s->first; p; p = p->next) {
        const struct lat_node *node = lat_process_node(s, p);
        if (p->state != LEAVING && (!node || !lat_control_is_hosted(node))) {
            lat_process_leave(s, p); // freed, renamed, or back in the engine
        }
    }
    for (const struct lat_node *n = g->first; n; n = n->next) {
        s->has_leavers = s->has_leavers || is_leaver(n);
        struct process *p = process_of_hosted(s, n);
        if (lat_control_is_hosted(n) && !p) {
            s->is_behind = !lat_process_add(s, n) || s->is_behind;
        } else if (p && lat_process_listens(p)) {
            lat_process_tell_changes(s, p, n, false);
        }
    }
    s->are_cables_old = true;
    ++s->n_compared;
}

/// The amount of a cable between nodes of a process is no other connection.
static void
tell_amount(struct lat_processes *s, const struct lat_change *change)
{
    const struct lat_node *node = change->cable->dst;
    struct process *p = process_of_hosted(s, node);
    if (p && lat_process_listens(p)) {
        lat_process_tell_changes(s, p, node, false);
    }
}

void
lat_processes_on_changes(void *data, const struct lat_changes *changes)
{
    struct lat_processes *s = data;
    const bool is_compared = changes->topics & COMPARED;
    lat_osc_sender_set_frame(s->sender, changes->frame);
    for (uint32_t i = 0; i < changes->n; ++i) {
        const struct lat_change *change = &changes->entries[i];
        if (change->kind == LAT_CHANGE_VALUE) {
            tell_value(s, change);
        } else if (change->kind == LAT_CHANGE_AMOUNT && !is_compared) {
            tell_amount(s, change);
        } else if (change->kind == LAT_CHANGE_STRIKE) {
            tell_strike(s, change);
        } else if (change->kind == LAT_CHANGE_PANIC) {
            tell_panic(s);
        }
    }
    if (is_compared) {
        lat_processes_follow(s);
    }
    lat_osc_sender_set_frame(s->sender, 0);
}

void
lat_processes_ask_leavers(struct lat_processes *s)
{
    const struct lat_graph *g = lat_control_graph(s->control);
    bool are_left = false;
    for (const struct lat_node *n = s->has_leavers ? g->first : NULL; n;) {
        const struct lat_node *next = n->next;
        struct lat_error error;
        if (is_leaver(n) &&
            lat_control_place(s->control, n->name, LAT_PLACE_LEAVING, &error)) {
            are_left = true;
        }
        n = next;
    }
    s->has_leavers = are_left;
}
