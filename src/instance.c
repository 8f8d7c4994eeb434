// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "instance.h"

#include <stdlib.h>
#include <string.h>

static uint64_t
seed_of(const char *name)
{
    uint64_t h = UINT64_C(14695981039346656037); // FNV-1a
    for (; *name; ++name) {
        h = (h ^ (unsigned char)*name) * UINT64_C(1099511628211);
    }
    return h;
}

enum lat_status
lat_config_new(const struct lat_node *node, double rate, uint32_t block,
               struct lat_config **out)
{
    struct lat_config *config = calloc(1, sizeof(*config));
    struct lat_setting_value *settings =
        lat_settings_copy(node->type, node->settings);
    if (!config || !settings) {
        free(config);
        lat_settings_free(node->type, settings);
        return LAT_ENOMEM;
    }
    uint32_t channels = 0;
    const int i = lat_setting_index(node->type, "channels");
    if (i >= 0 &&
        node->type->flags & (LAT_TYPE_DEVICE_IN | LAT_TYPE_DEVICE_OUT)) {
        channels = (uint32_t)settings[i].number;
    }
    *config = (struct lat_config){
        .rate = rate,
        .block = block,
        .n_in = node->layout->n_in +
                (node->type->flags & LAT_TYPE_DEVICE_IN ? channels : 0),
        .n_out = node->layout->n_out +
                 (node->type->flags & LAT_TYPE_DEVICE_OUT ? channels : 0),
        .seed = seed_of(node->name),
        .settings = settings,
    };
    *out = config;
    return LAT_OK;
}

void
lat_config_free(const struct lat_node_type *type, struct lat_config *config)
{
    if (config) {
        lat_settings_free(type, (struct lat_setting_value *)config->settings);
        free(config);
    }
}

static void *
zeroed(size_t bytes)
{
    const size_t whole = (bytes + LAT_ALIGNMENT) / LAT_ALIGNMENT;
    void *p = aligned_alloc(LAT_ALIGNMENT, whole * LAT_ALIGNMENT);
    if (p) {
        memset(p, 0, whole * LAT_ALIGNMENT);
    }
    return p;
}

static size_t
state_bytes(const struct lat_node_type *type, const struct lat_config *config)
{
    if (type->kernel) {
        return type->state_words * sizeof(uint32_t);
    }
    return type->state_bytes ? type->state_bytes(config) : 0;
}

enum lat_status
lat_instance_new(const struct lat_node *node, double rate, uint32_t block,
                 struct lat_instance **out)
{
    const struct lat_node_type *type = node->type;
    struct lat_instance *inst = calloc(1, sizeof(*inst));
    if (!inst) {
        return LAT_ENOMEM;
    }
    enum lat_status status =
        lat_config_new(node, rate, block, &inst->config);
    if (status) {
        free(inst);
        return status;
    }
    inst->type = type;
    inst->n_in = node->layout->n_in;
    inst->n_out = node->layout->n_out;
    memcpy(inst->name, node->name, sizeof(inst->name));
    inst->state_bytes = state_bytes(type, inst->config);
    inst->n_slots = inst->config->n_in - inst->n_in + inst->config->n_out -
                    inst->n_out;
    lat_ramp_set(&inst->fade, 1.0F);

    const bool is_readable = type->flags & LAT_TYPE_READABLE;
    inst->state = zeroed(inst->state_bytes);
    inst->home = inst->state;
    inst->pitch = 1;
    inst->in = zeroed(inst->n_in * sizeof(*inst->in));
    inst->feedback = zeroed(inst->n_out * sizeof(float *));
    inst->slots = zeroed(inst->n_slots * sizeof(*inst->slots));
    inst->readout =
        zeroed((is_readable ? inst->n_out : 0) * sizeof(*inst->readout));
    if (!inst->state || !inst->in || !inst->feedback || !inst->slots ||
        !inst->readout) {
        lat_instance_free(inst);
        return LAT_ENOMEM;
    }
    for (uint32_t i = 0; i < inst->n_in; ++i) {
        const struct lat_port *port = node->layout->in[i].port;
        const bool is_trigger = port->kind == LAT_PORT_TRIGGER;
        lat_ramp_set(&inst->in[i].value,
                     is_trigger ? 0.0F : node->in[i].value);
        lat_ramp_set(&inst->in[i].normal, node->in[i].n_cables ? 0.0F : 1.0F);
    }
    if (type->init) {
        status = type->init(inst->state, inst->config);
        if (status) {
            // Not set up: nothing for fini to release.
            free(inst->state);
            inst->state = NULL;
            lat_instance_free(inst);
            return status;
        }
    }
    *out = inst;
    return LAT_OK;
}

void
lat_instance_free(struct lat_instance *inst)
{
    if (!inst) {
        return;
    }
    if (inst->type->fini && inst->state) {
        inst->type->fini(inst->state);
    }
    for (uint32_t i = 0; inst->feedback && i < inst->n_out; ++i) {
        free(inst->feedback[i]);
    }
    lat_config_free(inst->type, inst->config);
    free(inst->state);
    free(inst->in);
    free(inst->feedback);
    free(inst->slots);
    free(inst->readout);
    free(inst);
}

enum lat_status
lat_instance_need_feedback(struct lat_instance *inst, uint32_t port)
{
    if (!inst->feedback[port]) {
        inst->feedback[port] =
            zeroed(2 * (size_t)inst->config->block * sizeof(float));
    }
    return inst->feedback[port] ? LAT_OK : LAT_ENOMEM;
}

LAT_RT void
lat_instance_reset(const struct lat_instance *inst,
                   const struct lat_config *config, void *state)
{
    if (inst->type->reset) {
        inst->type->reset(state, config);
    } else {
        memset(state, 0, inst->state_bytes);
    }
}

LAT_RT void
lat_instance_load(const struct lat_instance *inst, uint32_t *words)
{
    for (uint32_t w = 0; w < inst->type->state_words; ++w) {
        words[w] = inst->home[(size_t)w * inst->pitch];
    }
}

LAT_RT void
lat_instance_store(struct lat_instance *inst, const uint32_t *words)
{
    for (uint32_t w = 0; w < inst->type->state_words; ++w) {
        inst->home[(size_t)w * inst->pitch] = words[w];
    }
}
