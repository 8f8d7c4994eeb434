// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Node and parameter commands.

#include "base/text.h"
#include "check.h"
#include "graph/name.h"
#include "graph/unknown.h"
#include "graph/voice.h"
#include "node/curve.h"
#include "state.h"

#include <math.h>
#include <string.h>

/// An input of all voices of a node, or of one.
struct target {
    struct lat_node *node;
    uint32_t input;
    uint32_t voice; ///< from 1; 0: all
};

static enum lat_status
set_value(struct lat_control *c, struct target t, float number,
          struct lat_value value, double seconds, bool is_creation)
{
    const enum lat_port_kind kind = t.node->layout->in[t.input].port->kind;
    const bool is_played =
        kind == LAT_PORT_TRIGGER || (kind == LAT_PORT_GATE && !is_creation);
    const struct lat_graph_value v = {
        .input = t.input,
        .voice = t.voice,
        .value = number,
        .written = !is_played && value.is_text ? value.text : NULL,
        .seconds = seconds,
        .is_saved = !is_played,
        .falls_back = kind == LAT_PORT_TRIGGER,
    };
    return lat_graph_set_value(c->g, t.node, &v);
}

static enum lat_status
set_process(struct lat_control *c, struct lat_node *node,
            const struct lat_checked *k)
{
    return !k->has_process || node->is_own_process == k->is_own_process
               ? LAT_OK
               : lat_control_set_process(c, node, k->is_own_process);
}

static enum lat_status
set_bypass(struct lat_control *c, struct lat_node *node, bool is_bypassed)
{
    return node->is_bypassed == is_bypassed
               ? LAT_OK
               : lat_graph_set_bypass(c->g, node, is_bypassed);
}

// What is the default is not kept: it goes on to follow `poly`.
static enum lat_status
set_sleep(struct lat_control *c, struct lat_node *node, bool sleeps)
{
    const enum lat_node_sleep sleep = sleeps == (node->poly > 1)
                                          ? LAT_NODE_SLEEP_DEFAULT
                                      : sleeps ? LAT_NODE_SLEEP_YES
                                               : LAT_NODE_SLEEP_NO;
    return node->sleep == sleep ? LAT_OK
                                : lat_graph_set_sleep(c->g, node, sleep);
}

// What every node can be told.
static enum lat_status
set_common(struct lat_control *c, struct lat_node *node,
           const struct lat_checked *k)
{
    enum lat_status status = set_process(c, node, k);
    if (!status && k->poly && k->poly != node->poly) {
        status = lat_graph_set_poly(c->g, node, k->poly);
    }
    if (!status && k->has_sleep) {
        status = set_sleep(c, node, k->sleeps);
    }
    return !status && k->has_bypass ? set_bypass(c, node, k->is_bypassed)
                                    : status;
}

static enum lat_status
set_values(struct lat_control *c, struct lat_node *node,
           const struct lat_checked *k, const struct lat_assignment *a,
           uint32_t n, double seconds, bool is_creation)
{
    enum lat_status status = LAT_OK;
    for (uint32_t i = 0; !status && i < n; ++i) {
        if (k->inputs[i] >= 0) {
            const struct target t = {node, (uint32_t)k->inputs[i],
                                     k->voices[i]};
            status =
                set_value(c, t, k->values[i], a[i].value, seconds, is_creation);
        }
    }
    return status;
}

// Apply what was checked to a node that exists.
static enum lat_status
apply(struct lat_control *c, struct lat_node *node, struct lat_checked *k,
      const struct lat_assignment *a, uint32_t n, double seconds,
      bool is_creation, struct lat_error *error)
{
    enum lat_status status = LAT_OK;
    bool has_news = false;
    if (k->settings) {
        status =
            lat_control_ask_data(c, node, k->settings, a, n, &has_news, error);
    }
    if (!status && k->settings &&
        (has_news ||
         !lat_settings_equal(node->type, k->settings, node->settings))) {
        status = lat_graph_set_settings(c->g, node, k->settings);
        if (!status) {
            k->settings = NULL; // now the node's
        }
    }
    if (!status) {
        status = set_common(c, node, k);
    }
    return status ? status : set_values(c, node, k, a, n, seconds, is_creation);
}

static enum lat_status
create(struct lat_control *c, const struct lat_node_type *type,
       const char *name, struct lat_checked *k, const struct lat_assignment *a,
       uint32_t n, struct lat_error *error)
{
    struct lat_node *node = NULL;
    enum lat_status status =
        lat_graph_add_node(c->g, type, name, k->settings, &node);
    if (!status) {
        k->settings = NULL;
        status = set_common(c, node, k);
    }
    if (!status) {
        status =
            lat_control_ask_data(c, node, node->settings, NULL, 0, NULL, error);
    }
    return status ? status : set_values(c, node, k, a, n, -1.0, true);
}

