// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "base/text.h"
#include "node/value_text.h"
#include "verbs.h"

#include <math.h>
#include <stdlib.h>

static enum lat_status
wrong_number_of_arguments(struct lat_osc_call *call, const char *how)
{
    const char *const args = call->verb->args;
    return lat_error_set(&call->error, LAT_EINVAL,
                         "%s arguments (%u); it takes %s", how,
                         (unsigned)call->m->argc, *args ? args : "none");
}

enum lat_status
lat_osc_need(struct lat_osc_call *call, uint32_t min, uint32_t max)
{
    if (call->m->argc < min) {
        return wrong_number_of_arguments(call, "too few");
    }
    if (call->m->argc > max) {
        return wrong_number_of_arguments(call, "too many");
    }
    return LAT_OK;
}

static enum lat_status
wrong_type(struct lat_osc_call *call, uint32_t i, const char *what,
           const char *wanted)
{
    return lat_error_set(
        &call->error, LAT_EINVAL, "argument %u is %s; %s must be %s",
        (unsigned)(i + 1),
        i < call->m->argc ? lat_osc_type_name(call->m->types[i]) : "missing",
        what, wanted);
}

enum lat_status
lat_osc_text_arg(struct lat_osc_call *call, uint32_t i, const char *what,
                 const char **out)
{
    const char *const text = lat_osc_text(call->m, i);
    if (!text) {
        return wrong_type(call, i, what, "text");
    }
    *out = text;
    return LAT_OK;
}

/// @p quantity NULL: text is a number without unit.
static enum lat_status
number_arg(struct lat_osc_call *call, uint32_t i, const char *what,
           const struct lat_quantity *quantity, double *out)
{
    const char *const text = lat_osc_text(call->m, i);
    double number = 0.0;
    if (text && quantity && !lat_value_from_text(text, *quantity, &number)) {
        char forms[100];
        return lat_error_set(
            &call->error, LAT_EINVAL, "%s must be %s, not '%.60s'", what,
            lat_value_forms(*quantity, forms, sizeof(forms)), text);
    }
    if (text ? !quantity && !lat_parse_number(text, &number)
             : !lat_osc_number(call->m, i, &number)) {
        return wrong_type(call, i, what, "a number");
    }
    if (!isfinite(number)) {
        return lat_error_set(&call->error, LAT_EINVAL,
                             "argument %u (%s) is not a finite number",
                             (unsigned)(i + 1), what);
    }
    *out = number;
    return LAT_OK;
}

enum lat_status
lat_osc_number_arg(struct lat_osc_call *call, uint32_t i, const char *what,
                   double *out)
{
    return number_arg(call, i, what, NULL, out);
}

enum lat_status
lat_osc_quantity_arg(struct lat_osc_call *call, uint32_t i, const char *what,
                     const char *unit, double *out)
{
    const struct lat_quantity quantity = {.unit = unit};
    return number_arg(call, i, what, &quantity, out);
}

enum lat_status
lat_osc_value_arg(struct lat_osc_call *call, uint32_t i, const char *what,
                  struct lat_value *out)
{
    struct lat_value value = {.text = lat_osc_text(call->m, i)};
    value.is_text = value.text != NULL;
    if (!value.is_text) {
        double number = 0.0;
        if (!lat_osc_number(call->m, i, &number)) {
            return wrong_type(call, i, what, "a number or text");
        }
        const enum lat_status status =
            lat_osc_number_arg(call, i, what, &value.number);
        if (status) {
            return status;
        }
    }
    *out = value;
    return LAT_OK;
}

enum lat_status
lat_osc_assignments(struct lat_osc_call *call, uint32_t first,
                    struct lat_assignment **out, uint32_t *n)
{
    const uint32_t rest = call->m->argc - first;
    if (rest % 2 != 0) {
        return lat_error_set(&call->error, LAT_EINVAL,
                             "the last PARAM has no VALUE; it takes %s",
                             call->verb->args);
    }
    struct lat_assignment *const a = calloc(rest / 2 + 1, sizeof(*a));
    if (!a) {
        return lat_error_set(&call->error, LAT_ENOMEM, "out of memory");
    }
    for (uint32_t i = 0; i < rest / 2; ++i) {
        const uint32_t at = first + 2 * i;
        enum lat_status status = lat_osc_text_arg(call, at, "PARAM", &a[i].key);
        if (!status) {
            status = lat_osc_value_arg(call, at + 1, a[i].key, &a[i].value);
        }
        if (status) {
            free(a);
            return status;
        }
    }
    *out = a;
    *n = rest / 2;
    return LAT_OK;
}
