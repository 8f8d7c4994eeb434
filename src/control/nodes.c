// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Node and parameter commands.  All assignments of a command are checked
// against the type and against the layout that its settings will give, before
// anything is changed.

#include "base/text.h"
#include "graph/name.h"
#include "graph/unknown.h"
#include "node/value_text.h"
#include "state.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Curves.

// The console fader: silence, then straight lines in decibels.
static const struct {
    double x, db;
} console[] = {
    {0.0, -90.0}, {0.25, -30.0}, {0.5, -10.0}, {0.75, 0.0}, {1.0, 10.0}};

static double
console_to_value(double x)
{
    if (x <= 0.0) {
        return 0.0;
    }
    size_t i = 1;
    while (i < LAT_COUNT(console) - 1 && x > console[i].x) {
        ++i;
    }
    const double share =
        (x - console[i - 1].x) / (console[i].x - console[i - 1].x);
    const double db =
        console[i - 1].db + share * (console[i].db - console[i - 1].db);
    return pow(10.0, db / 20.0);
}

static double
console_to_norm(double value)
{
    const double db = value > 0.0 ? 20.0 * log10(value) : -1000.0;
    if (db <= console[0].db) {
        return 0.0;
    }
    size_t i = 1;
    while (i < LAT_COUNT(console) - 1 && db > console[i].db) {
        ++i;
    }
    const double share =
        (db - console[i - 1].db) / (console[i].db - console[i - 1].db);
    return console[i - 1].x + share * (console[i].x - console[i - 1].x);
}

static double
clamp(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}

double
lat_curve_to_value(const struct lat_port *port, double x)
{
    const double low = (double)port->low;
    const double high = (double)port->high;
    x = clamp(x, 0.0, 1.0);
    switch (port->curve) {
    case LAT_CURVE_EXP:
        return low * pow(high / low, x);
    case LAT_CURVE_CONSOLE:
        return console_to_value(x);
    default:
        return low + x * (high - low);
    }
}

double
lat_curve_to_norm(const struct lat_port *port, double value)
{
    const double low = (double)port->low;
    const double high = (double)port->high;
    double x = 0.0;
    switch (port->curve) {
    case LAT_CURVE_EXP:
        x = value / low > 0.0 ? log(value / low) / log(high / low) : 0.0;
        break;
    case LAT_CURVE_CONSOLE:
        x = console_to_norm(value);
        break;
    default:
        x = high != low ? (value - low) / (high - low) : 0.0;
        break;
    }
    return clamp(x, 0.0, 1.0);
}

// Looking up.

struct lat_node *
lat_control_need_node(const struct lat_control *c, const char *name,
                      struct lat_error *error)
{
    struct lat_node *node = lat_graph_find(c->g, name);
    if (node) {
        return node;
    }
    lat_unknown_node(c->g, name, error);
    return NULL;
}

static enum lat_status
no_param(const struct lat_node_type *type, const struct lat_layout *layout,
         const char *key, struct lat_error *error)
{
    struct lat_nearest nearest;
    lat_nearest_init(&nearest, key);
    for (uint32_t i = 0; i < layout->n_in; ++i) {
        lat_nearest_try(&nearest, layout->in[i].name);
    }
    for (uint32_t i = 0; i < type->n_settings; ++i) {
        lat_nearest_try(&nearest, type->settings[i].name);
    }
    if (nearest.best) {
        return lat_error_set(error, LAT_ENOTFOUND,
                             "%s has no input or setting '%.60s'; did you mean "
                             "'%s'?",
                             type->name, key, nearest.best);
    }
    return lat_error_set(error, LAT_ENOTFOUND,
                         "%s has no input or setting '%.60s'; `lattice nodes "
                         "%s` lists them",
                         type->name, key, type->name);
}

// Values.

static bool
read_number(struct lat_value value, struct lat_quantity quantity, double *out)
{
    if (value.is_text) {
        return lat_value_from_text(value.text, quantity, out);
    }
    *out = value.number;
    return isfinite(value.number);
}

