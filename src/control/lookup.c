// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What the names of a node and of its ports and settings stand for, and what
// they hold.

#include "base/text.h"
#include "graph/unknown.h"
#include "graph/voice.h"
#include "node/curve.h"
#include "state.h"

#include <stdio.h>
#include <stdlib.h>

struct lat_node *
lat_control_need_node(const struct lat_control *c, const char *name,
                      struct lat_error *error)
{
    struct lat_node *node = lat_graph_find(c->g, name);
    if (node) {
        return node;
    }
    lat_unknown_node(c->g, name, error);
    return NULL;
}

enum lat_status
lat_control_no_param(const struct lat_node_type *type,
                     const struct lat_layout *layout, const char *key,
                     struct lat_error *error)
{
    struct lat_nearest nearest;
    lat_nearest_init(&nearest, key);
    for (uint32_t i = 0; i < layout->n_in; ++i) {
        lat_nearest_try(&nearest, layout->in[i].name);
    }
    for (uint32_t i = 0; i < type->n_settings; ++i) {
        lat_nearest_try(&nearest, type->settings[i].name);
    }
    if (nearest.best) {
        return lat_error_set(error, LAT_ENOTFOUND,
                             "%s has no input or setting '%.60s'; did you mean "
                             "'%s'?",
                             type->name, key, nearest.best);
    }
    return lat_error_set(error, LAT_ENOTFOUND,
                         "%s has no input or setting '%.60s'; `lattice nodes "
                         "%s` lists them",
                         type->name, key, type->name);
}

/// An input, which has a fader range.
const struct lat_port *
lat_control_need_input(const struct lat_node *node, const char *param,
                       struct lat_error *error)
{
    const int i = lat_layout_input(node->layout, param);
    const bool is_setting = lat_setting_index(node->type, param) >= 0;
    if (i < 0 && (is_setting || lat_layout_output(node->layout, param) >= 0)) {
        lat_error_set(error, LAT_EINVAL,
                      "%s is %s, which has no fader range; /node/%s/%s %s it",
                      param, is_setting ? "a setting" : "an output", node->name,
                      param, is_setting ? "sets" : "asks for");
        return NULL;
    }
    if (i < 0) {
        lat_control_no_param(node->type, node->layout, param, error);
        return NULL;
    }
    return node->layout->in[i].port;
}

/// All voices are asked by the first one.
static double
voice_value(const struct lat_control *c, const struct lat_voice *v, int input)
{
    return (double)lat_control_value_now(c, v->node, (uint32_t)input, v->number,
                                         NULL);
}

enum lat_status
lat_control_param_get_norm(struct lat_control *c, const char *name,
                           const char *param, double *x,
                           struct lat_error *error)
{
    struct lat_voice v;
    if (lat_graph_find_voice(c->g, name, &v, error)) {
        return LAT_ENOTFOUND;
    }
    const struct lat_port *port = lat_control_need_input(v.node, param, error);
    if (!port) {
        return LAT_ENOTFOUND;
    }
    const int i = lat_layout_input(v.node->layout, param);
    *x = lat_curve_to_norm(port, voice_value(c, &v, i));
    return LAT_OK;
}

/// Outputs can be asked for, too.
static enum lat_status
nothing_to_ask(const struct lat_node *node, const char *param,
               struct lat_error *error)
{
    struct lat_nearest nearest;
    lat_nearest_init(&nearest, param);
    for (uint32_t i = 0; i < node->layout->n_out; ++i) {
        lat_nearest_try(&nearest, node->layout->out[i].name);
    }
    if (nearest.best) {
        return lat_error_set(error, LAT_ENOTFOUND,
                             "%s has no input, output or setting '%.60s'; did "
                             "you mean '%s'?",
                             node->type->name, param, nearest.best);
    }
    return lat_control_no_param(node->type, node->layout, param, error);
}

enum lat_status
lat_control_param_get(struct lat_control *c, const char *name,
                      const char *param, char *text, size_t text_size,
                      struct lat_value *value, struct lat_error *error)
{
    struct lat_voice v;
    if (lat_graph_find_voice(c->g, name, &v, error)) {
        return LAT_ENOTFOUND;
    }
    const struct lat_node *node = v.node;
    *value = (struct lat_value){0};
    const int input = lat_layout_input(node->layout, param);
    const int setting = lat_setting_index(node->type, param);
    const int output = lat_layout_output(node->layout, param);
    if (input >= 0) {
        value->number = voice_value(c, &v, input);
    } else if (setting >= 0) {
        const struct lat_setting_value *s = &node->settings[setting];
        value->number = s->number;
        if (s->text) {
            snprintf(text, text_size, "%s", s->text);
            value->is_text = true;
            value->text = text;
        }
    } else if (output >= 0) {
        return lat_error_set(error, LAT_EINVAL,
                             "%s is an output: ask for its last sample", param);
    } else {
        return nothing_to_ask(node, param, error);
    }
    return LAT_OK;
}

int
lat_control_first_slot(const struct lat_node *node)
{
    const struct lat_instance *inst = lat_units_instance(node);
    return inst && inst->n_slots ? (int)inst->slots[0] : -1;
}

const char **
lat_control_names(const struct lat_control *c)
{
    const char **names = calloc(c->n_ids + (size_t)1, sizeof(*names));
    const struct lat_node *node = names ? c->graph.first : NULL;
    for (; node; node = node->next) {
        const struct lat_unit *k = lat_units_of(node);
        for (; k; k = k->sister) {
            names[k->inst->id] = node->name;
        }
    }
    const struct lat_unit *door =
        names ? c->units.first[LAT_UNITS_DOORS] : NULL;
    for (; door; door = door->next) {
        names[door->inst->id] = c->slots.all[door->inst->slots[0]].name;
    }
    return names;
}
