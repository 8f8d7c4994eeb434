// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A keyboard over OSC, and numbers for nodes that listen at addresses of their
// own.

#include "base/text.h"
#include "chatter.h"
#include "node/note.h"
#include "verbs.h"

#include <stdlib.h>

#define MIDDLE_C 60.0

static enum lat_status
note_arg(struct lat_osc_call *call, uint32_t i, double *note)
{
    struct lat_value value = {0};
    const enum lat_status status = lat_osc_value_arg(call, i, "NOTE", &value);
    if (status || !value.is_text) {
        *note = value.number;
        return status;
    }
    double semitones = 0.0;
    if (lat_note_from_text(value.text, &semitones)) {
        *note = MIDDLE_C + semitones;
        return LAT_OK;
    }
    if (lat_parse_number(value.text, note)) {
        return LAT_OK;
    }
    return lat_error_set(&call->error, LAT_EINVAL,
                         "NOTE is neither a number nor a name such as a4, eb3 "
                         "or f#2: '%s'",
                         value.text);
}

enum lat_status
lat_osc_note(struct lat_osc_call *call)
{
    const char *name = NULL;
    double note = 0.0;
    double velocity = 0.0;
    double seconds = 0.0;
    enum lat_status status = lat_osc_need(call, 3, 4);
    if (!status) {
        status = lat_osc_text_arg(call, 0, "NAME", &name);
    }
    if (!status) {
        status = note_arg(call, 1, &note);
    }
    if (!status) {
        status = lat_osc_number_arg(call, 2, "VELOCITY", &velocity);
    }
    if (!status && call->m->argc == 4) {
        status = lat_osc_quantity_arg(call, 3, "SECONDS", "s", &seconds);
    }
    return status ? status
                  : lat_control_note(call->control, name, note, velocity,
                                     seconds, &call->error);
}

enum lat_status
lat_osc_give(struct lat_osc_call *call)
{
    double value = 0.0;
    uint32_t n = 0;
    enum lat_status status = lat_osc_need(call, 1, UINT32_MAX);
    if (!status) {
        status = lat_osc_number_arg(call, 0, "VALUE", &value);
    }
    if (status) {
        return status;
    }
    const struct lat_osc_inlet *inlets = NULL;
    status = lat_osc_inlets_find(call->inlets, call->path, &inlets, &n);
    struct lat_node **const nodes =
        malloc((n + (size_t)1) * sizeof(struct lat_node *));
    if (!nodes || status) {
        free(nodes);
        return lat_error_set(&call->error, LAT_ENOMEM, "out of memory");
    }
    for (uint32_t i = 0; i < n; ++i) {
        nodes[i] = inlets[i].node;
    }
    status = lat_control_give(call->control, nodes, n, value, &call->error);
    free(nodes);
    if (!status && lat_osc_is_touch(&call->words)) {
        status = lat_osc_touched(call);
    }
    return status;
}
