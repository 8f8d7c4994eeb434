// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Limits and defaults of every port and setting, by every way in: what is
// printed is accepted, what was accepted loads again, what lies beyond is not.

#include "base/text.h"
#include "node/type.h"
#include "sessions/test_sessions.h"
#include "support/pace.h"
#include "test_osc.h"

#include <math.h>

TestSuite(limits, .timeout = 120);

/// A number that a type can be given by name.
struct knob {
    const struct lat_node_type *type;
    char name[64];
    double min, max, initial;
    bool is_setting, is_whole;
};

typedef void (*knob_fn)(const struct knob *k);

static void
one_in_stride(knob_fn each, const struct knob *k, unsigned n)
{
    if (n % TEST_STRIDE == 0) {
        each(k);
    }
}

static void
each_knob(knob_fn each)
{
    unsigned n = 0;
    for (const struct lat_node_type *const *t = lat_node_types(); *t; ++t) {
        struct knob k = {.type = *t};
        for (uint32_t i = 0; i < (*t)->n_inputs; ++i, ++n) {
            const struct lat_port *p = &(*t)->inputs[i];
            snprintf(k.name, sizeof(k.name), "%s%s", p->name,
                     p->repeat ? "_1" : "");
            k.min = (double)p->min;
            k.max = (double)p->max;
            k.initial = (double)p->initial;
            one_in_stride(each, &k, n);
        }
        for (uint32_t i = 0; i < (*t)->n_settings; ++i) {
            const struct lat_setting *s = &(*t)->settings[i];
            if (s->kind == LAT_SETTING_NUMBER ||
                s->kind == LAT_SETTING_INTEGER) {
                snprintf(k.name, sizeof(k.name), "%s", s->name);
                k.min = s->min;
                k.max = s->max;
                k.initial = s->initial;
                k.is_setting = true;
                k.is_whole = s->kind == LAT_SETTING_INTEGER;
                one_in_stride(each, &k, n);
                ++n;
            }
        }
    }
    cr_assert_gt(n, 50);
}

/// The forms in which a number is printed and sent.
enum form {
    FORM_TEXT,   // shortest that reads back as the float
    FORM_DOUBLE, // the same of the double
    FORM_G,      // as it was, digits and all
    FORM_F,      // an OSC float
    FORM_D,      // an OSC double of that float
    FORM_I,      // an OSC integer, where it is one
    N_FORMS,
};

static struct lat_value
value_in(enum form form, double number, char text[40])
{
    switch (form) {
    case FORM_TEXT:
        lat_format_float((float)number, text, 32);
        break;
    case FORM_DOUBLE:
        lat_format_double(number, text, 32);
        break;
    case FORM_G:
        snprintf(text, 40, "%.17g", number);
        break;
    default:
        return (struct lat_value){.number = (double)(float)number};
    }
    return (struct lat_value){.is_text = true, .text = text};
}

static struct lat_control *control;

static enum lat_status
make(const struct knob *k, struct lat_value value, struct lat_error *error)
{
    const struct lat_assignment a = {k->name, value};
    return lat_control_node_new(control, k->type->name, "x", false, &a, 1,
                                error);
}

static void
free_x(void)
{
    const char *const names[] = {"x"};
    struct lat_error error;
    cr_assert_eq(lat_control_node_free(control, names, 1, &error), LAT_OK);
}

static void
takes_and_loads(const struct knob *k, double number)
{
    for (enum form form = FORM_TEXT; form <= FORM_D; ++form) {
        char text[40] = "";
        struct lat_error error = {0};
        const struct lat_value value = value_in(form, number, text);
        cr_assert_eq(make(k, value, &error), LAT_OK, "%s: %s: %s",
                     k->type->name, value.is_text ? text : "a float",
                     error.text);
        cr_assert_eq(
            lat_control_param_set(control, "x", k->name, value, -1.0, &error),
            LAT_OK, "%s", error.text);
        char *const saved = write_text(control);
        cr_assert_eq(read_text(control, saved, &error), LAT_OK, "%s\n%s",
                     error.text, saved);
        char *const again = write_text(control);
        cr_assert_str_eq(again, saved);
        free(again);
        free(saved);
        free_x();
    }
}

static void
takes_its_limits(const struct knob *k)
{
    takes_and_loads(k, k->min);
    takes_and_loads(k, k->max);
    takes_and_loads(k, k->initial);
}

Test(limits, and_defaults_are_taken_and_load_again_in_every_form)
{
    control = new_control();
    each_knob(takes_its_limits);
    lat_control_free(control);
}

/// The numbers of "... between A and B UNIT, not C" are A and B.
static void
expect_printed_limits(const struct knob *k, double beyond)
{
    struct lat_error error = {0};
    const struct lat_value value = {.number = beyond};
    cr_assert_neq(make(k, value, &error), LAT_OK, "%s takes %s %.17g",
                  k->type->name, k->name, beyond);
    char low[64];
    char high[64];
    const char *const between = strstr(error.text, "between ");
    cr_assert(between &&
                  sscanf(between, "between %63s and %63[^ ,]", low, high) == 2,
              "%s", error.text);
    const char *const printed[] = {low, high};
    for (size_t i = 0; i < 2; ++i) {
        const struct lat_value limit = {.is_text = true, .text = printed[i]};
        cr_assert_eq(make(k, limit, &error), LAT_OK, "%s: %s", k->type->name,
                     error.text);
        free_x();
    }
}

static void
refuses_what_is_beyond(const struct knob *k)
{
    const double below = (double)nextafterf((float)k->min, -INFINITY);
    const double above = (double)nextafterf((float)k->max, INFINITY);
    // A float of 2147483647 is 2147483648.
    expect_printed_limits(k, k->is_whole ? fmin(k->min - 1, below) : below);
    expect_printed_limits(k, k->is_whole ? fmax(k->max + 1, above) : above);
}

Test(limits, are_inside_as_printed_by_the_refusal_of_what_is_beyond)
{
    control = new_control();
    each_knob(refuses_what_is_beyond);
    lat_control_free(control);
}

static void
set_over_osc(const struct knob *k, double number)
{
    char path[100];
    osc_send("/node/new", "ss", k->type->name, "x");
    snprintf(path, sizeof(path), "/node/x/%s", k->name);
    for (enum form form = FORM_TEXT; form < N_FORMS; ++form) {
        char text[40] = "";
        const char *answer = "";
        value_in(form, number, text);
        if (form <= FORM_G) {
            answer = osc_send(path, "s", text);
        } else if (form == FORM_F) {
            answer = osc_send(path, "f", number);
        } else if (form == FORM_D) {
            answer = osc_send(path, "d", number);
        } else if (number == floor(number)) {
            answer = osc_send(path, "i", (int)number);
        }
        cr_assert_null(strstr(answer, "/fail"), "%s of %s, form %d: %s",
                       k->name, k->type->name, form, answer);
    }
    if (!k->is_setting) { // the ends of a fader are inside too
        snprintf(path, sizeof(path), "/node/x/%s/norm", k->name);
        for (int i = 0; i < 2; ++i) {
            const char *const answer = osc_send(path, "f", (double)i);
            cr_assert_null(strstr(answer, "/fail"), "%s: %s", path, answer);
        }
    }
    osc_send("/node/free", "s", "x");
}

static void
takes_its_limits_over_osc(const struct knob *k)
{
    set_over_osc(k, k->min);
    set_over_osc(k, k->max);
    set_over_osc(k, k->initial);
}

Test(limits, are_taken_over_osc, .init = osc_setup, .fini = osc_teardown)
{
    each_knob(takes_its_limits_over_osc);
}
