// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "hosted.h"
#include "base/array.h"
#include "base/log.h"
#include "wire_lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// They come after those that the session has anyway.
#define ORDER (UINT32_MAX / 2)

static struct lat_line *
session_lines(const struct lat_jack *j)
{
    return lat_control_document(j->control)->jack;
}

/// Split [send/|return/]NODE/PORT; the node is in the graph.
static const struct lat_node *
read_name(const struct lat_jack *j, const char *own, struct hosted_port *out)
{
    static const char *const ways[] = {"send/", "return/"};
    *out = (struct hosted_port){0};
    const char *node = own;
    for (size_t i = 0; i < LAT_COUNT(ways); ++i) {
        const size_t n = strlen(ways[i]);
        // A node may be called so too.
        if (strncmp(own, ways[i], n) == 0 && strchr(own + n, '/')) {
            memcpy(out->way, ways[i], n + 1);
            node = own + n;
        }
    }
    const char *slash = strchr(node, '/');
    const size_t n = slash ? (size_t)(slash - node) : 0;
    if (!n || n >= sizeof(out->name) || strchr(own, ':') ||
        strlen(own) >= sizeof(out->own)) {
        return NULL;
    }
    memcpy(out->name, node, n);
    memcpy(out->own, own, strlen(own) + 1);
    const struct lat_node *found =
        lat_graph_find(lat_control_graph(j->control), out->name);
    out->node = found ? found->id : 0;
    return found;
}

static bool
is_known(const struct lat_jack *j, const char *own)
{
    for (uint32_t i = 0; i < j->n_hosted; ++i) {
        if (strcmp(j->hosted[i].own, own) == 0) {
            return true;
        }
    }
    return false;
}

/// @return its node where the port is new.
static const struct lat_node *
meet(struct lat_jack *j, const char *own)
{
    struct hosted_port port;
    if (!strchr(own, '/') || is_known(j, own)) {
        return NULL;
    }
    const struct lat_node *node = read_name(j, own, &port);
    if (!node || !lat_grow((void **)&j->hosted, &j->hosted_capacity,
                           j->n_hosted, sizeof(*j->hosted))) {
        return NULL;
    }
    j->hosted[j->n_hosted++] = port;
    lat_remembered_port_added(j->remembered, own, ORDER, session_lines(j));
    return node;
}

static const struct lat_node *
find_by_id(const struct lat_jack *j, uint64_t id)
{
    const struct lat_node *n = lat_control_graph(j->control)->first;
    while (n && n->id != id) {
        n = n->next;
    }
    return n;
}

static void
rename_port(struct lat_jack *j, struct hosted_port *port, const char *name)
{
    char own[sizeof(port->own)];
    const char *rest = port->own + strlen(port->way) + strlen(port->name);
    snprintf(own, sizeof(own), "%s%s%s", port->way, name, rest);
    lat_remembered_port_renamed(j->remembered, port->own, own,
                                session_lines(j));
    memcpy(port->own, own, sizeof(own));
    snprintf(port->name, sizeof(port->name), "%s", name);
}

void
lat_hosted_follow(struct lat_jack *j)
{
    const struct lat_graph *g = lat_control_graph(j->control);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < j->n_hosted; ++i) {
        struct hosted_port port = j->hosted[i];
        const struct lat_node *node = lat_graph_find(g, port.name);
        if (!node || node->id != port.node) {
            node = find_by_id(j, port.node);
        }
        if (!node) {
            lat_remembered_port_removed(j->remembered, port.own);
            lat_remembered_end_removed(j->remembered, port.own);
            continue;
        }
        if (strcmp(node->name, port.name) != 0) {
            rename_port(j, &port, node->name);
        }
        j->hosted[kept++] = port;
    }
    j->n_hosted = kept;
    j->is_graph_new = false;
}

void
lat_hosted_meet_lines(struct lat_jack *j, bool is_to_warn)
{
    struct wire_ends e;
    for (const struct lat_line *l = session_lines(j); l; l = l->next) {
        if (j->options.is_clocked || !lat_wire_parse(l, &e)) {
            continue;
        }
        (void)meet(j, e.other);
        const struct lat_node *node = meet(j, e.own);
        if (node && is_to_warn && !lat_control_is_hosted(node) &&
            strncmp(e.own, "send/", strlen("send/")) != 0) {
            lat_log(LAT_LOG_WARNING,
                    "[jack] '%s' waits until %s has a process (process = own): "
                    "in the engine it has no JACK ports",
                    l->text, node->name);
        }
        lat_wire_ends_fini(&e);
    }
}

void
lat_hosted_meet_view(struct lat_jack *j, const struct lat_jack_view *view)
{
    for (uint32_t i = 0; i < view->n_pairs && !j->options.is_clocked; ++i) {
        (void)meet(j, view->pairs[i].own);
        (void)meet(j, view->pairs[i].other);
    }
}

/// Does a line call a port as the server does?
static bool
is_in_lines(const struct lat_jack *j, const char *port)
{
    struct wire_ends e;
    bool is_found = false;
    for (const struct lat_line *l = session_lines(j); l && !is_found;
         l = l->next) {
        if (lat_wire_parse(l, &e)) {
            is_found = strcmp(e.other, port) == 0;
            lat_wire_ends_fini(&e);
        }
    }
    return is_found;
}

void
lat_hosted_settle_names(struct lat_jack *j)
{
    for (uint32_t i = 0; i < j->cables.n_labels; ++i) {
        const struct lat_port_label *label = &j->cables.labels[i];
        if (lat_remembered_leads_to(j->remembered, label->port) ||
            is_in_lines(j, label->port)) {
            lat_remembered_port_renamed(j->remembered, label->port, label->own,
                                        session_lines(j));
            (void)meet(j, label->own);
        }
    }
}

void
lat_hosted_fini(struct lat_jack *j)
{
    free(j->hosted);
}
