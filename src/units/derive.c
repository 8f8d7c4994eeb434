// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "derive.h"
#include "graph/voice.h"
#include "node/common_settings.h"

/// Memory of the arrays, about.
#define NODE_BYTES  (sizeof(struct lat_flat_unit) + 8U)
#define CABLE_BYTES 40U

// Instances.

/// What an instance of voice @p voice is made of; its layout is NULL where
/// there is no memory.
static struct lat_instance_options
options_of(const struct lat_node *node, uint32_t voice,
           const struct lat_instance_options *means,
           char name[LAT_VOICE_NAME_MAX])
{
    const struct lat_unit *unit = lat_units_voice(node, voice);
    const bool is_dealer = lat_type_is_dealer(node->type);
    struct lat_instance_options options = *means;
    options.type = node->type;
    options.layout = is_dealer
                         ? lat_layout_get_voices(means->layouts, node->type,
                                                 node->settings, node->poly)
                         : node->layout;
    options.n_voices = node->poly;
    options.settings = node->settings;
    options.name = node->name;
    options.before = unit && unit->voice == voice ? unit->inst->config : NULL;
    if (node->poly > 1 && !is_dealer) {
        options.name = lat_voice_name(node->name, voice + 1, name);
    }
    return options;
}

enum lat_status
lat_units_make_config(const struct lat_node *node, uint32_t voice,
                      const struct lat_instance_options *means,
                      struct lat_config **out)
{
    char name[LAT_VOICE_NAME_MAX];
    const struct lat_instance_options options =
        options_of(node, voice, means, name);
    return options.layout ? lat_config_new(&options, out) : LAT_ENOMEM;
}

static enum lat_status
make_bypass(const struct lat_node *node, struct lat_instance *inst)
{
    const enum lat_status status =
        lat_bypass_new(node->type, inst->layout, inst->config, &inst->bypass);
    if (!status) {
        lat_ramp_set(&inst->bypass->share, 1.0F);
        inst->bypass->is_heard = true;
    }
    return status;
}

// The inputs of a voice.
static void
start_inputs(const struct lat_node *node, uint32_t voice,
             struct lat_instance *inst)
{
    for (uint32_t i = 0; i < node->layout->n_in; ++i) {
        lat_instance_start_input(inst, lat_units_input(node, voice, i),
                                 lat_input_value(&node->in[i], voice),
                                 lat_input_n_cables(&node->in[i]));
    }
}

enum lat_status
lat_units_make_instance(const struct lat_node *node, uint32_t voice,
                        const struct lat_instance_options *means,
                        struct lat_instance **out)
{
    char name[LAT_VOICE_NAME_MAX];
    const struct lat_instance_options options =
        options_of(node, voice, means, name);
    enum lat_status status =
        options.layout ? lat_instance_new(&options, out) : LAT_ENOMEM;
    if (!status && node->is_bypassed) {
        status = make_bypass(node, *out);
        if (status) {
            lat_instance_free(*out);
            *out = NULL;
        }
    }
    const uint32_t n = lat_type_is_dealer(node->type) ? node->poly : 1;
    for (uint32_t k = 0; !status && k < n; ++k) {
        start_inputs(node, voice + k, *out);
    }
    return status;
}

// Arrays.

static bool
may_sleep(const struct lat_node *node)
{
    return lat_node_sleeps(node) && lat_type_can_sleep(node->type);
}

// A way around that fades out is heard to its end.
static struct lat_bypass *
heard_bypass(const struct lat_instance *inst)
{
    return inst->bypass && inst->bypass->is_heard ? inst->bypass : NULL;
}

static enum lat_status
write_units(const struct lat_units *u, struct lat_flat *out)
{
    out->units = lat_arena_take(&out->arena, u->n_units + (size_t)1,
                                sizeof(*out->units));
    if (!out->units) {
        return LAT_ENOMEM;
    }
    for (struct lat_unit *unit = lat_units_next(u, NULL); unit;
         unit = lat_units_next(u, unit)) {
        struct lat_flat_unit *flat = &out->units[out->n_units];
        const struct lat_instance *inst = unit->inst;
        unit->index = out->n_units++;
        flat->key = unit->key;
        flat->type = inst->type;
        flat->inst = unit->inst;
        flat->config = inst->config;
        flat->bypass = heard_bypass(inst);
        flat->is_dying = unit->state == LAT_RUN_DYING;
        if (unit->of && !unit->is_door && !flat->is_dying) {
            unit->inst->may_sleep = may_sleep(unit->of->node);
        }
        flat->may_sleep = inst->may_sleep;
        flat->first_output = out->n_outputs;
        out->n_outputs += inst->n_out;
        out->n_inputs += inst->n_in;
    }
    out->n_live = u->n_live;
    out->units[out->n_units].first_output = out->n_outputs;
    return LAT_OK;
}

/// @return how many.
static uint32_t
write_leads(struct lat_flat *out, const struct lat_lead *lead)
{
    const uint32_t first = out->n_leads;
    for (; lead; lead = lead->next) {
        struct lat_flat_lead *flat = &out->leads[out->n_leads++];
        flat->key = lead->key;
        flat->source = lead->src->index;
        flat->output =
            (out->units[flat->source].first_output + lead->src_port) &
            (UINT32_MAX >> 1U);
        flat->is_ring = lead->is_ring;
        flat->amount = lead->amount;
    }
    return out->n_leads - first;
}

static void
write_patches(const struct lat_units *u, struct lat_flat *out)
{
    struct lat_flat_unit *flat = out->units;
    for (const struct lat_unit *unit = lat_units_next(u, NULL); unit;
         unit = lat_units_next(u, unit), ++flat) {
        flat->first_patch = out->n_patches;
        for (const struct lat_patch *p = unit->in; p; p = p->next) {
            if (!p->first && !p->dying) {
                continue;
            }
            const struct lat_port_info *info = &unit->inst->layout->in[p->port];
            struct lat_flat_patch *patch = &out->patches[out->n_patches++];
            patch->port = p->port;
            patch->is_event = lat_port_kind_is_event(info->port->kind);
            patch->first = out->n_leads;
            patch->n_live = write_leads(out, p->first);
            patch->n_dying = write_leads(out, p->dying);
        }
    }
    flat->first_patch = out->n_patches;
}

enum lat_status
lat_units_flatten(const struct lat_units *u, struct lat_flat *out)
{
    lat_arena_reserve(&out->arena, NODE_BYTES * (size_t)u->n_units +
                                       CABLE_BYTES * (size_t)u->n_leads);
    enum lat_status status = write_units(u, out);
    if (status) {
        return status;
    }
    out->patches =
        lat_arena_take(&out->arena, u->n_patches, sizeof(*out->patches));
    out->leads = lat_arena_take(&out->arena, u->n_leads, sizeof(*out->leads));
    if (!out->patches || !out->leads) {
        return LAT_ENOMEM;
    }
    write_patches(u, out);
    return LAT_OK;
}
