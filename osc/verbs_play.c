// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What faders and buttons send: parameters, panic, transport.

#include "addresses.h"
#include "node/transport.h"
#include "outputs.h"
#include "verbs.h"

static void
tell_output(const struct lat_osc_call *call, const char *node,
            const float *values)
{
    (void)node;
    lat_osc_answer(call, call->path, "f", (double)values[0]);
}

/// The output that an address of the node asks for.
/// @param tail  "last": whatever inputs and settings are called.
static bool
find_output(const struct lat_node *node, const char *name, const char *tail,
            uint32_t *port)
{
    struct lat_osc_address a;
    if (!node || !lat_osc_address_find(node, name, tail, LAT_ACCESS_ASK, &a) ||
        (a.kind != LAT_ADDRESS_SAMPLE && a.kind != LAT_ADDRESS_LAST)) {
        return false;
    }
    *port = a.index;
    return true;
}

bool
lat_osc_asks_output(const struct lat_osc_call *call,
                    const struct lat_control *control)
{
    struct lat_voice v;
    uint32_t port = 0;
    return call->verb->domain == LAT_DOMAIN_PARAMS &&
           !lat_graph_find_voice(lat_control_graph(control),
                                 call->words.word[1], &v, NULL) &&
           find_output(v.node, call->words.word[2], "", &port);
}

enum lat_status
lat_osc_last(struct lat_osc_call *call)
{
    struct lat_voice v;
    uint32_t port = 0;
    enum lat_status status = lat_osc_need(call, 0, 0);
    if (!status) {
        status = lat_graph_find_voice(lat_control_graph(call->control),
                                      call->words.word[1], &v, &call->error);
    }
    if (status) {
        return status;
    }
    const struct lat_node *const node = v.node;
    if (!find_output(node, call->words.word[2], "last", &port)) {
        return lat_error_set(&call->error, LAT_ENOTFOUND,
                             "%s has no output '%.60s'; /node/info %s lists "
                             "them",
                             node->name, call->words.word[2], node->name);
    }
    return lat_osc_ask_outputs(call, &v, port, 1, tell_output);
}

static enum lat_status
ask_param(struct lat_osc_call *call, const char *name, const char *param)
{
    struct lat_value value = {0};
    struct lat_voice v;
    uint32_t port = 0;
    if (!lat_graph_find_voice(lat_control_graph(call->control), name, &v,
                              NULL) &&
        find_output(v.node, param, "", &port)) {
        return lat_osc_ask_outputs(call, &v, port, 1, tell_output);
    }
    size_t size = 0;
    char *const text = lat_osc_scratch(call, &size);
    const enum lat_status status = lat_control_param_get(
        call->control, name, param, text, size, &value, &call->error);
    if (status) {
        return status;
    }
    if (value.is_text) {
        lat_osc_answer(call, call->path, "s", value.text);
    } else if ((double)(float)value.number == value.number) {
        lat_osc_answer(call, call->path, "f", value.number);
    } else {
        lat_osc_answer(call, call->path, "d", value.number);
    }
    return LAT_OK;
}

enum lat_status
lat_osc_param(struct lat_osc_call *call)
{
    const char *const node = call->words.word[1];
    const char *const param = call->words.word[2];
    if (call->is_question) {
        return ask_param(call, node, param);
    }
    struct lat_value value = {0};
    double seconds = -1.0;
    enum lat_status status = lat_osc_need(call, 1, 2);
    if (!status) {
        status = lat_osc_value_arg(call, 0, "VALUE", &value);
    }
    if (!status && call->m->argc > 1) {
        status = lat_osc_quantity_arg(call, 1, "SECONDS", "s", &seconds);
        if (!status && seconds < 0.0) {
            status = lat_error_set(&call->error, LAT_EINVAL,
                                   "SECONDS is negative; a glide takes 0 or "
                                   "more");
        }
    }
    return status ? status
                  : lat_control_param_set(call->control, node, param, value,
                                          seconds, &call->error);
}

enum lat_status
lat_osc_norm(struct lat_osc_call *call)
{
    const char *const node = call->words.word[1];
    const char *const param = call->words.word[2];
    double x = 0.0;
    enum lat_status status = lat_osc_need(call, 0, 1);
    if (status) {
        return status;
    }
    if (call->is_question) {
        status = lat_control_param_get_norm(call->control, node, param, &x,
                                            &call->error);
        if (!status) {
            lat_osc_answer(call, call->path, "f", x);
        }
        return status;
    }
    status = lat_osc_quantity_arg(call, 0, "X", "", &x);
    return status ? status
                  : lat_control_param_set_norm(call->control, node, param, x,
                                               &call->error);
}

/// Buttons send 1 when pressed and 0 when let go: only the first acts.
static enum lat_status
button(struct lat_osc_call *call, bool *is_pressed)
{
    double x = 1.0;
    enum lat_status status = lat_osc_need(call, 0, 1);
    if (!status && call->m->argc > 0) {
        status = lat_osc_number_arg(call, 0, "X", &x);
    }
    *is_pressed = x > 0.0;
    return status;
}

enum lat_status
lat_osc_panic(struct lat_osc_call *call)
{
    bool is_pressed = false;
    const enum lat_status status = button(call, &is_pressed);
    return status || !is_pressed
               ? status
               : lat_control_panic(call->control, &call->error);
}

static enum lat_status
set_playing(struct lat_osc_call *call, bool is_playing)
{
    bool is_pressed = false;
    const enum lat_status status = button(call, &is_pressed);
    return status || !is_pressed
               ? status
               : lat_control_play(call->control, is_playing, &call->error);
}

enum lat_status
lat_osc_play(struct lat_osc_call *call)
{
    return set_playing(call, true);
}

enum lat_status
lat_osc_stop(struct lat_osc_call *call)
{
    return set_playing(call, false);
}

enum lat_status
lat_osc_tempo(struct lat_osc_call *call)
{
    double bpm = 0.0;
    enum lat_status status = lat_osc_need(call, 0, 1);
    if (status) {
        return status;
    }
    if (call->is_question) {
        lat_osc_answer(call, call->path, "f",
                       lat_control_transport(call->control)->tempo_bpm);
        return LAT_OK;
    }
    status = lat_osc_number_arg(call, 0, "BPM", &bpm);
    return status ? status
                  : lat_control_tempo(call->control, bpm, &call->error);
}

enum lat_status
lat_osc_locate(struct lat_osc_call *call)
{
    double cycle = 0.0;
    enum lat_status status = lat_osc_need(call, 0, 1);
    if (status) {
        return status;
    }
    if (call->is_question) {
        struct lat_engine_status engine;
        lat_engine_status(lat_control_engine(call->control), &engine);
        lat_osc_answer(call, call->path, "d",
                       lat_cycle_to_double(engine.cycle));
        return LAT_OK;
    }
    status = lat_osc_number_arg(call, 0, "CYCLE", &cycle);
    return status ? status
                  : lat_control_locate(call->control, cycle, &call->error);
}
