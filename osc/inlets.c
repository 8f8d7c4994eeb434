// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A message to an address that no verb has is looked up here, so a fader's must
// not cost a walk through the graph each.  What a transaction has done so far
// is in its journal: while that holds values only, what was found still holds.

#include "inlets.h"
#include "base/array.h"
#include "control/listen.h"

#include <stdlib.h>
#include <string.h>

static void
on_changes(void *data, const struct lat_changes *changes)
{
    struct lat_osc_inlets *const in = data;
    (void)changes;
    in->graph = NULL;
}

enum lat_status
lat_osc_inlets_begin(struct lat_osc_inlets *in, struct lat_control *control)
{
    const struct lat_listener listener = {
        .data = in,
        .topics = LAT_TOPIC_STRUCTURE | LAT_TOPIC_SETTINGS,
        .changed = on_changes,
    };
    in->control = control;
    return lat_control_listen(control, &listener);
}

void
lat_osc_inlets_end(struct lat_osc_inlets *in)
{
    if (in->control) {
        lat_control_unlisten(in->control, in);
    }
    free(in->all);
    *in = (struct lat_osc_inlets){0};
}

static bool
may_move(const struct lat_edit *edit)
{
    switch (edit->kind) {
    case LAT_EDIT_NODE_ADDED:
    case LAT_EDIT_NODE_REMOVED:
    case LAT_EDIT_SETTINGS:
        return true;
    default:
        return false;
    }
}

static bool
is_fresh(struct lat_osc_inlets *in, const struct lat_graph *g)
{
    if (in->graph != g) {
        return false;
    }
    if (g->n_edits < in->n_edits_seen) { // another transaction
        if (in->n_edits_then) {
            return false;
        }
        in->n_edits_seen = 0;
    }
    for (; in->n_edits_seen < g->n_edits; ++in->n_edits_seen) {
        if (may_move(&g->journal[in->n_edits_seen])) {
            return false;
        }
    }
    return true;
}

static int
compare(const void *a, const void *b)
{
    const struct lat_osc_inlet *const x = a;
    const struct lat_osc_inlet *const y = b;
    const int order = strcmp(x->path, y->path);
    return order ? order
           : x->node->serial < y->node->serial
               ? -1
               : x->node->serial > y->node->serial;
}

static const char *
path_of(const struct lat_node *node)
{
    const int i = node->type->flags & LAT_TYPE_NUMBERS
                      ? lat_setting_index(node->type, "path")
                      : -1;
    return i >= 0 ? node->settings[i].text : "";
}

/// @return false without memory.
static bool
find_all(struct lat_osc_inlets *in, const struct lat_graph *g)
{
    in->n = 0;
    in->graph = NULL;
    for (struct lat_node *node = g->first; node; node = node->next) {
        const char *const path = path_of(node);
        if (!*path) {
            continue;
        }
        if (!lat_grow((void **)&in->all, &in->capacity, in->n,
                      sizeof(*in->all))) {
            in->n = 0;
            return false;
        }
        in->all[in->n++] = (struct lat_osc_inlet){path, node};
    }
    if (in->n) {
        qsort(in->all, in->n, sizeof(*in->all), compare);
    }
    in->graph = g;
    in->n_edits_then = in->n_edits_seen = g->n_edits;
    return true;
}

enum lat_status
lat_osc_inlets_all(struct lat_osc_inlets *in, const struct lat_osc_inlet **out,
                   uint32_t *n)
{
    const struct lat_graph *const g = lat_control_graph(in->control);
    const bool is_here = is_fresh(in, g) || find_all(in, g);
    *out = in->all;
    *n = is_here ? in->n : 0;
    return is_here ? LAT_OK : LAT_ENOMEM;
}

enum lat_status
lat_osc_inlets_find(struct lat_osc_inlets *in, const char *path,
                    const struct lat_osc_inlet **out, uint32_t *n)
{
    uint32_t low = 0;
    uint32_t n_all = 0;
    const struct lat_osc_inlet *all = NULL;
    const enum lat_status status = lat_osc_inlets_all(in, &all, &n_all);
    for (uint32_t high = n_all; low < high;) {
        const uint32_t middle = low + (high - low) / 2;
        if (strcmp(all[middle].path, path) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (*n = 0; low + *n < n_all && !strcmp(all[low + *n].path, path); ++*n) {
    }
    *out = n_all ? all + low : NULL;
    return status;
}
