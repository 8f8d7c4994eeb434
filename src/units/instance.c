// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "instance.h"
#include "node/tuned.h"

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

// Kernels look at no configuration of their own, so equal ones are one.
struct lat_shared_config {
    struct lat_config config;
    uint32_t refs;
    struct lat_shared_configs *all;
    struct lat_shared_config *next;
};

static bool
is_shared(const struct lat_node_type *type)
{
    return type->kernel && !type->n_settings;
}

static struct lat_config *
share_config(struct lat_shared_configs *all, const struct lat_config *wanted)
{
    struct lat_shared_config *s = all->first;
    while (s && (s->config.rate != wanted->rate ||
                 s->config.block != wanted->block ||
                 s->config.n_in != wanted->n_in ||
                 s->config.n_out != wanted->n_out)) {
        s = s->next;
    }
    if (!s) {
        s = calloc(1, sizeof(*s));
        if (!s) {
            return NULL;
        }
        s->config = *wanted;
        s->all = all;
        s->next = all->first;
        all->first = s;
    }
    ++s->refs;
    return &s->config;
}

static void
unshare_config(struct lat_config *config)
{
    struct lat_shared_config *s = (struct lat_shared_config *)config;
    if (--s->refs) {
        return;
    }
    struct lat_shared_config **link = &s->all->first;
    while (*link != s) {
        link = &(*link)->next;
    }
    *link = s->next;
    free(s);
}

// Channels of a device, for which there are no ports.
static uint32_t
n_channels(const struct lat_node_type *type,
           const struct lat_setting_value *settings)
{
    const int i = lat_setting_index(type, "channels");
    if (!(type->flags & (LAT_TYPE_DEVICE_IN | LAT_TYPE_DEVICE_OUT))) {
        return 0;
    }
    return i >= 0 ? (uint32_t)settings[i].number : 1;
}

enum lat_status
lat_config_new(const struct lat_instance_options *options,
               struct lat_config **out)
{
    const struct lat_node_type *type = options->type;
    const struct lat_layout *layout = options->layout;
    if (is_shared(type)) {
        const struct lat_config wanted = {
            .rate = options->rate,
            .block = options->block,
            .n_in = layout->n_in,
            .n_out = layout->n_out,
            .n_voices = 1,
        };
        struct lat_config *config = share_config(options->shared, &wanted);
        *out = config ? config : *out;
        return config ? LAT_OK : LAT_ENOMEM;
    }
    struct lat_config *config = lat_config_allocate(type);
    struct lat_setting_value *settings =
        lat_settings_copy(type, options->settings);
    if (!config || !settings) {
        lat_config_release(type, config);
        lat_settings_free(type, settings);
        return LAT_ENOMEM;
    }
    const uint32_t channels = n_channels(type, settings);
    *config = (struct lat_config){
        .rate = options->rate,
        .block = options->block,
        .n_in =
            layout->n_in + (type->flags & LAT_TYPE_DEVICE_IN ? channels : 0),
        .n_out =
            layout->n_out + (type->flags & LAT_TYPE_DEVICE_OUT ? channels : 0),
        .n_voices = options->n_voices,
        .tuned = lat_tuned_hold(options->tuned),
        .seed = seed_of(options->name),
        .settings = settings,
    };
    if (lat_config_hold_data(config, type, options->prepared,
                             options->before)) {
        lat_config_free(type, config);
        return LAT_ENOMEM;
    }
    *out = config;
    return LAT_OK;
}

void
lat_config_free(const struct lat_node_type *type, struct lat_config *config)
{
    if (config && is_shared(type)) {
        unshare_config(config);
    } else if (config) {
        lat_tuned_release(config->tuned);
        lat_settings_free(type, (struct lat_setting_value *)config->settings);
        lat_config_release(type, config);
    }
}

static size_t
round_up(size_t bytes)
{
    return (bytes + LAT_ALIGNMENT - 1) / LAT_ALIGNMENT * LAT_ALIGNMENT;
}

