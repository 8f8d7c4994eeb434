// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// `lattice nodes`: what there is to patch, for people, programs and the manual,
// from the descriptors of the types.

#include "base/log.h"
#include "base/text.h"
#include "control/control.h"
#include "graph/unknown.h"
#include "node/common_settings.h"
#include "node_examples.h"
#include "options.h"
#include "table.h"

#include <jansson.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *
kind_name(enum lat_port_kind kind)
{
    static const char *const names[] = {
        [LAT_PORT_SIGNAL] = "signal",
        [LAT_PORT_KNOB] = "knob",
        [LAT_PORT_GATE] = "gate",
        [LAT_PORT_TRIGGER] = "trigger",
    };
    return names[kind];
}

static const char *
curve_name(enum lat_curve curve)
{
    static const char *const names[] = {
        [LAT_CURVE_LIN] = "lin",
        [LAT_CURVE_EXP] = "exp",
        [LAT_CURVE_CONSOLE] = "console",
    };
    return names[curve];
}

static const char *
setting_kind_name(enum lat_setting_kind kind)
{
    static const char *const names[] = {
        [LAT_SETTING_NUMBER] = "number", [LAT_SETTING_INTEGER] = "integer",
        [LAT_SETTING_WORD] = "word",     [LAT_SETTING_TEXT] = "text",
        [LAT_SETTING_FILE] = "file",     [LAT_SETTING_LIST] = "list",
    };
    return names[kind];
}

static bool
is_number(const struct lat_setting *s)
{
    return s->kind == LAT_SETTING_NUMBER || s->kind == LAT_SETTING_INTEGER;
}

/// Setting @p i of a node: those of the type, then those that all have.
static const struct lat_setting *
setting_at(const struct lat_node_type *type, uint32_t i)
{
    return i < type->n_settings
               ? &type->settings[i]
               : lat_common_setting(type, i - type->n_settings);
}

static uint32_t
count_settings(const struct lat_node_type *type)
{
    uint32_t n = type->n_settings;
    while (setting_at(type, n)) {
        ++n;
    }
    return n;
}

// Tables.

/// "in", or "in_1 ... in_N" with the setting that says N.
static void
put_name(const struct lat_port *p, char *cell, size_t size)
{
    if (p->repeat) {
        snprintf(cell, size, "%s_1 ... %s_N (N: %s)", p->name, p->name,
                 p->repeat);
    } else {
        snprintf(cell, size, "%s", p->name);
    }
}

static void
put_range(float low, float high, char *cell, size_t size)
{
    char a[32];
    char b[32];
    snprintf(cell, size, "%s to %s", lat_format_float(low, a, sizeof(a)),
             lat_format_float(high, b, sizeof(b)));
}

static bool
make_inputs(const struct lat_node_type *type, struct lat_table *t)
{
    static const char *const head[] = {"input",  "kind",  "default", "unit",
                                       "limits", "fader", "curve",   "ramp"};
    if (!lat_table_init(t, type->n_inputs, LAT_COUNT(head), head)) {
        return false;
    }
    for (uint32_t i = 0; i < type->n_inputs; ++i) {
        const struct lat_port *const p = &type->inputs[i];
        struct lat_table_row *const row = &t->rows[i + 1];
        const size_t size = sizeof(row->cells[0]);
        put_name(p, row->cells[0], size);
        snprintf(row->cells[1], size, "%s", kind_name(p->kind));
        lat_format_float(p->initial, row->cells[2], size);
        snprintf(row->cells[3], size, "%s", p->unit ? p->unit : "");
        put_range(p->min, p->max, row->cells[4], size);
        put_range(p->low, p->high, row->cells[5], size);
        snprintf(row->cells[6], size, "%s", curve_name(p->curve));
        snprintf(row->cells[7], size, "%s", p->smooth ? "5 ms" : "");
        row->doc = p->doc;
    }
    return true;
}

static bool
make_outputs(const struct lat_node_type *type, struct lat_table *t)
{
    static const char *const head[] = {"output", "unit"};
    if (!lat_table_init(t, type->n_outputs, LAT_COUNT(head), head)) {
        return false;
    }
    for (uint32_t i = 0; i < type->n_outputs; ++i) {
        const struct lat_port *const p = &type->outputs[i];
        struct lat_table_row *const row = &t->rows[i + 1];
        put_name(p, row->cells[0], sizeof(row->cells[0]));
        snprintf(row->cells[1], sizeof(row->cells[1]), "%s",
                 p->unit ? p->unit : "");
        row->doc = p->doc;
    }
    return true;
}

