// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "remembered.h"
#include "base/log.h"
#include "base/text.h"
#include "wires.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum lat_status
lat_remembered_new(bool no_connect, struct lat_remembered **out)
{
    struct lat_remembered *w = calloc(1, sizeof(*w));
    if (!w) {
        return LAT_ENOMEM;
    }
    w->no_connect = no_connect;
    *out = w;
    return LAT_OK;
}

void
lat_remembered_free(struct lat_remembered *w)
{
    if (!w) {
        return;
    }
    while (w->first) {
        struct wire *x = w->first;
        w->first = x->next;
        lat_wire_free(x);
    }
    lat_names_fini(&w->sources);
    while (w->ports) {
        struct own_port *p = w->ports;
        w->ports = p->next;
        free(p->name);
        free(p);
    }
    free(w);
}

// Our ports.

void
lat_remembered_port_added(struct lat_remembered *w, const char *own,
                          uint32_t order, const struct lat_line *lines)
{
    if (lat_wires_find_port(w, own)) {
        return;
    }
    struct own_port *p = calloc(1, sizeof(*p));
    char *name = lat_strdup(own);
    if (!p || !name) {
        free(p);
        free(name);
        return;
    }
    p->name = name;
    p->order = order;
    struct own_port **at = &w->ports;
    while (*at && (*at)->order <= order) {
        at = &(*at)->next;
    }
    p->next = *at;
    *at = p;
    for (; lines; lines = lines->next) {
        struct wire_ends e;
        if (!lat_wire_parse(lines, &e)) {
            continue;
        }
        if (strcmp(e.own, own) == 0) {
            lat_wires_add_line(w, &e);
        }
        lat_wire_ends_fini(&e);
    }
}

void
lat_remembered_set_midi(struct lat_remembered *w, const char *own, bool is_midi)
{
    struct own_port *p = lat_wires_find_port(w, own);
    if (p) {
        p->is_midi = is_midi;
    }
}

void
lat_remembered_connect_midi(struct lat_remembered *w)
{
    w->connects_midi = true;
}

void
lat_remembered_port_removed(struct lat_remembered *w, const char *own)
{
    for (struct own_port **at = &w->ports; *at; at = &(*at)->next) {
        if (strcmp((*at)->name, own) == 0) {
            struct own_port *p = *at;
            *at = p->next;
            free(p->name);
            free(p);
            break;
        }
    }
    struct wire **at = &w->first;
    while (*at) {
        struct wire *x = *at;
        if (strcmp(x->own, own) == 0) {
            *at = x->next;
            lat_wire_free(x);
        } else {
            at = &x->next;
        }
    }
}

void
lat_remembered_end_removed(struct lat_remembered *w, const char *own)
{
    struct wire **at = &w->first;
    while (*at) {
        struct wire *x = *at;
        if (strcmp(x->ask, own) == 0) {
            *at = x->next;
            lat_wires_add_nothing(w, x->own, x->is_output);
            lat_wire_free(x);
        } else {
            at = &x->next;
        }
    }
}

bool
lat_remembered_leads_to(const struct lat_remembered *w, const char *other)
{
    const struct wire *x = w->first;
    while (x && strcmp(x->ask, other) != 0) {
        x = x->next;
    }
    return x;
}

const char *
lat_remembered_only_end(const struct lat_remembered *w, const char *own)
{
    const char *only = NULL;
    for (const struct wire *x = w->first; x; x = x->next) {
        if (x->state != WIRE_PRESENT || strcmp(x->own, own) != 0) {
            continue;
        }
        if (only && strcmp(only, x->other) != 0) {
            return NULL;
        }
        only = x->other;
    }
    return only;
}

void
lat_remembered_port_renamed(struct lat_remembered *w, const char *own,
                            const char *name, struct lat_line *lines)
{
    struct own_port *p = lat_wires_find_port(w, own);
    if (p) {
        lat_wire_replace(&p->name, name);
    }
    for (struct wire *x = w->first; x; x = x->next) {
        if (strcmp(x->own, own) == 0) {
            lat_wire_replace(&x->own, name);
        }
        if (strcmp(x->ask, own) == 0) {
            lat_wire_replace(&x->ask, name);
        }
        if (x->other && strcmp(x->other, own) == 0) {
            lat_wire_replace(&x->other, name);
        }
    }
    for (; lines; lines = lines->next) {
        lat_wire_rename_in_line(lines, own, name);
    }
}

// Sessions.

