// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Feedback: who wants to be sent what, and whose finger is where.

#include "feedback.h"
#include "router_state.h"
#include "verbs.h"

#include <string.h>

static enum lat_status
hz_arg(struct lat_osc_call *call, double *hz)
{
    const enum lat_status status =
        lat_osc_quantity_arg(call, 1, "HZ", "Hz", hz);
    if (!status &&
        !(*hz >= LAT_OSC_FEEDBACK_MIN_HZ && *hz <= LAT_OSC_FEEDBACK_MAX_HZ)) {
        return lat_error_set(&call->error, LAT_EINVAL,
                             "HZ is %g; it is from %g to %g", *hz,
                             LAT_OSC_FEEDBACK_MIN_HZ, LAT_OSC_FEEDBACK_MAX_HZ);
    }
    return status;
}

static enum lat_status
port_arg(struct lat_osc_call *call, uint32_t i, uint16_t *port)
{
    double number = 0.0;
    const enum lat_status status = lat_osc_number_arg(call, i, "PORT", &number);
    if (!status && !(number >= 1.0 && number <= 65535.0 &&
                     number == (double)(uint16_t)number)) {
        return lat_error_set(&call->error, LAT_EINVAL,
                             "PORT is %g; it is a whole number from 1 to 65535",
                             number);
    }
    if (!status && call->peer->is_tcp) {
        return lat_error_set(
            &call->error, LAT_EINVAL,
            "PORT is for UDP; over TCP the connection is used");
    }
    *port = status ? 0 : (uint16_t)number;
    return status;
}

enum lat_status
lat_osc_subscribe_to(struct lat_osc_call *call)
{
    const char *pattern = NULL;
    double hz = LAT_OSC_FEEDBACK_HZ;
    uint16_t port = 0;
    enum lat_status status = lat_osc_need(call, 1, 3);
    if (!status) {
        status = lat_osc_text_arg(call, 0, "PATTERN", &pattern);
    }
    if (!status && call->m->argc > 1) {
        status = hz_arg(call, &hz);
    }
    if (!status && call->m->argc > 2) {
        status = port_arg(call, 2, &port);
    }
    if (!status) {
        status = lat_osc_subscribe(call->router->feedback, call->peer, pattern,
                                   hz, port, lat_now_ns(), &call->error);
    }
    if (!status) {
        lat_osc_answer(call, "/done", "ss", call->path, pattern);
    }
    return status;
}

enum lat_status
lat_osc_unsubscribe_from(struct lat_osc_call *call)
{
    const char *pattern = NULL;
    uint16_t port = 0;
    enum lat_status status = lat_osc_need(call, 1, 2);
    if (!status) {
        status = lat_osc_text_arg(call, 0, "PATTERN", &pattern);
    }
    if (!status && call->m->argc > 1) {
        status = port_arg(call, 1, &port);
    }
    if (!status) {
        status = lat_osc_unsubscribe(call->router->feedback, call->peer,
                                     pattern, port, &call->error);
    }
    if (!status) {
        lat_osc_answer(call, "/done", "ss", call->path, pattern);
    }
    return status;
}

enum lat_status
lat_osc_touched(struct lat_osc_call *call)
{
    char path[LAT_OSC_PATH_MAX];
    double x = 0.0;
    const size_t n = strlen(call->path) - strlen("/z");
    if (call->m->argc == 1 && lat_osc_number(call->m, 0, &x)) {
        snprintf(path, sizeof(path), "%.*s", (int)n, call->path);
        lat_osc_feedback_touch(call->router->feedback, call->peer, path,
                               x > 0.0, lat_now_ns());
    }
    return LAT_OK;
}
