// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "wires.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

void
lat_wire_free(struct wire *x)
{
    free(x->own);
    free(x->ask);
    free(x->other);
    free(x);
}

void
lat_wire_replace(char **text, const char *with)
{
    char *copy = lat_strdup(with);
    if (copy) {
        free(*text);
        *text = copy;
    }
}

struct own_port *
lat_wires_find_port(const struct lat_remembered *w, const char *own)
{
    struct own_port *p = w->ports;
    while (p && strcmp(p->name, own) != 0) {
        p = p->next;
    }
    return p;
}

struct wire *
lat_wires_add(struct lat_remembered *w, const char *own, const char *ask,
              bool is_output)
{
    struct wire **end = &w->first;
    for (; *end; end = &(*end)->next) {
        struct wire *x = *end;
        if (x->is_output == is_output && strcmp(x->own, own) == 0 &&
            strcmp(x->ask, ask) == 0) {
            return x;
        }
    }
    struct wire *x = calloc(1, sizeof(*x));
    if (!x) {
        return NULL;
    }
    x->own = lat_strdup(own);
    x->ask = lat_strdup(ask);
    x->is_output = is_output;
    if (!x->own || !x->ask) {
        lat_wire_free(x);
        return NULL;
    }
    *end = x;
    return x;
}

struct wire *
lat_wires_add_ours(struct lat_remembered *w, const char *own, const char *ask,
                   bool is_output)
{
    struct wire *x = lat_wires_add(w, own, ask, is_output);
    if (!x) {
        return NULL;
    }
    x->is_kept = true;
    x->is_made = true;
    x->is_marked = false;
    if (x->state != WIRE_PRESENT) {
        x->state = WIRE_WAITING;
    }
    return x;
}

void
lat_wires_add_nothing(struct lat_remembered *w, const char *own, bool is_output)
{
    struct wire *x = lat_wires_add_ours(w, own, NOTHING, is_output);
    if (x) {
        x->state = WIRE_NONE;
    }
}

void
lat_wires_add_line(struct lat_remembered *w, const struct wire_ends *e)
{
    if (strcmp(e->other, NOTHING) == 0) {
        lat_wires_add_nothing(w, e->own, e->is_output);
        return;
    }
    struct wire *x = lat_wires_add_ours(w, e->own, e->other, e->is_output);
    if (x) {
        x->is_rule = false;
    }
}

void
lat_wires_refuse(struct lat_remembered *w, const struct wire *x)
{
    if (x->state != WIRE_GONE || x->has_lost_end || x->is_marked) {
        return;
    }
    for (struct wire *y = w->first; y; y = y->next) {
        y->is_marked |= y->is_rule && y->state == WIRE_WAITING &&
                        strcmp(y->own, x->own) == 0;
    }
    lat_wires_add_nothing(w, x->own, x->is_output);
}