static void
put_values(const struct lat_setting *s, char *cell, size_t size)
{
    size_t n = 0;
    if (is_number(s)) {
        char a[32];
        char b[32];
        n = (size_t)snprintf(cell, size, "%s to %s",
                             lat_format_double(s->min, a, sizeof(a)),
                             lat_format_double(s->max, b, sizeof(b)));
    }
    for (uint32_t i = 0; s->words && s->words[i] && n < size; ++i) {
        n += (size_t)snprintf(cell + n, size - n, "%s%s", n > 0 ? ", " : "",
                              s->words[i]);
    }
}

static bool
make_settings(const struct lat_node_type *type, struct lat_table *t)
{
    static const char *const head[] = {"setting", "kind", "default", "unit",
                                       "values"};
    const uint32_t n = count_settings(type);
    if (!lat_table_init(t, n, LAT_COUNT(head), head)) {
        return false;
    }
    for (uint32_t i = 0; i < n; ++i) {
        const struct lat_setting *const s = setting_at(type, i);
        struct lat_table_row *const row = &t->rows[i + 1];
        const size_t size = sizeof(row->cells[0]);
        snprintf(row->cells[0], size, "%s", s->name);
        snprintf(row->cells[1], size, "%s", setting_kind_name(s->kind));
        if (s->initial_text) {
            snprintf(row->cells[2], size, "%s", s->initial_text);
        } else if (is_number(s)) {
            lat_format_double(s->initial, row->cells[2], size);
        }
        snprintf(row->cells[3], size, "%s", s->unit ? s->unit : "");
        put_values(s, row->cells[4], size);
        row->doc = s->doc;
    }
    return true;
}

/// Print the tables of one type through @p print.
static bool
print_tables(const struct lat_node_type *type,
             void (*print)(const struct lat_table *))
{
    static bool (*const make[])(const struct lat_node_type *,
                                struct lat_table *) = {
        make_inputs,
        make_outputs,
        make_settings,
    };
    for (uint32_t i = 0; i < LAT_COUNT(make); ++i) {
        struct lat_table t;
        if (!make[i](type, &t)) {
            return false;
        }
        if (t.n_rows > 1) {
            putchar('\n');
            print(&t);
        }
        lat_table_fini(&t);
    }
    return true;
}

static bool
print_type(const struct lat_node_type *type)
{
    printf("%s: %s\n", type->name, type->doc);
    return print_tables(type, lat_table_print_text);
}

static void
print_types(void)
{
    const struct lat_node_type *const *const types = lat_node_types();
    int width = 0;
    for (uint32_t i = 0; types[i]; ++i) {
        const int n = (int)strlen(types[i]->name);
        width = n > width ? n : width;
    }
    for (uint32_t i = 0; types[i]; ++i) {
        printf("%-*s  %s\n", width, types[i]->name, types[i]->doc);
    }
}

static bool
print_markdown(void)
{
    puts("<!-- SPDX-FileCopyrightText: 2026 The lattice authors -->\n"
         "<!-- SPDX-License-Identifier: GPL-3.0-or-later -->\n"
         "<!-- Generated: lattice nodes --markdown > docs/nodes.md -->\n\n"
         "# Node types\n\n"
         "What each type takes and gives, as the program itself says it; the "
         "same comes from\n"
         "`lattice nodes TYPE` and, for programs, from `lattice nodes --json`."
         "\n\n"
         "Every input takes a signal at audio rate. The value of a **signal** "
         "input counts only\n"
         "while nothing is patched in; a **knob** adds its value and its "
         "cables; **gate** and\n"
         "**trigger** are events, high above 0, and take the largest of value "
         "and cables. A gate\n"
         "stays until it is set to 0; setting a trigger makes one pulse. "
         "*Limits* bind what is\n"
         "written; *fader* and *curve* say how `/norm` maps 0 to 1; *ramp* is "
         "how long a written\n"
         "step glides. Settings cannot be patched.\n\n"
         "Each type ends with a session in which it is heard: `lattice render "
         "--demo FILE OUT.wav`,\n"
         "or `lattice run FILE`.");
    const struct lat_node_type *const *const types = lat_node_types();
    for (uint32_t i = 0; types[i]; ++i) {
        printf("\n## %s\n\n", types[i]->name);
        lat_print_escaped(types[i]->doc);
        putchar('\n');
        if (!print_tables(types[i], lat_table_print_markdown)) {
            return false;
        }
        const char *const example = lat_node_example(types[i]->name);
        if (example) {
            printf("\n```ini\n%s```\n", example);
        }
    }
    return true;
}