static void *
zeroed(size_t bytes)
{
    void *p = aligned_alloc(LAT_ALIGNMENT, round_up(bytes));
    if (p) {
        memset(p, 0, round_up(bytes));
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

// One piece of memory for all of it, state last.  That of kernels is words.
static struct lat_instance *
allocate(const struct lat_node_type *type, const struct lat_layout *layout,
         const struct lat_config *config)
{
    const uint32_t n_in = layout->n_in;
    const uint32_t n_out = layout->n_out;
    const bool is_midi = type->flags & LAT_TYPE_MIDI_OUT;
    const uint32_t n_slots =
        config->n_in - n_in + config->n_out - n_out + is_midi;
    const bool is_device = is_midi || type->flags & LAT_TYPE_DEVICE_OUT;
    const uint32_t n_ramps = layout->n_ramps + is_device;
    const size_t slots_at =
        sizeof(struct lat_instance) + n_ramps * sizeof(struct lat_ramp);
    const size_t held_at = (slots_at + n_slots * sizeof(uint16_t) + 7) / 8 * 8;
    const size_t words_at =
        is_midi ? held_at + sizeof(struct lat_midi_held)
                : (slots_at + n_slots * sizeof(uint16_t) + 3) / 4 * 4;
    const size_t state_at = type->kernel ? words_at : round_up(words_at);
    const size_t bytes = state_bytes(type, config);
    unsigned char *block =
        type->kernel ? calloc(1, state_at + bytes) : zeroed(state_at + bytes);
    if (!block) {
        return NULL;
    }
    struct lat_instance *inst = (void *)block;
    inst->fade = is_device ? &inst->ramps[n_ramps - 1] : NULL;
    inst->slots = (void *)(block + slots_at);
    inst->held = is_midi ? (void *)(block + held_at) : NULL;
    inst->state = block + state_at;
    inst->state_bytes = bytes;
    inst->layout = layout;
    inst->n_in = (uint16_t)n_in;
    inst->n_out = (uint16_t)n_out;
    inst->n_slots = (uint16_t)n_slots;
    return inst;
}

enum lat_status
lat_instance_new(const struct lat_instance_options *options,
                 struct lat_instance **out)
{
    const struct lat_node_type *type = options->type;
    struct lat_config *config = NULL;
    enum lat_status status = lat_config_new(options, &config);
    if (status) {
        return status;
    }
    struct lat_instance *inst = allocate(type, options->layout, config);
    if (!inst) {
        lat_config_free(type, config);
        return LAT_ENOMEM;
    }
    inst->type = type;
    inst->config = config;
    inst->home = inst->state;
    inst->pitch = 1;
    if (inst->fade) {
        lat_ramp_set(inst->fade, 1.0F);
    }
    if (type->init) {
        status = type->init(inst->state, inst->config);
        if (status) {
            // Not set up: nothing for fini to release.
            lat_config_free(type, config);
            free(inst);
            return status;
        }
    }
    *out = inst;
    return LAT_OK;
}

void
lat_instance_start_input(struct lat_instance *inst, uint32_t i, float value,
                         bool is_patched)
{
    const struct lat_port_info *info = &inst->layout->in[i];
    struct lat_ramp *ramp = &inst->ramps[info->ramp];
    lat_ramp_set(ramp, info->port->kind == LAT_PORT_TRIGGER ? 0.0F : value);
    if (info->port->kind == LAT_PORT_SIGNAL) {
        lat_ramp_set(ramp + 1, is_patched ? 0.0F : 1.0F);
    }
}

void
lat_instance_free(struct lat_instance *inst)
{
    if (!inst) {
        return;
    }
    if (inst->type->fini) {
        inst->type->fini(inst->state);
    }
    for (uint32_t i = 0; inst->feedback && i < inst->n_out; ++i) {
        free(inst->feedback[i]);
    }
    free(inst->feedback);
    lat_bypass_free(inst->bypass);
    lat_config_free(inst->type, inst->config);
    free(inst);
}

enum lat_status
lat_instance_need_feedback(struct lat_instance *inst, uint32_t port)
{
    if (!inst->feedback) {
        inst->feedback = calloc(inst->n_out, sizeof(float *));
    }
    if (!inst->feedback) {
        return LAT_ENOMEM;
    }
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
lat_instance_start_anew(struct lat_instance *inst,
                        const struct lat_config *config)
{
    if (inst->home && inst->home != inst->state) { // in lanes
        for (uint32_t w = 0; w < inst->type->state_words; ++w) {
            inst->home[(size_t)w * inst->pitch] = 0;
        }
    } else {
        lat_instance_reset(inst, config, inst->state);
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