static enum lat_status
no_number(const char *key, struct lat_value value, struct lat_quantity quantity,
          const char *words, struct lat_error *error)
{
    char forms[100];
    if (!value.is_text) {
        return lat_error_set(error, LAT_EINVAL, "%s needs a finite number",
                             key);
    }
    return lat_error_set(error, LAT_EINVAL, "%s needs %s%s%s, not '%.60s'", key,
                         lat_value_forms(quantity, forms, sizeof(forms)),
                         *words ? ", or " : "", words, value.text);
}

// Limits are floats, and so is what most senders send: 0.05 as a double lies
// below 0.05F, and a float of 0.1 above the double.
static bool
is_within(double number, double min, double max)
{
    return (float)number >= (float)min && (float)number <= (float)max;
}

// Printed so that what is read from the refusal is accepted.
static enum lat_status
out_of_limits(const char *key, const char *unit, double min, double max,
              double number, struct lat_error *error)
{
    char text[3][32];
    const double numbers[3] = {min, max, number};
    for (size_t i = 0; i < LAT_COUNT(numbers); ++i) {
        if ((double)(float)numbers[i] == numbers[i]) {
            lat_format_float((float)numbers[i], text[i], sizeof(text[i]));
        } else {
            lat_format_double(numbers[i], text[i], sizeof(text[i]));
        }
    }
    return lat_error_set(error, LAT_EINVAL,
                         "%s must lie between %s and %s%s%s, not %s", key,
                         text[0], text[1], *unit ? " " : "", unit, text[2]);
}

static enum lat_status
check_input(const char *key, const struct lat_port *port,
            struct lat_value value, float *out, struct lat_error *error)
{
    const struct lat_quantity quantity = lat_quantity_of_value(port);
    double number = 0.0;
    if (!read_number(value, quantity, &number)) {
        return no_number(key, value, quantity, "", error);
    }
    if (!is_within(number, (double)port->min, (double)port->max)) {
        return out_of_limits(key, port->unit, (double)port->min,
                             (double)port->max, number, error);
    }
    *out = (float)number;
    return LAT_OK;
}

static bool
is_word_of(const char *const *words, const char *text)
{
    for (; words && *words; ++words) {
        if (!strcmp(*words, text)) {
            return true;
        }
    }
    return false;
}

static void
join_words(const char *const *words, char *out, size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; words && words[i] && used < size; ++i) {
        used += (size_t)snprintf(out + used, size - used, "%s%s", i ? ", " : "",
                                 words[i]);
    }
}

static enum lat_status
check_number_setting(const struct lat_setting *setting, struct lat_value value,
                     double *out, struct lat_error *error)
{
    const struct lat_quantity quantity = {.unit = setting->unit};
    double number = 0.0;
    char words[100];
    join_words(setting->words, words, sizeof(words));
    if (!read_number(value, quantity, &number)) {
        return no_number(setting->name, value, quantity, words, error);
    }
    if (setting->kind == LAT_SETTING_INTEGER && number != floor(number)) {
        return lat_error_set(error, LAT_EINVAL,
                             "%s needs a whole number, not %g", setting->name,
                             number);
    }
    if (!is_within(number, setting->min, setting->max)) {
        return out_of_limits(setting->name, setting->unit, setting->min,
                             setting->max, number, error);
    }
    *out = clamp(number, setting->min, setting->max);
    return LAT_OK;
}