// A session is taken as it is: what it may not send is not sent.
static enum lat_status
check_hosts(struct lat_control *c, const struct lat_node_type *type,
            const struct lat_assignment *a, uint32_t n, struct lat_error *error)
{
    const bool is_free = !(type->flags & LAT_TYPE_SENDS) || c->is_load ||
                         c->origin.kind == LAT_ORIGIN_SESSION;
    const struct lat_document *d = lat_control_document(c);
    for (uint32_t i = 0; i < n && !is_free; ++i) {
        if (strcmp(a[i].key, "host") == 0 &&
            !lat_document_may_send(d, a[i].value.text)) {
            return lat_error_set(
                error, LAT_EINVAL,
                "%.100s is not this machine, and the session does not allow "
                "it; write `send = HOST` or `send = HOST:PORT` into its [osc], "
                "and load it",
                a[i].value.text);
        }
    }
    return LAT_OK;
}

static enum lat_status
check_place(const struct lat_node *node, const char *name,
            const struct lat_checked *k, struct lat_error *error)
{
    const bool is_own =
        k->has_process ? k->is_own_process : node && node->is_own_process;
    const uint32_t poly = k->poly ? k->poly : node ? node->poly : 1;
    const bool is_hosted = k->poly && node && lat_units_is_hosted(node);
    return lat_control_check_own_voice(name, is_own || is_hosted, poly, error);
}

static enum lat_status
check_all(struct lat_control *c, const struct lat_node_type *type,
          const struct lat_node *node, const char *name,
          const struct lat_assignment *a, uint32_t n, struct lat_checked *k,
          struct lat_error *error)
{
    enum lat_status status = lat_check_assignments(
        &c->layouts, lat_control_tuned(c), type, node, a, n, k, error);
    if (status) {
        return status;
    }
    status = lat_control_check_process_name(name, k->is_own_process, error);
    if (!status) {
        status = check_hosts(c, type, a, n, error);
    }
    if (!status) {
        status = check_place(node, name, k, error);
    }
    if (status) {
        lat_checked_free(type, k);
    }
    return status;
}

enum lat_status
lat_control_node_new(struct lat_control *c, const char *type_name,
                     const char *name, bool allow_dots,
                     const struct lat_assignment *a, uint32_t n,
                     struct lat_error *error)
{
    const struct lat_node_type *type = lat_node_type_find(type_name);
    for (int is_out = 0; c->is_host && !type && is_out < 2; ++is_out) {
        const struct lat_node_type *port = lat_node_type_port(is_out);
        type = strcmp(port->name, type_name) == 0 ? port : NULL;
    }
    return type
               ? lat_control_node_new_of(c, type, name, allow_dots, a, n, error)
               : lat_unknown_type(type_name, error);
}

enum lat_status
lat_control_node_new_of(struct lat_control *c, const struct lat_node_type *type,
                        const char *name, bool allow_dots,
                        const struct lat_assignment *a, uint32_t n,
                        struct lat_error *error)
{
    if (!lat_name_is_valid(name, allow_dots || c->is_host)) {
        return lat_error_set(
            error, LAT_EINVAL,
            "'%.60s' is no name for a node: use a letter, then "
            "up to 39 letters, digits or _ (new, free, set, "
            "rename, info, list and all are taken)",
            name);
    }
    struct lat_node *node = lat_graph_find(c->g, name);
    if (node && node->type != type) {
        return lat_error_set(error, LAT_EEXIST,
                             "%s exists and is %s; free it first or choose "
                             "another name",
                             name, lat_with_article(node->type->name).text);
    }
    struct lat_checked k;
    enum lat_status status = check_all(c, type, node, name, a, n, &k, error);
    if (status) {
        return status;
    }
    const struct lat_command command = lat_command_begin(c);
    status = node ? apply(c, node, &k, a, n, -1.0, true, error)
                  : create(c, type, name, &k, a, n, error);
    lat_checked_free(type, &k);
    return lat_command_end(c, command, status, error);
}

// One voice has inputs of its own, and nothing else.
static enum lat_status
check_voice(const struct lat_voice *v, const struct lat_assignment *a,
            uint32_t n, struct lat_checked *k, struct lat_error *error)
{
    for (uint32_t i = 0; v->number && i < n; ++i) {
        if (k->inputs[i] < 0 || k->voices[i]) {
            return lat_error_set(error, LAT_EINVAL,
                                 "one voice of %s has no %.60s of its own: "
                                 "set it of %s",
                                 v->node->name, a[i].key, v->node->name);
        }
        k->voices[i] = (uint8_t)v->number;
    }
    return LAT_OK;
}