// JSON.

/// As short as it can be said, not with the noise of a float in a double.
static json_t *
float_to_json(float value)
{
    char text[32];
    double number = 0;
    lat_parse_number(lat_format_float(value, text, sizeof(text)), &number);
    return json_real(number);
}

static json_t *
text_or_null(const char *text)
{
    return text ? json_string(text) : json_null();
}

static json_t *
output_to_json(const struct lat_port *p)
{
    return json_pack("{s:s, s:s, s:s, s:o}", "name", p->name, "doc",
                     p->doc ? p->doc : "", "unit", p->unit ? p->unit : "",
                     "repeat", text_or_null(p->repeat));
}

static json_t *
input_to_json(const struct lat_port *p)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:s, s:o, s:b,"
                     " s:o}",
                     "name", p->name, "doc", p->doc ? p->doc : "", "kind",
                     kind_name(p->kind), "unit", p->unit ? p->unit : "", "min",
                     float_to_json(p->min), "max", float_to_json(p->max), "low",
                     float_to_json(p->low), "high", float_to_json(p->high),
                     "curve", curve_name(p->curve), "default",
                     float_to_json(p->initial), "smooth", (int)p->smooth,
                     "repeat", text_or_null(p->repeat));
}

static json_t *
setting_to_json(const struct lat_setting *s)
{
    json_t *const words = json_array();
    for (uint32_t i = 0; s->words && s->words[i]; ++i) {
        json_array_append_new(words, json_string(s->words[i]));
    }
    const bool has_limits = is_number(s);
    return json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:b}", "name",
                     s->name, "doc", s->doc ? s->doc : "", "kind",
                     setting_kind_name(s->kind), "unit", s->unit ? s->unit : "",
                     "min", has_limits ? json_real(s->min) : json_null(), "max",
                     has_limits ? json_real(s->max) : json_null(), "words",
                     words, "default",
                     s->initial_text ? json_string(s->initial_text)
                     : has_limits    ? json_real(s->initial)
                                     : json_null(),
                     "keeps_state", (int)s->keeps_state);
}

static json_t *
type_to_json(const struct lat_node_type *type)
{
    json_t *const inputs = json_array();
    json_t *const outputs = json_array();
    json_t *const settings = json_array();
    for (uint32_t i = 0; i < type->n_inputs; ++i) {
        json_array_append_new(inputs, input_to_json(&type->inputs[i]));
    }
    for (uint32_t i = 0; i < type->n_outputs; ++i) {
        json_array_append_new(outputs, output_to_json(&type->outputs[i]));
    }
    const uint32_t n = count_settings(type);
    for (uint32_t i = 0; i < n; ++i) {
        json_array_append_new(settings, setting_to_json(setting_at(type, i)));
    }
    return json_pack("{s:s, s:s, s:b, s:o, s:o, s:o}", "name", type->name,
                     "doc", type->doc ? type->doc : "", "readable",
                     (type->flags & LAT_TYPE_READABLE) != 0, "inputs", inputs,
                     "outputs", outputs, "settings", settings);
}

/// One object, or a list of all when @p type is NULL.
static bool
print_json(const struct lat_node_type *type)
{
    json_t *value;
    if (type) {
        value = type_to_json(type);
    } else {
        const struct lat_node_type *const *const types = lat_node_types();
        value = json_array();
        for (uint32_t i = 0; types[i]; ++i) {
            json_array_append_new(value, type_to_json(types[i]));
        }
    }
    const size_t flags =
        JSON_INDENT(2) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(15);
    char *const text = value ? json_dumps(value, flags) : NULL;
    if (text) {
        puts(text);
    }
    free(text);
    json_decref(value);
    return text;
}

static int
refuse_type(const char *name)
{
    struct lat_error error;
    lat_unknown_type(name, &error);
    lat_log(LAT_LOG_ERROR, "%s", error.text);
    return LAT_EXIT_INPUT;
}

int
lat_app_nodes(const struct lat_options *o)
{
    const struct lat_node_type *const type =
        o->type ? lat_node_type_find(o->type) : NULL;
    if (o->type && !type) {
        return refuse_type(o->type);
    }
    bool is_done = true;
    if (o->json) {
        is_done = print_json(type);
    } else if (o->markdown) {
        is_done = print_markdown();
    } else if (type) {
        is_done = print_type(type);
    } else {
        print_types();
    }
    if (!is_done) {
        lat_log(LAT_LOG_ERROR, "out of memory");
        return LAT_EXIT_SYSTEM;
    }
    return LAT_EXIT_DONE;
}