static enum lat_status
check_setting(const struct lat_setting *setting, struct lat_value value,
              struct lat_setting_value *out, struct lat_error *error)
{
    char number[32];
    const char *text = value.text;
    if (!value.is_text) {
        text = lat_format_double(value.number, number, sizeof(number));
    }
    double n = 0.0;
    const char *written = NULL;
    switch (setting->kind) {
    case LAT_SETTING_NUMBER:
    case LAT_SETTING_INTEGER:
        if (!is_word_of(setting->words, text)) {
            const enum lat_status status =
                check_number_setting(setting, value, &n, error);
            if (status) {
                return status;
            }
            written = value.is_text                    ? text
                      : !out->text && n == out->number ? out->written
                                                       : NULL;
            text = NULL;
        }
        break;
    case LAT_SETTING_WORD:
        if (is_word_of(setting->later, text)) {
            return lat_error_set(error, LAT_EINVAL,
                                 "%s = %s comes in a later release",
                                 setting->name, text);
        }
        if (!is_word_of(setting->words, text)) {
            char words[200];
            join_words(setting->words, words, sizeof(words));
            return lat_error_set(error, LAT_EINVAL,
                                 "%s must be one of %s, not '%.60s'",
                                 setting->name, words, text);
        }
        break;
    case LAT_SETTING_LIST:
    case LAT_SETTING_TEXT:
    case LAT_SETTING_FILE:
        if (setting->check) {
            const enum lat_status status = setting->check(text, error);
            if (status) {
                return status;
            }
        }
        break;
    }
    char *copy = lat_strdup(text);
    if (text && !copy) {
        return lat_error_set(error, LAT_ENOMEM, "out of memory");
    }
    free(out->text);
    out->text = copy;
    out->number = n;
    if (written != out->written) {
        lat_written_copy(out->written, written);
    }
    return LAT_OK;
}

// Assignments, checked.

struct checked {
    struct lat_setting_value *settings; ///< owned; NULL when none is assigned
    const struct lat_layout *layout;
    int *inputs;   ///< per assignment: the input, or -1
    float *values; ///< per assignment
    bool has_process, is_own_process;
};

// Words that every node knows.
static enum lat_status
check_common(const struct lat_node_type *type, const char *key,
             struct lat_value value, struct checked *k, bool *is_common,
             struct lat_error *error)
{
    double number = 0.0;
    *is_common = true;
    if (!strcmp(key, "process")) {
        const bool is_own = value.is_text && !strcmp(value.text, "own");
        if (!is_own && !(value.is_text && !strcmp(value.text, "engine"))) {
            return lat_error_set(
                error, LAT_EINVAL, "process must be own or engine%s%.60s%s",
                value.is_text ? ", not '" : "", value.is_text ? value.text : "",
                value.is_text ? "'" : "");
        }
        k->has_process = true;
        k->is_own_process = is_own;
        return lat_control_check_process(type, is_own, error);
    }
    if (!strcmp(key, "poly")) {
        if (read_number(value, (struct lat_quantity){.unit = ""}, &number) &&
            number == 1.0) {
            return LAT_OK;
        }
        return lat_error_set(error, LAT_ELATER,
                             "poly above 1 comes in a later release");
    }
    *is_common = false;
    return LAT_OK;
}

static void
checked_free(const struct lat_node_type *type, struct checked *k)
{
    lat_settings_free(type, k->settings);
    free(k->inputs);
    free(k->values);
}

// @p node is NULL for one that does not exist yet.
static enum lat_status
check_assignments(const struct lat_node_type *type, const struct lat_node *node,
                  const struct lat_assignment *a, uint32_t n, struct checked *k,
                  struct lat_error *error)
{
    *k = (struct checked){0};
    k->settings = lat_settings_copy(type, node ? node->settings : NULL);
    k->inputs = malloc((n + (size_t)1) * sizeof(*k->inputs));
    k->values = calloc(n + (size_t)1, sizeof(*k->values));
    enum lat_status status = LAT_OK;
    if (!k->settings || !k->inputs || !k->values) {
        status = lat_error_set(error, LAT_ENOMEM, "out of memory");
    }
    bool has_settings = !node;
    for (uint32_t i = 0; !status && i < n; ++i) {
        bool is_common = false;
        k->inputs[i] = -1;
        status = check_common(type, a[i].key, a[i].value, k, &is_common, error);
        const int s = lat_setting_index(type, a[i].key);
        if (!status && !is_common && s >= 0) {
            status = check_setting(&type->settings[s], a[i].value,
                                   &k->settings[s], error);
            has_settings = true;
        } else if (!status && !is_common) {
            k->inputs[i] = 0; // looked up when the layout is known
        }
    }
    if (!status) {
        k->layout = lat_layout_get(type, k->settings);
        if (!k->layout) {
            status = lat_error_set(error, LAT_ENOMEM, "out of memory");
        }
    }
    for (uint32_t i = 0; !status && i < n; ++i) {
        if (k->inputs[i] < 0) {
            continue;
        }
        k->inputs[i] = lat_layout_input(k->layout, a[i].key);
        if (k->inputs[i] < 0) {
            status = no_param(type, k->layout, a[i].key, error);
        } else {
            status = check_input(a[i].key, k->layout->in[k->inputs[i]].port,
                                 a[i].value, &k->values[i], error);
        }
    }
    if (!status && !has_settings) {
        lat_settings_free(type, k->settings);
        k->settings = NULL;
    }
    if (status) {
        checked_free(type, k);
    }
    return status;
}

