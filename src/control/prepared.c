// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Data that settings stand for is asked for by the command that assigns them,
// which so fails where it cannot be had at once.  Configurations, which are
// made later in the transaction, find it.

#include "units/prepared.h"
#include "state.h"

#include <stdlib.h>
#include <string.h>

void
lat_control_set_elsewhere(struct lat_control *c,
                          const struct lat_elsewhere *elsewhere)
{
    c->elsewhere = elsewhere ? *elsewhere : (struct lat_elsewhere){0};
    lat_prepared_store_set_elsewhere(c->prepared, elsewhere);
}

void
lat_control_set_finder(struct lat_control *c,
                       const struct lat_file_finder *finder)
{
    c->finder = *finder;
}

void
lat_control_set_unprepared(struct lat_control *c,
                           void (*tell)(void *data,
                                        const struct lat_unprepared *what),
                           void *data)
{
    c->unprepared = tell;
    c->unprepared_data = data;
}

/// What setting number @p i is prepared from, or NULL.
static const char *
key_of(const struct lat_control *c, const struct lat_node_type *type,
       const struct lat_setting_value *settings, uint32_t i)
{
    return type->settings[i].prepare && !c->without_data
               ? lat_prepared_key(&settings[i])
               : NULL;
}

static const struct lat_prepared *
find(const struct lat_control *c, const struct lat_node *node,
     const struct lat_setting_value *settings, uint32_t i)
{
    const char *key = key_of(c, node->type, settings, i);
    return key ? lat_prepared_find(c->prepared, &node->type->settings[i], key,
                                   c->rate)
               : NULL;
}

enum lat_readiness
lat_control_readiness(const struct lat_control *c, const struct lat_node *node,
                      uint32_t i, struct lat_error *why)
{
    static const enum lat_readiness readiness[] = {
        [LAT_PREPARED_COMING] = LAT_DATA_COMING,
        [LAT_PREPARED_HERE] = LAT_DATA_HERE,
        [LAT_PREPARED_FAILED] = LAT_DATA_FAILED,
    };
    const struct lat_prepared *p = find(c, node, node->settings, i);
    if (p && why && p->state == LAT_PREPARED_FAILED) {
        *why = p->error;
        if (p->setting->is_sound && why->status == LAT_ENOTFOUND) {
            const size_t n = strlen(why->text);
            lat_control_suggest_sound(c, node->settings[i].text, why->text + n,
                                      sizeof(why->text) - n);
        }
    }
    return p ? readiness[p->state] : LAT_DATA_NONE;
}

enum lat_status
lat_control_need_data(struct lat_control *c, const struct lat_node *node)
{
    for (uint32_t i = 0; i < node->type->n_settings; ++i) {
        const char *key = key_of(c, node->type, node->settings, i);
        if (key && lat_prepared_need(c->prepared, &node->type->settings[i], key,
                                     c->rate, false, NULL) == LAT_ENOMEM) {
            return LAT_ENOMEM;
        }
    }
    return LAT_OK;
}

// Who asked.

static struct lat_ask *
find_ask(const struct lat_control *c, const struct lat_node *node, uint32_t i)
{
    for (uint32_t k = 0; k < c->n_asks; ++k) {
        if (c->asks[k].node == node->id && c->asks[k].setting == i) {
            return &c->asks[k];
        }
    }
    return NULL;
}

struct lat_origin
lat_control_asked_by(const struct lat_control *c, const struct lat_node *node,
                     uint32_t i)
{
    const struct lat_ask *ask = find_ask(c, node, i);
    return ask ? ask->origin : (struct lat_origin){.kind = LAT_ORIGIN_PROGRAM};
}

enum lat_status
lat_control_remember_ask(struct lat_control *c, const struct lat_node *node,
                         uint32_t i)
{
    struct lat_ask *ask = find_ask(c, node, i);
    if (!ask && !lat_grow((void **)&c->asks, &c->asks_capacity, c->n_asks,
                          sizeof(*c->asks))) {
        return LAT_ENOMEM;
    }
    ask = ask ? ask : &c->asks[c->n_asks++];
    *ask = (struct lat_ask){node->id, i, c->origin};
    ++c->work.n_asked;
    return LAT_OK;
}

// Asking.

static bool
is_assigned(const struct lat_setting *setting, const struct lat_assignment *a,
            uint32_t n)
{
    uint32_t i = 0;
    while (i < n && strcmp(a[i].key, setting->name) != 0) {
        ++i;
    }
    return i < n;
}

/// A session is whole, and saved as it is, without its sound files.
static bool
may_lack_data(const struct lat_control *c)
{
    return c->is_load || c->origin.kind == LAT_ORIGIN_SESSION;
}

static enum lat_status
ask(struct lat_control *c, const struct lat_node *node,
    struct lat_setting_value *settings, uint32_t i, struct lat_error *error)
{
    const struct lat_setting *setting = &node->type->settings[i];
    struct lat_error why = {0};
    char nearest[300] = "";
    enum lat_status status = lat_control_find_files(c, setting, &settings[i],
                                                    may_lack_data(c), &why);
    const char *key = key_of(c, node->type, settings, i);
    if (!status && key && !lat_units_is_away(node)) {
        status =
            lat_prepared_need(c->prepared, setting, key, c->rate, true, &why);
    }
    if (status == LAT_ENOTFOUND && setting->is_sound && !may_lack_data(c)) {
        lat_control_suggest_sound(c, settings[i].text, nearest,
                                  sizeof(nearest));
    }
    if (status == LAT_ENOMEM || (status && !may_lack_data(c))) {
        return lat_error_set(error, status, "%s of %s: %s%s", setting->name,
                             node->name, why.text, nearest);
    }
    const struct lat_prepared *p = find(c, node, settings, i);
    return p && p->state == LAT_PREPARED_COMING
               ? lat_control_remember_ask(c, node, i)
               : LAT_OK;
}

enum lat_status
lat_control_ask_data(struct lat_control *c, const struct lat_node *node,
                     struct lat_setting_value *settings,
                     const struct lat_assignment *a, uint32_t n, bool *has_news,
                     struct lat_error *error)
{
    enum lat_status status = LAT_OK;
    for (uint32_t i = 0; !status && i < node->type->n_settings; ++i) {
        const struct lat_setting *setting = &node->type->settings[i];
        const bool is_new = settings == node->settings;
        if (!setting->prepare || c->without_data ||
            !(is_new || is_assigned(setting, a, n))) {
            continue;
        }
        const struct lat_prepared *before =
            is_new ? NULL : find(c, node, node->settings, i);
        const bool has_failed = before && before->state == LAT_PREPARED_FAILED;
        if (is_new || has_failed ||
            !lat_setting_equals(&node->settings[i], &settings[i])) {
            status = ask(c, node, settings, i, error);
        }
        if (has_failed) {
            *has_news = true;
        }
    }
    return status;
}
