// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Sound files that are read again: nodes keep what they have until the new is
// there, and also where it cannot be had.

#include "state.h"
#include "units/prepared.h"

#include <string.h>

/// Have one setting's sound read again.
static enum lat_status
renew(struct lat_control *c, const struct lat_node *node, uint32_t i,
      bool *is_one)
{
    const struct lat_setting *setting = &node->type->settings[i];
    const char *key = lat_prepared_key(&node->settings[i]);
    if (!setting->stamp || !setting->prepare || !key || c->without_data ||
        lat_units_is_away(node)) {
        return LAT_OK;
    }
    *is_one = true;
    struct lat_error why;
    const enum lat_status status =
        lat_prepared_renew(c->prepared, setting, key, c->rate, &why);
    return status == LAT_ENOMEM ? status : lat_control_remember_ask(c, node, i);
}

enum lat_status
lat_control_configure_anew(struct lat_control *c, struct lat_node *node)
{
    struct lat_setting_value *const settings =
        lat_settings_copy(node->type, node->settings);
    const enum lat_status status =
        settings ? lat_graph_set_settings(c->g, node, settings) : LAT_ENOMEM;
    if (status) {
        lat_settings_free(node->type, settings);
    }
    return status;
}

/// Have all of a node's sounds read again.
static enum lat_status
renew_node(struct lat_control *c, struct lat_node *node, uint32_t *n)
{
    enum lat_status status = LAT_OK;
    bool has_sound = false;
    for (uint32_t i = 0; !status && i < node->type->n_settings; ++i) {
        status = renew(c, node, i, &has_sound);
    }
    if (status || !has_sound) {
        return status;
    }
    status = lat_control_configure_anew(c, node);
    *n += !status;
    return status;
}

enum lat_status
lat_control_reload(struct lat_control *c, uint32_t *n, struct lat_error *error)
{
    const struct lat_command command = lat_command_begin(c);
    enum lat_status status = LAT_OK;
    *n = 0;
    for (struct lat_node *node = c->g->first; node && !status;
         node = node->next) {
        status = renew_node(c, node, n);
    }
    return lat_command_end(c, command, status, error);
}
