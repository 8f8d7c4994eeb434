// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// All assignments of a command are checked against the type and against the
// layout that its settings will give, before anything is changed.

#include "check.h"
#include "base/text.h"
#include "graph/voice.h"
#include "node/common_settings.h"
#include "node/value_text.h"
#include "state.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

enum lat_status
lat_control_check_input(const char *key, const struct lat_port *port,
                        const struct lat_tuned *tuned, struct lat_value value,
                        float *out, struct lat_error *error)
{
    struct lat_quantity quantity = lat_quantity_of_value(port);
    quantity.tuned = tuned;
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

static double
clamp(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}

static enum lat_status
check_number_setting(const struct lat_setting *setting,
                     const struct lat_tuned *tuned, struct lat_value value,
                     double *out, struct lat_error *error)
{
    const struct lat_quantity quantity = {.unit = setting->unit,
                                          .tuned = tuned};
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
check_word_setting(const struct lat_setting *setting, const char *text,
                   struct lat_error *error)
{
    if (is_word_of(setting->later, text)) {
        return lat_error_set(error, LAT_EINVAL,
                             "%s = %s comes in a later release", setting->name,
                             text);
    }
    if (!is_word_of(setting->words, text)) {
        char words[200];
        join_words(setting->words, words, sizeof(words));
        return lat_error_set(error, LAT_EINVAL,
                             "%s must be one of %s, not '%.60s'", setting->name,
                             words, text);
    }
    return LAT_OK;
}

static enum lat_status
check_text_setting(const struct lat_setting *setting, const char *text,
                   struct lat_error *error)
{
    if (text && strlen(text) > LAT_SETTING_TEXT_MAX) {
        return lat_error_set(error, LAT_EINVAL,
                             "%s takes texts of up to %d bytes, not of %zu",
                             setting->name, LAT_SETTING_TEXT_MAX, strlen(text));
    }
    return setting->check ? setting->check(text, error) : LAT_OK;
}

/// A switch, as buttons and files turn it: 0 is no and 1 is yes, where these
/// are words of it.
static const char *
switch_word(const struct lat_setting *setting, const char *text)
{
    const bool is_switch =
        is_word_of(setting->words, "no") && is_word_of(setting->words, "yes");
    if (is_switch && strcmp(text, "0") == 0) {
        return "no";
    }
    return is_switch && strcmp(text, "1") == 0 ? "yes" : text;
}

static enum lat_status
check_setting(const struct lat_setting *setting, const struct lat_tuned *tuned,
              struct lat_value value, struct lat_setting_value *out,
              struct lat_error *error)
{
    char number[32];
    const char *text = value.text;
    if (!value.is_text) {
        text = lat_format_double(value.number, number, sizeof(number));
    }
    enum lat_status status = LAT_OK;
    double n = 0.0;
    const char *written = NULL;
    switch (setting->kind) {
    case LAT_SETTING_NUMBER:
    case LAT_SETTING_INTEGER:
        if (!is_word_of(setting->words, text)) {
            status = check_number_setting(setting, tuned, value, &n, error);
            written = value.is_text                    ? text
                      : !out->text && n == out->number ? out->written
                                                       : NULL;
            text = NULL;
        }
        break;
    case LAT_SETTING_WORD:
        text = switch_word(setting, text);
        status = check_word_setting(setting, text, error);
        break;
    case LAT_SETTING_LIST:
    case LAT_SETTING_TEXT:
    case LAT_SETTING_FILE:
        status = check_text_setting(setting, text, error);
        break;
    }
    if (status) {
        return status;
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

// Assignments.

enum lat_status
lat_control_check_process(const struct lat_node_type *type, bool is_own,
                          struct lat_error *error)
{
    if (is_own && !lat_type_can_leave(type)) {
        return lat_error_set(error, LAT_EINVAL,
                             "%s always runs in the engine: leave `process` "
                             "out, or say engine",
                             type->name);
    }
    return LAT_OK;
}

enum lat_status
lat_control_check_process_name(const char *name, bool is_own,
                               struct lat_error *error)
{
    return is_own && strlen(name) > LAT_PROCESS_NAME_MAX
               ? lat_error_set(error, LAT_EINVAL,
                               "%s is too long for the name of a process, "
                               "which has up to %d bytes; rename it, or let it "
                               "run in the engine",
                               name, LAT_PROCESS_NAME_MAX)
               : LAT_OK;
}

// yes and no, as files have them, or 1 and 0.
static enum lat_status
check_yes_no(const char *key, struct lat_value value, bool *out,
             struct lat_error *error)
{
    double number = value.number;
    if (value.is_text && !strcmp(value.text, "yes")) {
        number = 1.0;
    } else if (value.is_text && !strcmp(value.text, "no")) {
        number = 0.0;
    } else if (value.is_text && !lat_parse_number(value.text, &number)) {
        number = -1.0;
    }
    if (number != 0.0 && number != 1.0) {
        return lat_error_set(
            error, LAT_EINVAL, "%s must be yes or no, or 1 or 0%s%.60s%s", key,
            value.is_text ? ", not '" : "", value.is_text ? value.text : "",
            value.is_text ? "'" : "");
    }
    *out = number != 0.0;
    return LAT_OK;
}

static enum lat_status
check_poly(const struct lat_node_type *type, struct lat_value value,
           uint8_t *out, struct lat_error *error)
{
    double n = 0.0;
    if (!read_number(value, (struct lat_quantity){.unit = ""}, &n) ||
        n != floor(n) || n < 1.0 || n > LAT_MAX_POLY) {
        return lat_error_set(error, LAT_EINVAL,
                             "poly must be a whole number from 1 to %u",
                             LAT_MAX_POLY);
    }
    if (n > 1.0 && !lat_type_can_be_poly(type)) {
        return lat_error_set(error, LAT_EINVAL,
                             "%s has one voice: leave `poly` out, or say 1",
                             type->name);
    }
    *out = (uint8_t)n;
    return LAT_OK;
}

// Words that every node knows.
static enum lat_status
check_common(const struct lat_node_type *type, const char *key,
             struct lat_value value, struct lat_checked *k, bool *is_common,
             struct lat_error *error)
{
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
    if (!strcmp(key, LAT_BYPASS_SETTING)) {
        k->has_bypass = true;
        return check_yes_no(key, value, &k->is_bypassed, error);
    }
    if (!strcmp(key, LAT_POLY_SETTING)) {
        return check_poly(type, value, &k->poly, error);
    }
    if (!strcmp(key, LAT_SLEEP_SETTING)) {
        k->has_sleep = true;
        return check_yes_no(key, value, &k->sleeps, error);
    }
    *is_common = false;
    return LAT_OK;
}

void
lat_checked_free(const struct lat_node_type *type, struct lat_checked *k)
{
    lat_settings_free(type, k->settings);
    free(k->inputs);
    free(k->values);
    free(k->voices);
}

/// Of `freq.2`: the input `freq`, and voice 2.
/// @return whether it is written so.
static bool
read_voice(const struct lat_layout *layout, const char *key, int *input,
           uint32_t *voice)
{
    char name[LAT_NAME_MAX];
    return lat_split_voice(key, name, sizeof(name), voice) &&
           (*input = lat_layout_input(layout, name)) >= 0;
}

static enum lat_status
check_input(const struct lat_node_type *type, const struct lat_node *node,
            const struct lat_tuned *tuned, const struct lat_assignment *a,
            uint32_t i, struct lat_checked *k, struct lat_error *error)
{
    const uint32_t poly = k->poly ? k->poly : node ? node->poly : 1;
    uint32_t voice = 0;
    k->inputs[i] = lat_layout_input(k->layout, a->key);
    if (k->inputs[i] < 0 &&
        !read_voice(k->layout, a->key, &k->inputs[i], &voice)) {
        return lat_control_no_param(type, k->layout, a->key, error);
    }
    if (voice > poly) {
        return lat_error_set(error, LAT_ENOTFOUND,
                             "%.60s: there is no voice %u of %u", a->key, voice,
                             poly);
    }
    k->voices[i] = poly > 1 ? (uint8_t)voice : 0;
    return lat_control_check_input(a->key, k->layout->in[k->inputs[i]].port,
                                   tuned, a->value, &k->values[i], error);
}

// @p node is NULL for one that does not exist yet.
enum lat_status
lat_check_assignments(struct lat_layouts *layouts,
                      const struct lat_tuned *tuned,
                      const struct lat_node_type *type,
                      const struct lat_node *node,
                      const struct lat_assignment *a, uint32_t n,
                      struct lat_checked *k, struct lat_error *error)
{
    *k = (struct lat_checked){0};
    k->settings = lat_settings_copy(type, node ? node->settings : NULL);
    k->inputs = malloc((n + (size_t)1) * sizeof(*k->inputs));
    k->values = calloc(n + (size_t)1, sizeof(*k->values));
    k->voices = calloc(n + (size_t)1, sizeof(*k->voices));
    enum lat_status status = LAT_OK;
    if (!k->settings || !k->inputs || !k->values || !k->voices) {
        status = lat_error_set(error, LAT_ENOMEM, "out of memory");
    }
    bool has_settings = !node;
    for (uint32_t i = 0; !status && i < n; ++i) {
        bool is_common = false;
        k->inputs[i] = -1;
        status = check_common(type, a[i].key, a[i].value, k, &is_common, error);
        const int s = lat_setting_index(type, a[i].key);
        if (!status && !is_common && s >= 0) {
            status = check_setting(&type->settings[s], tuned, a[i].value,
                                   &k->settings[s], error);
            has_settings = true;
        } else if (!status && !is_common) {
            k->inputs[i] = 0; // looked up when the layout is known
        }
    }
    if (!status && has_settings && type->check) {
        status = type->check(k->settings, error);
    }
    if (!status) {
        k->layout = lat_layout_get(layouts, type, k->settings);
        if (!k->layout) {
            status = lat_error_set(error, LAT_ENOMEM, "out of memory");
        }
    }
    for (uint32_t i = 0; !status && i < n; ++i) {
        if (k->inputs[i] >= 0) {
            status = check_input(type, node, tuned, &a[i], i, k, error);
        }
    }
    if (!status && !has_settings) {
        lat_settings_free(type, k->settings);
        k->settings = NULL;
    }
    if (status) {
        lat_checked_free(type, k);
    }
    return status;
}
