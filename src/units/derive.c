// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "derive.h"

/// Memory of the arrays, about.
#define NODE_BYTES  (sizeof(struct lat_flat_unit) + 8U)
#define CABLE_BYTES 40U

// Instances.

static struct lat_instance_options
options_of(const struct lat_node *node,
           const struct lat_prepared_store *prepared, double rate,
           uint32_t block)
{
    const struct lat_instance *inst = lat_units_instance(node);
    return (struct lat_instance_options){
        .type = node->type,
        .layout = node->layout,
        .settings = node->settings,
        .name = node->name,
        .rate = rate,
        .block = block,
        .prepared = prepared,
        .before = inst ? inst->config : NULL,
    };
}

enum lat_status
lat_units_make_config(const struct lat_node *node,
                      const struct lat_prepared_store *prepared, double rate,
                      uint32_t block, struct lat_config **out)
{
    const struct lat_instance_options options =
        options_of(node, prepared, rate, block);
    return lat_config_new(&options, out);
}

enum lat_status
lat_units_make_instance(const struct lat_node *node,
                        const struct lat_prepared_store *prepared, double rate,
                        uint32_t block, struct lat_instance **out)
{
    const struct lat_instance_options options =
        options_of(node, prepared, rate, block);
    enum lat_status status = lat_instance_new(&options, out);
    if (!status && node->is_bypassed) {
        status = lat_units_need_bypass(*out);
        if (status) {
            lat_instance_free(*out);
            *out = NULL;
            return status;
        }
        lat_ramp_set(&(*out)->bypass->share, 1.0F);
        (*out)->bypass->is_heard = true;
    }
    for (uint32_t i = 0; !status && i < node->layout->n_in; ++i) {
        lat_instance_start_input(*out, i, node->in[i].value,
                                 lat_input_n_cables(&node->in[i]));
    }
    return status;
}

enum lat_status
lat_units_need_bypass(struct lat_instance *inst)
{
    return inst->bypass ? LAT_OK
                        : lat_bypass_new(inst->type, inst->layout, inst->config,
                                         &inst->bypass);
}

// Arrays.

// Nodes in processes do not run here, the doors to them do.
static struct lat_node *
next_node(const struct lat_graph *g, const struct lat_node *node)
{
    struct lat_node *next =
        node && node->is_dying ? NULL : lat_graph_next_node(g, node);
    while (next && next->place.is_away) {
        next = lat_graph_next_node(g, next);
    }
    return next ? next : node && node->is_dying ? node->dying_next : g->dying;
}

static uint32_t
count_at_most(const struct lat_graph *g)
{
    uint32_t n = g->n_nodes;
    for (const struct lat_node *d = g->first_door; d; d = d->next) {
        ++n;
    }
    for (const struct lat_node *d = g->dying; d; d = d->dying_next) {
        ++n;
    }
    return n;
}

// A way around that fades out is heard to its end.
static struct lat_bypass *
heard_bypass(const struct lat_node *node)
{
    struct lat_bypass *b = lat_units_instance(node)->bypass;
    return b && (node->is_bypassed || b->is_heard) ? b : NULL;
}

static enum lat_status
write_units(struct lat_graph *g, struct lat_flat *out)
{
    out->units = lat_arena_take(&out->arena, count_at_most(g) + (size_t)1,
                                sizeof(*out->units));
    if (!out->units) {
        return LAT_ENOMEM;
    }
    for (struct lat_node *node = next_node(g, NULL); node;
         node = next_node(g, node)) {
        struct lat_flat_unit *flat = &out->units[out->n_units];
        node->index = out->n_units++;
        flat->type = node->type;
        flat->inst = lat_units_instance(node);
        flat->bypass = heard_bypass(node);
        flat->first_output = out->n_outputs;
        flat->first_patch = out->n_patches;
        out->n_live += !node->is_dying;
        out->n_outputs += node->layout->n_out;
        out->n_inputs += node->layout->n_in;
        for (uint32_t i = 0; i < node->layout->n_in; ++i) {
            const struct lat_cables *in = node->in[i].cables;
            const uint32_t n_in = in ? in->n_cables + in->n_dying : 0;
            out->n_leads += n_in;
            out->n_patches += n_in != 0;
        }
    }
    out->units[out->n_units].first_output = out->n_outputs;
    out->units[out->n_units].first_patch = out->n_patches;
    return LAT_OK;
}

static void
write_lead(const struct lat_flat *out, const struct lat_cable *c,
           struct lat_flat_lead *lead)
{
    const uint32_t source = lat_cable_source(c)->index;
    lead->source = source;
    lead->output =
        (out->units[source].first_output + lat_cable_source_port(c)) &
        (UINT32_MAX >> 1U);
    lead->is_ring = lat_cable_is_ring(c);
    lead->run = c->run;
}

static void
write_patches(const struct lat_graph *g, struct lat_flat *out)
{
    struct lat_flat_patch *patch = out->patches;
    uint32_t at = 0;
    for (const struct lat_node *node = next_node(g, NULL); node;
         node = next_node(g, node)) {
        for (uint32_t i = 0; i < node->layout->n_in; ++i) {
            const struct lat_cables *in = node->in[i].cables;
            if (!in || (!in->n_cables && !in->n_dying)) {
                continue;
            }
            const enum lat_port_kind kind = node->layout->in[i].port->kind;
            *patch++ = (struct lat_flat_patch){
                .port = i,
                .first = at,
                .n_live = in->n_cables,
                .n_dying = in->n_dying,
                .is_event = lat_port_kind_is_event(kind),
            };
            for (const struct lat_cable *c = in->first; c; c = c->next_in) {
                write_lead(out, c, &out->leads[at++]);
            }
            for (const struct lat_cable *c = in->dying; c; c = c->dying_next) {
                write_lead(out, c, &out->leads[at++]);
            }
        }
    }
}

enum lat_status
lat_units_flatten(struct lat_graph *g, struct lat_flat *out)
{
    lat_arena_reserve(&out->arena, NODE_BYTES * (size_t)g->n_nodes +
                                       CABLE_BYTES * (size_t)g->n_cables);
    enum lat_status status = write_units(g, out);
    if (status) {
        return status;
    }
    out->patches =
        lat_arena_take(&out->arena, out->n_patches, sizeof(*out->patches));
    out->leads = lat_arena_take(&out->arena, out->n_leads, sizeof(*out->leads));
    if (!out->patches || !out->leads) {
        return LAT_ENOMEM;
    }
    write_patches(g, out);
    return LAT_OK;
}
