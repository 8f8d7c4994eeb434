// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "layout.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint32_t
port_count(const struct lat_node_type *type, const struct lat_port *port,
           const struct lat_setting_value *settings)
{
    if (!port->repeat) {
        return 1;
    }
    const int i = lat_setting_index(type, port->repeat);
    return i < 0 ? 1 : (uint32_t)settings[i].number;
}

static uint32_t
count_ports(const struct lat_node_type *type, const struct lat_port *ports,
            uint32_t n, const struct lat_setting_value *settings)
{
    uint32_t total = 0;
    for (uint32_t i = 0; i < n; ++i) {
        total += port_count(type, &ports[i], settings);
    }
    return total;
}

static struct lat_port_info *
expand_ports(const struct lat_node_type *type, const struct lat_port *ports,
             uint32_t n, const struct lat_setting_value *settings,
             struct lat_port_info *out)
{
    for (uint32_t i = 0; i < n; ++i) {
        const uint32_t count = port_count(type, &ports[i], settings);
        for (uint32_t k = 1; k <= count; ++k, ++out) {
            out->port = &ports[i];
            out->name = ports[i].name;
            if (ports[i].repeat) {
                snprintf(out->numbered, sizeof(out->numbered), "%.14s_%u",
                         ports[i].name, k);
                out->name = out->numbered;
            }
        }
    }
    return out;
}

struct lat_layout_entry {
    const struct lat_node_type *type;
    struct lat_layout layout;
    struct lat_layout_entry *next;
};

void
lat_layouts_fini(struct lat_layouts *all)
{
    while (all->first) {
        struct lat_layout_entry *next = all->first->next;
        free(all->first->layout.in);
        free(all->first);
        all->first = next;
    }
}

const struct lat_layout *
lat_layout_get(struct lat_layouts *all, const struct lat_node_type *type,
               const struct lat_setting_value *settings)
{
    return lat_layout_get_voices(all, type, settings, 1);
}

const struct lat_layout *
lat_layout_get_voices(struct lat_layouts *all, const struct lat_node_type *type,
                      const struct lat_setting_value *settings,
                      uint32_t n_voices)
{
    const uint32_t n_in =
        n_voices * count_ports(type, type->inputs, type->n_inputs, settings);
    const uint32_t n_out =
        n_voices * count_ports(type, type->outputs, type->n_outputs, settings);
    struct lat_layout_entry **link = &all->first;
    for (; *link; link = &(*link)->next) {
        struct lat_layout_entry *e = *link;
        if (e->type == type && e->layout.n_voices == n_voices &&
            e->layout.n_in == n_in && e->layout.n_out == n_out) {
            *link = e->next; // to the front: the next look-up is likely equal
            e->next = all->first;
            all->first = e;
            return &e->layout;
        }
    }
    struct lat_layout_entry *e = calloc(1, sizeof(*e));
    struct lat_port_info *ports =
        calloc((size_t)n_in + n_out + 1, sizeof(*ports));
    if (!e || !ports) {
        free(e);
        free(ports);
        return NULL;
    }
    e->type = type;
    e->layout = (struct lat_layout){
        .n_in = n_in,
        .n_out = n_out,
        .n_voices = n_voices,
        .in = ports,
        .out = ports + n_in,
    };
    struct lat_port_info *next = ports;
    for (uint32_t v = 0; v < n_voices; ++v) {
        next = expand_ports(type, type->inputs, type->n_inputs, settings, next);
    }
    for (uint32_t v = 0; v < n_voices; ++v) {
        next =
            expand_ports(type, type->outputs, type->n_outputs, settings, next);
    }
    for (uint32_t i = 0; i < n_in; ++i) {
        ports[i].ramp = e->layout.n_ramps;
        e->layout.n_ramps += ports[i].port->kind == LAT_PORT_SIGNAL ? 2 : 1;
    }
    e->next = all->first;
    all->first = e;
    return &e->layout;
}

static int
find_port(const struct lat_port_info *ports, uint32_t n, const char *name)
{
    for (uint32_t i = 0; i < n; ++i) {
        if (!strcmp(ports[i].name, name)) {
            return (int)i;
        }
    }
    return -1;
}

bool
lat_layout_is_of(const struct lat_layout *voices, const struct lat_layout *node)
{
    return voices->n_in == voices->n_voices * node->n_in &&
           voices->n_out == voices->n_voices * node->n_out;
}

int
lat_layout_input(const struct lat_layout *l, const char *name)
{
    return find_port(l->in, l->n_in / l->n_voices, name);
}

int
lat_layout_output(const struct lat_layout *l, const char *name)
{
    return find_port(l->out, l->n_out / l->n_voices, name);
}

/// @param port  the first voice's, or -1.
static int
of_voice(uint32_t voice, uint32_t n_voices, int port, uint32_t n_ports)
{
    return port < 0 || voice >= n_voices ? -1 : (int)(voice * n_ports) + port;
}

int
lat_layout_follow_input(const struct lat_layout *then,
                        const struct lat_layout *now, uint32_t port)
{
    return then == now
               ? (int)port
               : of_voice(port / (then->n_in / then->n_voices), now->n_voices,
                          lat_layout_input(now, then->in[port].name),
                          now->n_in / now->n_voices);
}

int
lat_layout_follow_output(const struct lat_layout *then,
                         const struct lat_layout *now, uint32_t port)
{
    return then == now
               ? (int)port
               : of_voice(port / (then->n_out / then->n_voices), now->n_voices,
                          lat_layout_output(now, then->out[port].name),
                          now->n_out / now->n_voices);
}

struct lat_setting_value *
lat_settings_copy(const struct lat_node_type *type,
                  const struct lat_setting_value *from)
{
    static struct lat_setting_value none;
    if (!type->n_settings) {
        return &none;
    }
    struct lat_setting_value *to = calloc(type->n_settings, sizeof(*to));
    for (uint32_t i = 0; to && i < type->n_settings; ++i) {
        const char *text = from ? from[i].text : type->settings[i].initial_text;
        to[i].number = from ? from[i].number : type->settings[i].initial;
        const char *path = from ? from[i].path : NULL;
        to[i].text = lat_strdup(text);
        to[i].path = lat_strdup(path);
        if (from) {
            memcpy(to[i].written, from[i].written, sizeof(to[i].written));
        }
        if (!text != !to[i].text || !path != !to[i].path) {
            lat_settings_free(type, to);
            return NULL;
        }
    }
    return to;
}

void
lat_settings_free(const struct lat_node_type *type,
                  struct lat_setting_value *settings)
{
    if (settings && type->n_settings) {
        for (uint32_t i = 0; i < type->n_settings; ++i) {
            free(settings[i].text);
            free(settings[i].path);
        }
        free(settings);
    }
}

bool
lat_setting_equals(const struct lat_setting_value *a,
                   const struct lat_setting_value *b)
{
    return a->number == b->number && !a->text == !b->text &&
           (!a->text || strcmp(a->text, b->text) == 0);
}

bool
lat_settings_equal(const struct lat_node_type *type,
                   const struct lat_setting_value *a,
                   const struct lat_setting_value *b)
{
    bool are_equal = true;
    for (uint32_t i = 0; are_equal && i < type->n_settings; ++i) {
        are_equal = lat_setting_equals(&a[i], &b[i]) &&
                    strcmp(a[i].written, b[i].written) == 0;
    }
    return are_equal;
}