enum lat_status
lat_control_node_set(struct lat_control *c, const char *name,
                     const struct lat_assignment *a, uint32_t n,
                     struct lat_error *error)
{
    struct lat_voice v;
    if (lat_graph_find_voice(c->g, name, &v, error)) {
        return LAT_ENOTFOUND;
    }
    struct lat_node *node = v.node;
    struct lat_checked k;
    enum lat_status status =
        check_all(c, node->type, node, node->name, a, n, &k, error);
    if (status) {
        return status;
    }
    status = check_voice(&v, a, n, &k, error);
    if (status) {
        lat_checked_free(node->type, &k);
        return status;
    }
    const struct lat_command command = lat_command_begin(c);
    status = apply(c, node, &k, a, n, -1.0, false, error);
    lat_checked_free(node->type, &k);
    return lat_command_end(c, command, status, error);
}

enum lat_status
lat_control_param_set(struct lat_control *c, const char *name,
                      const char *param, struct lat_value value, double seconds,
                      struct lat_error *error)
{
    struct lat_voice v;
    if (lat_graph_find_voice(c->g, name, &v, error)) {
        return LAT_ENOTFOUND;
    }
    struct lat_node *node = v.node;
    if (!(seconds < 86400.0)) {
        return lat_error_set(error, LAT_EINVAL,
                             "a glide takes less than a day, not %g seconds",
                             seconds);
    }
    const int input = lat_layout_input(node->layout, param);
    if (input < 0) { // a setting, or nothing
        const struct lat_assignment a = {param, value};
        return lat_control_node_set(c, name, &a, 1, error);
    }
    const struct lat_port *port = node->layout->in[input].port;
    float number = 0.0F;
    enum lat_status status = lat_control_check_input(
        param, port, lat_control_tuned(c), value, &number, error);
    if (status) {
        return status;
    }
    const struct lat_command command = lat_command_begin(c);
    const struct target t = {node, (uint32_t)input, v.number};
    status = set_value(c, t, number, value, seconds, false);
    return lat_command_end(c, command, status, error);
}

enum lat_status
lat_control_param_set_norm(struct lat_control *c, const char *name,
                           const char *param, double x, struct lat_error *error)
{
    struct lat_voice v;
    if (lat_graph_find_voice(c->g, name, &v, error)) {
        return LAT_ENOTFOUND;
    }
    const struct lat_port *port = lat_control_need_input(v.node, param, error);
    if (!port) {
        return LAT_ENOTFOUND;
    }
    if (!isfinite(x)) {
        return lat_error_set(error, LAT_EINVAL, "%s/norm needs 0 to 1", param);
    }
    const struct lat_value value = {.number = lat_curve_to_value(port, x)};
    return lat_control_param_set(c, name, param, value, -1.0, error);
}

enum lat_status
lat_control_bypass(struct lat_control *c, const char *name, bool is_bypassed,
                   struct lat_error *error)
{
    struct lat_node *node = lat_control_need_node(c, name, error);
    if (!node) {
        return LAT_ENOTFOUND;
    }
    const struct lat_command command = lat_command_begin(c);
    return lat_command_end(c, command, set_bypass(c, node, is_bypassed), error);
}

// Removing and renaming.

enum lat_status
lat_control_node_free(struct lat_control *c, const char *const *names,
                      uint32_t n, struct lat_error *error)
{
    for (uint32_t i = 0; i < n; ++i) {
        if (!lat_control_need_node(c, names[i], error)) {
            return LAT_ENOTFOUND;
        }
    }
    const struct lat_command command = lat_command_begin(c);
    enum lat_status status = LAT_OK;
    for (uint32_t i = 0; !status && i < n; ++i) {
        struct lat_node *node = lat_graph_find(c->g, names[i]);
        if (node) { // not named twice
            status = lat_graph_remove_node(c->g, node);
        }
    }
    return lat_command_end(c, command, status, error);
}

enum lat_status
lat_control_node_rename(struct lat_control *c, const char *from, const char *to,
                        struct lat_error *error)
{
    struct lat_node *node = lat_control_need_node(c, from, error);
    if (!node) {
        return LAT_ENOTFOUND;
    }
    if (!lat_name_is_valid(to, strchr(from, '.') != NULL)) {
        return lat_error_set(
            error, LAT_EINVAL,
            "'%.60s' is no name for a node: use a letter, then "
            "up to 39 letters, digits or _",
            to);
    }
    if (!strcmp(from, to)) {
        return LAT_OK;
    }
    if (lat_control_check_process_name(to, node->is_own_process, error)) {
        return LAT_EINVAL;
    }
    if (lat_graph_find(c->g, to)) {
        return lat_error_set(error, LAT_EEXIST,
                             "a node '%s' exists; choose another name", to);
    }
    const struct lat_command command = lat_command_begin(c);
    return lat_command_end(c, command, lat_graph_rename_node(c->g, node, to),
                           error);
}
