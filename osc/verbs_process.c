// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Where nodes run, whether sound goes around them, and what becomes of their
// processes.

#include "listeners.h"
#include "node/common_settings.h"
#include "verbs.h"

#include <string.h>

enum lat_status
lat_osc_node_process(struct lat_osc_call *call)
{
    const char *const name = call->words.word[1];
    const char *where = NULL;
    enum lat_status status = lat_osc_need(call, 0, 1);
    if (status) {
        return status;
    }
    if (call->is_question) {
        const struct lat_node *const node =
            lat_control_need_node(call->control, name, &call->error);
        if (!node) {
            return LAT_ENOTFOUND;
        }
        lat_osc_answer(
            call, call->path, "s",
            lat_control_wants_process(call->control, node) ? "own" : "engine");
        return LAT_OK;
    }
    status = lat_osc_text_arg(call, 0, "own or engine", &where);
    if (status) {
        return status;
    }
    const bool is_own = strcmp(where, "own") == 0;
    if (!is_own && strcmp(where, "engine") != 0) {
        return lat_error_set(&call->error, LAT_EINVAL,
                             "a node runs in a process of its own, or in the "
                             "engine: say own or engine");
    }
    return lat_control_process_set(call->control, name, is_own, &call->error);
}

/// Answer or set what every node has.
/// @param key   a setting.
/// @param what  that its value is, for an error.
static enum lat_status
ask_or_set(struct lat_osc_call *call, const char *key, const char *what,
           int (*value_of)(const struct lat_node *node))
{
    const char *const name = call->words.word[1];
    enum lat_status status = lat_osc_need(call, 0, 1);
    if (status) {
        return status;
    }
    const struct lat_node *const node =
        lat_control_need_node(call->control, name, &call->error);
    if (!node) {
        return LAT_ENOTFOUND;
    }
    if (call->is_question) {
        lat_osc_answer(call, call->path, "i", value_of(node));
        return LAT_OK;
    }
    struct lat_assignment setting = {.key = key};
    status = lat_osc_value_arg(call, 0, what, &setting.value);
    return status ? status
                  : lat_control_node_set(call->control, name, &setting, 1,
                                         &call->error);
}

static int
bypass_of(const struct lat_node *node)
{
    return node->is_bypassed;
}

static int
poly_of(const struct lat_node *node)
{
    return (int)node->poly;
}

static int
sleep_of(const struct lat_node *node)
{
    return lat_node_sleeps(node);
}

enum lat_status
lat_osc_node_bypass(struct lat_osc_call *call)
{
    return ask_or_set(call, LAT_BYPASS_SETTING, "1 or 0", bypass_of);
}

enum lat_status
lat_osc_node_poly(struct lat_osc_call *call)
{
    return ask_or_set(call, LAT_POLY_SETTING, "N", poly_of);
}

enum lat_status
lat_osc_node_sleep(struct lat_osc_call *call)
{
    return ask_or_set(call, LAT_SLEEP_SETTING, "1 or 0", sleep_of);
}

enum lat_status
lat_osc_node_restart(struct lat_osc_call *call)
{
    const enum lat_status status = lat_osc_need(call, 0, 0);
    if (status) {
        return status;
    }
    if (!call->options->restart) {
        return lat_error_set(&call->error, LAT_EINVAL,
                             "no node has a process here");
    }
    return call->options->restart(call->options->data, call->words.word[1],
                                  &call->error);
}

enum lat_status
lat_osc_notify(struct lat_osc_call *call)
{
    double is_wanted = 0.0;
    double wish = -1.0;
    enum lat_status status = lat_osc_need(call, 1, 2);
    if (!status) {
        status = lat_osc_number_arg(call, 0, "0 or 1", &is_wanted);
    }
    if (!status && call->m->argc > 1) {
        status = lat_osc_number_arg(call, 1, "ID", &wish);
    }
    if (status) {
        return status;
    }
    int32_t id = 0;
    const bool has_wish = wish >= 0.0 && wish < LAT_OSC_MAX_LISTENERS;
    status = lat_osc_set_listener(call, is_wanted != 0.0,
                                  has_wish ? (int32_t)wish : -1, &id);
    if (!status) {
        lat_osc_answer(call, "/done", "sii", call->path, id,
                       LAT_OSC_MAX_LISTENERS);
    }
    return status;
}

static enum lat_status
read_frame(struct lat_osc_call *call, const char *why, uint64_t *out)
{
    double frame = 0.0;
    enum lat_status status = lat_osc_need(call, 1, 1);
    if (!status) {
        status = lat_osc_number_arg(call, 0, "FRAME", &frame);
    }
    if (status) {
        return status;
    }
    if (!call->options->start || !(frame >= 0.0 && frame < 1e15)) {
        return lat_error_set(&call->error, LAT_EINVAL, "%s",
                             call->options->start ? "FRAME is no frame" : why);
    }
    *out = (uint64_t)frame;
    return LAT_OK;
}

enum lat_status
lat_osc_process_start(struct lat_osc_call *call)
{
    uint64_t frame = 0;
    const enum lat_status status = read_frame(
        call, "lattice starts by itself; this is for lattice-node", &frame);
    if (!status) {
        call->options->start(call->options->data, frame);
    }
    return status;
}

enum lat_status
lat_osc_process_at(struct lat_osc_call *call)
{
    uint64_t frame = 0;
    const enum lat_status status = read_frame(
        call, "this is for lattice-node; give the bundle a time tag", &frame);
    return status ? status : lat_osc_set_frame(call, frame);
}