bool
lat_remembered_in_lines(const struct lat_line *lines, const char *own)
{
    for (; lines; lines = lines->next) {
        struct wire_ends e;
        if (!lat_wire_parse(lines, &e)) {
            continue;
        }
        const bool is_it = strcmp(e.own, own) == 0 || strcmp(e.other, own) == 0;
        lat_wire_ends_fini(&e);
        if (is_it) {
            return true;
        }
    }
    return false;
}

/// A line that wants no connection means those made by hand too.
static void
mark_all(struct lat_remembered *w, const struct wire_ends *e)
{
    for (struct wire *x = w->first; x; x = x->next) {
        x->is_marked |=
            x->is_output == e->is_output && strcmp(x->own, e->own) == 0;
    }
}

static void
mark_last_session(struct lat_remembered *w, const struct lat_line *lines)
{
    for (struct wire *x = w->first; x; x = x->next) {
        // What waits for another program belongs to the session too.
        const bool is_waiting = x->state == WIRE_WAITING && !x->must_return;
        x->is_marked = !x->is_passing && (x->is_made || is_waiting);
    }
    for (; lines; lines = lines->next) {
        struct wire_ends e;
        if (lat_wire_parse(lines, &e)) {
            if (strcmp(e.other, NOTHING) == 0) {
                mark_all(w, &e);
            }
            lat_wire_ends_fini(&e);
        }
    }
}

void
lat_remembered_load(struct lat_remembered *w, const struct lat_line *lines)
{
    mark_last_session(w, lines);
    for (; lines; lines = lines->next) {
        struct wire_ends e;
        if (!lat_wire_parse(lines, &e)) {
            lat_log(LAT_LOG_WARNING,
                    "[jack] '%s = %s' is not understood: write 'connect = "
                    "OUR_PORT -> CLIENT:PORT', or the other way round",
                    lines->key, lines->text);
            continue;
        }
        if (lat_wires_find_port(w, e.own)) {
            lat_wires_add_line(w, &e);
        } else {
            lat_log(LAT_LOG_WARNING,
                    "[jack] '%s': this session has no port '%s'", lines->text,
                    e.own);
        }
        lat_wire_ends_fini(&e);
    }
}

bool
lat_remembered_is_refused(const struct lat_remembered *w, const char *own)
{
    const struct wire *x = w->first;
    while (x && (x->state != WIRE_NONE || x->is_marked || !x->is_output ||
                 strcmp(x->own, own) != 0)) {
        x = x->next;
    }
    return x;
}

void
lat_remembered_add_default(struct lat_remembered *w, const char *own,
                           uint32_t n)
{
    if (w->no_connect) {
        return;
    }
    char ask[32];
    snprintf(ask, sizeof(ask), PHYSICAL "%u", n);
    struct wire *x = lat_wires_add_ours(w, own, ask, true);
    if (x) {
        x->is_rule = true;
    }
}

void
lat_remembered_drop_default(struct lat_remembered *w, const char *own,
                            uint32_t n)
{
    for (struct wire *x = w->first; x; x = x->next) {
        x->is_marked |= x->is_rule && lat_wire_physical_number(x->ask) == n &&
                        strcmp(x->own, own) == 0;
    }
}

void
lat_remembered_set_leaving(struct lat_remembered *w, const char *own,
                           bool is_leaving)
{
    struct own_port *p = lat_wires_find_port(w, own);
    if (p) {
        p->is_leaving = is_leaving;
    }
}

void
lat_remembered_leave_alone(struct lat_remembered *w, const char *own)
{
    const struct wire *x = w->first;
    while (x && (x->is_marked || !x->is_output || strcmp(x->own, own) != 0)) {
        x = x->next;
    }
    if (!x && !w->no_connect) {
        lat_wires_add_nothing(w, own, true);
    }
}

void
lat_remembered_set_ruled(struct lat_remembered *w, const char *own,
                         bool is_ruled)
{
    struct own_port *p = lat_wires_find_port(w, own);
    if (p) {
        p->is_ruled = is_ruled;
    }
}

void
lat_remembered_warn(const struct lat_remembered *w)
{
    for (const struct wire *x = w->first; x && !w->no_connect; x = x->next) {
        // Processes come later.
        const bool is_of_process = strchr(x->own, '/') || !strchr(x->ask, ':');
        if (x->state == WIRE_WAITING && x->is_made && !is_of_process) {
            lat_log(LAT_LOG_WARNING,
                    "JACK port '%s' is not there; '%s' is connected to it when "
                    "it appears",
                    x->ask, x->own);
        }
    }
}
