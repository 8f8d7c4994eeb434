// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "process_state.h"

void
lat_process_enter(struct process *p, enum process_state state)
{
    p->state = state;
    p->since_ns = lat_now_ns();
}

bool
lat_process_listens(const struct process *p)
{
    return p->has_child && (p->state == WIRING || p->state == PLAYING);
}

bool
lat_process_plays(const struct process *p)
{
    return p->has_child && p->state == PLAYING;
}

struct lat_node *
lat_process_node(const struct lat_processes *s, const struct process *p)
{
    struct lat_node *node =
        lat_graph_find(lat_control_graph(s->control), p->name);
    return node && node->id == p->id ? node : NULL;
}

struct process *
lat_process_of(const struct lat_processes *s, const struct lat_node *node)
{
    struct process *p = s->first;
    while (p && (p->id != node->id || p->state == LEAVING)) {
        p = p->next;
    }
    return p;
}
