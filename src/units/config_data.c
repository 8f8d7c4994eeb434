// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "config_data.h"
#include "base/text.h"
#include "node/layout.h"

#include <stdlib.h>

struct held {
    struct lat_prepared *wanted, *shown;
    struct lat_prepared *earlier[LAT_CONFIG_EARLIER]; ///< the newest first
    struct lat_setting_value before; ///< of `shown`, where that is another
};

// With a type that has a setting with `prepare`.
struct config_with_data {
    struct lat_config config;
    uint32_t n;           ///< settings
    struct held *held;    ///< n
    const void **earlier; ///< n * LAT_CONFIG_EARLIER
    const void *data[];   ///< n, and behind them the earlier
};

static bool
has_data(const struct lat_node_type *type)
{
    uint32_t i = 0;
    while (i < type->n_settings && !type->settings[i].prepare) {
        ++i;
    }
    return i < type->n_settings;
}

struct lat_config *
lat_config_allocate(const struct lat_node_type *type)
{
    if (!has_data(type)) {
        return calloc(1, sizeof(struct lat_config));
    }
    const uint32_t n = type->n_settings;
    const size_t n_data = n * (1 + (size_t)LAT_CONFIG_EARLIER);
    struct config_with_data *c =
        calloc(1, sizeof(*c) + n_data * sizeof(c->data[0]));
    struct held *held = c ? calloc(n, sizeof(*held)) : NULL;
    if (!held) {
        free(c);
        return NULL;
    }
    c->n = n;
    c->held = held;
    c->earlier = c->data + n;
    return &c->config;
}

static struct held *
held_of(const struct lat_config *config, uint32_t i)
{
    const struct config_with_data *c = (const void *)config;
    return config->prepared ? &c->held[i] : NULL;
}

static struct lat_prepared *
find(const struct lat_prepared_store *store, const struct lat_setting *setting,
     const struct lat_setting_value *value, double rate)
{
    const char *key =
        setting->prepare && store ? lat_prepared_key(value) : NULL;
    return key ? lat_prepared_find(store, setting, key, rate) : NULL;
}

// What is shown: what is wanted, or, while a value has none, what was there.
static struct lat_prepared *
choose(const struct lat_config *before, uint32_t i,
       const struct lat_setting_value *value, struct lat_prepared *wanted,
       double rate)
{
    if (wanted && wanted->state == LAT_PREPARED_HERE) {
        return wanted;
    }
    const struct held *held = before ? held_of(before, i) : NULL;
    return held && held->shown && held->shown->rate == rate &&
                   lat_prepared_key(value)
               ? held->shown
               : NULL;
}

static enum lat_status
hold(struct held *held, struct lat_prepared *wanted, struct lat_prepared *shown,
     const struct lat_setting_value *before)
{
    if (shown && shown != wanted) {
        held->before.text = lat_strdup(before->text);
        held->before.path = lat_strdup(before->path);
        if (!held->before.text || !held->before.path != !before->path) {
            return LAT_ENOMEM;
        }
    }
    lat_prepared_hold(wanted);
    lat_prepared_hold(shown);
    held->wanted = wanted;
    held->shown = shown;
    return LAT_OK;
}

// What was there before what is shown, without the oldest: an audio thread may
// play it for a while yet.
static void
hold_earlier(struct held *held, const struct held *before)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i <= LAT_CONFIG_EARLIER; ++i) {
        struct lat_prepared *p = i > 0 ? before->earlier[i - 1] : before->shown;
        if (p && p != held->shown && n < LAT_CONFIG_EARLIER) {
            lat_prepared_hold(p);
            held->earlier[n++] = p;
        }
    }
}

enum lat_status
lat_config_hold_data(struct lat_config *config,
                     const struct lat_node_type *type,
                     const struct lat_prepared_store *store,
                     const struct lat_config *before)
{
    struct config_with_data *c = (void *)config;
    if (!has_data(type)) {
        return LAT_OK;
    }
    config->prepared = c->data;
    config->earlier = c->earlier;
    enum lat_status status = LAT_OK;
    for (uint32_t i = 0; !status && i < c->n; ++i) {
        const struct lat_setting_value *value = &config->settings[i];
        struct lat_prepared *wanted =
            find(store, &type->settings[i], value, config->rate);
        struct lat_prepared *shown =
            choose(before, i, value, wanted, config->rate);
        status =
            hold(&c->held[i], wanted, shown,
                 shown && shown != wanted ? lat_config_shown_value(before, i)
                                          : NULL);
        c->data[i] = shown ? shown->data : NULL;
        if (!status && before && type->settings[i].keeps_earlier) {
            hold_earlier(&c->held[i], held_of(before, i));
        }
        for (uint32_t k = 0; k < LAT_CONFIG_EARLIER; ++k) {
            const struct lat_prepared *p = c->held[i].earlier[k];
            c->earlier[i * LAT_CONFIG_EARLIER + k] = p ? p->data : NULL;
        }
    }
    return status;
}

void
lat_config_release(const struct lat_node_type *type, struct lat_config *config)
{
    if (config && has_data(type)) {
        struct config_with_data *c = (void *)config;
        for (uint32_t i = 0; i < c->n; ++i) {
            lat_prepared_drop(c->held[i].wanted);
            lat_prepared_drop(c->held[i].shown);
            for (uint32_t k = 0; k < LAT_CONFIG_EARLIER; ++k) {
                lat_prepared_drop(c->held[i].earlier[k]);
            }
            free(c->held[i].before.text);
            free(c->held[i].before.path);
        }
        free(c->held);
    }
    free(config);
}

const struct lat_prepared *
lat_config_wanted(const struct lat_config *config, uint32_t i)
{
    const struct held *held = held_of(config, i);
    return held ? held->wanted : NULL;
}

const struct lat_prepared *
lat_config_shown(const struct lat_config *config, uint32_t i)
{
    const struct held *held = held_of(config, i);
    return held ? held->shown : NULL;
}

const struct lat_setting_value *
lat_config_shown_value(const struct lat_config *config, uint32_t i)
{
    const struct held *held = held_of(config, i);
    if (!held || !held->shown) {
        return NULL;
    }
    return held->shown == held->wanted ? &config->settings[i] : &held->before;
}

bool
lat_config_would_differ(const struct lat_config *config,
                        const struct lat_node_type *type, uint32_t i,
                        const struct lat_setting_value *old,
                        const struct lat_setting_value *value,
                        const struct lat_prepared_store *store)
{
    if (!type->settings[i].prepare) {
        return !lat_setting_equals(old, value);
    }
    struct lat_prepared *wanted =
        find(store, &type->settings[i], value, config->rate);
    return choose(config, i, value, wanted, config->rate) !=
           lat_config_shown(config, i);
}
