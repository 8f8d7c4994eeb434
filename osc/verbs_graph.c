// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Messages that change which nodes and cables there are.

#include "verbs.h"

#include <stdlib.h>

enum lat_status
lat_osc_node_new(struct lat_osc_call *call)
{
    const char *type = NULL;
    const char *name = NULL;
    struct lat_assignment *a = NULL;
    uint32_t n = 0;
    enum lat_status status = lat_osc_need(call, 2, UINT32_MAX);
    if (!status) {
        status = lat_osc_text_arg(call, 0, "TYPE", &type);
    }
    if (!status) {
        status = lat_osc_text_arg(call, 1, "NAME", &name);
    }
    if (!status) {
        status = lat_osc_assignments(call, 2, &a, &n);
    }
    if (!status) {
        status = lat_control_node_new(call->control, type, name,
                                      call->options->is_score, a, n,
                                      &call->error); // scores have parts, too
    }
    free(a);
    return status;
}

enum lat_status
lat_osc_node_free(struct lat_osc_call *call)
{
    const uint32_t n = call->m->argc;
    enum lat_status status = lat_osc_need(call, 1, UINT32_MAX);
    if (status) {
        return status;
    }
    const char **const names = calloc(n, sizeof(*names));
    if (!names) {
        return lat_error_set(&call->error, LAT_ENOMEM, "out of memory");
    }
    for (uint32_t i = 0; i < n && !status; ++i) {
        status = lat_osc_text_arg(call, i, "NAME", &names[i]);
    }
    if (!status) {
        status = lat_control_node_free(call->control, names, n, &call->error);
    }
    free((void *)names);
    return status;
}

/// Two names and nothing else.
static enum lat_status
two_names(struct lat_osc_call *call, uint32_t max, const char *what_a,
          const char **a, const char *what_b, const char **b)
{
    enum lat_status status = lat_osc_need(call, 2, max);
    if (!status) {
        status = lat_osc_text_arg(call, 0, what_a, a);
    }
    if (!status) {
        status = lat_osc_text_arg(call, 1, what_b, b);
    }
    return status;
}

enum lat_status
lat_osc_node_rename(struct lat_osc_call *call)
{
    const char *from = NULL;
    const char *to = NULL;
    const enum lat_status status = two_names(call, 2, "OLD", &from, "NEW", &to);
    return status
               ? status
               : lat_control_node_rename(call->control, from, to, &call->error);
}

enum lat_status
lat_osc_node_set(struct lat_osc_call *call)
{
    const char *name = NULL;
    struct lat_assignment *a = NULL;
    uint32_t n = 0;
    enum lat_status status = lat_osc_need(call, 3, UINT32_MAX);
    if (!status) {
        status = lat_osc_text_arg(call, 0, "NAME", &name);
    }
    if (!status) {
        status = lat_osc_assignments(call, 1, &a, &n);
    }
    if (!status) {
        status = lat_control_node_set(call->control, name, a, n, &call->error);
    }
    free(a);
    return status;
}

static enum lat_status
make_cable(struct lat_osc_call *call, bool is_feedback)
{
    const char *src = NULL;
    const char *dst = NULL;
    struct lat_value amount = {0};
    const bool has_amount = call->m->argc > 2;
    enum lat_status status = two_names(call, 3, "SRC", &src, "DST", &dst);
    if (!status && has_amount) {
        status = lat_osc_value_arg(call, 2, "AMOUNT", &amount);
    }
    if (!status) {
        status = lat_control_connect_value(call->control, src, dst,
                                           has_amount ? &amount : NULL,
                                           is_feedback, &call->error);
    }
    return status;
}

enum lat_status
lat_osc_connect(struct lat_osc_call *call)
{
    return make_cable(call, false);
}

enum lat_status
lat_osc_connect_feedback(struct lat_osc_call *call)
{
    return make_cable(call, true);
}

enum lat_status
lat_osc_disconnect(struct lat_osc_call *call)
{
    const char *src = NULL;
    const char *dst = NULL;
    const enum lat_status status = two_names(call, 2, "SRC", &src, "DST", &dst);
    return status
               ? status
               : lat_control_disconnect(call->control, src, dst, &call->error);
}

enum lat_status
lat_osc_cable(struct lat_osc_call *call)
{
    const char *const *const w = call->words.word + 1;
    double amount = 0.0;
    struct lat_value value = {0};
    enum lat_status status = lat_osc_need(call, 0, 1);
    if (status) {
        return status;
    }
    if (call->is_question) {
        status = lat_control_cable_get(call->control, w[0], w[1], w[2], w[3],
                                       &amount, &call->error);
        if (!status) {
            lat_osc_answer(call, call->path, "f", amount);
        }
        return status;
    }
    status = lat_osc_value_arg(call, 0, "AMOUNT", &value);
    return status ? status
                  : lat_control_cable_set(call->control, w[0], w[1], w[2], w[3],
                                          value, &call->error);
}

enum lat_status
lat_osc_graph_clear(struct lat_osc_call *call)
{
    const enum lat_status status = lat_osc_need(call, 0, 0);
    return status ? status : lat_control_clear(call->control, &call->error);
}
