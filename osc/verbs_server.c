// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Messages about the server itself, as SuperCollider's users know them.

#include "numbers.h"
#include "verbs.h"

#include <stdlib.h>

enum lat_status
lat_osc_status(struct lat_osc_call *call)
{
    const enum lat_status status = lat_osc_need(call, 0, 0);
    if (status) {
        return status;
    }
    struct lat_engine_status e;
    lat_engine_status(lat_control_engine(call->control), &e);
    const int32_t n_nodes = (int32_t)lat_control_graph(call->control)->n_nodes;
    int32_t n_types = 0;
    for (const struct lat_node_type *const *t = lat_node_types(); *t; ++t) {
        ++n_types;
    }
    lat_osc_answer(call, "/status.reply", "iiiiiffdd", 1, n_nodes, n_nodes,
                   (int32_t)e.n_batches, n_types, e.load * 100.0,
                   e.load_peak * 100.0, e.rate, e.rate);
    return LAT_OK;
}

enum lat_status
lat_osc_status_engine(struct lat_osc_call *call)
{
    const enum lat_status status = lat_osc_need(call, 0, 0);
    if (status) {
        return status;
    }
    struct lat_osc_numbers numbers;
    struct lat_osc_bundle_counts bundles;
    lat_osc_count_bundles(call->router, &bundles);
    lat_osc_numbers_take(call->control, call->options, &bundles, &numbers);
    for (uint32_t i = 0; i < numbers.n; ++i) {
        const struct lat_osc_number *const n = &numbers.at[i];
        if (n->type == 'd') {
            lat_osc_answer(call, call->path, "sd", n->key, n->real);
        } else if (n->type == 's') {
            lat_osc_answer(call, call->path, "ss", n->key, n->text);
        } else if (n->count <= INT32_MAX) {
            lat_osc_answer(call, call->path, "si", n->key, (int32_t)n->count);
        } else {
            lat_osc_answer(call, call->path, "sh", n->key, n->count);
        }
    }
    lat_osc_done_list(call, numbers.n);
    return LAT_OK;
}

enum lat_status
lat_osc_sync_id(struct lat_osc_call *call)
{
    double id = 0.0;
    enum lat_status status = lat_osc_need(call, 1, 1);
    if (!status) {
        status = lat_osc_number_arg(call, 0, "ID", &id);
    }
    if (status) {
        return status;
    }
    if (id < INT32_MIN || id > INT32_MAX || id != (double)(int32_t)id) {
        return lat_error_set(&call->error, LAT_EINVAL,
                             "ID is no whole number of 32 bits");
    }
    return lat_osc_sync(call, (int32_t)id);
}

enum lat_status
lat_osc_clear_sched(struct lat_osc_call *call)
{
    const enum lat_status status = lat_osc_need(call, 0, 0);
    if (!status) {
        lat_osc_clear_waiting(call);
        lat_osc_answer(call, "/done", "s", call->path);
    }
    return status;
}

enum lat_status
lat_osc_version(struct lat_osc_call *call)
{
    const enum lat_status status = lat_osc_need(call, 0, 0);
    if (status) {
        return status;
    }
    // 1.2.3 is 1, 2, ".3", so that the parts join up as SuperCollider's do.
    char *end = NULL;
    const int32_t major = (int32_t)strtol(LAT_VERSION, &end, 10);
    const int32_t minor = *end == '.' ? (int32_t)strtol(end + 1, &end, 10) : 0;
    lat_osc_answer(call, "/version.reply", "siisss", "lattice", major, minor,
                   end, "", "");
    return LAT_OK;
}

enum lat_status
lat_osc_ping(struct lat_osc_call *call)
{
    // Controllers put all sorts of things into theirs.
    lat_osc_answer(call, "/pong", "");
    return LAT_OK;
}

enum lat_status
lat_osc_dump_osc(struct lat_osc_call *call)
{
    double how = 0.0; // SuperCollider's 2 and 3 are hexadecimal
    enum lat_status status = lat_osc_need(call, 1, 1);
    if (!status) {
        status = lat_osc_number_arg(call, 0, "0 or 1", &how);
    }
    if (!status) {
        lat_osc_set_dumping(call, how != 0.0);
        lat_osc_answer(call, "/done", "s", call->path);
    }
    return status;
}

enum lat_status
lat_osc_error_mode(struct lat_osc_call *call)
{
    return lat_osc_need(call, 1, 1);
}

enum lat_status
lat_osc_quit_program(struct lat_osc_call *call)
{
    const enum lat_status status = lat_osc_need(call, 0, 0);
    if (!status) {
        lat_osc_quit(call);
    }
    return status;
}
