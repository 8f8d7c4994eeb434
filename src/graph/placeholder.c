// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "placeholder.h"

#include <stdlib.h>
#include <string.h>

// Nodes that fade out may outlive their session, so these do too, as layouts
// do.  Nodes with the same ports share one.
struct lat_placeholder {
    struct lat_node_type type;
    struct lat_placeholder *next;
};

LAT_RT static uint64_t
placeholder_process(const struct lat_context *context, const struct lat_io *io)
{
    for (uint32_t i = 0; i < io->n_out; ++i) {
        // Output 64 and those after it cannot say that they are constant.
        const uint32_t n = i < 64 ? 1 : context->n_frames;
        for (uint32_t f = 0; f < n; ++f) {
            io->out[i][f] = 0.0F;
        }
    }
    return UINT64_MAX;
}

bool
lat_placeholder_is(const struct lat_node_type *type)
{
    return type->process == placeholder_process;
}

static bool
has_ports(const struct lat_port *ports, uint32_t n,
          struct lat_placeholder_ports names)
{
    bool is_same = n == names.n;
    for (uint32_t i = 0; is_same && i < n; ++i) {
        is_same = strcmp(ports[i].name, names.names[i]) == 0;
    }
    return is_same;
}

static void
free_ports(struct lat_port *ports, uint32_t n)
{
    for (uint32_t i = 0; ports && i < n; ++i) {
        free((char *)ports[i].name);
    }
    free(ports);
}

static struct lat_port *
new_ports(struct lat_placeholder_ports names)
{
    struct lat_port *ports = calloc(names.n + (size_t)1, sizeof(*ports));
    for (uint32_t i = 0; ports && i < names.n; ++i) {
        ports[i] = (struct lat_port){
            .name = strdup(names.names[i]),
            .doc = "",
            .unit = "",
            .kind = LAT_PORT_KNOB,
            .curve = LAT_CURVE_LIN,
            .min = -LAT_PLACEHOLDER_MAX,
            .max = LAT_PLACEHOLDER_MAX,
            .high = 1.0F,
        };
        if (!ports[i].name) {
            free_ports(ports, i);
            ports = NULL;
        }
    }
    return ports;
}

static void
free_placeholder(struct lat_placeholder *p)
{
    free_ports((struct lat_port *)p->type.inputs, p->type.n_inputs);
    free_ports((struct lat_port *)p->type.outputs, p->type.n_outputs);
    free((char *)p->type.name);
    free(p);
}

void
lat_placeholders_fini(struct lat_placeholders *all)
{
    while (all->first) {
        struct lat_placeholder *next = all->first->next;
        free_placeholder(all->first);
        all->first = next;
    }
}

const struct lat_node_type *
lat_placeholder_type(struct lat_placeholders *all, const char *name,
                     struct lat_placeholder_ports inputs,
                     struct lat_placeholder_ports outputs)
{
    for (const struct lat_placeholder *p = all->first; p; p = p->next) {
        const struct lat_node_type *const t = &p->type;
        if (strcmp(t->name, name) == 0 &&
            has_ports(t->inputs, t->n_inputs, inputs) &&
            has_ports(t->outputs, t->n_outputs, outputs)) {
            return t;
        }
    }
    struct lat_placeholder *const p = calloc(1, sizeof(*p));
    char *const own_name = strdup(name);
    struct lat_port *const in = new_ports(inputs);
    struct lat_port *const out = new_ports(outputs);
    if (!p || !own_name || !in || !out) {
        free_ports(in, inputs.n);
        free_ports(out, outputs.n);
        free(own_name);
        free(p);
        return NULL;
    }
    p->type = (struct lat_node_type){
        .name = own_name,
        .doc = "Stands for a type of a newer lattice; silent.",
        .inputs = in,
        .n_inputs = inputs.n,
        .outputs = out,
        .n_outputs = outputs.n,
        .flags = LAT_TYPE_ENGINE,
        .cost_ns = 0.01F,
        .process = placeholder_process,
    };
    p->next = all->first;
    all->first = p;
    return &p->type;
}