static enum lat_status
set_value(struct lat_control *c, struct lat_node *node, uint32_t input,
          float number, struct lat_value value, double seconds,
          bool is_creation)
{
    const enum lat_port_kind kind = node->layout->in[input].port->kind;
    const bool is_played =
        kind == LAT_PORT_TRIGGER || (kind == LAT_PORT_GATE && !is_creation);
    const enum lat_status status =
        lat_graph_set_value(c->g, node, input, number, seconds, !is_played);
    if (!status && !is_played && value.is_text) {
        lat_written_copy(node->in[input].written, value.text);
    }
    if (!status && kind == LAT_PORT_TRIGGER) {
        node->in[input].value = 0.0F; // it falls back by itself
    }
    return status;
}

static bool
settings_differ(const struct lat_node_type *type,
                const struct lat_setting_value *a,
                const struct lat_setting_value *b)
{
    for (uint32_t i = 0; i < type->n_settings; ++i) {
        if (!lat_setting_equals(&a[i], &b[i]) ||
            strcmp(a[i].written, b[i].written) != 0) {
            return true;
        }
    }
    return false;
}

static enum lat_status
set_process(struct lat_control *c, struct lat_node *node,
            const struct checked *k)
{
    struct lat_place place = node->place;
    if (!k->has_process || place.is_wanted == k->is_own_process) {
        return LAT_OK;
    }
    place.is_wanted = k->is_own_process;
    return lat_control_set_place(c, node, place);
}

// Apply what was checked to a node that exists.
static enum lat_status
apply(struct lat_control *c, struct lat_node *node, struct checked *k,
      const struct lat_assignment *a, uint32_t n, double seconds,
      bool is_creation)
{
    enum lat_status status = LAT_OK;
    if (k->settings &&
        settings_differ(node->type, k->settings, node->settings)) {
        status = lat_control_cut_fades(c, node);
        if (!status) {
            status = lat_graph_set_settings(c->g, node, k->settings);
        }
        if (!status) {
            k->settings = NULL; // now the node's
        }
    }
    if (!status) {
        status = set_process(c, node, k);
    }
    for (uint32_t i = 0; !status && i < n; ++i) {
        if (k->inputs[i] >= 0) {
            status = set_value(c, node, (uint32_t)k->inputs[i], k->values[i],
                               a[i].value, seconds, is_creation);
        }
    }
    return status;
}

static enum lat_status
create(struct lat_control *c, const struct lat_node_type *type,
       const char *name, struct checked *k, const struct lat_assignment *a,
       uint32_t n)
{
    struct lat_node *node = NULL;
    enum lat_status status =
        lat_graph_add_node(c->g, type, name, k->settings, &node);
    if (!status) {
        k->settings = NULL;
        status = set_process(c, node, k);
    }
    for (uint32_t i = 0; !status && i < n; ++i) {
        if (k->inputs[i] >= 0) {
            status = set_value(c, node, (uint32_t)k->inputs[i], k->values[i],
                               a[i].value, -1.0, true);
        }
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
    struct checked k;
    enum lat_status status = check_assignments(type, node, a, n, &k, error);
    if (status) {
        return status;
    }
    const struct lat_command command = lat_command_begin(c);
    status = node ? apply(c, node, &k, a, n, -1.0, true)
                  : create(c, type, name, &k, a, n);
    checked_free(type, &k);
    return lat_command_end(c, command, status, error);
}

enum lat_status
lat_control_node_set(struct lat_control *c, const char *name,
                     const struct lat_assignment *a, uint32_t n,
                     struct lat_error *error)
{
    struct lat_node *node = lat_control_need_node(c, name, error);
    if (!node) {
        return LAT_ENOTFOUND;
    }
    struct checked k;
    enum lat_status status =
        check_assignments(node->type, node, a, n, &k, error);
    if (status) {
        return status;
    }
    const struct lat_command command = lat_command_begin(c);
    status = apply(c, node, &k, a, n, -1.0, false);
    checked_free(node->type, &k);
    return lat_command_end(c, command, status, error);
}

enum lat_status
lat_control_param_set(struct lat_control *c, const char *name,
                      const char *param, struct lat_value value, double seconds,
                      struct lat_error *error)
{
    struct lat_node *node = lat_control_need_node(c, name, error);
    if (!node) {
        return LAT_ENOTFOUND;
    }
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
    enum lat_status status = check_input(param, port, value, &number, error);
    if (status) {
        return status;
    }
    const struct lat_command command = lat_command_begin(c);
    status = set_value(c, node, (uint32_t)input, number, value, seconds, false);
    return lat_command_end(c, command, status, error);
}

/// An input, which has a fader range.
static const struct lat_port *
need_input(const struct lat_node *node, const char *param,
           struct lat_error *error)
{
    const int i = lat_layout_input(node->layout, param);
    const bool is_setting = lat_setting_index(node->type, param) >= 0;
    if (i < 0 && (is_setting || lat_layout_output(node->layout, param) >= 0)) {
        lat_error_set(error, LAT_EINVAL,
                      "%s is %s, which has no fader range; /node/%s/%s %s it",
                      param, is_setting ? "a setting" : "an output", node->name,
                      param, is_setting ? "sets" : "asks for");
        return NULL;
    }
    if (i < 0) {
        no_param(node->type, node->layout, param, error);
        return NULL;
    }
    return node->layout->in[i].port;
}

enum lat_status
lat_control_param_set_norm(struct lat_control *c, const char *name,
                           const char *param, double x, struct lat_error *error)
{
    const struct lat_node *node = lat_control_need_node(c, name, error);
    const struct lat_port *port = node ? need_input(node, param, error) : NULL;
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
lat_control_param_get_norm(struct lat_control *c, const char *name,
                           const char *param, double *x,
                           struct lat_error *error)
{
    const struct lat_node *node = lat_control_need_node(c, name, error);
    const struct lat_port *port = node ? need_input(node, param, error) : NULL;
    if (!port) {
        return LAT_ENOTFOUND;
    }
    const int i = lat_layout_input(node->layout, param);
    *x = lat_curve_to_norm(port, (double)node->in[i].value);
    return LAT_OK;
}

enum lat_status
lat_control_param_get(struct lat_control *c, const char *name,
                      const char *param, char *text, size_t text_size,
                      struct lat_value *value, struct lat_error *error)
{
    const struct lat_node *node = lat_control_need_node(c, name, error);
    if (!node) {
        return LAT_ENOTFOUND;
    }
    *value = (struct lat_value){0};
    const int input = lat_layout_input(node->layout, param);
    const int setting = lat_setting_index(node->type, param);
    const int output = lat_layout_output(node->layout, param);
    if (input >= 0) {
        value->number = (double)node->in[input].value;
    } else if (setting >= 0) {
        const struct lat_setting_value *s = &node->settings[setting];
        value->number = s->number;
        if (s->text) {
            snprintf(text, text_size, "%s", s->text);
            value->is_text = true;
            value->text = text;
        }
    } else if (output >= 0 && node->type->flags & LAT_TYPE_READABLE) {
        if (node->instance) {
            value->number = (double)atomic_load_explicit(
                &node->instance->readout[output], memory_order_relaxed);
        }
    } else {
        return no_param(node->type, node->layout, param, error);
    }
    return LAT_OK;
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
    if (lat_graph_find(c->g, to)) {
        return lat_error_set(error, LAT_EEXIST,
                             "a node '%s' exists; choose another name", to);
    }
    const struct lat_command command = lat_command_begin(c);
    return lat_command_end(c, command, lat_graph_rename_node(c->g, node, to),
                           error);
}
